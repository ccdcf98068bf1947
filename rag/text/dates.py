"""Dates and periods as annotations on a text: what they say, and the days they span.

>>> [found] = whens("截至2023年底，成都市共建成移动通信基站约15.96万个")
>>> found.kind, found.last
('until', datetime.date(2023, 12, 31))
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from rag.text.characters import fold
from rag.text.time_words import CLOCK, JOINT, OUTLOOK, POINT, UNKNOWN, Days, anchored, days_of, is_bare, later

__all__ = ["When", "as_of", "overlaps", "whens"]


@dataclass(frozen=True, slots=True)
class When:
    """A date or period; `first` and `last` are inclusive, None where the text and the base do not tell them.

    `kind`: at · until (截至2023年底) · since (2019年以来) · target (到2026年, 力争2026年) · now (目前) · vague (近年来) ·
    compared (较2022年, 去年同期) · title (《2023年…报告》). `literal` says that no base was needed to know the days.
    """

    start: int
    end: int
    first: date | None
    last: date | None
    kind: str
    literal: bool


# A time no longer than a quarter tells the year of what is said after it.
QUARTER = 92
# Characters within which it stands, and those of a title.
FAR, TITLE = 200, 80

_trigger = re.compile(
    '[0-9一二三四五六七八九十今本去上下前明后昨这近最过未目迄至现当眼如多日此不第首全年q“"]|春(?=节)|元(?=旦)|清(?=明)|端(?=午)|中(?=秋)|国(?=庆)|劳(?=动节)'
)
_until = re.compile(r"(?:截至到?|截止到?|截至)\s?$")
_toward = re.compile(
    rf"(?:{OUTLOOK}|确保|将[于在]|拟[于在])到?(?:[^\s，。；,;]{{0,3}})$|(?:^|[^\d年月日达看直得受感遇谈提来回])[到至]\s?$"
)
_from = re.compile(r"(?:自从?|从)\s?$")
_sentence_end = re.compile("[。！？\n]")
_inside_it = re.compile("其中，?|[当同该]年，?$")
_than = re.compile(r"(?:比|较|相比|相较于?|对比|[与同](?=$))\s?$")
_since = re.compile("以来|起(?![到来点源草航飞降跑步动舞身诉火爆])|至今|后(?=，)|之后")
_same_period = re.compile("的?(?:同期|同日|同月|同季)|相比|的?水平")
_title = re.compile("《[^《》\n]{1,80}》")


def whens(text: str, base: date | None = None) -> list[When]:
    """Return the dates and periods of `text` in order; 今年, 上月 or 11月12日 take their year from `base`.

    Without a base they have no days. A period's end may share the year of its beginning: 8月16日至18日.
    """
    plain = fold(text)
    titles = [match.span() for match in _title.finditer(plain)]
    placed = [_placed(plain, when, titles, base) for when in _joined(plain, _points(plain, base), base)]
    ends = [0, *(when.end for when in placed)]
    return [when for when, before in zip(placed, ends, strict=False) if when.start >= before]


def overlaps(a: When, b: When) -> bool:
    """Say whether two periods share a day; an unknown end is open, and without any known day the answer is no."""
    if (a.first, a.last) == UNKNOWN or (b.first, b.last) == UNKNOWN:
        return False
    return (a.first or date.min) <= (b.last or date.max) and (b.first or date.min) <= (a.last or date.max)


def as_of(text: str, at: int | None = None) -> str:
    """Return the words that date what the sentence `text` states (截至2023年底), "" if none do.

    A cut-off date is taken before a dated period, this before a month or day alone, this before 目前; of equals the
    longest, then the first. What is compared with (较2022年), the year in a title and vague words date nothing. With
    `at`, dates that stand behind that offset are only taken if none stands before.
    """
    dated = [(rank, when) for when in whens(text) if (rank := _rank(text, when))]
    before = [pair for pair in dated if at is None or pair[1].start <= at]
    best = max(
        before or dated, key=lambda pair: (pair[0], pair[1].end - pair[1].start, -pair[1].start), default=None
    )
    return text[best[1].start : best[1].end] if best else ""


def _rank(text: str, when: When) -> int:
    if when.kind in ("compared", "title", "vague"):
        return 0
    if when.kind == "now":
        return 1
    if when.kind == "until":
        return 4
    return 3 if "年" in text[when.start : when.end] or when.literal else 2


def _points(plain: str, base: date | None) -> Iterator[tuple[When, re.Match[str]]]:
    position = 0
    anchor: When | None = None
    while trigger := _trigger.search(plain, position):
        at = trigger.start()
        match = POINT.match(plain, at)
        if not match or _part_of_a_number(plain, at, match):
            position = _skip_digits(plain, at)
            continue
        position = _with_clock(plain, match)
        days = days_of(match, base)
        if anchor and is_bare(match) and _carries(plain, anchor, at, base):
            days = _anchored(match, anchor) or days
        first, last = days
        kind = "now" if match["now"] else "vague" if match["vague"] else "at"
        literal = any(match[name] for name in ("iso", "year", "yhigh", "shigh", "plan", "planquoted"))
        when = When(at, position, first, last, kind, literal)
        anchor = when if _can_carry(plain, when, match, anchor) else anchor
        yield when, match


def _can_carry(plain: str, when: When, match: re.Match[str], anchor: When | None) -> bool:
    """Say whether what comes after a time may leave out its year: not after 较2022年, 力争2026年 or 《2023年报告》."""
    if when.first is None or when.last is None or when.first.year != when.last.year:
        return False
    window = plain[max(0, when.start - 8) : when.start]
    if _than.search(window) or _toward.search(window) or _same_period.match(plain, when.end):
        return False
    near = max(0, when.start - TITLE)
    if plain.rfind("《", near, when.start) > plain.rfind("》", near, when.start):
        return False
    return bool(match["year"] or match["iso"]) or (anchor is not None and is_bare(match))


def _carries(plain: str, anchor: When, at: int, base: date | None) -> bool:
    """Say whether a bare month or day at `at` is one of the anchor's year.

    Without a base any earlier year will do. With one, only a month or day of the same sentence (2023年7月…8月), for the
    year of a report and the day it came out are two things, or a year whose part it is said to be (其中1月).
    """
    if base is None:
        return True
    if (
        at - anchor.end > FAR
        or _sentence_end.search(plain, anchor.end, at)
        or anchor.first is None
        or anchor.last is None
    ):
        return False
    return (anchor.last - anchor.first).days < QUARTER or bool(_inside_it.search(plain[max(0, at - 4) : at]))


def _anchored(match: re.Match[str], anchor: When) -> Days | None:
    return anchored(match, anchor.first, anchor.last) if anchor.first and anchor.last else None


def _with_clock(plain: str, match: re.Match[str]) -> int:
    """Return where a time ends with the hour of its day: 10月1日[8时], 昨天[上午]."""
    ended = plain[match.end() - 1]
    day = match["reldayword"] or match["iso"] or match["weekday"] or ended in "日号"
    found = CLOCK.match(plain, match.end()) if day else None
    return found.end() if found else match.end()


def _part_of_a_number(plain: str, at: int, match: re.Match[str]) -> bool:
    before = plain[at - 1 : at]
    if plain[at].isdecimal():
        if match["year"] and before == ".":  # 3.2016年: the third item of a list
            return False
        return bool(re.search(r"[\d.][-/.:]?$|[a-z][-]?$", plain[max(0, at - 2) : at])) and not match["iso"]
    return (before != "" and before in "一二三四五六七八九十百千万亿几数每第") and plain[
        at
    ] in "一二三四五六七八九十年"


def _skip_digits(plain: str, at: int) -> int:
    end = at + 1
    while end < len(plain) and plain[at].isdecimal() and plain[end].isdecimal():
        end += 1
    return end


def _joined(plain: str, points: Iterator[tuple[When, re.Match[str]]], base: date | None) -> Iterator[When]:
    """Join the ends of a period, and give a later day the year and month of the one before it."""
    last: When | None = None
    for when, match in points:
        if last and JOINT.fullmatch(plain, last.end, when.start) and "now" not in (last.kind, when.kind):
            days = later(last.first, match, base) if last.first else when.last
            last = (
                replace(last, end=when.end, last=days)
                if days is None or not last.first or days >= last.first
                else last
            )
            continue
        if last:
            yield last
        last = when
    if last:
        yield last


def _placed(plain: str, when: When, titles: list[tuple[int, int]], base: date | None) -> When:
    """Return the period with its kind, which the words around it tell, and those that belong to it."""
    if any(start <= when.start < end for start, end in titles):
        return replace(when, kind="title")
    window = plain[max(0, when.start - 8) : when.start]
    if until := _until.search(window):
        return replace(when, start=when.start - len(window) + until.start(), kind="until")
    if when.kind != "at" or JOINT.search(plain, when.start + 1, when.end):
        return when
    since = _since.match(plain, when.end)
    if (same := _same_period.match(plain, when.end)) or _than.search(window):
        longer = same or since
        return replace(when, end=longer.end() if longer else when.end, kind="compared")
    if since or _from.search(window):
        open_end = base if base and when.first and base >= when.first else None
        return replace(when, end=since.end() if since else when.end, last=open_end, kind="since")
    if toward := _toward.search(window):
        past = base is not None and when.last is not None and when.last <= base
        start = when.start - 1 if toward[0].endswith(("到", "至")) else when.start
        return replace(when, start=start, kind="until" if past else "target")
    return when
