"""Find the passages that may answer: lexical and dense candidates, every feature exact on their union."""

import tomllib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.index.changed import Position
from rag.index.dense import Ids
from rag.index.lexical import Field, Weights
from rag.index.store import PassageText, Store
from rag.query.analysis import Query
from rag.records import Embedder, FloatArray, Hit
from rag.request import Filters
from rag.retrieval.passage_features import FEATURES, Scorer, Statistics, idf
from rag.text.characters import squeeze

__all__ = [
    "CANDIDATES",
    "Candidates",
    "Found",
    "Ranking",
    "Retriever",
    "contributions",
    "fused",
    "fusion",
    "ranked",
    "unrelated_cosine",
]

# Candidates from each leg: on a pool of 7,200 articles one right passage in a hundred is below rank 100 of both.
CANDIDATES = 100
# Of so many passages at least the reader reads the one that each leg puts first.
READ = 5
# Questions whose rankings are kept; that of one question is numbers alone, about 50 kB.
KEPT = 256
# An encoder that finds everything alike tells nothing; its cosines must not be blown up.
HIGHEST_FLOOR = 0.95
# Texts that have nothing to do with each other: what an encoder's cosine is worth begins at theirs.
UNRELATED = (
    ("明天会下雨吗？", "球队在加时赛中以三比二取胜，主教练赛后感谢了球迷。"),
    ("这家公司的净利润是多少？", "考古人员在墓葬中发现了一批保存完好的青铜器。"),
    ("谁获得了冠军？", "新规定自下月起施行，个人所得税的起征点保持不变。"),
    ("地铁什么时候开通？", "研究显示，多吃蔬菜和水果有助于控制血压。"),
    ("为什么要修建这座水库？", "这部电影的导演表示，剧本前后修改了十余次。"),
    ("有多少人接种了疫苗？", "台风在沿海登陆，部分列车临时停运。"),
)

NO_FILTERS = Filters()

Numbers = npt.NDArray[np.float64]
Found = Sequence[tuple[int, float]]
"""What one leg finds: passage ids with the leg's score, best first."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The union of both legs for one question: passages with their cosines, and what scoring them needs.

    `lexical` and `dense` are the legs: passage ids with the leg's score, best first.
    """

    query: Query
    lexical: Found
    dense: Found
    rows: Sequence[PassageText]
    cosines: FloatArray
    known: Statistics

    def features(self, k1: float, b: float) -> npt.NDArray[np.float64]:
        """Return `(n, features)` with BM25 of these parameters."""
        return Scorer(self.query, self.known, k1, b).features(
            [row.text for row in self.rows],
            [f"{row.title}\n{row.heading}" for row in self.rows],
            self.cosines,
            [row.article_id for row in self.rows],
        )


@dataclass(frozen=True, slots=True)
class _Lexical:
    """The lexical leg with its passages, and what the index knows of the question's terms."""

    found: Found
    rows: Sequence[PassageText]
    known: Statistics


@dataclass(frozen=True, slots=True)
class Ranking:
    """All passages that were found for a question, best first; of those with the same words only the best.

    `ids` are the passages, `features` `(n, features)` what speaks for each, `legs` what either search found by itself
    ("lexical" and "dense"). The passages themselves are read from the store when they are asked for.
    """

    store: Store
    ids: tuple[int, ...] = ()
    features: Numbers = field(default_factory=lambda: np.empty((0, len(FEATURES))))
    legs: Mapping[str, Found] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def hits(self, start: int, stop: int) -> list[Hit]:
        """Return the hits from place `start` (0 is the best) up to before `stop`."""
        ids = self.ids[start:stop]
        features = [dict(zip(FEATURES, row, strict=True)) for row in self.features[start:stop].tolist()]
        return [
            Hit(passage, number, fused(one), one)
            for passage, number, one in zip(self.store.passages(ids), ids, features, strict=True)
        ]


Key = tuple[Position, Query, Filters]


@cache
def fusion() -> Mapping[str, Any]:
    """Return the tables of fusion.toml."""
    return tomllib.loads((Path(__file__).parent / "fusion.toml").read_text(encoding="utf-8"))


def contributions(features: Mapping[str, float]) -> Mapping[str, float]:
    """Return what each feature of a hit adds to its score."""
    weights: Mapping[str, float] = fusion()["weights"]
    return {name: weights[name] * value for name, value in features.items()}


def fused(features: Mapping[str, float]) -> float:
    """Return the score of a hit: the weighted sum of its features (weights in fusion.toml)."""
    return sum(contributions(features).values())


