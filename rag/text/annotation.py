"""A text with what it says: its words, sentences, numbers, dates and places, each found once and kept with it.

>>> said = annotate("成都建成5G基站超8万个")
>>> [place.name for place in said.places], [number.unit for number in said.quantities]
(['成都'], ['个'])

What asks the same text twice asks its Annotation; the functions of the other modules are for a text that is met once.
"""

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

from rag.text.characters import fold, is_cjk
from rag.text.dates import When, whens
from rag.text.lexicon import found_in, names, ordinals, plain_ordinals
from rag.text.places import Place, places
from rag.text.quantity import Quantity, quantities
from rag.text.sentences import clauses, sentences
from rag.text.time_words import clocks
from rag.text.words import content_words, cut, words

__all__ = ["LONGEST_KEPT", "Annotation", "annotate"]

# What is kept of the texts met lately: all possible answers of a question stand in the same few sentences.
KEPT = 4096
KEPT_CHARACTERS = 500_000
# A longer text is not kept, so that one does not drive out many.
LONGEST_KEPT = 8192
# Answers kept of one text to what is asked of it with a word or a day: a text that many questions meet stays small.
MOST_ASKED = 256

# A number as it is printed, with its sign, joints and steps, whether or not it can be read: 1:2, 12-3, 000036, 3.5万.
_printed = re.compile(
    r"(?<![\d.])(?:[-−](?=\d))?\d+(?:[.,:/—–~-]\d+)*(?:\s?[十百千万亿]+)?(?:[余多]|[a-z]{1,8}(?![a-z]))?"
)
# Numbers that share one unit: 3、4名.
_listed = re.compile(r"(?<![\d.])\d{1,4}(?:、\d{1,4})+(?![\d.%])")
# 3比2 is one, as 3:2 is.
_score = re.compile(r"(?<![\d.第])\d{1,3}\s?比\s?\d{1,3}(?![\d.%])")

Found = TypeVar("Found")
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Annotation:
    """A text; each part of what it says is found when it is first asked for. All offsets are those of `text`.

    Two are equal if their texts are. Any number of threads may ask.
    """

    text: str
    _answers: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def folded(self) -> str:
        """The text in the form that is compared."""
        return fold(self.text)

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """The words and marks that the text is cut into; joined they are the folded text."""
        return tuple(cut(self.text))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words to search for: long ones and the shorter ones in them, folded."""
        return tuple(words(self.text))

    @cached_property
    def content_words(self) -> tuple[str, ...]:
        """Those of the words that say what the text is about."""
        return tuple(content_words(self.text))

    @cached_property
    def sentences(self) -> Spans:
        """The spans of the sentences."""
        return tuple(sentences(self.text))

    def clauses(self, marks: str = "；;") -> Spans:
        """Return the spans of the pieces that end at one of `marks`."""
        return self._once(("clauses", marks), lambda: tuple(clauses(self.text, marks)))

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """The numbers with their units and bound words."""
        return tuple(quantities(self.text))

    def whens(self, base: date | None = None) -> tuple[When, ...]:
        """Return the dates and periods; 今年, 上月 or 11月12日 take their year from `base`."""
        return self._once(("whens", base), lambda: tuple(whens(self.text, base)))

    @cached_property
    def expressions(self) -> Spans:
        """The spans that say one number, date, time of day or range and are never cut, in order and apart."""
        return tuple(_apart(self._expressed()))

    def whole(self, start: int, end: int) -> tuple[int, int]:
        """Return the span widened so that neither end cuts a number, date, range or office: 8万个 becomes 超8万个."""
        cut = [(s, e) for s, e in self.expressions if s < start < e or s < end < e]
        first = min([start, *(s for s, _ in cut)])
        deputy = 0 < first < len(self.text) and self.text[first - 1] == "副" and is_cjk(self.text[first])
        return first - deputy, max([end, *(e for _, e in cut)])

    def _expressed(self) -> list[tuple[int, int]]:
        found = [(one.start, one.end) for one in self.quantities]
        found += [(when.start, when.end) for when in self.whens()]
        printed = (match.span() for match in _printed.finditer(fold(self.text.replace("，", "、"))))
        listed = (match.span() for match in _listed.finditer(self.folded))
        return sorted([*found, *clocks(self.text), *printed, *listed, *self.scores])

    @cached_property
    def scores(self) -> Spans:
        """The spans of the scores: 3比2."""
        return tuple(match.span() for match in _score.finditer(self.folded))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The places that are named."""
        return tuple(places(self.folded))

    @cached_property
    def ordinals(self) -> Spans:
        """The spans of the ordinals."""
        return tuple(ordinals(self.folded))

    @cached_property
    def plain_ordinals(self) -> tuple[str, ...]:
        """The ordinals written one way: 首批, 第一批 and 第1批 are 1批."""
        return tuple(plain_ordinals(self.folded))

    @cached_property
    def names(self) -> Spans:
        """The spans of the names that can be told by their form: Latin ones, and 陈某."""
        return tuple(names(self.folded))

    def has(self, term: str) -> float:
        """Return how much (0..1) of the folded `term` the text says: whole, as an alias, or most of a long word."""
        found: float | None = self._answers.get(term)
        return self._once(term, lambda: found_in(term, self.folded)) if found is None else found

    def _once(self, asked: Hashable, find: Callable[[], Found]) -> Found:
        found: Found | None = self._answers.get(asked)
        if found is None:
            if len(self._answers) >= MOST_ASKED:
                self._answers.clear()
            found = self._answers[asked] = find()
        return found


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans, given in order, with those that share a character made one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


class _Store:
    """The annotations asked for lately, up to a number of texts and of their characters; the oldest goes first."""

    def __init__(self, most: int, most_characters: int) -> None:
        self.most = most
        self.most_characters = most_characters
        self.characters = 0
        self.kept: dict[str, Annotation] = {}
        self._lock = Lock()

    def add(self, text: str) -> Annotation:
        """Return the annotation of `text`, which is kept from now on if it is no longer than LONGEST_KEPT."""
        if len(text) > LONGEST_KEPT:
            return Annotation(text)
        with self._lock:
            if text not in self.kept:
                self.kept[text] = Annotation(text)
                self.characters += len(text)
            found = self.kept[text]
            while len(self.kept) > self.most or self.characters > self.most_characters:
                oldest = next(iter(self.kept))
                del self.kept[oldest]
                self.characters -= len(oldest)
            return found


_store = _Store(KEPT, KEPT_CHARACTERS)


def annotate(text: str) -> Annotation:
    """Return the annotation of `text`: the same one again if the text was asked for lately."""
    return _store.kept.get(text) or _store.add(text)
