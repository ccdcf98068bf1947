"""Dates and periods as annotations on a text: what they say, and the days they span.

>>> [found] = whens("截至2023年底，成都市共建成移动通信基站约15.96万个")
>>> found.kind, found.last
('until', datetime.date(2023, 12, 31))
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.text.characters import fold
from rag.text.holiday import NAMES, holiday
from rag.text.numeral import digits, numeral
from rag.text.outlook import OUTLOOK

__all__ = ["RELATIVE_YEAR", "When", "as_of", "overlaps", "whens", "years"]


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


Days = tuple[date | None, date | None]
UNKNOWN: Days = (None, None)
RELATIVE_YEARS = {"今年": 0, "本年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1, "后年": 2}
# The same words as the inside of a regular expression.
RELATIVE_YEAR = "|".join(RELATIVE_YEARS)
RELATIVE_MONTHS = {"本月": 0, "这个月": 0, "上月": -1, "上个月": -1, "下月": 1, "下个月": 1}
RELATIVE_DAYS = {
    "今天": 0,
    "今日": 0,
    "昨天": -1,
    "昨日": -1,
    "昨晚": -1,
    "前天": -2,
    "明天": 1,
    "明日": 1,
    "今晚": 0,
}
RELATIVE_WEEKS = {"本周": 0, "这周": 0, "上周": -1, "下周": 1}
EDGES = {"初": (1, 1), "中": (6, 7), "底": (12, 12), "末": (12, 12)}
THIRDS = {"初": (1, 10), "上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (21, 31), "末": (21, 31)}
# A month or day without a year that would lie further ahead than this is one of the past year.
AHEAD = timedelta(days=60)
# The first five-year plan for which five years is a rule: the third, from 1966.
THIRD_PLAN = 1966

_year = r"(?:1[0-9]|20|21)\d\d"
_han = "[〇零一二三四五六七八九]"
_month = r"(?:1[0-2]|0?[1-9])(?!\d)|十[一二]?|[一二三四五六七八九]"
_day = r"(?:[12]\d|3[01]|0?[1-9])(?!\d)|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"
_count = r"\d{1,2}|[一二两三四五六七八九十]{1,2}"
_join = r"\s?[-—–~至到]\s?"
_within = rf"""(?:
      (?P<low>{_month})\s?月?(?:份)?{_join}(?P<high>{_month})\s?月(?:份)?(?!\s?\d{{1,2}}\s?[日号])
    | (?P<month>{_month})\s?月(?!球|亮|饼|经|子)(?:份)?(?:(?P<third>上旬|中旬|下旬|底|末|初)|\s?(?P<day>{_day})\s?[日号])?
    | 前(?P<quarters>[一二两三123])个?季度? | 第?(?P<quarter>[一二三四1-4])季度 | q(?P<q>[1-4])(?![a-z0-9]) | (?P<opening>首季度?)
    | (?P<holiday>{NAMES})节?(?!路|街|上河|晚会|联欢|档|文化|献礼|桥|镇|村|月)(?:假期|黄金周|小?长假|期间|当天)*
    | 前(?P<months>{_count})个?月 | (?P<half>[上下]半年|全年) | 年?(?P<edge>[底末初](?!步|期|级|次|心|中|始)|中(?=[，,。；;、）)]|$))
    )"""
_point = re.compile(
    rf"""
      (?P<iso>(?P<iy>{_year})([-/.])(?P<im>0?[1-9]|1[0-2])\3(?P<id>[12]\d|3[01]|0?[1-9])(?![\d.]))
    | (?P<ylow>{_year}){_join}(?P<yhigh>{_year}|\d\d)\s?年度?
    | (?:(?P<year>{_year}|[一二]{_han}{{3}})\s?(?:财政?|学)?年度?|(?P<relyear>(?!本年(?!度)|前年同)(?:{RELATIVE_YEAR})(?:(?<=本年)度)?))
      (?:\s?{_within})?
    | [“"]?(?P<plan>[一二三四五六七八九十]{{1,3}})五[”"]?(?P<planwords>期间|时期|规划|以来|末|期末|开局)
    | [“"](?P<planquoted>[一二三四五六七八九十]{{1,3}})五[”"]
    | (?:(?P<century>\d\d)|(?P<lastcentury>上个?))\s?世纪\s?(?:(?P<decade>\d0|[二三四五六七八九]十)\s?年代)?
    | (?P<relmonth>本月|这个月|上个?月|下个?月)(?!球)(?P<relthird>上旬|中旬|下旬|底|末|初)?(?:\s?(?P<relday>{_day})\s?[日号])?
    | (?P<reldayword>今[天日晚]|昨[天日晚]|前天|明[天日])
    | (?P<relweek>[本这上下])(?:个?(?:周|星期))(?P<weekday>[一二三四五六日天])?
    | (?P<span>近|最近|过去|未来|今后)的?(?P<spancount>{_count})个?(?P<spanunit>年|月|周|天|日)(?P<spanend>来|间|内)?
    | (?P<now>目前为止|迄今为止|迄今|至今(?![日天年晚])|目前|现在|当前|眼下|(?<!例)如今|现阶段)
    | (?P<vague>近年来?|近几年来?|多年来|近期|近日|日前(?!往)|最近|此前|不久前|近来|前不久|这些年)
    | {_within.replace("?P<", "?P<b_").replace("年?(?P<b_edge>", "年(?P<b_edge>")}
    | (?P<dlow>{_day}){_join}(?P<dhigh>{_day})\s?日(?![内均游本元益报程])
    | (?P<bareday>\d{{1,2}})\s?日(?![内均游本元益报程])
    """,
    re.VERBOSE,
)
_trigger = re.compile(
    '[0-9一二三四五六七八九十今本去上下前明后昨这近最过未目迄至现当眼如多日此不第首全年q“"]|春(?=节)|元(?=旦)|清(?=明)|端(?=午)|中(?=秋)|国(?=庆)|劳(?=动节)'
)
_joint = re.compile(_join)
_named_year = re.compile(
    rf"(?<![\d.])({_year})(?:{_join}({_year}))?(?=\s?(?:年|财年|学年)|([-/.])\d{{1,2}}\3\d)|([一二]{_han}{{3}})(?=年)"
)
_until = re.compile(r"(?:截至到?|截止到?|截至)\s?$")
_toward = re.compile(
    rf"(?:{OUTLOOK}|确保|将[于在]|拟[于在])到?(?:[^\s，。；,;]{{0,3}})$|(?:^|[^\d年月日达看直得受感遇谈提来回])[到至]\s?$"
)
_from = re.compile(r"(?:自从?|从)\s?$")
_than = re.compile(r"(?:比|较|相比|相较于?|对比|[与同](?=$))\s?$")
_since = re.compile("以来|起(?![到来点源草])|至今|后(?=，)|之后")
_same_period = re.compile("的?(?:同期|同日|同月|同季)|相比|的?水平")
_title = re.compile("《[^《》\n]{1,80}》")


def whens(text: str, base: date | None = None) -> list[When]:
    """Return the dates and periods of `text` in order; 今年, 上月 or 11月12日 take their year from `base`.

    Without a base they have no days. A period's end may share the year of its beginning: 8月16日至18日.
    """
    plain = fold(text)
    titles = [match.span() for match in _title.finditer(plain)]
    found = list(_joined(plain, _points(plain, base), base))
    return [_placed(plain, when, titles, base) for when in found]


def overlaps(a: When, b: When) -> bool:
    """Say whether two periods share a day; an unknown end is open, and without any known day the answer is no."""
    if (a.first, a.last) == UNKNOWN or (b.first, b.last) == UNKNOWN:
        return False
    return (a.first or date.min) <= (b.last or date.max) and (b.first or date.min) <= (a.last or date.max)


def years(text: str) -> tuple[int, ...]:
    """Return the years that `text` names with four digits, each once, in order."""
    named = [word for match in _named_year.finditer(fold(text)) for word in match.group(1, 2, 4) if word]
    return tuple(dict.fromkeys(int(word) if word.isdecimal() else digits(word) or 0 for word in named))


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
    while trigger := _trigger.search(plain, position):
        at = trigger.start()
        match = _point.match(plain, at)
        if not match or _part_of_a_number(plain, at, match):
            position = _skip_digits(plain, at)
            continue
        position = match.end()
        first, last = _days(match, base)
        kind = "now" if match["now"] else "vague" if match["vague"] else "at"
        literal = bool(
            match["iso"] or match["year"] or match["yhigh"] or match["plan"] or match["planquoted"]
        )
        yield When(at, match.end(), first, last, kind, literal), match


def _part_of_a_number(plain: str, at: int, match: re.Match[str]) -> bool:
    before = plain[at - 1 : at]
    if plain[at].isdecimal():
        return bool(re.search(r"[\d.][-/.:]?$|[a-z][-]?$", plain[max(0, at - 2) : at])) and not match["iso"]
    return (before != "" and before in "一二三四五六七八九十百千万亿几数每第") and plain[
        at
    ] in "一二三四五六七八九十年"


def _skip_digits(plain: str, at: int) -> int:
    end = at + 1
    while end < len(plain) and plain[at].isdecimal() and plain[end].isdecimal():
        end += 1
    return end


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else int(numeral(word) or 0)


def _make(year: int, month: int, day: int) -> date | None:
    """Return the day, None if there is none such (2月30日)."""
    return date(year, month, day) if 1 <= day <= monthrange(year, month)[1] else None


def _months(year: int, first: int, last: int) -> Days:
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def _days(match: re.Match[str], base: date | None) -> Days:
    """Return the days that a match spans."""
    part = {name: word for name, word in match.groupdict().items() if word}
    if "iso" in part:
        day = _make(int(part["iy"]), int(part["im"]), int(part["id"]))
        return day, day
    if "yhigh" in part:
        high = part["yhigh"] if len(part["yhigh"]) == 4 else part["ylow"][:2] + part["yhigh"]
        return (date(int(part["ylow"]), 1, 1), date(int(high), 12, 31)) if high >= part["ylow"] else UNKNOWN
    if "year" in part:
        year = int(part["year"]) if part["year"].isdecimal() else digits(part["year"]) or 0
        return _inside(year, part, "")
    if plan := part.get("plan") or part.get("planquoted"):
        return _plan(plan)
    if "century" in part or "lastcentury" in part:
        return _decade(part)
    if base is None:
        return UNKNOWN
    try:
        return _relative(part, base)
    except (ValueError, OverflowError):  # beyond the calendar: 去年 said in the year 1
        return UNKNOWN


def _plan(word: str) -> Days:
    number = _number(word)
    first = THIRD_PLAN + 5 * (number - 3)
    return (date(first, 1, 1), date(first + 4, 12, 31)) if 3 <= number <= 30 else UNKNOWN


def _decade(part: dict[str, str]) -> Days:
    century = int(part.get("century", "20"))
    if not 10 <= century <= 30:
        return UNKNOWN
    if "decade" not in part:
        return date(century * 100 - 99, 1, 1), date(century * 100, 12, 31)
    first = century * 100 - 100 + _number(part["decade"])
    return date(first, 1, 1), date(first + 9, 12, 31)


def _inside(year: int, part: dict[str, str], bare: str) -> Days:
    """Return the days of a year's part: a month, quarter, half, …; the whole year if none is named."""
    get = {name.removeprefix(bare): word for name, word in part.items() if name.startswith(bare)}
    if "low" in get:
        low, high = _number(get["low"]), _number(get["high"])
        return _months(year, low, high) if low <= high else UNKNOWN
    if "month" in get:
        return _in_month(year, _number(get["month"]), get.get("day"), get.get("third"))
    if "holiday" in get:
        return holiday(get["holiday"], year)
    if "quarters" in get:
        return _months(year, 1, 3 * _number(get["quarters"]))
    if number := get.get("quarter") or get.get("q") or ("1" if "opening" in get else ""):
        return _months(year, 3 * _number(number) - 2, 3 * _number(number))
    if "months" in get:
        return _months(year, 1, min(12, max(1, _number(get["months"]))))
    if "half" in get:
        return _months(year, 7 if get["half"][0] == "下" else 1, 6 if get["half"][0] == "上" else 12)
    return _months(year, *EDGES[get["edge"]]) if "edge" in get else _months(year, 1, 12)


