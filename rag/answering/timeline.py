"""Follow one indicator through time: what it was at other times than the answer's, each time quoted."""

from collections.abc import Sequence
from datetime import date

from rag.answering.context import nearest_times
from rag.answering.evidence import Evidence
from rag.answering.quotes import Quote
from rag.answering.ranking import Choice
from rag.query.analysis import AnswerType, Query
from rag.records import TimePoint
from rag.text.dates import overlaps
from rag.text.quantity import unit_class

__all__ = ["earlier_and_later", "newest", "timeline"]

# As for other sources (rag.answering.agreement): the words of the clause vary more than those around it.
LOCAL = 0.3
# Another time speaks of the same indicator if its words cover the question nearly as well as the best one's do.
NEAR = 0.85
# More points than this are no line to read at a glance.
MOST = 4


def earlier_and_later(query: Query, choices: Sequence[Choice], best: Choice, least: float) -> list[Choice]:
    """Return the best choice of each other time that states the asked number, best first.

    Only for a number asked without a time: with one the other times are not what was asked.
    """
    if query.type is not AnswerType.NUMBER or query.period is not None or _days(best.evidence) is None:
        return []
    found = [best]
    for choice in choices:
        if len(found) <= MOST and _is_same(choice, best, least) and _is_another_time(choice, found):
            found.append(choice)
    return found[1:]


def _is_same(choice: Choice, best: Choice, least: float) -> bool:
    """Tell whether a choice states the same indicator: every demand met, the words as near, a unit of the same class."""
    mine, other = choice.evidence, best.evidence
    classes = {unit_class(q.unit) for c in (choice, best) for q in c.evidence.scene.answer.quantities[:1]}
    near = mine.coverage >= NEAR * other.coverage and mine.local >= min(LOCAL, other.local)
    return (
        not choice.vetoed
        and choice.candidate.fits
        and choice.confidence >= least
        and len(classes) == 1
        and near
    )


def _is_another_time(choice: Choice, found: Sequence[Choice]) -> bool:
    mine = nearest_times(choice.evidence.scene)
    return bool(mine) and not any(
        overlaps(a, b) for other in found for a in mine for b in nearest_times(other.evidence.scene)
    )


def _days(evidence: Evidence) -> date | None:
    """Return the last day that the evidence's time spans, None if it names no time."""
    days = [day for time in nearest_times(evidence.scene) if (day := time.last or time.first) is not None]
    return max(days, default=None)


def newest(choices: Sequence[Choice]) -> Choice:
    """Return the choice whose time is the latest; of equals the first."""
    return max(choices, key=lambda choice: _days(choice.evidence) or date.min)


def timeline(
    choices: Sequence[Choice], quotes: Sequence[Quote], numbers: Sequence[int]
) -> tuple[TimePoint, ...]:
    """Return the points of the choices, oldest first; none if fewer than two are dated in words."""
    points = [
        (_days(choice.evidence) or date.min, TimePoint(quote.as_of, choice.candidate.text, number))
        for choice, quote, number in zip(choices, quotes, numbers, strict=True)
        if quote.as_of
    ]
    points.sort(key=lambda pair: pair[0])
    return tuple(point for _, point in points) if len(points) > 1 else ()
