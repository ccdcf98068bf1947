"""The way from a question to its answer, gone once: understand → retrieve → read → rank → answer.

What each stage gave is kept in a `Run`. Whoever wants to know how an answer came about reads it there; nobody else puts
stages together.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from rag.answering.answer import Reply, reply
from rag.answering.candidates import Read, candidates, read
from rag.answering.quotes import Known
from rag.answering.ranking import Choice, Limits, choose, limits
from rag.config import Settings
from rag.index.store import Store
from rag.query.analysis import Query
from rag.query.follow_up.rewrite import stand_alone
from rag.query.understand import consult
from rag.records import Answer, Candidate, Hit, IndexInfo, Reader
from rag.request import Request, Tell, check_question
from rag.retrieval.retriever import Ranking, Retriever

__all__ = ["Parts", "Run", "Search", "Stopwatch", "answer_from", "run", "search", "understand"]

# Places behind those that are read that are looked through for another source of the same fact.
OTHERS = 3


class Parts(Protocol):
    """What the stages work with: the parts of `rag.bot.Bot`."""

    store: Store
    retriever: Retriever
    reader: Reader
    settings: Settings

    @property
    def sources(self) -> Known:
        """What is known of the files of the articles."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """A question as it was understood, and what was found for it: a run as far as retrieval.

    `query` is the question with its stand-alone form, `ranking` every passage found, `hits` those of them that are put
    before the reader; both best first.
    """

    request: Request
    query: Query
    ranking: Ranking
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What each stage of an ask gave.

    `reads` are the hits that were read, with what the reader marked; `choices` the possible answers, best first;
    `needed` is the confidence that an answer needs. Timings are those of `answer`.
    """

    search: Search
    reads: tuple[Read, ...]
    candidates: tuple[Candidate, ...]
    choices: tuple[Choice, ...]
    needed: Limits
    reply: Reply
    answer: Answer

    @property
    def request(self) -> Request:
        """What was asked."""
        return self.search.request

    @property
    def query(self) -> Query:
        """The question as it was understood."""
        return self.search.query

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The hits that were put before the reader, best first."""
        return self.search.hits

    @property
    def read_ids(self) -> frozenset[int]:
        """The ids of the passages that were read."""
        return frozenset(one.hit.passage_id for one in self.reads)


class Stopwatch:
    """Measures the stages of one question in milliseconds of wall time."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """End the stage `name`, which began where the last one ended."""
        now = time.perf_counter()
        self._laps[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def laps(self) -> dict[str, float]:
        """Return the stages in order and their `total`."""
        return {**self._laps, "total": round((self._last - self._start) * 1000, 2)}


def understand(parts: Parts, request: Request) -> Query:
    """Return what is asked, completed from the turns before and with the help of the newest index."""
    parts.store.refresh()
    asked = check_question(request.question)
    alone = stand_alone(asked, request.history)
    return consult(asked, alone, request.today or date.today(), parts.store)


def search(
    parts: Parts,
    request: Request,
    *,
    shown: Sequence[Hit] | None = None,
    tell: Tell | None = None,
    clock: Stopwatch | None = None,
) -> Search:
    """Go as far as retrieval; `shown` are put before the reader in place of what would be found."""
    clock = clock or Stopwatch()
    query = understand(parts, request)
    clock.lap("understand")
    _tell(tell, "retrieving")
    if shown is not None:
        clock.lap("embed")
        clock.lap("retrieve")
        return Search(request, query, Ranking(parts.store), tuple(shown))
    ranking = parts.retriever.find(query, request.filters, lambda: clock.lap("embed"))
    hits = tuple(_chosen(ranking, request.k))
    clock.lap("retrieve")
    return Search(request, query, ranking, hits)


def run(
    parts: Parts, request: Request, *, shown: Sequence[Hit] | None = None, tell: Tell | None = None
) -> Run:
    """Go the whole way; `tell` hears of each stage as it begins, `shown` is that of `search`."""
    clock = Stopwatch()
    found = search(parts, request, shown=shown, tell=tell, clock=clock)
    _tell(tell, "reading")
    reads = read(found.query, found.hits, parts.reader)
    possible = candidates(found.query, reads)
    clock.lap("read")
    choices = choose(found.query, possible)
    needed = limits(parts.settings.min_confidence)
    said = reply(found.query, found.hits, choices, parts.sources, needed)
    clock.lap("answer")
    answer = _answer(parts, found, said, clock.laps())
    return Run(found, tuple(reads), tuple(possible), tuple(choices), needed, said, answer)


def answer_from(parts: Parts, done: Run, choices: Sequence[Choice]) -> Run:
    """Return a run with the answer that it has when only these of its `choices` are possible, best first."""
    said = reply(done.query, done.hits, choices, parts.sources, done.needed)
    answer = _answer(parts, done.search, said, done.answer.timings_ms)
    return replace(done, choices=tuple(choices), reply=said, answer=answer)


def _tell(tell: Tell | None, stage: str) -> None:
    if tell is not None:
        tell(stage)


def _chosen(ranking: Ranking, k: int) -> list[Hit]:
    """Return the hits to read: `k`, and where these are all of one article those of others that come next."""
    hits = ranking.hits(0, k)
    articles = {hit.passage.article.id for hit in hits}
    if len(hits) < k or len(articles) > 1:
        return hits
    others = ranking.hits(k, k + OTHERS)
    return [*hits, *(hit for hit in others if hit.passage.article.id not in articles)]


def _answer(parts: Parts, found: Search, said: Reply, timings: Mapping[str, float]) -> Answer:
    counts = parts.store.counts()
    return Answer(
        question=found.request.question,
        understood_as=found.query.text,
        refused=said.refusal is not None,
        refusal=said.refusal,
        confidence=round(said.confidence, 4),
        answer=said.answer,
        answers=said.answers,
        value=said.value,
        as_of=said.as_of,
        period_shift=said.period_shift,
        text=said.text,
        citations=said.citations,
        variants=said.variants,
        closest=said.closest,
        timeline=said.timeline,
        certainty=said.certainty,
        timings_ms=timings,
        index=IndexInfo(
            parts.store.generation,
            counts.articles,
            counts.passages,
            parts.store.embedder_name,
            parts.reader.name,
        ),
    )
