"""Follow one indicator through time: what it was at other times than the answer's, each time quoted."""

from collections.abc import Sequence
from dataclasses import replace

from rag.answering.answer_features import outlook
from rag.answering.context import nearest_times
from rag.answering.quotes import Quote
from rag.answering.ranking import Choice
from rag.answering.validity.newest import asks_newest, is_overtaken, state_day
from rag.query.analysis import AnswerType, Query
from rag.records import TimePoint
from rag.text.dates import overlaps
from rag.text.quantity import unit_class

__all__ = ["earlier_and_later", "overtaking", "timeline"]

# As for other sources (rag.answering.agreement): the words of the clause vary more than those around it.
LOCAL = 0.3
# Another time speaks of the same indicator if its words cover the question nearly as well as the best one's do.
NEAR = 0.85
# More points than this are no line to read at a glance.
MOST = 4
# Of what is asked for now another time counts, too, that scores within this of the best.
CLOSE = 1.0


def earlier_and_later(query: Query, choices: Sequence[Choice], best: Choice, least: float) -> list[Choice]:
    """Return the best choice of each other time that states the asked number, best first.

    Only for a number asked without a time: with one the other times are not what was asked.
    """
    newest = asks_newest(query) and bool(best.evidence.scene.answer.quantities)
    if query.period is not None or not (query.type is AnswerType.NUMBER or newest):
        return []
    if not nearest_times(best.evidence.scene) and not asks_newest(query):
        return []
    found = [best]
    for choice in choices:
        near = asks_newest(query) and choice.score >= best.score - CLOSE
        enough = choice.confidence >= least or near
        other = _is_another_time(choice, found) or (near and _ends_elsewhere(choice, found))
        if len(found) <= MOST and enough and _is_same(choice, best) and other:
            found.append(choice)
    return found[1:]


def _is_same(choice: Choice, best: Choice) -> bool:
    """Tell whether a choice states the same indicator: every demand met, the words as near, a unit of the same class."""
    mine, other = choice.evidence, best.evidence
    classes = {unit_class(q.unit) for c in (choice, best) for q in c.evidence.scene.answer.quantities[:1]}
    near = mine.coverage >= NEAR * other.coverage and mine.local >= min(LOCAL, other.local)
    return not choice.vetoed and choice.candidate.fits and len(classes) == 1 and near


def _is_another_time(choice: Choice, found: Sequence[Choice]) -> bool:
    mine = nearest_times(choice.evidence.scene)
    return bool(mine) and not any(
        overlaps(a, b) for other in found for a in mine for b in nearest_times(other.evidence.scene)
    )


def _ends_elsewhere(choice: Choice, found: Sequence[Choice]) -> bool:
    """Tell whether a time ends on a day of its own: 前三季度 lies in 全年, but what is newest ends later."""
    return state_day(choice.evidence.scene) not in {state_day(one.evidence.scene) for one in found}


def overtaking(query: Query, best: Choice, series: Sequence[Choice]) -> Choice:
    """Return what holds now: of 目前 the newest fact, else the latest count of what `best` counted earlier, else `best`.

    The words found for one time are found for all, so it is as probable as the best.
    """
    facts = [choice for choice in (best, *series) if not outlook(choice.evidence)] or [best]
    if not asks_newest(query):
        facts = [best, *(one for one in facts if is_overtaken(best.evidence, one.evidence))]
    latest = max(facts, key=lambda choice: state_day(choice.evidence.scene))
    return latest if latest is best else replace(latest, confidence=max(latest.confidence, best.confidence))


def timeline(
    choices: Sequence[Choice], quotes: Sequence[Quote], numbers: Sequence[int]
) -> tuple[TimePoint, ...]:
    """Return the points of the choices, oldest first; none if fewer than two are dated in words, or two by the same."""
    points = [
        (state_day(choice.evidence.scene), TimePoint(quote.as_of, choice.candidate.text, number))
        for choice, quote, number in zip(choices, quotes, numbers, strict=True)
        if quote.as_of
    ]
    points.sort(key=lambda pair: pair[0])
    # Two numbers dated by the same words are no line: they are of two things.
    alike = len({point.as_of for _, point in points}) < len(points)
    return () if alike or len(points) < 2 else tuple(point for _, point in points)
