import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.agreement import agreeing, relation, variants
from rag.answering.ranking import choose
from tests.support.hand import KnownFiles, candidate, make, query, replied
from tests.support.paths import DATA


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("8万个", "80000个", "equal"),
        ("超35%", "超30%", "compatible"),
        ("35%", "30%", "different"),
        ("超8万个", "8万个", "compatible"),
        ("约100座", "103座", "compatible"),
        ("约100座", "150座", "different"),
        ("不足100座", "86座", "compatible"),
        ("86座", "86所", "different"),
        ("《智造名录》", "智造名录", "equal"),
        ("成都", "重庆", "different"),
    ],
)
def test_two_values_are_equal_compatible_or_different(one: str, other: str, expected: str) -> None:
    assert relation(one, other) == expected
    assert relation(other, one) == expected


@given(st.integers(1, 10**9), st.sampled_from(["个", "万元", "%", "座"]), st.sampled_from(["", "超", "约"]))
def test_a_value_equals_itself(number: int, unit: str, bound: str) -> None:
    assert relation(f"{bound}{number}{unit}", f"{bound}{number}{unit}") == "equal"


def test_one_value_has_no_variants() -> None:
    article = make("成都有公园86座。")
    found = choose(query("成都有多少座公园？"), [candidate(article, "86座", 9.0)])
    assert variants(found, ()) == ()


@pytest.mark.parametrize(
    ("other", "expected"), [("86座", "equal"), ("超80座", "compatible"), ("31座", "different")]
)
def test_another_article_of_the_same_fact_stands_beside(other: str, expected: str) -> None:
    first, second = make("成都有公园86座。", title="甲"), make(f"成都有公园{other}。", title="乙")
    asked = query("成都有多少座公园？")
    both = [candidate(first, "86座", 9.0), candidate(second, other, 8.0)]
    said = replied(asked, [one.hit for one in both], both, KnownFiles())
    assert [variant.relation for variant in said.variants] == [expected]
    assert ("[1][2]" in said.text) == (expected == "equal")
    assert len(said.citations) == 2


def test_another_year_and_another_unit_are_other_facts() -> None:
    asked = query("成都有多少座公园？")
    best = candidate(make("2023年成都有公园86座。", title="甲"), "86座", 9.0)
    others = [
        candidate(make("2019年成都有公园31座。", title="乙"), "31座", 8.0),
        candidate(make("成都有公园12公顷。", title="丙"), "12公顷", 8.0, fits=False),
    ]
    choices = choose(asked, [best, *others])
    assert agreeing(asked, choices, choices[0], 0.0) == []


def cases() -> list[dict[str, Any]]:
    lines = (DATA / "variant_cases.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def told(case: dict[str, Any]) -> str:
    """Return the relation that is told of a case's articles, "none" if they are not put side by side."""
    found = []
    for n, one in enumerate(case["texts"]):
        story = make(
            one["text"], title=f"第{n + 1}篇", published=one["published"], publisher=one["publisher"]
        )
        found.append(candidate(story, one["value"], 9.0 - 0.1 * n))
    said = replied(query(case["question"]), [one.hit for one in found], found, KnownFiles())
    cited = {citation.publisher for citation in said.citations}
    relation_told = said.variants[0].relation if said.variants else "none"
    lost = relation_told != "none" and len(cited) < len(case["texts"])
    return "lost" if lost else relation_told


def test_the_cases_are_told_apart_and_no_source_is_lost() -> None:
    wrong = [(case["id"], case["relation"], told(case)) for case in cases() if told(case) != case["relation"]]
    assert len(cases()) >= 30
    assert len(wrong) <= 0.1 * len(cases()), wrong
    assert all(seen != "lost" for _, _, seen in wrong)


def test_other_times_of_a_number_stand_in_a_timeline() -> None:
    older = make("截至2022年底，临江市建成充电桩1.1万个。", title="甲", published="2023-01-15")
    newer = make("截至2023年底，临江市建成充电桩1.7万个。", title="乙", published="2024-01-18")
    both = [candidate(older, "1.1万个", 9.0), candidate(newer, "1.7万个", 8.0)]
    said = replied(query("临江市最新建成了多少个充电桩？"), [one.hit for one in both], both, KnownFiles())
    assert said.answer == "1.7万个"
    assert [(point.as_of, point.value) for point in said.timeline] == [
        ("截至2022年底", "1.1万个"),
        ("截至2023年底", "1.7万个"),
    ]
    for point in said.timeline:
        assert point.value in said.citations[point.citation - 1].quote
    asked = query("截至2022年底临江市建成了多少个充电桩？")
    assert replied(asked, [one.hit for one in both], both, KnownFiles()).timeline == ()
