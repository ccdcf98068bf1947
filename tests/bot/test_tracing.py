import pytest

from rag.bot import Bot
from rag.request import Request

pytestmark = pytest.mark.model


def test_an_answer_that_was_given_is_lost_nowhere(seeds_bot: Bot) -> None:
    trace = seeds_bot.trace(Request("成都有多少5G基站"), "8万个")
    assert trace.lost == "nowhere"
    assert trace.considered[0].text == trace.answer.answer
    assert trace.passages[0].read
    assert "基站" in trace.terms


def test_a_refusal_is_named_with_the_passage_that_was_read(seeds_bot: Bot) -> None:
    trace = seeds_bot.trace(Request("上海有多少5G基站"), "超8万个")
    assert trace.lost == "refused"
    assert trace.place is not None
    assert "8万个" in trace.place.text


def test_words_that_stand_nowhere_are_in_no_passage(seeds_bot: Bot) -> None:
    trace = seeds_bot.trace(Request("成都有多少5G基站"), "18万个")
    assert (trace.lost, trace.place) == ("in_no_passage", None)


def test_a_passage_behind_a_filter_is_found_there(seeds_bot: Bot) -> None:
    trace = seeds_bot.trace(Request("成都有多少5G基站", publisher="没有这家报纸"), "超8万个")
    assert trace.lost == "filtered"
    assert trace.hidden
    assert trace.place is not None


def test_another_choice_and_a_low_rank_are_told_apart(seeds_bot: Bot) -> None:
    other = seeds_bot.trace(Request("成都有多少5G基站"), "7.8万个")
    assert other.lost == "reader_chose_another"
    low = seeds_bot.trace(Request("成都有多少5G基站", k=1), "500亿元")
    assert low.lost == "fused_out"


def test_without_an_expected_answer_nothing_is_lost(seeds_bot: Bot) -> None:
    trace = seeds_bot.trace(Request("上海有多少5G基站"))
    assert trace.lost == ""
    assert trace.found >= len(trace.passages) > 0
