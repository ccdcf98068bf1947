from datetime import date

import chinese_calendar
import pytest

from rag.text.holiday import holiday


@pytest.mark.parametrize(
    ("name", "year", "first", "last"),
    [
        ("春节", 2024, date(2024, 2, 9), date(2024, 2, 17)),  # the eve was no day off that year
        ("春节", 2025, date(2025, 1, 28), date(2025, 2, 4)),
        ("春节", 2020, date(2020, 1, 24), date(2020, 2, 2)),  # prolonged
        ("国庆", 2008, date(2008, 9, 29), date(2008, 10, 5)),
        ("十一", 2025, date(2025, 10, 1), date(2025, 10, 8)),  # with 中秋
        ("五一", 2013, date(2013, 4, 29), date(2013, 5, 1)),
        ("元旦", 2024, date(2023, 12, 30), date(2024, 1, 1)),
        ("清明", 2023, date(2023, 4, 5), date(2023, 4, 5)),
        ("端午", 2024, date(2024, 6, 8), date(2024, 6, 10)),
        ("中秋", 2024, date(2024, 9, 15), date(2024, 9, 17)),
    ],
)
def test_a_holiday_spans_the_days_off_that_were_arranged(
    name: str, year: int, first: date, last: date
) -> None:
    assert holiday(name, year) == (first, last)


@pytest.mark.parametrize(
    ("name", "year", "first", "last"),
    [
        ("春节", 1998, date(1998, 1, 27), date(1998, 1, 30)),
        ("中秋", 1978, date(1978, 9, 17), date(1978, 9, 17)),
        ("春节", 2050, date(2050, 1, 22), date(2050, 1, 25)),
        ("端午", 2040, date(2040, 6, 14), date(2040, 6, 14)),
        ("清明", 2051, date(2051, 4, 5), date(2051, 4, 5)),
        ("国庆", 2099, date(2099, 10, 1), date(2099, 10, 3)),
        ("五一", 1990, date(1990, 5, 1), date(1990, 5, 1)),
    ],
)
def test_where_nothing_is_arranged_only_what_is_always_free_is_said(
    name: str, year: int, first: date, last: date
) -> None:
    assert holiday(name, year) == (first, last)


@pytest.mark.parametrize(("name", "year"), [("春节", 1899), ("中秋", 2101), ("清明", 3000), ("元旦", 9999)])
def test_nothing_is_said_of_a_year_beyond_the_calendars(name: str, year: int) -> None:
    assert holiday(name, year) == (None, None)


@pytest.mark.parametrize("name", ["春节", "元旦", "清明", "五一", "端午", "中秋", "国庆"])
def test_no_working_day_is_part_of_a_holiday(name: str) -> None:
    for year in range(2009, 2026):
        first, last = holiday(name, year)
        assert first is not None
        assert last is not None
        days = [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)]
        assert [day for day in days if chinese_calendar.is_workday(day)] in (
            [],
            [first] if name == "春节" else [],
        )
