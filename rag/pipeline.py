"""The way from a question to its answer, gone once: understand → retrieve → read → rank → answer.

What each stage gave is kept in a `Run`. Whoever wants to know how an answer came about reads it there; nobody else puts
stages together.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from typing import Protocol

from rag.answering.answer import Reply, narrowed, reply
from rag.answering.candidates import Read, candidates, read, worth_reading
from rag.answering.quotes import Known
from rag.answering.ranking import Choice, Limits, choose, limits
from rag.config import Settings
from rag.index.store import Store
from rag.query.analysis import Query
from rag.query.follow_up.answered_by import answered_by
from rag.query.follow_up.conversation import Talk
from rag.query.follow_up.leaning import names_itself, speaks_of
from rag.query.follow_up.rewrite import Rewrite, rewrites, standing_alone
from rag.query.understand import consult
from rag.readings import Reading, Search, Trial, new_first, preferred
from rag.records import Answer, Candidate, Hit, IndexInfo, Reader
from rag.request import Filters, Request, Tell, check_question
from rag.retrieval.retriever import Ranking, Retriever
from rag.text.characters import fold, squeeze
from rag.text.words import bigrams

__all__ = [
    "Parts",
    "Reading",
    "Run",
    "Search",
    "Stopwatch",
    "Trial",
    "answer_from",
    "run",
    "search",
    "understand",
    "with_reply",
]

# Places behind those that are read that are looked through for another source of the same fact.
OTHERS = 3
# Places among which the conversation's article is looked for.
NEAR = 30
# A longer question says by itself what it is about.
LONGEST_FOLLOW_UP = 120
# What is longer is no turn of a conversation but a text; several readings of it would cost too much.
LONGEST_TURN = 240
# Characters of a title that says of which topic an answer is.
LONGEST_LABEL = 30
# Hits that are read to judge one of several readings.
PROBES = 2
# Characters that a place of k stands for, and that the shortest passage takes with its headline and the question.
PLACE, LEAST_READ = 160, 100
# Hits to read, with those that short ones make room for, unless k asks for more.
FITTING = 8


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
class Run:
    """What each stage of an ask gave.

    `reads` are the hits that were read, with what the reader marked; `choices` the possible answers, best first;
    `needed` is the confidence that an answer needs. Timings are those of `answer`. `tried` are the readings of a
    follow-up that were compared, the likeliest first; there are none where there was nothing to choose.
    """

    search: Search
    reads: tuple[Read, ...]
    candidates: tuple[Candidate, ...]
    choices: tuple[Choice, ...]
    needed: Limits
    reply: Reply
    answer: Answer
    tried: tuple[Trial, ...] = ()

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


def understand(parts: Parts, request: Request) -> tuple[Reading, ...]:
    """Return what may be asked, the likeliest first: completed from the turns before, with the help of the newest index."""
    parts.store.refresh()
    asked = check_question(request.question)
    turns = [turn for turn in request.history if len(turn.question) <= LONGEST_TURN]
    leans = len(asked) <= LONGEST_FOLLOW_UP
    talked = standing_alone(turns, lambda said: answered_by(said, parts.store)) if leans else None
    found = rewrites(asked, talked) if talked is not None else (Rewrite(asked),)
    today = request.today or date.today()
    return tuple(_reading(asked, one, talked, today, parts.store) for one in found)


def _reading(asked: str, one: Rewrite, talked: Talk | None, today: date, store: Store) -> Reading:
    query = consult(asked, one.text, today, store)
    shown = one.shown or query.text
    if talked is None or not one.leans:
        apart = talked.last.article_id if talked is not None and not names_itself(one.text) else ""
        return Reading(query, shown, one.prior, courtesy=one.courtesy, apart=apart)
    given = () if one.again else tuple(turn.answer for turn in talked.turns if turn.answer)
    return Reading(query, shown, one.prior, talked.last.article_id, one.bound, given=given)


def search(
    parts: Parts,
    request: Request,
    *,
    shown: Sequence[Hit] | None = None,
    tell: Tell | None = None,
    clock: Stopwatch | None = None,
) -> tuple[Search, ...]:
    """Go as far as retrieval with every reading of the question, the likeliest first.

    `shown` are put before the reader in place of what would be found.
    """
    clock = clock or Stopwatch()
    readings = understand(parts, request)
    clock.lap("understand")
    _tell(tell, "retrieving")
    if shown is not None or readings[0].courtesy:
        clock.lap("embed")
        clock.lap("retrieve")
        return tuple(Search(request, one, Ranking(parts.store), tuple(shown or ())) for one in readings)
    free = [one for one in readings if not one.bound] or readings
    rankings = parts.retriever.find_all(
        [one.query for one in free], request.filters, lambda: clock.lap("embed")
    )
    found = [
        Search(request, one, ranking, tuple(_chosen(ranking, request.k, one.article_id)))
        for one, ranking in zip(free, rankings, strict=True)
    ]
    found += [_within(request, one, rankings[0]) for one in readings if one not in free]
    clock.lap("retrieve")
    return tuple(found)


def _within(request: Request, reading: Reading, ranking: Ranking) -> Search:
    """Put a reading that names nothing to the passages of the conversation's article that another reading found."""
    asked = set(reading.query.bigrams)
    near = [hit for hit in ranking.hits(0, NEAR) if hit.passage.article.id == reading.article_id]
    own = sorted(near, key=lambda hit: -len(asked.intersection(bigrams(hit.passage.text))))
    return Search(request, reading, ranking, tuple(own[: request.k]))


