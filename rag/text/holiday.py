"""Public holidays of China: the days they span in a year.

>>> holiday("春节", 2024)
(datetime.date(2024, 2, 9), datetime.date(2024, 2, 17))
"""

from datetime import date, timedelta

__all__ = ["NAMES", "holiday"]

NAMES = "春节|元旦|清明|五一|劳动节|端午|中秋|国庆|十一(?=假期|黄金周|长假)"
# Month and day of the holidays that follow the moon, by year.
SPRING = {
    2010: (2, 14), 2011: (2, 3), 2012: (1, 23), 2013: (2, 10), 2014: (1, 31), 2015: (2, 19), 2016: (2, 8),
    2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22),
    2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3),
}  # fmt: skip
BOAT = {
    2018: (6, 18), 2019: (6, 7), 2020: (6, 25), 2021: (6, 14), 2022: (6, 3), 2023: (6, 22),
    2024: (6, 10), 2025: (5, 31), 2026: (6, 19), 2027: (6, 9),
}  # fmt: skip
AUTUMN = {
    2018: (9, 24), 2019: (9, 13), 2020: (10, 1), 2021: (9, 21), 2022: (9, 10), 2023: (9, 29),
    2024: (9, 17), 2025: (10, 6), 2026: (9, 25), 2027: (9, 15),
}  # fmt: skip
# Days before and after its own day that a holiday spans: eight, seven, five or three are free.
SPANS = {"春节": (1, 7), "国庆": (0, 7), "十一": (0, 7), "五一": (2, 4), "劳动节": (2, 4), "元旦": (2, 2)}
FIXED = {"元旦": (1, 1), "清明": (4, 4), "五一": (5, 1), "劳动节": (5, 1), "国庆": (10, 1), "十一": (10, 1)}
MOON = {"春节": SPRING, "端午": BOAT, "中秋": AUTUMN}


def holiday(name: str, year: int) -> tuple[date | None, date | None]:
    """Return the days around a holiday that are spoken of by its name, two None for a year that is not known."""
    month_day = FIXED.get(name) or MOON.get(name, {}).get(year)
    if month_day is None or not 1 < year < 9999:
        return None, None
    before, after = SPANS.get(name, (1, 2))
    day = date(year, *month_day)
    return day - timedelta(days=before), day + timedelta(days=after)
