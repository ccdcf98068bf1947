"""Which time an answer holds for, and how that lies to the time that was asked for: calendar arithmetic.

>>> from rag.text.dates import whens
>>> asked, said = (Stated(when, "") for when in whens("2024年上半年，2024年前三季度"))
>>> relation(asked, said, date(2025, 6, 1)).value
'containing'

A figure of one period is not that of another, however much of it they share: a quarter's is not the year's, an aim is no
figure at all. An event that fell into the asked period happened in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from rag.answering.context import BEHIND, DAYS, Scene, published, respective_time
from rag.query.analysis import AnswerType, Query
from rag.text.annotation import annotate
from rag.text.dates import When

__all__ = [
    "Relation",
    "Stated",
    "governing",
    "holds",
    "is_covered",
    "is_of_that_day",
    "is_shift",
    "relation",
    "stated_in_sentence",
]

# A period longer than this is one that figures are told of: what happened in a month may as well be an event.
MONTH = 31
YEAR = 364
# Days by which two months differ.
UNEQUAL = 3
# Characters before a paragraph in which an article without a date may have told the year.
EARLIER = 2000
# A week or month that is named by where it lies to today.
_relative_unit = re.compile("[本这上下]个?(?:月|周|星期)")
# Words that ask for what is aimed at.
_aims = re.compile("目标|计划|预计|预期|力争|规划|打算|有望|将")
# Levels of which the time named last is the nearest to the answer.
BEFORE = frozenset(("ahead", "before", "context", "earlier"))
AHEAD = frozenset(("ahead", "clause", "before"))
IN_SENTENCE = frozenset(("ahead", "clause", "before", "after"))


class Relation(StrEnum):
    """How the time of the evidence lies to the asked one; `contained` is inside it, `containing` the reverse."""

    MET = "met"
    CONTAINED = "contained"
    CONTAINING = "containing"
    OVERLAPPING = "overlapping"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stated:
    """A time with its words; `dated` is False where an article without a date says 今年 and its year is only assumed."""

    when: When
    words: str
    dated: bool = True

    @property
    def is_day(self) -> bool:
        """Tell whether it is a day, or the few of an event."""
        return _is_day(self.when)

    @property
    def is_point(self) -> bool:
        """Tell whether a count stands at its end, not over it: 截至9月, 2023年底, 目前."""
        return self.when.kind in ("until", "now") or self.words[-1:] in ("底", "末")

    @property
    def is_in_force(self) -> bool:
        """Tell whether what is said holds from that day on: 自1月1日起, but not what was counted 2019年以来."""
        return self.when.kind == "since" and self.words[-1:] == "起"


def relation(asked: Stated, stated: Stated, today: date) -> Relation:
    """Return how a stated time lies to the asked one; what is asked of a year that still runs is its part so far."""
    if not _known(asked.when) or not _known(stated.when):
        return Relation.UNKNOWN
    a, b = _ends(asked.when)
    first, last = _ends(stated.when)
    running = b >= today and "全年" not in asked.words
    if stated.is_in_force:
        return Relation.MET if first <= b else Relation.OTHER
    if stated.is_point and (a <= last <= b or first <= b <= last):
        return Relation.MET if b <= last or running else Relation.CONTAINED
    same_end = asked.when.kind == "until" and b == last
    same_start = asked.when.kind == stated.when.kind == "since" and a == first
    if (a, b) == (first, last) or same_end or same_start or (running and first == a and last <= b):
        return Relation.MET
    if a <= first and last <= b:
        return Relation.CONTAINED
    if first <= a and b <= last:
        return Relation.CONTAINING
    return Relation.OVERLAPPING if first <= b and a <= last else Relation.OTHER


def holds(query: Query, stated: Stated) -> bool:
    """Tell whether what is stated for a time answers for the asked one: a figure for its own time alone."""
    asked = _asked_time(query)
    if asked is None:
        return True
    found = relation(asked, stated, query.today)
    if query.type is not AnswerType.NUMBER:
        return found not in (Relation.OTHER, Relation.UNKNOWN)
    if _is_mere_aim(query, asked, stated) or _is_fiscal(asked, stated):
        return False
    if found is Relation.CONTAINED:
        brief = _length(stated.when) <= MONTH and not query.measure
        return stated.is_day or stated.is_point or brief
    return found is Relation.MET


def is_shift(query: Query, stated: Stated) -> bool:
    """Tell whether a time is the asked one of an earlier year: 2024年前三季度 where 今年前三季度 was asked."""
    asked = _asked_time(query)
    if asked is None or not stated.dated:
        return False
    (a, b), (first, last) = _ends(asked.when), _ends(stated.when)
    if last >= a or (query.type is AnswerType.NUMBER and _is_mere_aim(query, asked, stated)):
        return False
    if query.type is not AnswerType.NUMBER or (stated.is_point and _length(asked.when) >= YEAR):
        return True
    if _relative_unit.search(asked.words):
        return abs(_length(asked.when) - _length(stated.when)) <= UNEQUAL
    same_end = (last.month, last.day) == (b.month, b.day)
    if asked.is_day and stated.is_day:
        return same_end
    return (first.month, first.day) == (a.month, a.day) and (same_end or b >= query.today)


def is_covered(query: Query, scene: Scene) -> bool:
    """Tell whether what holds for the answer shares a day with the asked time."""
    asked = _asked_time(query)
    if asked is None:
        return True
    times = (one for one in governing(scene, asked.when) if one.dated)
    apart = (Relation.OTHER, Relation.UNKNOWN)
    return any(relation(asked, one, query.today) not in apart for one in times)


def governing(scene: Scene, asked: When) -> tuple[Stated, ...]:
    """Return the times that hold for the answer: those named nearest, of days the nearest day.

    Where periods (2023年) and days (3月28日) stand together, the day is that of the announcement; who asks for a day asks
    for that. What is only compared with (较2022年末) counts for the number right behind it alone.
    """
    if one := respective_time(scene):
        return (Stated(one, ""),)
    by_day = _is_day(asked)
    levels = list(_levels(scene, asked))
    if by_day and any(one.is_day for _, found in levels for one in found):
        levels = [(name, [one for one in found if one.is_day]) for name, found in levels]
    for name, found in levels:
        if found:
            chosen = [one for one in found if one.is_day is by_day] or found
            return (chosen[-1],) if name in BEFORE else tuple(chosen)
    return ()


def stated_in_sentence(scene: Scene, asked: When) -> tuple[Stated, ...]:
    """Return the times that the answer's sentence names."""
    return tuple(one for name, found in _levels(scene, asked) if name in IN_SENTENCE for one in found)


