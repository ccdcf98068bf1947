"""The thresholds of words from both sides: what lies just within each, and what just beyond."""

import pytest

from rag.text.abbreviation import abbreviations
from rag.text.lexicon import names_a_thing, rarity, telling


def test_a_generic_word_tells_a_little() -> None:
    assert 0.1 < telling("数量") / rarity("数量") < 0.5


def test_a_verb_tells_more_than_half_of_what_a_noun_as_rare_does() -> None:
    assert 0.5 < telling("发布") / rarity("发布") < 0.75


def test_a_number_is_worth_a_plain_noun() -> None:
    assert rarity("企业") < rarity("5g") < rarity("基站")


@pytest.mark.parametrize(("word", "known"), [("驿站", True), ("蓝藻", True), ("绿道", False)])
def test_two_characters_are_a_thing_if_the_dictionary_has_them(word: str, known: bool) -> None:
    assert names_a_thing(word) == known


@pytest.mark.parametrize(("short", "names"), [("央行", True), ("人民", False)])
def test_a_common_word_abbreviates_nothing(short: str, names: bool) -> None:
    assert bool(abbreviations(f"中国人民银行（以下简称{short}）宣布降息。")) == names
