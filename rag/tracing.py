"""A run retraced stage by stage, with the stage at which an expected answer was lost."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.index.store import Store
from rag.pipeline import Run
from rag.records import Answer, Passage
from rag.retrieval.retriever import CANDIDATES
from rag.text.characters import fold, squeeze
from rag.text.words import bigrams, words

__all__ = ["Considered", "Found", "Trace", "Tried", "retrace"]

# Passages and possible answers that are shown; all that were read are.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with its rank (from 1) among those found, and whether it was read."""

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
class Tried:
    """A reading of a follow-up with its best answer ("" for none) and the probability (0 to 1) that it is right."""

    text: str
    answer: str
    certainty: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """What each stage made of a question.

    `readings` are those that were compared, the likeliest first, none where there was one. `terms` are its content words, `hidden` says that filters left passages out, `found` how many passages the two
    legs found, `passages` the best of them and all that were read, `considered` the possible answers, best first. `lost` is "" without an
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
    readings: tuple[Tried, ...] = ()


def retrace(run: Run, store: Store, expected: str = "") -> Trace:
    """Say what each stage of `run` gave, and which of them lost the words `expected` ("" for none)."""
    found = tuple(_ranked(run))
    lost, place = _lost(run, found, store, expected) if expected else ("", None)
    return Trace(
        answer=run.answer,
        terms=run.query.terms,
        hidden=bool(run.request.filters),
        found=len(run.search.ranking),
        passages=tuple(one for one in found if one.read or one.rank <= SHOWN),
        considered=tuple(
            Considered(
                choice.candidate.text,
                choice.candidate.hit.passage.article.title,
                choice.confidence,
                tuple(unmet.asked for unmet in choice.unmet),
            )
            for choice in sorted(run.choices, key=lambda choice: -choice.confidence)[:SHOWN]
        ),
        lost=lost,
        place=place,
        readings=tuple(_readings(run)),
    )


def _readings(run: Run) -> Iterator[Tried]:
    """Yield the readings of a follow-up that were compared."""
    for trial in run.tried:
        best = trial.choices[0].candidate.text if trial.choices else ""
        yield Tried(trial.search.query.text, best, trial.certainty, trial.search.query is run.query)


def _ranked(run: Run) -> Iterator[Found]:
    """Yield the passages that were found, best first."""
    ranking = run.search.ranking
    for rank, hit in enumerate(ranking.hits(0, len(ranking)), 1):
        yield Found(hit.passage, rank, hit.passage_id in run.read_ids)


def _lost(run: Run, found: Sequence[Found], store: Store, expected: str) -> tuple[str, Passage | None]:
    """Return the stage that lost the expected answer, and a passage that holds it."""
    answer = run.answer
    if not answer.refused and _holds(answer.answer, expected):
        return "nowhere", None
    holding = [one for one in found if _holds(one.passage.text, expected)]
    read = next((one for one in holding if one.read), None)
    if read is not None:
        return ("refused" if answer.refused else "reader_chose_another"), read.passage
    if holding:
        return "fused_out", holding[0].passage
    elsewhere = _search(store, expected)
    if elsewhere is None:
        return "in_no_passage", None
    number, passage = elsewhere
    filters = run.request.filters
    allowed = store.allowed_ids(filters.since, filters.until, filters.publisher)
    return ("both_legs_missed" if allowed is None or number in allowed else "filtered"), passage


def _search(store: Store, expected: str) -> tuple[int, Passage] | None:
    """Return a passage of the whole index that holds the expected words, looked for by these words alone."""
    near = [number for number, _ in store.search_lexical(words(expected), bigrams(expected), CANDIDATES)]
    for number, passage in zip(near, store.passages(near), strict=True):
        if _holds(passage.text, expected):
            return number, passage
    return None


def _holds(text: str, expected: str) -> bool:
    """Tell whether the expected words stand in `text`, white space apart; 8万个 does not stand in 18万个."""
    looked_for = re.escape(squeeze(fold(expected)))
    before = r"(?<!\d)(?<!\d\.)" if expected[0].isdigit() else ""
    after = r"(?!\.?\d)" if expected[-1].isdigit() else ""
    return re.search(f"{before}{looked_for}{after}", squeeze(fold(text))) is not None