class Retriever:
    """Searches one store with one embedder; any number of threads may ask."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self.store = store
        self.embedder = embedder
        self._legs = ThreadPoolExecutor(2, thread_name_prefix="lexical")
        self._kept: OrderedDict[Key, Ranking] = OrderedDict()
        self._keeping = Lock()

    def find(
        self, query: Query, filters: Filters = NO_FILTERS, embedded: Callable[[], None] | None = None
    ) -> Ranking:
        """Rank the passages that either leg finds; what was found lately in this generation is not looked up again.

        The lexical leg runs while the question is embedded; `embedded` is called when it has its vector.
        """
        return self.find_all([query], filters, embedded)[0]

    def find_all(
        self,
        queries: Sequence[Query],
        filters: Filters = NO_FILTERS,
        embedded: Callable[[], None] | None = None,
    ) -> list[Ranking]:
        """Rank the passages for each of several questions, which are embedded together; see `find`."""
        keys = [(self.store.position, replace(query, question=""), filters) for query in queries]
        found = [self._recall(key) for key in keys]
        new = [place for place, ranking in enumerate(found) if ranking is None]
        legs = [self._legs.submit(self._lexical, queries[place], filters) for place in new]
        vectors = self._embedded([queries[place] for place in new]) if new else ()
        _call(embedded)
        for place, leg, vector in zip(new, legs, vectors, strict=True):
            ranking = self._ranking(self._candidates(queries[place], vector, filters, leg))
            if keys[place][0] == self.store.position:
                self._keep(keys[place], ranking)
            found[place] = ranking
        return [ranking for ranking in found if ranking is not None]

    def embed(self, query: Query) -> FloatArray:
        """Return the vector of `query`, of length one."""
        vector: FloatArray = self._embedded([query])[0]
        return vector

    def _embedded(self, queries: Sequence[Query]) -> FloatArray:
        """Return the vectors of `queries`; one in traditional characters lies half way to the same in simplified ones."""
        vectors: FloatArray = self.embedder.embed([query.text for query in queries], kind="query")
        other = [place for place, query in enumerate(queries) if query.plain != query.text]
        if other:
            simple = self.embedder.embed([queries[place].plain for place in other], kind="query")
            sums = vectors[other] + simple
            vectors[other] = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return vectors

    def candidates(self, query: Query, vector: FloatArray, filters: Filters = NO_FILTERS) -> Candidates:
        """Return the passages that either leg finds, in no order."""
        return self._candidates(query, vector, filters, self._legs.submit(self._lexical, query, filters))

    def _candidates(
        self, query: Query, vector: FloatArray, filters: Filters, leg: "Future[_Lexical]"
    ) -> Candidates:
        dense = self.store.search_dense(vector, CANDIDATES, self._allowed(filters))
        lexical = leg.result()
        seen = {row.passage_id for row in lexical.rows}
        others = self.store.passage_texts([passage for passage, _ in dense if passage not in seen])
        rows = [*lexical.rows, *others]
        known = dict(dense)
        missing = [row.passage_id for row in lexical.rows if row.passage_id not in known]
        known |= zip(missing, self.store.cosines(missing, vector).tolist(), strict=True)
        cosines: FloatArray = np.array([known[row.passage_id] for row in rows], np.float32)
        return Candidates(query, lexical.found, dense, rows, cosines, lexical.known)

    def _allowed(self, filters: Filters) -> Ids | None:
        return self.store.allowed_ids(filters.since, filters.until, filters.publisher)

    def _lexical(self, query: Query, filters: Filters) -> _Lexical:
        """Return the lexical leg; all of it can be had before the question has a vector."""
        fields = Weights(**fusion()["fields"])
        found = self.store.search_lexical(
            (*query.words, *query.other_words),
            (*query.bigrams, *query.other_bigrams),
            CANDIDATES,
            fields,
            self._allowed(filters),
        )
        known = Statistics(
            self._idf("bigrams", query.bigrams),
            self._idf("words", query.words),
            self.store.mean_length("bigrams"),
            self.floor,
        )
        return _Lexical(found, self.store.passage_texts([passage for passage, _ in found]), known)

    def _idf(self, field: Field, terms: Sequence[str]) -> Mapping[str, float]:
        total = self.store.counts().passages
        frequencies = self.store.document_frequency(field, terms)
        return {term: idf(frequency, total) for term, frequency in frequencies.items()}

    @cached_property
    def floor(self) -> float:
        """See `unrelated_cosine`."""
        return unrelated_cosine(self.embedder)

    def _ranking(self, found: Candidates) -> Ranking:
        legs = {"lexical": found.lexical, "dense": found.dense}
        if not found.rows:
            return Ranking(self.store, legs=legs)
        table = found.features(**fusion()["bm25"])
        best = ranked(found, table @ _weights(), len(found.rows))
        return Ranking(self.store, tuple(found.rows[i].passage_id for i in best), table[best], legs)

    def _recall(self, key: Key) -> Ranking | None:
        with self._keeping:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: Key, ranking: Ranking) -> None:
        with self._keeping:
            self._kept[key] = ranking
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def _call(told: Callable[[], None] | None) -> None:
    if told is not None:
        told()


def unrelated_cosine(embedder: Embedder) -> float:
    """Return the mean cosine of texts that have nothing to do with each other."""
    questions = embedder.embed([question for question, _ in UNRELATED], kind="query")
    passages = embedder.embed([passage for _, passage in UNRELATED], kind="passage")
    return float(min(np.mean(questions @ passages.T), HIGHEST_FLOOR))


def _weights() -> Numbers:
    weights: Mapping[str, float] = fusion()["weights"]
    return np.array([weights[name] for name in FEATURES])


def ranked(found: Candidates, scores: Numbers, k: int) -> list[int]:
    """Return the places of the first `k` candidates, best first; a reprint of one of them is no second opinion.

    What either leg alone puts first is among the first READ: weights that suit most questions fail a few that one leg
    understands at once, and one of five places for each costs little.
    """
    ids = [row.passage_id for row in found.rows]
    order = np.lexsort((np.array(ids), -scores)).tolist()
    best: dict[str, int] = {}
    for place in order:
        best.setdefault(squeeze(found.rows[place].text), place)
        if len(best) == max(k, READ):
            break
    tops = {
        squeeze(found.rows[ids.index(leg[0][0])].text): leg for leg in (found.lexical, found.dense) if leg
    }
    first = list(best)[:READ]
    for top in [top for top in tops if top not in first]:
        best.setdefault(top, ids.index(tops[top][0][0]))
        first.remove([said for said in first[1:] if said not in tops][-1])
        first.append(top)
    first.sort(key=lambda said: order.index(best[said]))
    return [best[said] for said in [*first, *(said for said in best if said not in first)][:k]]
