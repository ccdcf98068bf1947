"""What speaks for a passage: a few numbers that mean the same for every question, exact for every candidate.

A term of the question counts wherever its characters stand in the folded text, a Latin word or a number only whole.
All candidates are laid end to end and searched at once: 200 passages take a millisecond.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.query.analysis import Query
from rag.query.expansion import Form, with_forms
from rag.records import FloatArray
from rag.text.characters import fold

__all__ = ["FEATURES", "Scorer", "Statistics", "Texts", "idf"]

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

# In the order of the columns; fusion.toml says what each is.
FEATURES = ("bigrams", "words", "asking", "dense", "coverage", "agreement", "terms", "names")

CODE_POINTS = 0x110000
DIGIT, LETTER = 1, 2


def idf(frequency: int, passages: int) -> float:
    """Return the inverse document frequency of Robertson and Spärck Jones, never below zero."""
    return math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an index knows of a question's terms: the idf of each bigram and word, and its mean passage.

    `length` is the mean number of bigrams of a passage. `floor` is the cosine of texts that have nothing in common:
    encoders differ in it, from about 0 to .8.
    """

    bigrams: Mapping[str, float]
    words: Mapping[str, float]
    length: float
    floor: float


class Scorer:
    """Computes the features of passages for one question; `k1` and `b` are those of BM25."""

    def __init__(self, query: Query, known: Statistics, k1: float, b: float) -> None:
        self.known = known
        self.k1 = k1
        self.b = b
        demands = ("name", "ordinal", "quoted")
        self.forms = query.forms
        self.asking = {pair: known.bigrams[pair] for pair in query.asking if pair in known.bigrams}
        self.terms = dict(query.weights)
        self.names = {fold(one.text): 1.0 for one in query.constraints if one.kind in demands}

    def features(
        self, texts: Sequence[str], above: Sequence[str], cosines: FloatArray, articles: Sequence[str]
    ) -> Numbers:
        """Return `(n, features)` of passages of `articles` (ids) with the words `above` each (title and heading)."""
        known = self.known
        asked = list(dict.fromkeys([*known.bigrams, *known.words, *self.terms, *self.names]))
        row = {term: number for number, term in enumerate(asked)}
        counts = _laid([*texts, *above], self.forms, [*articles, *articles]).counts(asked)
        body, head = np.hsplit(counts, 2)
        both = body + head
        length = np.array([len(text) for text in texts]) / (known.length or 1)
        coverage = _share(known.bigrams, row, both)
        dense = (cosines - known.floor) / (1 - known.floor)
        columns = (
            self._bm25(known.bigrams, row, body, length),
            self._bm25(known.words, row, body, length),
            _share(self.asking, row, both),
            dense,
            coverage,
            coverage * np.maximum(dense, 0),
            _share(self.terms, row, both),
            _share(self.names, row, both),
        )
        return np.stack(columns, axis=1)

    def _bm25(
        self, idfs: Mapping[str, float], row: Mapping[str, int], body: Numbers, length: Numbers
    ) -> Numbers:
        """Return BM25 ÷ what a passage of mean length with each term once gets; `length` is 1 for that."""
        counts = body[[row[term] for term in idfs]]
        norm = self.k1 * (1 - self.b + self.b * length)
        return _weighted(idfs, counts * (self.k1 + 1) / (counts + norm))


def _laid(texts: Sequence[str], forms: Sequence[Form], articles: Sequence[str]) -> "Texts":
    """Return the texts, those that say it in another form with the question's own words behind them."""
    laid = Texts(texts)
    if not forms:
        return laid
    said = laid.counts(list(dict.fromkeys(form.said for form in forms))).sum(axis=0)
    rows = zip(texts, articles, said.tolist(), strict=True)
    return Texts([with_forms(fold(text), forms, article) if has else text for text, article, has in rows])


def _share(weights: Mapping[str, float], row: Mapping[str, int], counts: Numbers) -> Numbers:
    """Return for each text the share of the terms that it has, by weight; 0 where nothing is asked."""
    return _weighted(weights, counts[[row[term] for term in weights]] > 0)


def _weighted(weights: Mapping[str, float], values: npt.NDArray[Any]) -> Numbers:
    """Return the weighted mean of the rows of `values`, 0 without any."""
    given = np.fromiter(weights.values(), np.float64, len(weights))
    mean: Numbers = given @ values / (given.sum() or 1.0)
    return mean


class Texts:
    """Texts laid end to end, to count terms in all of them at once."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.count = len(texts)
        self._codes = _folded(_codes("\n".join(["", *texts, ""])))
        self._ends = 1 + np.cumsum([len(text) + 1 for text in texts], dtype=np.int64)
        self._of_code: dict[int, Places] = {}

    def counts(self, terms: Sequence[str]) -> Numbers:
        """Return how often each folded term stands in each text, `(terms, texts)`."""
        found = np.zeros((len(terms), self.count))
        for number, term in enumerate(terms):
            texts = np.searchsorted(self._ends, self._places(term), "right")
            found[number] = np.bincount(texts, minlength=self.count)
        return found

    def _places(self, term: str) -> Places:
        """Return where a term begins; beside a digit of it stands no other digit, beside a Latin letter no other."""
        asked = _codes(term)
        at = self._starts(int(asked[0]))
        for step, code in enumerate(asked[1:].tolist(), 1):
            at = at[self._codes.take(at + step, mode="clip") == code]
        for edge, step in ((asked[0], -1), (asked[-1], len(asked))):
            if KINDS[edge]:
                at = at[KINDS[self._codes[at + step]] != KINDS[edge]]
        return at

    def _starts(self, code: int) -> Places:
        if code not in self._of_code:
            self._of_code[code] = np.flatnonzero(self._codes == code)
        return self._of_code[code]


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def _kinds() -> npt.NDArray[np.uint8]:
    """Return what each folded code point is: part of a number, a Latin letter, or neither (0)."""
    kinds = np.zeros(CODE_POINTS, np.uint8)
    for code in range(128):
        char = chr(code)
        kinds[code] = DIGIT if char.isdigit() or char == "." else LETTER if char.isalpha() else 0
    return kinds


KINDS = _kinds()
# `fold` of each code point that was met so far, 0 for the others (NUL stands in no text of an index).
FOLDED = np.zeros(CODE_POINTS, np.uint32)


def _folded(codes: Codes) -> Codes:
    """Return `fold` of code points; each is looked up when it is first met."""
    found = FOLDED[codes]
    if not found.all():
        for code in np.unique(codes[found == 0]).tolist():
            FOLDED[code] = ord(fold(chr(code)))
        found = FOLDED[codes]
    return found