def is_of_that_day(scene: Scene, asked: When) -> bool:
    """Tell whether the article came out on the asked day and its sentence names no other."""
    day = published(scene.article)
    if day is None or not _is_day(asked) or not (asked.first or day) <= day <= (asked.last or day):
        return False
    near = (found for name, found in _levels(scene, asked) if name in AHEAD)
    return not any(one.is_day for found in near for one in found)


def _levels(scene: Scene, asked: When) -> Iterator[tuple[str, list[Stated]]]:
    """Yield the times around the answer, from near to far.

    Without a date of its own an article dates them by what it said before.
    """
    answer, clause, sentence = scene.candidate.span, scene.clause, scene.sentence
    block = next(b for b in scene.article.blocks if b.start <= answer.start < b.end)
    base = published(scene.article)
    assumed = date((asked.first or asked.last or date.max).year, 12, 31)
    start = block.start if base else max(0, block.start - EARLIER)
    named = _times(scene.article.text[start : block.end], base, assumed)
    times = [_moved(one, start) for one in named if one.when.start + start >= block.start]
    near = scene.context[0].start if scene.context else sentence.start

    def within(start: int, end: int) -> list[Stated]:
        return [one for one in times if start <= one.when.start < end and one.when.kind != "compared"]

    ahead = [one for one in times if clause.start <= one.when.start and one.when.end <= answer.start]
    yield (
        "ahead",
        [one for one in ahead if one.when.kind != "compared" or answer.start - one.when.end <= BEHIND],
    )
    yield "clause", within(clause.start, clause.end)
    yield "before", within(sentence.start, clause.start)
    yield "context", within(near, sentence.start)
    yield "after", within(clause.end, sentence.end)
    yield "earlier", within(block.start, near)
    for name in ("above", "lead"):
        found = _times(scene.texts[name].text, base, assumed)
        yield name, [one for one in found if one.when.kind != "compared"]


def _times(text: str, base: date | None, assumed: date) -> list[Stated]:
    """Return the times that a text names; where only a base could date them and there is none, as of the assumed day."""
    said = annotate(text)
    found = said.whens(base)
    again = said.whens(assumed) if base is None else found
    stated = (
        Stated(when if _known(when) else other, text[when.start : when.end], _known(when))
        for when, other in zip(found, again, strict=True)
    )
    return [one for one in stated if one.when.kind not in ("title", "vague") and _known(one.when)]


def _moved(one: Stated, by: int) -> Stated:
    return replace(one, when=replace(one.when, start=one.when.start + by, end=one.when.end + by))


def _asked_time(query: Query) -> Stated | None:
    asked = query.period
    return None if asked is None else Stated(asked, query.text[asked.start : asked.end])


def _known(when: When) -> bool:
    return when.first is not None or when.last is not None


def _is_day(when: When) -> bool:
    return when.first is not None and when.last is not None and _length(when) <= DAYS


def _length(when: When) -> int:
    first, last = _ends(when)
    return (last - first).days


def _ends(when: When) -> tuple[date, date]:
    """Return the first and last day; what is open reaches as far as the calendar."""
    return when.first or date.min, when.last or date.max


def _is_mere_aim(query: Query, asked: Stated, stated: Stated) -> bool:
    """Tell whether a number is aimed at for a period of which the figure was asked: 力争全年突破4300亿元.

    A day or month of which it is said that something will happen (将于8月8日标售) is no aim.
    """
    if stated.when.kind != "target" or _length(stated.when) <= MONTH:
        return False
    wanted = asked.when.kind == "target" or _aims.search(query.text) is not None
    return not wanted and (asked.when.first or date.min) <= query.today


def _is_fiscal(asked: Stated, stated: Stated) -> bool:
    """Tell whether one of the two is a financial year and the other one of the calendar; 2021－2022年 may be either."""
    return ("财" in asked.words) != ("财" in stated.words) and _length(asked.when) <= YEAR + UNEQUAL
