"""Public holidays of China: the days they span in a year.

>>> holiday("春节", 2024)
(datetime.date(2024, 2, 9), datetime.date(2024, 2, 17))
"""

from datetime import date, timedelta
from functools import lru_cache

__all__ = ["NAMES", "holiday"]

NAMES = "春节|元旦|清明|五一|劳动节|端午|中秋(?!季)|国庆|十一(?=假期|黄金周|长假)"
FIXED = {"元旦": (1, 1), "五一": (5, 1), "劳动节": (5, 1), "国庆": (10, 1), "十一": (10, 1)}
# Month and day of the holidays that follow the moon, in its own calendar.
MOON = {"春节": (1, 1), "端午": (5, 5), "中秋": (8, 15)}
# 清明 is the seventh of the year's 24 terms.
CLEAR_AND_BRIGHT = 6
# Days after the first that have been holidays in every year since 1949, whatever was arranged around them.
ALWAYS = {"春节": 2, "国庆": 2, "十一": 2}
EVE = frozenset(("春节",))
_day = timedelta(days=1)


@lru_cache(512)
def holiday(name: str, year: int) -> tuple[date | None, date | None]:
    """Return the first and last day off around a holiday, with the eve of 春节; two None for a year that is not known.

    The days off are those that the State Council arranged, where that is known (2004 to the year of the installed
    chinesecalendar), else only the days that are holidays in any year.
    """
    own = _own_day(name, year)
    if own is None:
        return None, None
    first, last = own, own
    if _is_off(own):
        while _is_off(first - _day):
            first -= _day
        while _is_off(last + _day):
            last += _day
    else:
        last += ALWAYS.get(name, 0) * _day
    return (min(first, own - _day) if name in EVE else first), last


def _own_day(name: str, year: int) -> date | None:
    """Return the day that the holiday is named after, None beyond the tables of the moon (1900 to 2100)."""
    if name in FIXED:
        return date(year, *FIXED[name]) if 1 < year < 9999 else None
    # Imported here, as chinese_calendar is: each costs some 10 ms, and few questions name a holiday.
    from borax.calendars.lunardate import LunarDate, TermUtils

    if not 1900 <= year <= 2100:
        return None
    if name not in MOON:
        found: date = TermUtils.nth_term_day(year, CLEAR_AND_BRIGHT)
        return found
    by_moon: date = LunarDate(year, *MOON[name]).to_solar_date()
    return by_moon


def _is_off(day: date) -> bool:
    """Tell whether the day is off, weekends included; False too in a year of which nothing is arranged yet."""
    import chinese_calendar

    try:
        off: bool = chinese_calendar.is_holiday(day)
    except NotImplementedError:
        return False
    return off