def run(
    parts: Parts, request: Request, *, shown: Sequence[Hit] | None = None, tell: Tell | None = None
) -> Run:
    """Go the whole way; `tell` hears of each stage as it begins, `shown` is that of `search`."""
    clock = Stopwatch()
    searches = search(parts, request, shown=shown, tell=tell, clock=clock)
    _tell(tell, "reading")
    needed = limits(parts.settings.min_confidence)
    trials = _tried(parts, searches, needed.sure)
    best = preferred(trials, needed.likely)
    done = best if best.is_whole else _trial(parts, best.search, best.search.hits, best.reads)
    clock.lap("read")
    found, choices = done.search, done.choices
    said = reply(found.query, found.hits, choices, parts.sources, needed)
    clock.lap("answer")
    answer = _answer(parts, found, said, clock.laps())
    others = tuple(trials) if len(trials) > 1 else ()
    return Run(found, done.reads, done.candidates, choices, needed, said, answer, others)


def _tried(parts: Parts, searches: Sequence[Search], enough: float) -> list[Trial]:
    """Read what was found for each reading: all of it for a single one, else the best of each, the likeliest first.

    No further reading is tried behind one whose answer is as certain as `enough`.
    """
    if len(searches) == 1:
        return [_trial(parts, searches[0], searches[0].hits)]
    trials = []
    for one in sorted(searches, key=lambda one: -one.reading.prior):
        trials.append(_trial(parts, one, _probes(one)))
        if trials[-1].settles(enough):
            break
    return trials


def _probes(found: Search) -> list[Hit]:
    """Return the hits by which a reading is judged: the best, and the best of the conversation's article."""
    about = found.reading.article_id
    own = [hit for hit in found.hits if hit.passage.article.id == about]
    chosen = {hit.passage_id: hit for hit in (*found.hits[:1], *own[:1], *found.hits[1:])}
    return list(chosen.values())[:PROBES]


def _trial(parts: Parts, found: Search, hits: Sequence[Hit], known: Sequence[Read] = ()) -> Trial:
    """Read `hits` of which `known` are read already, and order the possible answers."""
    seen = {one.hit.passage_id for one in known}
    worth = worth_reading(hits)
    more = read(found.query, [hit for hit in worth if hit.passage_id not in seen], parts.reader)
    order = {hit.passage_id: place for place, hit in enumerate(found.hits)}
    reads = tuple(sorted([*known, *more], key=lambda one: order[one.hit.passage_id]))
    possible = candidates(found.query, reads)
    choices = new_first(choose(found.query, possible), found.reading.given)
    return Trial(found, reads, tuple(possible), tuple(choices))


def answer_from(parts: Parts, done: Run, choices: Sequence[Choice]) -> Run:
    """Return a run with the answer that it has when only these of its `choices` are possible, best first."""
    said = reply(done.query, done.hits, choices, parts.sources, done.needed)
    answer = _answer(parts, done.search, said, done.answer.timings_ms)
    return replace(done, choices=tuple(choices), reply=said, answer=answer)


def with_reply(parts: Parts, found: Search, said: Reply, clock: Stopwatch) -> Run:
    """Return the run of a question that was told something without reading: `said`, of what was `found`."""
    clock.lap("read")
    clock.lap("answer")
    needed = limits(parts.settings.min_confidence)
    return Run(found, (), (), (), needed, said, _answer(parts, found, said, clock.laps()))


def _tell(tell: Tell | None, stage: str) -> None:
    if tell is not None:
        tell(stage)


def _chosen(ranking: Ranking, k: int, about: str = "") -> list[Hit]:
    """Return the hits to read: `k` places' worth, where these are all of one article those of others that come next, and the best of article `about`."""
    hits = _fitting(ranking.hits(0, max(k, FITTING)), k)
    k = max(k, len(hits))
    articles = {hit.passage.article.id for hit in hits}
    if about:
        later = ranking.hits(k, NEAR) if about not in articles else []
        hits += [hit for hit in later if hit.passage.article.id == about][:1]
    if len(hits) < k or len(articles) > 1:
        return hits
    others = ranking.hits(k, k + OTHERS)
    return [*hits, *(hit for hit in others if hit.passage.article.id not in articles and hit not in hits)]


def _fitting(hits: Sequence[Hit], k: int) -> list[Hit]:
    """Return the first `k` hits and those behind them for which they leave room: short passages are read at little cost."""
    sizes = accumulate(max(len(hit.passage.text), LEAST_READ) for hit in hits)
    room = k * PLACE
    return [hit for at, (hit, size) in enumerate(zip(hits, sizes, strict=True)) if at < k or size <= room]


def _understood(parts: Parts, reading: Reading, said: Reply) -> str:
    """Return how the question was understood: with the article's title where the answer is of another topic, unasked."""
    about = reading.apart or reading.article_id
    other = next((one for one in said.citations[:1] if about and one.article_id != about), None)
    if other is None:
        return reading.shown
    if not reading.apart:  # another article on what the reading names
        article = parts.store.article(other.article_id)
        if names_itself(reading.shown) and speaks_of(
            reading.shown, squeeze(fold(f"{article.title}\n{article.text}"))
        ):
            return reading.shown
    return f"{other.title[:LONGEST_LABEL]}：{reading.shown}"


def _answer(parts: Parts, found: Search, said: Reply, timings: Mapping[str, float]) -> Answer:
    counts = parts.store.counts()
    said = said if found.request.filters == Filters() else narrowed(said)
    return Answer(
        question=found.request.question,
        understood_as=_understood(parts, found.reading, said),
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
        statement=said.statement,
        notice=said.notice,
        timings_ms=timings,
        index=IndexInfo(
            parts.store.generation,
            counts.articles,
            counts.passages,
            parts.store.embedder_name,
            parts.reader.name,
        ),
    )
