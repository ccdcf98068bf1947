"""Answers to several questions put together as one."""

from dataclasses import replace
from typing import Any

import pytest

from rag.answering.grounding import answer_gaps
from rag.combined import combined, verdict
from rag.query.comparison import Comparison, compared
from rag.records import Answer, Value, Variant, VariantValue
from rag.request import MAX_QUESTION
from tests.support.sample import PARKS, answered, citation, refused

BOTH = "滨江新区有多少座口袋公园？还要建多少座？"
PLANNED = citation(PARKS, "下一步，新区计划在2026年前再建12座口袋公园。", "12座")


def planned() -> Answer:
    """Return the answer to how many more are built."""
    return replace(
        answered("还要建多少座？"),
        confidence=0.71,
        certainty="likely",
        answer="12座",
        answers=("12座",),
        value=Value(12, "座", ""),
        as_of="2026年前",
        text="可能：“下一步，新区计划在2026年前再建12座口袋公园” [1]",
        citations=(PLANNED,),
    )


def sure() -> Answer:
    """Return the answer to how many there are, with one citation."""
    return replace(answered(), certainty="sure", citations=answered().citations[:1])


def test_every_question_has_its_line_and_quotes_are_numbered_through() -> None:
    whole = combined(BOTH, [sure(), planned()])
    assert whole.text.split("\n") == [
        "截至2023年底，滨江新区口袋公园达到31座 [1]",
        "可能：“下一步，新区计划在2026年前再建12座口袋公园” [2]",
    ]
    assert [one.number for one in whole.citations] == [1, 2]
    assert [part.text for part in whole.parts] == [sure().text, planned().text]


def test_the_whole_is_as_certain_as_its_least_certain_answer() -> None:
    whole = combined(BOTH, [sure(), planned()])
    assert (whole.certainty, whole.confidence, whole.refused) == ("likely", 0.71, False)
    assert (whole.answers, whole.answer, whole.as_of) == (("31座", "12座"), "31座；12座", "")
    assert combined(BOTH, [sure(), sure()]).as_of == "截至2023年底"


def test_a_question_without_an_answer_is_named() -> None:
    whole = combined(BOTH, [sure(), refused("有几座2层的体育馆？")])
    assert whole.text.split("\n")[1] == f"“有几座2层的体育馆”：{refused().text}"
    assert (whole.refused, whole.refusal, whole.certainty, whole.confidence) == (False, None, "sure", 0.93)
    assert whole.closest == ()


def test_all_refused_is_refused_with_the_closest_of_all() -> None:
    whole = combined(BOTH, [refused("甲？"), refused("乙？")])
    assert whole.refusal is not None
    assert (whole.refused, whole.text, whole.certainty) == (True, whole.refusal.message, "")
    assert [one.number for one in whole.closest] == [1]


def test_one_quote_that_answers_twice_is_cited_once_and_not_repeated() -> None:
    other = replace(planned(), question="还要建多少？", answer="2026年前")
    whole = combined(BOTH, [planned(), other])
    assert whole.text == "可能：“下一步，新区计划在2026年前再建12座口袋公园” [1]\n可能：“2026年前” [1]"
    assert len(whole.citations) == 1


def test_a_marker_inside_a_quotation_stays() -> None:
    noted = replace(planned(), text="可能：“新区[1]计划” [1]")
    assert combined(BOTH, [sure(), noted]).text.split("\n")[1] == "可能：“新区[1]计划” [2]"


def test_variants_keep_to_their_citations() -> None:
    differing = replace(planned(), variants=(Variant("equal", (VariantValue("12座", 1),)),))
    assert combined(BOTH, [sure(), differing]).variants[0].values[0].citation == 2


def test_all_that_is_said_is_quoted_and_what_is_not_is_found() -> None:
    whole = combined(BOTH, [sure(), planned(), refused("2031年有几座？")])
    assert answer_gaps(whole.to_json()) == []
    assert answer_gaps(replace(whole, text=f"{whole.text}\n共43座。").to_json()) == ["43座"]
    forged = replace(whole, parts=(replace(sure(), text="有99座 [1]"), *whole.parts[1:]))
    assert "99座" in answer_gaps(forged.to_json())


def test_what_was_understood_can_be_asked_again() -> None:
    assert combined(BOTH, [sure(), planned()]).understood_as == "滨江新区有多少座口袋公园？还要建多少座？"
    long = replace(sure(), understood_as="长" * MAX_QUESTION)
    assert combined(BOTH, [long, planned()]).understood_as == BOTH


def test_more_questions_than_are_answered_are_said_to_be_left() -> None:
    assert combined(BOTH, [sure(), planned()], more=True).text.endswith("\n其余的问题请另外提问。")


def comparison(question: str = "公园和广场哪个多？") -> Comparison:
    found = compared(question)
    assert found is not None
    return found


def value(number: float, unit: str = "座", **other: Any) -> Answer:
    return replace(sure(), value=Value(number, unit, ""), **other)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (value(31), value(12), "相比之下，公园更多。"),
        (value(12), value(31), "相比之下，广场更多。"),
        (value(31), value(31), ""),
        (value(31), value(12, certainty="likely"), ""),
        (value(31), value(12, as_of="2020年"), ""),
        (value(31), value(12, "公里"), ""),
        (value(31), replace(sure(), value=Value(12, "座", "超")), ""),
        (value(3, "公里"), value(900, "米"), "相比之下，公园更多。"),
        (value(31), value(12, period_shift=True), ""),
    ],
)
def test_the_larger_is_named_only_of_one_unit_and_time(one: Answer, other: Answer, said: str) -> None:
    assert verdict(comparison(), [one, other]) == said


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("1984年", "1991年", "相比之下，公园更早。"),
        ("1991年3月", "1991年2月", "相比之下，广场更早。"),
        ("1991年", "1991年2月", ""),  # they overlap
        ("很久以前", "1991年", ""),
    ],
)
def test_the_earlier_is_named_where_the_days_tell(one: str, other: str, said: str) -> None:
    found = [replace(sure(), value=None, answer=when, as_of="") for when in (one, other)]
    assert verdict(comparison("公园和广场哪个更早？"), found) == said


def test_a_race_is_not_won_by_the_larger_number() -> None:
    found = [value(52, "秒"), value(53, "秒")]
    assert verdict(comparison("甲队和乙队谁更快？"), found) == ""
