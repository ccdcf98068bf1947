"""What a question for the present state asks: the newest fact that is stated, neither an aim nor an earlier count."""

import re
from collections.abc import Sequence
from datetime import date

from rag.answering.answer_features import outlook
from rag.answering.context import DAYS, Scene, nearest_times, published
from rag.answering.evidence import Evidence
from rag.query.analysis import AnswerType, Query
from rag.text.dates import When
from rag.text.quantity import unit_class
from rag.text.time_words import OUTLOOK

__all__ = ["asks_newest", "is_overtaken", "mere_aims", "state_day"]

# Words that ask for the newest of several times.
NEWEST = re.compile("最新|目前|现在|当前|如今|眼下|截至目前|迄今|至今")
AIMED = re.compile(OUTLOOK)
# A fact is of what an aim is for if its words cover the question nearly as well.
AS_WELL = 0.85
# What is counted up to a point, and what a later report of it may say in short.
COUNTED = re.compile("截[至止]|累计|至此|已|升至|增至|上升到|增加到|[年月季][底末]")
TOTAL = re.compile(f"{COUNTED.pattern}|共|总|达|突破|有")


def asks_newest(query: Query) -> bool:
    """Tell whether the question asks how things stand now."""
    return NEWEST.search(query.text) is not None and AIMED.search(query.text) is None


def mere_aims(query: Query, weighed: Sequence[Evidence]) -> list[bool]:
    """Tell of each candidate whether it is an aim or forecast where a fact of the same kind was asked for and is there."""
    if query.type is not AnswerType.NUMBER or not asks_newest(query):
        return [False] * len(weighed)
    aims = [bool(outlook(one)) for one in weighed]
    most = max((one.coverage for one in weighed), default=0.0)
    facts = {
        _unit(one)
        for one, aim in zip(weighed, aims, strict=True)
        if not aim and one.candidate.fits and not one.unmet and one.coverage >= AS_WELL * most
    }
    return [aim and _unit(one) in facts for one, aim in zip(weighed, aims, strict=True)]


def _unit(evidence: Evidence) -> str:
    return next((unit_class(one.unit) for one in evidence.scene.answer.quantities), "")


def state_day(scene: Scene) -> date:
    """Return the last day for which a number holds: that named nearest, else the day of publication."""
    days = [day for time in nearest_times(scene) if (day := time.last or time.first) is not None]
    return max(days, default=published(scene.article) or date.min)


def is_overtaken(earlier: Evidence, later: Evidence) -> bool:
    """Tell whether a count was carried on by a later one: both stand at a point in time, and neither is an aim.

    No asked word is missing around the later one alone: 首日获得几枚 stays with 首日.
    """
    return (
        state_day(earlier.scene) < state_day(later.scene)
        and set(later.missing) <= set(earlier.missing)
        and _is_count(earlier.scene, COUNTED)
        and _is_count(later.scene, TOTAL)
        and not outlook(earlier)
        and not outlook(later)
    )


def _is_count(scene: Scene, words: re.Pattern[str]) -> bool:
    said = scene.article.text[scene.sentence.start : scene.candidate.span.end]
    return words.search(said) is not None and all(map(_is_point, nearest_times(scene)))


def _is_point(when: When) -> bool:
    if when.kind in ("until", "now") or when.first is None or when.last is None:
        return True
    return (when.last - when.first).days <= DAYS
