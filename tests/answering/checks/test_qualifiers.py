import pytest

from rag.answering.checks.qualifiers import negated_instead, ranked_instead
from rag.text.annotation import annotate
from tests.answering.test_constraints import failed
from tests.support.hand import make


@pytest.mark.parametrize(
    ("question", "said", "instead"),
    [
        ("成都市市长是谁？", "成都市副市长林晓岚出席。", "副市长"),
        ("成都市副市长是谁？", "成都市市长林晓岚出席。", "市长"),
        ("成都市市长是谁？", "成都市市长林晓岚出席。", ""),
        ("成都市副市长是谁？", "成都市副市长林晓岚出席。", ""),
        ("成都市市长是谁？", "市长周远、副市长林晓岚出席。", ""),  # both are there
        ("成都市副市长是谁？", "市长周远、副市长林晓岚出席。", ""),
        ("成都市市长是谁？", "林晓岚出席。", ""),
    ],
)
def test_a_deputy_is_no_holder_of_the_office(question: str, said: str, instead: str) -> None:
    asked = "副市长" if "副" in question else "市长"
    found = ranked_instead("市长", annotate(question), annotate(said))
    assert found == ((asked, instead) if instead else ("", ""))


@pytest.mark.parametrize(
    ("question", "said", "instead"),
    [
        ("哪座墓没有发掘？", "一号墓已经发掘。", "发掘"),
        ("哪座墓已经发掘？", "二号墓没有发掘。", "没有发掘"),
        ("哪座墓已经发掘？", "二号墓尚未被发掘。", "没有发掘"),
        ("哪座墓没有发掘？", "二号墓尚未发掘。", ""),
        ("哪座墓已经发掘？", "一号墓已经发掘。", ""),
        ("哪座墓已经发掘？", "一号墓已经发掘，二号墓没有发掘。", ""),  # both are there
        ("哪座墓已经发掘？", "没有人知道一号墓何时发掘。", ""),  # the negation is far from it
        ("哪座墓已经发掘？", "二号墓没有参观者。", ""),
    ],
)
def test_what_was_not_done_is_the_contrary(question: str, said: str, instead: str) -> None:
    assert negated_instead("发掘", annotate(question), annotate(said)) == instead


def test_rank_and_negation_are_demands_on_the_evidence() -> None:
    mayor = make("成都市副市长林晓岚出席。")
    assert ("role", "市长", "副市长") in failed("成都市市长是谁？", "林晓岚", mayor)
    tomb = make("考古队说二号墓没有发掘。")
    assert ("negation", "发掘", "没有发掘") in failed("哪座墓已经发掘？", "二号墓", tomb)
    # Whether it was is what is asked: either is an answer.
    assert "negation" not in [kind for kind, *_ in failed("二号墓发掘了吗？", "没有发掘", tomb)]
