"""Find the passages that may answer: lexical and dense candidates, every feature exact on their union."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rag.query import Query
from rag.records import Embedder, FloatArray, Hit, Passage
from rag.store import Store
from rag.text import fold, squeeze
from rag.wording import with_forms

__all__ = ["Filters", "Found", "Retriever", "Scorer", "contributions", "fused", "idf"]

# Candidates from each leg: on a pool of 7,200 articles one right passage in a hundred is below rank 100 of both.
CANDIDATES = 100

Found = Sequence[tuple[int, float]]
"""What one leg finds: passage ids with the leg's score, best first."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader restricts the search to: inclusive ISO dates and a publisher, "" for no limit."""

    since: str = ""
    until: str = ""
    publisher: str = ""


@cache
def _fusion() -> Mapping[str, Any]:
    """Return the table of fusion.toml."""
    return tomllib.loads((Path(__file__).parent / "fusion.toml").read_text(encoding="utf-8"))


def contributions(features: Mapping[str, float]) -> Mapping[str, float]:
    """Return what each feature of a hit adds to its score."""
    weights: Mapping[str, float] = _fusion()["weights"]
    return {name: weights[name] * value for name, value in features.items()}


def idf(frequency: int, passages: int) -> float:
    """Return the inverse document frequency of Robertson and Spärck Jones, never below zero."""
    return math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))


class Retriever:
    """Searches one store with one embedder."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self.store = store
        self.embedder = embedder
        self._legs = ThreadPoolExecutor(1, thread_name_prefix="lexical")

    def embed(self, query: Query) -> FloatArray:
        """Return the vector of `query`, of length one."""
        vector: FloatArray = self.embedder.embed([query.text], kind="query")[0]
        return vector

    def search(self, query: Query, vector: FloatArray, k: int, filters: Filters = Filters()) -> list[Hit]:
        """Return the best `k` hits of `query`, embedded as `vector`; passages with the same words count once."""
        ids = list(
            dict.fromkeys(passage for leg in self.legs(query, vector, filters).values() for passage, _ in leg)
        )
        if not ids:
            return []
        weights = self._idf(query.bigrams)
        cosines = self.store.vectors(ids) @ vector
        rows = self.store.passage_texts(ids)
        scorer = Scorer(query, weights, self.store.mean_length("bigrams"))
        features = [
            scorer.features(row.text, f"{row.title}\n{row.heading}", float(cosine), row.article_id)
            for row, cosine in zip(rows, cosines, strict=True)
        ]
        order = sorted(range(len(ids)), key=lambda i: (-fused(features[i]), ids[i]))
        best = _distinct(order, [row.text for row in rows], k)
        passages: list[Passage] = self.store.passages([ids[i] for i in best])
        return [
            Hit(passage, ids[i], fused(features[i]), features[i])
            for i, passage in zip(best, passages, strict=True)
        ]

    def legs(self, query: Query, vector: FloatArray, filters: Filters = Filters()) -> Mapping[str, Found]:
        """Return what each leg finds, "lexical" and "dense", searched at the same time."""
        allowed = self.store.allowed_ids(filters.since, filters.until, filters.publisher)
        lexical = self._legs.submit(
            self.store.search_lexical,
            (*query.words, *query.other_words),
            (*query.bigrams, *query.other_bigrams),
            CANDIDATES,
            allowed=allowed,
        )
        dense = self.store.search_dense(vector, CANDIDATES, allowed)
        return {"lexical": lexical.result(), "dense": dense}

    def _idf(self, terms: Sequence[str]) -> Mapping[str, float]:
        total = self.store.counts().passages
        return {
            term: idf(frequency, total)
            for term, frequency in self.store.document_frequency("bigrams", terms).items()
        }


class Scorer:
    """Computes the features of passages for one question."""

    def __init__(self, query: Query, weights: Mapping[str, float], mean_length: float) -> None:
        self.weights = weights
        self.total = sum(weights.values()) or 1.0
        self.names = [fold(c.text) for c in query.constraints if c.kind in ("name", "ordinal", "quoted")]
        self.forms = query.forms
        self.mean_length = mean_length or 1.0
        self.k1: float = _fusion()["bm25"]["k1"]
        self.b: float = _fusion()["bm25"]["b"]

    def features(self, text: str, above: str, cosine: float, article_id: str = "") -> Mapping[str, float]:
        """Return every feature of a passage with the words `above` it (title and heading)."""
        body, head = (with_forms(squeeze(fold(words)), self.forms, article_id) for words in (text, above))
        return {
            "bm25": self._bm25(body),
            "coverage": self._covered(f"{head}\n{body}"),
            "dense": cosine,
            "title": self._covered(head),
            "names": self._named(f"{head}\n{body}"),
        }

    def _bm25(self, body: str) -> float:
        norm = self.k1 * (1 - self.b + self.b * len(body) / self.mean_length)
        counts = ((weight, body.count(term)) for term, weight in self.weights.items())
        return sum(weight * n * (self.k1 + 1) / (n + norm) for weight, n in counts) / self.total

    def _covered(self, text: str) -> float:
        return sum(weight for term, weight in self.weights.items() if term in text) / self.total

    def _named(self, text: str) -> float:
        return sum(name in text for name in self.names) / len(self.names) if self.names else 0.0


def fused(features: Mapping[str, float]) -> float:
    """Return the score of a hit: the weighted sum of its features (weights in fusion.toml)."""
    return sum(contributions(features).values())


def _distinct(order: Sequence[int], texts: Sequence[str], k: int) -> list[int]:
    """Return the first `k` of `order` whose words were not seen before: a reprint is no second opinion."""
    best: dict[str, int] = {}
    for i in order:
        best.setdefault(squeeze(texts[i]), i)
        if len(best) == k:
            break
    return list(best.values())
