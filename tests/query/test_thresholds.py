"""The thresholds of reading a question from both sides: what lies just within each, and what just beyond."""

import pytest

from rag.query.expansion import forms
from rag.query.spelling import corrected
from rag.text.lexicon import telling
from tests.query.test_spelling import Shelf
from tests.support.hand import query


def test_what_names_the_kind_of_answer_counts_less_than_half() -> None:
    weights = query("决赛上哪位球员进球最多？").weights
    assert 0.2 * telling("球员") < weights["球员"] < 0.6 * telling("球员")
    assert weights["决赛"] == telling("决赛")


@pytest.mark.parametrize(("word", "other", "searched"), [("客户", "用户", True), ("学生", "学员", False)])
def test_only_the_aliases_of_telling_words_are_searched_for(word: str, other: str, searched: bool) -> None:
    found = forms(f"有多少{word}", (), {})
    assert any((form.asked, form.said) == (word, other) for form in found) == searched


@pytest.mark.parametrize(
    ("between", "kind"), [("达到", "money"), ("已经达到", "money"), ("已经成功达到", "")]
)
def test_a_measure_stands_near_the_interrogative(between: str, kind: str) -> None:
    assert query(f"甲厂净利润{between}多少？").unit_class == kind


@pytest.mark.parametrize(("typed", "meant"), [("云峦岗集团", "云峦港集团"), ("云峦新集团", "云峦新集团")])
def test_a_character_that_often_is_a_word_is_no_mistake(typed: str, meant: str) -> None:
    assert corrected(f"{typed}在哪", Shelf("云峦港集团增长。", "云峦芯集团增长。")) == f"{meant}在哪"
