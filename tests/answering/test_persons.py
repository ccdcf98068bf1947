import pytest

from rag.answering.persons import persons
from rag.text.annotation import annotate
from tests.answering.test_constraints import failed
from tests.support.hand import make


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("决定任命何文毅为副市长", ["何文毅"]),
        ("被告人赵某某与钱某到案", ["赵某某", "钱某"]),
        ("对于某些人和高某种意见", []),
        ("马上开会，高铁和黄金涨价", []),
        ("江苏与云南的企业", []),
        ("", []),
    ],
)
def test_names_of_people_are_read_in_order(text: str, names: list[str]) -> None:
    found = list(persons(annotate(text)))
    assert [name for _, name in found] == names
    assert [text[at : at + len(name)] for at, name in found] == names


COURT = make("法院查明，赵某某获利5万元，钱某获利3万元。李某、周某各被罚款2万元。")


@pytest.mark.parametrize(
    ("question", "words", "instead"),
    [
        ("钱某获利多少元？", "3万元", None),
        ("赵某某获利多少元？", "5万元", None),
        ("赵某某获利多少元？", "3万元", "钱某"),
        ("李某被罚款多少元？", "2万元", None),  # named in one breath with another
        ("周某被罚款多少元？", "2万元", None),
        ("赵某某被罚款多少元？", "2万元", "周某"),
        ("一共获利多少元？", "3万元", None),  # no person is asked about
    ],
)
def test_what_is_told_of_another_person_is_not_of_the_asked_one(
    question: str, words: str, instead: str | None
) -> None:
    found = [other for kind, _, other in failed(question, words, COURT) if kind == "person"]
    assert found == ([] if instead is None else [instead])


def test_a_person_named_shorter_is_the_same() -> None:
    story = make("赵某某到案后，赵某退赃5万元。")
    assert "person" not in [kind for kind, *_ in failed("赵某某退赃多少元？", "5万元", story)]
