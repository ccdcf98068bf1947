import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import annotation, lexicon
from rag.text.annotation import LONGEST_KEPT, MOST_ASKED, Annotation, _Store, annotate
from rag.text.characters import fold
from rag.text.dates import whens
from rag.text.places import places
from rag.text.quantity import quantities
from rag.text.sentences import clauses, sentences
from rag.text.words import content_words, cut, words

DAY = date(2024, 12, 1)
TEXT = "截至去年底，臺灣和成都建成５Ｇ基站超8萬個；第二批由陈某某负责。首批在11月12日建成。"
PLAIN: dict[str, Callable[[str], object]] = {
    "folded": fold,
    "pieces": cut,
    "words": words,
    "content_words": content_words,
    "sentences": sentences,
    "quantities": quantities,
    "places": lambda text: places(fold(text)),
    "ordinals": lambda text: lexicon.ordinals(fold(text)),
    "plain_ordinals": lambda text: lexicon.plain_ordinals(fold(text)),
    "names": lambda text: lexicon.names(fold(text)),
}
# What finds each part, by the name it has in the module.
FINDERS = (
    *("fold", "cut", "words", "content_words", "sentences", "clauses", "quantities", "whens", "places"),
    *("ordinals", "plain_ordinals", "names", "found_in"),
)


def same(found: object, plain: object) -> bool:
    return found == (tuple(plain) if isinstance(plain, list) else plain)


@pytest.mark.parametrize("part", PLAIN)
def test_each_part_is_what_the_plain_function_finds(part: str) -> None:
    found = getattr(Annotation(TEXT), part)
    assert found
    assert same(found, PLAIN[part](TEXT))


@given(st.text(alphabet=st.sampled_from("成都５5G萬第二批年月日去今，。；（） \n某陈a"), max_size=30))
def test_parts_of_any_text_are_what_the_plain_functions_find(text: str) -> None:
    said = Annotation(text)
    assert all(same(getattr(said, part), plain(text)) for part, plain in PLAIN.items())


def test_parts_that_are_asked_with_something_are_too() -> None:
    said = Annotation(TEXT)
    assert said.whens() == tuple(whens(TEXT)) != said.whens(DAY) == tuple(whens(TEXT, DAY))
    assert said.clauses() == tuple(clauses(TEXT)) != said.clauses("，") == tuple(clauses(TEXT, "，"))
    assert (said.has("台湾"), said.has("基站"), said.has("公园")) == (1.0, 1.0, 0.0)


def test_spans_are_those_of_the_text_itself() -> None:
    said = Annotation(TEXT)
    assert [TEXT[place.start : place.end] for place in said.places] == ["臺灣", "成都"]
    assert next(TEXT[one.start : one.end] for one in said.quantities) == "超8萬個"
    assert [TEXT[one.start : one.end] for one in said.whens(DAY)] == ["截至去年底", "11月12日"]
    assert [TEXT[start:end] for start, end in said.ordinals] == ["第二批", "首批"]
    assert [TEXT[start:end] for start, end in said.names] == ["５Ｇ", "8", "11", "12", "陈某某"]
    assert [TEXT[start:end] for start, end in said.sentences] == [TEXT[:-12], TEXT[-12:]]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often each function is called that finds a part."""
    calls: Counter[str] = Counter()

    def counted(name: str, find: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object) -> object:
            calls[name] += 1
            return find(*given)

        return call

    for name in FINDERS:
        monkeypatch.setattr(annotation, name, counted(name, getattr(annotation, name)))
    return calls


def test_each_part_is_found_once_and_only_when_it_is_asked_for(found: Counter[str]) -> None:
    said = Annotation(TEXT)
    assert not found
    for _ in range(3):
        assert all(getattr(said, part) is getattr(said, part) for part in PLAIN)
        assert said.whens(DAY) is said.whens(DAY)
        assert said.clauses("，") is said.clauses("，")
        assert said.has("基站") == said.has("基站") == 1.0
    assert found == dict.fromkeys(FINDERS, 1)


def test_what_is_kept_of_one_text_is_bounded() -> None:
    said = Annotation(TEXT)
    assert all(said.has(str(number)) == lexicon.found_in(str(number), said.folded) for number in range(600))
    assert len(said._answers) <= MOST_ASKED


def test_the_same_text_has_the_same_annotation_and_a_long_one_is_not_kept() -> None:
    assert annotate(f"{TEXT}一") is annotate("".join([TEXT, "一"]))
    long = "基站" * LONGEST_KEPT
    assert annotate(long) is not annotate(long)
    assert annotate(long) == annotate(long) != annotate(TEXT)


def test_the_store_is_bounded_by_texts_and_by_characters() -> None:
    store = _Store(most=3, most_characters=10)
    first = store.add("一二")
    for text in ("三四", "五六", "七八"):
        store.add(text)
    assert list(store.kept) == ["三四", "五六", "七八"]
    assert store.add("一二") is not first
    store.add("一二三四五六七")
    assert list(store.kept) == ["一二", "一二三四五六七"]
    assert store.characters == 9


def test_any_number_of_threads_may_ask() -> None:
    store = _Store(most=5, most_characters=100)
    texts = [f"成都有{number % 7}座公园" for number in range(400)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            said = list(threads.map(store.add, texts))
    finally:
        sys.setswitchinterval(before)
    assert [one.text for one in said] == texts
    assert len(store.kept) <= 5
    assert store.characters == sum(map(len, store.kept))


@pytest.mark.parametrize(
    ("text", "inside", "whole"),
    [
        ("建成5G基站超8万个，", "8万", "超8万个"),
        ("冷湖镇-23.6℃，", "23.6", "-23.6℃"),
        ("灯会7月1—31日举行", "31日", "7月1—31日"),
        ("10月1日8时至10月7日20时封航", "7日", "10月1日8时至10月7日20时"),
        ("用时2小时28分37秒", "28分", "2小时28分37秒"),
        ("比分为98:102，", "102", "98:102"),
        ("共1,024.5吨", "024", "1,024.5吨"),
        ("每天6:00开门", "00", "6:00"),
    ],
)
def test_a_span_that_cuts_a_number_or_date_is_widened(text: str, inside: str, whole: str) -> None:
    at = text.index(inside)
    start, end = annotate(text).whole(at, at + len(inside))
    assert text[start:end] == whole


def test_a_span_that_cuts_nothing_stays() -> None:
    text = "2024年3月建成超8万个基站"
    assert annotate(text).whole(0, 7) == (0, 7)
    assert annotate(text).whole(7, 13) == (7, 13)
    assert annotate(text).whole(0, len(text)) == (0, len(text))