def _in_month(year: int, month: int, day: str | None, third: str | None) -> Days:
    whole = _months(year, month, month)
    if day:
        exact = _make(year, month, _number(day))
        return exact, exact
    if third and whole[1]:
        low, high = THIRDS[third]
        return date(year, month, low), date(year, month, min(high, whole[1].day))
    return whole


def _relative(part: dict[str, str], base: date) -> Days:
    """Return the days of words that only a base can date."""
    if "relyear" in part:
        return _inside(base.year + RELATIVE_YEARS[part["relyear"][:2]], part, "")
    if "relmonth" in part:
        months = base.year * 12 + base.month - 1 + RELATIVE_MONTHS[part["relmonth"]]
        return _in_month(months // 12, months % 12 + 1, part.get("relday"), part.get("relthird"))
    if "reldayword" in part:
        day = base + timedelta(days=RELATIVE_DAYS[part["reldayword"]])
        return day, day
    if "relweek" in part:
        return _week(part, base)
    if "span" in part:
        return _span(part, base)
    if "now" in part:
        return base, base
    if "vague" in part:
        return UNKNOWN
    return _bare(part, base)


def _week(part: dict[str, str], base: date) -> Days:
    monday = base + timedelta(days=7 * RELATIVE_WEEKS[part["relweek"] + "周"] - base.weekday())
    if "weekday" not in part:
        return monday, monday + timedelta(days=6)
    day = monday + timedelta(days="一二三四五六日".find(part["weekday"].replace("天", "日")))
    return day, day


def _span(part: dict[str, str], base: date) -> Days:
    """Return 近三年 as the three years that end at the base, 未来五年 as the five that begin there."""
    days = timedelta(
        days=_number(part["spancount"]) * {"年": 365, "月": 30, "周": 7}.get(part["spanunit"], 1)
    )
    return (base, base + days) if part["span"] in ("未来", "今后") else (base - days, base)


def _bare(part: dict[str, str], base: date) -> Days:
    """Return the days of a month or day without a year: the nearest that is not far ahead of the base."""
    if "bareday" in part or "dhigh" in part:
        low, high = (part.get("dlow") or part["bareday"]), (part.get("dhigh") or part["bareday"])
        ahead = _number(low) > base.day + AHEAD.days // 6
        months = base.year * 12 + base.month - 1 - ahead
        year, month = months // 12, months % 12 + 1
        return _make(year, month, _number(low)), _make(year, month, _number(high))
    days = _inside(base.year, part, "b_")
    return (
        _inside(base.year - 1, part, "b_") if days[0] and days[0] > base + AHEAD and base.year > 1 else days
    )


def _joined(plain: str, points: Iterator[tuple[When, re.Match[str]]], base: date | None) -> Iterator[When]:
    """Join the ends of a period, and give a later day the year and month of the one before it."""
    last: When | None = None
    for when, match in points:
        if last and _joint.fullmatch(plain, last.end, when.start) and "now" not in (last.kind, when.kind):
            days = _later(last, match, base) if last.first else when.last
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


def _later(first: When, match: re.Match[str], base: date | None) -> date | None:
    """Return the last day of a period whose end may leave out its year and month."""
    if first.first is None:
        return None
    anchor = first.first
    if day := match["bareday"]:
        return _make(anchor.year, anchor.month, int(day))
    if match["b_month"]:
        return _in_month(anchor.year, _number(match["b_month"]), match["b_day"], match["b_third"])[1]
    return _days(match, base)[1]


def _placed(plain: str, when: When, titles: list[tuple[int, int]], base: date | None) -> When:
    """Return the period with its kind, which the words around it tell, and those that belong to it."""
    if any(start <= when.start < end for start, end in titles):
        return replace(when, kind="title")
    window = plain[max(0, when.start - 8) : when.start]
    if until := _until.search(window):
        return replace(when, start=when.start - len(window) + until.start(), kind="until")
    if when.kind != "at" or _joint.search(plain, when.start + 1, when.end):
        return when
    if (same := _same_period.match(plain, when.end)) or _than.search(window):
        return replace(when, end=same.end() if same else when.end, kind="compared")
    if (since := _since.match(plain, when.end)) or _from.search(window):
        open_end = base if base and when.first and base >= when.first else None
        return replace(when, end=since.end() if since else when.end, last=open_end, kind="since")
    if toward := _toward.search(window):
        past = base is not None and when.last is not None and when.last <= base
        start = when.start - 1 if toward[0].endswith(("到", "至")) else when.start
        return replace(when, start=start, kind="until" if past else "target")
    return when
