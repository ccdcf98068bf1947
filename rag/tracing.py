"""Retrace a question stage by stage, and name the stage at which an expected answer was lost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from rag.answering.candidates import candidates
from rag.answering.ranking import choose
from rag.index.store import Store
from rag.query.understand import consult
from rag.records import Answer, Hit, Passage, Reader
from rag.request import Asks, Request
from rag.retrieval.retriever import CANDIDATES, Filters, Retriever
from rag.text.characters import fold, squeeze
from rag.text.words import bigrams, words

__all__ = ["Considered", "Found", "Parts", "Trace", "retrace"]

SHOWN = 5


class Parts(Asks, Protocol):
    """The parts of `rag.bot.Bot` whose work is retraced."""

    store: Store
    retriever: Retriever
    reader: Reader


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with its rank (from 1) among those found, 0 if it was not."""

    passage: Passage
    rank: int
    read: bool


@dataclass(frozen=True, slots=True)
class Considered:
    """A possible answer with the probability (0 to 1) that it is right, and what was demanded of it in vain."""

    text: str
    title: str
    confidence: float
    unmet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """What each stage made of a question.

    `terms` are its content words, `hidden` says that filters left passages out, `found` how many passages the two
    legs found, `passages` the best of them, `considered` the possible answers, best first. `lost` is "" without an
    expected answer, else the stage: in_no_passage, filtered, both_legs_missed, fused_out, refused,
    reader_chose_another or nowhere (it was given); `place` is a passage that holds the expected answer.
    """

    answer: Answer
    terms: tuple[str, ...]
    hidden: bool
    found: int
    passages: tuple[Found, ...]
    considered: tuple[Considered, ...]
    lost: str
    place: Passage | None


def retrace(bot: Parts, request: Request, expected: str = "") -> Trace:
    """Ask again and keep what every stage gave; costs two searches and two readings."""
    answer = request.ask(bot)
    query = consult(request.question, answer.understood_as, request.today or date.today(), bot.store)
    filters = Filters(request.since, request.until, request.publisher)
    hits = bot.retriever.search(query, bot.retriever.embed(query), 2 * CANDIDATES, filters)
    choices = choose(query, candidates(query, hits[: request.k], bot.reader))
    lost, place = _lost(bot, answer, hits, request, expected) if expected else ("", None)
    return Trace(
        answer=answer,
        terms=query.terms,
        hidden=bool(request.since or request.until or request.publisher),
        found=len(hits),
        passages=tuple(
            Found(hit.passage, rank, rank <= request.k) for rank, hit in enumerate(hits[:SHOWN], 1)
        ),
        considered=tuple(
            Considered(
                choice.candidate.text,
                choice.candidate.hit.passage.article.title,
                choice.confidence,
                tuple(unmet.asked for unmet in choice.unmet),
            )
            for choice in choices[:SHOWN]
        ),
        lost=lost,
        place=place,
    )


def _lost(
    bot: Parts, answer: Answer, hits: Sequence[Hit], request: Request, expected: str
) -> tuple[str, Passage | None]:
    """Return the stage that lost the expected answer, and a passage that holds it."""
    if not answer.refused and _holds(answer.answer, expected):
        return "nowhere", None
    ranked = [(rank, hit.passage) for rank, hit in enumerate(hits, 1) if _holds(hit.passage.text, expected)]
    if ranked:
        rank, passage = ranked[0]
        if rank > request.k:
            return "fused_out", passage
        return ("refused" if answer.refused else "reader_chose_another"), passage
    elsewhere = _search(bot, expected)
    if elsewhere is None:
        return "in_no_passage", None
    number, passage = elsewhere
    allowed = bot.store.allowed_ids(request.since, request.until, request.publisher)
    return ("both_legs_missed" if allowed is None or number in allowed else "filtered"), passage


def _search(bot: Parts, expected: str) -> tuple[int, Passage] | None:
    """Return a passage of the whole index that holds the expected words, looked for by these words alone."""
    near = [number for number, _ in bot.store.search_lexical(words(expected), bigrams(expected), CANDIDATES)]
    for number, passage in zip(near, bot.store.passages(near), strict=True):
        if _holds(passage.text, expected):
            return number, passage
    return None


def _holds(text: str, expected: str) -> bool:
    """Tell whether the expected words stand in `text`, white space apart; 8万个 does not stand in 18万个."""
    looked_for = re.escape(squeeze(fold(expected)))
    before = r"(?<!\d)(?<!\d\.)" if expected[0].isdigit() else ""
    after = r"(?!\.?\d)" if expected[-1].isdigit() else ""
    return re.search(f"{before}{looked_for}{after}", squeeze(fold(text))) is not None
