"""Words of time: what they look like, and the days they span.

A month or day that names no year has the nearest days not far ahead of a base: the day the text was published.
"""

import re
from calendar import monthrange
from datetime import date, timedelta

from rag.text.characters import fold
from rag.text.holiday import NAMES, holiday
from rag.text.numeral import digits, numeral

__all__ = [
    "AIM",
    "CLOCK",
    "FORECAST",
    "JOINT",
    "OUTLOOK",
    "POINT",
    "RELATIVE_YEAR",
    "UNKNOWN",
    "Days",
    "anchored",
    "clocks",
    "days_of",
    "is_bare",
    "later",
    "years",
]

# Words that make what is said an aim or a forecast, no fact; each the inside of a regular expression.
AIM = "力争|计划(?![0-9值数额，。；、）)]|单列|生育|经济)|目标|有望|规划|争取|预期"
FORECAST = "预计|预测|料将|估计"
OUTLOOK = f"{AIM}|{FORECAST}"

Days = tuple[date | None, date | None]
UNKNOWN: Days = (None, None)
RELATIVE_YEARS = {"今年": 0, "本年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1, "后年": 2}
# The same words as the inside of a regular expression.
RELATIVE_YEAR = "|".join(RELATIVE_YEARS)
RELATIVE_MONTHS = {"本月": 0, "这个月": 0, "上月": -1, "上个月": -1, "下月": 1, "下个月": 1}
RELATIVE_DAYS = {"今": 0, "昨": -1, "前": -2, "明": 1}
RELATIVE_WEEKS = {"本周": 0, "这周": 0, "上周": -1, "下周": 1}
EDGES = {"初": (1, 1), "中": (6, 7), "底": (12, 12), "末": (12, 12)}
THIRDS = {"初": (1, 10), "上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (21, 31), "末": (21, 31)}
# A month or day without a year that would lie further ahead than this is one of the past year.
AHEAD = timedelta(days=60)
# The month up to which last year is reported on, and the characters around a time that may make it an aim.
REPORTED, NEAR = 3, 8
_outlook = re.compile(OUTLOOK)
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
    | (?P<rangemonth>{_month})\s?月\s?(?P<rangefrom>{_day}){_join}(?P<rangeto>{_day})\s?[日号]
    | (?P<month>{_month})\s?月(?!球|亮|饼|经|子)(?:份)?(?:(?P<third>上旬|中旬|下旬|底|末|初)|\s?(?P<day>{_day})\s?[日号])?
    | 前(?P<quarters>[一二两三123])个?季度? | 第?(?P<quarter>[一二三四1-4])季度(?P<quarterend>末)? | q(?P<q>[1-4])(?![a-z0-9]) | (?P<opening>首季度?)
    | (?P<holiday>{NAMES})节?(?!路|街|上河|晚会|联欢|档|文化|献礼|桥|镇|村|月)(?:假期|黄金周|小?长假|期间|当天)*
    | 前(?P<months>{_count})个?月 | (?P<half>[上下]半年|全年) | 年?(?P<edge>[底末初](?!步|期|级|次|心|中|始)|中(?=[，,。；;、）)]|$))
    )"""
# 23年底 and 23年6月 are of this century or the last; 近10年上半年 is no date.
_short = r"(?<![近第满历过前后这])\d\d(?=\s?年(?:年?[底末初]|\s?\d{1,2}\s?月|[上下]半年|第?[一二三四]季|前[一二三]季))"
_part_of_day = (
    "(?:凌晨|清晨|早晨|早上|早间|上午|中午|正午|午间|下午|午后|傍晚|晚间|晚上|夜间|夜里|深夜|晚|早|夜)"
)
_minutes = r"(?:\s?\d{1,2}\s?分(?:\s?\d{1,2}\s?秒)?|半|整|钟)?"
_oclock = r"(?:2[0-4]|1\d|0?\d)"
# 3点 alone may be three points of a speech, 一点 a little: behind a part of the day it is an hour.
_hour = rf"""(?:
      {_oclock}:[0-5]\d(?::[0-5]\d)?(?![\d:])
    | {_oclock}\s?时(?![代间段尚差]){_minutes} | {_oclock}\s?点(?=\s?\d{{1,2}}\s?分|[半整钟许左前后起至到开]){_minutes}
    | {_part_of_day}\s?(?:{_oclock}|{_count})\s?[时点](?![代间段尚差]){_minutes} | {_part_of_day}\s?{_oclock}:[0-5]\d(?![\d:])
    | (?:十[一二]?|[一二两三四五六七八九])点[半钟整]
    )(?:许|左右)?"""
_hours = rf"{_hour}(?:{_join}(?:次日|当日|第二天)?\s?{_hour})?"
JOINT = re.compile(_join)
CLOCK = re.compile(rf"\s?(?:{_hours}|{_part_of_day})", re.VERBOSE)
_alone = re.compile(rf"(?<![\d.:]){_hours}", re.VERBOSE)
POINT = re.compile(
    rf"""
      (?P<iso>(?P<iy>{_year})([-/.])(?P<im>0?[1-9]|1[0-2])\3(?P<id>[12]\d|3[01]|0?[1-9])(?![\d.]))
    | (?P<ylow>{_year}){_join}(?P<yhigh>{_year}|\d\d)\s?(?:(?:财政?|学)?年度?|赛季)
    | (?P<slow>{_year})/(?P<shigh>{_year}|\d\d)\s?(?:(?:财政?|学)年度?|赛季)
    | (?:(?P<year>{_year}|[一二]{_han}{{3}}|{_short})\s?(?:财政?|学)?年度?|(?P<relyear>今年|本年度|去年|上年|前年(?!同)|明年|后年))
      (?:\s?{_within})?
    | [“"]?(?P<plan>[一二三四五六七八九十]{{1,3}})五[”"]?(?P<planwords>期间|时期|规划|以来|末|期末|开局)
    | [“"](?P<planquoted>[一二三四五六七八九十]{{1,3}})五[”"]
    | (?:(?P<century>\d\d)|(?P<lastcentury>上个?))\s?世纪\s?(?:(?P<decade>\d0|[二三四五六七八九]十)\s?年代)?
    | (?P<relmonth>本月|这个月|上个?月|下个?月)(?!球)(?P<relthird>上旬|中旬|下旬|底|末|初)?(?:\s?(?P<relday>{_day})\s?[日号])?
    | (?P<reldayword>今[天日晚晨早夜]|昨[天日晚晨夜]|前天(?!气)|明[天日晚晨早])
    | (?P<relweek>[本这上下])(?:个?(?:周|星期))(?P<weekday>[一二三四五六日天])?
    | (?P<span>近|最近|过去|未来|今后)的?(?P<spancount>{_count})个?(?P<spanunit>年|月(?!\s?\d{{1,2}}\s?[日号])|周|天|日)(?P<spanend>来|间|内)?
    | (?P<now>目前为止|迄今为止|迄今|至今(?![日天年晚])|目前|现在|当前|眼下|(?<!例)如今|现阶段)
    | (?P<vague>近年来?|近几年来?|多年来|近期|近日|日前(?!往)|最近|此前|不久前|近来|前不久|这些年)
    | {_within.replace("?P<", "?P<b_").replace("年?(?P<b_edge>", "年(?P<b_edge>")}
    | (?P<dlow>{_day}){_join}(?P<dhigh>{_day})\s?日(?![内均游本元益报程])
    | (?P<bareday>\d{{1,2}})\s?日(?![内均游本元益报程])
    """,
    re.VERBOSE,
)

_named_year = re.compile(
    rf"(?<![\d.])({_year})(?:{_join}({_year}))?(?=\s?(?:年|财年|学年)|([-/.])\d{{1,2}}\3\d)|([一二]{_han}{{3}})(?=年)"
)


def clocks(text: str) -> list[tuple[int, int]]:
    """Return the spans of the times of day that stand without a date: 6:00, 下午4点半, 9时至17时."""
    return [match.span() for match in _alone.finditer(fold(text))]


def years(text: str) -> tuple[int, ...]:
    """Return the years that `text` names with four digits, each once, in order."""
    named = [word for match in _named_year.finditer(fold(text)) for word in match.group(1, 2, 4) if word]
    return tuple(dict.fromkeys(int(word) if word.isdecimal() else digits(word) or 0 for word in named))


def is_bare(match: re.Match[str]) -> bool:
    """Say whether a month or day is named without its year."""
    return match.lastgroup is not None and any(
        match[name] for name in ("b_low", "b_month", "b_rangemonth", "bareday", "dhigh")
    )


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else int(numeral(word) or 0)


def _make(year: int, month: int, day: int) -> date | None:
    """Return the day, None if there is none such (2月30日)."""
    return date(year, month, day) if 1 <= day <= monthrange(year, month)[1] else None


def _months(year: int, first: int, last: int) -> Days:
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def days_of(match: re.Match[str], base: date | None) -> Days:
    """Return the days that a match spans."""
    part = {name: word for name, word in match.groupdict().items() if word}
    if "iso" in part:
        day = _make(int(part["iy"]), int(part["im"]), int(part["id"]))
        return day, day
    if high := part.get("yhigh") or part.get("shigh"):
        low = part.get("ylow") or part["slow"]
        high = high if len(high) == 4 else low[:2] + high
        return (date(int(low), 1, 1), date(int(high), 12, 31)) if high >= low else UNKNOWN
    if "year" in part:
        year = int(part["year"]) if part["year"].isdecimal() else digits(part["year"]) or 0
        return _inside(year if year > 99 else _full_year(year, base), part, "")
    if plan := part.get("plan") or part.get("planquoted"):
        return _plan(plan)
    if "century" in part or "lastcentury" in part:
        return _decade(part)
    if base is None:
        return UNKNOWN
    if part.get("b_half") == "全年" and _is_over(match, base):
        return _months(base.year - 1, 1, 12)
    try:
        return _relative(part, base)
    except (ValueError, OverflowError):  # beyond the calendar: 去年 said in the year 1
        return UNKNOWN


def _is_over(match: re.Match[str], base: date) -> bool:
    """Tell whether 全年 is the year before: what a whole year brought is told in the first months of the next, unless it is an aim."""
    around = match.string[max(0, match.start() - NEAR) : match.end() + NEAR]
    return base.month <= REPORTED and base.year > 1 and _outlook.search(around) is None


def _full_year(short: int, base: date | None) -> int:
    """Return 2023 for 23; a year further ahead than a plan reaches is one of the past century."""
    return 2000 + short if short <= ((base.year - 2000 if base else 30) + 15) % 100 else 1900 + short


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
    if "rangemonth" in get:
        month = _number(get["rangemonth"])
        ends = _make(year, month, _number(get["rangefrom"])), _make(year, month, _number(get["rangeto"]))
        return ends if ends[0] and ends[1] and ends[0] <= ends[1] else UNKNOWN
    if "month" in get:
        return _in_month(year, _number(get["month"]), get.get("day"), get.get("third"))
    if "holiday" in get:
        return holiday(get["holiday"], year)
    if "quarters" in get:
        return _months(year, 1, 3 * _number(get["quarters"]))
    if number := get.get("quarter") or get.get("q") or ("1" if "opening" in get else ""):
        last = 3 * _number(number)
        return _months(year, last if "quarterend" in get else last - 2, last)
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
        day = base + timedelta(days=RELATIVE_DAYS[part["reldayword"][0]])
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


def later(first: date | None, match: re.Match[str], base: date | None) -> date | None:
    """Return the last day of a period that begins at `first` and whose end may leave out its year and month."""
    if first is None:
        return None
    if day := match["bareday"]:
        return _make(first.year, first.month, int(day))
    if match["b_month"]:
        return _in_month(first.year, _number(match["b_month"]), match["b_day"], match["b_third"])[1]
    return days_of(match, base)[1]


def anchored(match: re.Match[str], first: date, last: date) -> Days | None:
    """Return the days of a bare month or day in the year of a time before it; a bare day needs its month, too."""
    part = {name: word for name, word in match.groupdict().items() if word}
    if "bareday" not in part and "dhigh" not in part:
        return _inside(first.year, part, "b_")
    if (first.year, first.month) != (last.year, last.month):
        return None
    low, high = (part.get("dlow") or part["bareday"]), (part.get("dhigh") or part["bareday"])
    return _make(first.year, first.month, _number(low)), _make(first.year, first.month, _number(high))
