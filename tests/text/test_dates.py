from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.dates import When, as_of, overlaps, whens
from rag.text.time_words import clocks, years

BASE = date(2024, 11, 20)


@pytest.mark.parametrize(
    ("text", "span", "first", "last", "kind"),
    [
        ("2023年建成", "2023年", "2023-01-01", "2023-12-31", "at"),
        ("２０２３年", "２０２３年", "2023-01-01", "2023-12-31", "at"),
        ("二〇二三年", "二〇二三年", "2023-01-01", "2023-12-31", "at"),
        ("2023年度", "2023年度", "2023-01-01", "2023-12-31", "at"),
        ("2023年底", "2023年底", "2023-12-01", "2023-12-31", "at"),
        ("2023年年底", "2023年年底", "2023-12-01", "2023-12-31", "at"),
        ("2023年中国队", "2023年", "2023-01-01", "2023-12-31", "at"),
        ("截至2023年底，", "截至2023年底", "2023-12-01", "2023-12-31", "until"),
        ("截至9月底", "截至9月底", "2024-09-21", "2024-09-30", "until"),
        ("截至目前", "截至目前", "2024-11-20", "2024-11-20", "until"),
        ("截至今日", "截至今日", "2024-11-20", "2024-11-20", "until"),
        ("2024年前三季度", "2024年前三季度", "2024-01-01", "2024-09-30", "at"),
        ("今年前三季度", "今年前三季度", "2024-01-01", "2024-09-30", "at"),
        ("2024年Q3", "2024年Q3", "2024-07-01", "2024-09-30", "at"),
        ("第三季度", "第三季度", "2024-07-01", "2024-09-30", "at"),
        ("一季度", "一季度", "2024-01-01", "2024-03-31", "at"),
        ("前10个月", "前10个月", "2024-01-01", "2024-10-31", "at"),
        ("1-10月", "1-10月", "2024-01-01", "2024-10-31", "at"),
        ("去年", "去年", "2023-01-01", "2023-12-31", "at"),
        ("前年", "前年", "2022-01-01", "2022-12-31", "at"),
        ("明年", "明年", "2025-01-01", "2025-12-31", "at"),
        ("去年9月初", "去年9月初", "2023-09-01", "2023-09-10", "at"),
        ("今年上半年", "今年上半年", "2024-01-01", "2024-06-30", "at"),
        ("下半年", "下半年", "2024-07-01", "2024-12-31", "at"),
        ("上月", "上月", "2024-10-01", "2024-10-31", "at"),
        ("本月3号", "本月3号", "2024-11-03", "2024-11-03", "at"),
        ("昨天", "昨天", "2024-11-19", "2024-11-19", "at"),
        ("上周五", "上周五", "2024-11-15", "2024-11-15", "at"),
        ("11月12日", "11月12日", "2024-11-12", "2024-11-12", "at"),
        ("十一月十二日", "十一月十二日", "2024-11-12", "2024-11-12", "at"),
        ("8 月 16 日", "8 月 16 日", "2024-08-16", "2024-08-16", "at"),
        ("十月", "十月", "2024-10-01", "2024-10-31", "at"),
        ("5月中旬", "5月中旬", "2024-05-11", "2024-05-20", "at"),
        ("15日", "15日", "2024-11-15", "2024-11-15", "at"),
        ("2023-08-16", "2023-08-16", "2023-08-16", "2023-08-16", "at"),
        ("2023/8/16", "2023/8/16", "2023-08-16", "2023-08-16", "at"),
        ("2023.08.16", "2023.08.16", "2023-08-16", "2023-08-16", "at"),
        ("2021-2025年", "2021-2025年", "2021-01-01", "2025-12-31", "at"),
        ("从2020年到2023年", "2020年到2023年", "2020-01-01", "2023-12-31", "at"),
        ("2023年8月至10月", "2023年8月至10月", "2023-08-01", "2023-10-31", "at"),
        ("8月16日至18日", "8月16日至18日", "2024-08-16", "2024-08-18", "at"),
        ("8月30日至9月3日", "8月30日至9月3日", "2024-08-30", "2024-09-03", "at"),
        ("“十四五”期间", "“十四五”期间", "2021-01-01", "2025-12-31", "at"),
        ("上世纪90年代", "上世纪90年代", "1990-01-01", "1999-12-31", "at"),
        ("早在2019年，", "2019年", "2019-01-01", "2019-12-31", "at"),
        ("到2026年，", "到2026年", "2026-01-01", "2026-12-31", "target"),
        ("力争到2026年底", "到2026年底", "2026-12-01", "2026-12-31", "target"),
        ("预计2026年", "2026年", "2026-01-01", "2026-12-31", "target"),
        ("到2023年底已建成", "到2023年底", "2023-12-01", "2023-12-31", "until"),
        ("2019年以来", "2019年以来", "2019-01-01", "2024-11-20", "since"),
        ("今年以来", "今年以来", "2024-01-01", "2024-11-20", "since"),
        ("近三年", "近三年", "2021-11-21", "2024-11-20", "at"),
        ("较2022年增长", "2022年", "2022-01-01", "2022-12-31", "compared"),
        ("比去年同期增长", "去年同期", "2023-01-01", "2023-12-31", "compared"),
        ("目前", "目前", "2024-11-20", "2024-11-20", "now"),
        ("《2023年发展报告》", "2023年", "2023-01-01", "2023-12-31", "title"),
        ("3.2016年11月27日，", "2016年11月27日", "2016-11-27", "2016-11-27", "at"),
        ("过去的6月23日", "6月23日", "2024-06-23", "2024-06-23", "at"),
        ("灯会7月1—31日举行", "7月1—31日", "2024-07-01", "2024-07-31", "at"),
        ("展期3月5日至8日", "3月5日至8日", "2024-03-05", "2024-03-08", "at"),
        ("10月1日8时至10月7日20时封航", "10月1日8时至10月7日20时", "2024-10-01", "2024-10-07", "at"),
        ("6月3日16:30起航", "6月3日16:30", "2024-06-03", "2024-06-03", "at"),
        ("8月12日上午9时许", "8月12日上午9时许", "2024-08-12", "2024-08-12", "at"),
        ("2月3日22时48分发生", "2月3日22时48分", "2024-02-03", "2024-02-03", "at"),
        ("昨天上午", "昨天上午", "2024-11-19", "2024-11-19", "at"),
        ("今晨", "今晨", "2024-11-20", "2024-11-20", "at"),
        ("今天10时至明天8时", "今天10时至明天8时", "2024-11-20", "2024-11-21", "at"),
        ("2021-2022财年", "2021-2022财年", "2021-01-01", "2022-12-31", "at"),
        ("2022/23财年", "2022/23财年", "2022-01-01", "2023-12-31", "at"),
        ("2023-2024赛季", "2023-2024赛季", "2023-01-01", "2024-12-31", "at"),
        ("截至23年底", "截至23年底", "2023-12-01", "2023-12-31", "until"),
        ("98年6月", "98年6月", "1998-06-01", "1998-06-30", "at"),
        ("24年上半年", "24年上半年", "2024-01-01", "2024-06-30", "at"),
        ("2019年至今", "2019年至今", "2019-01-01", "2024-11-20", "since"),
        ("三季度末", "三季度末", "2024-09-01", "2024-09-30", "at"),
    ],
)
def test_a_date_is_read_with_its_days_and_kind(
    text: str, span: str, first: str, last: str, kind: str
) -> None:
    [found] = whens(text, BASE)
    read = (text[found.start : found.end], str(found.first), str(found.last), found.kind)
    assert read == (span, first, last, kind)


@pytest.mark.parametrize(
    "text",
    [
        "1.2.3",
        "12.5",
        "5年",
        "三个月",
        "3年前",
        "每年",
        "三年级",
        "一年",
        "GPT-4",
        "3日本",
        "10日内",
        "20多年",
        "三月球",
        "百分之二十",
        "2023人",
        "第二年",
        "几年",
        "1999",
        "9:30",
        "三天",
    ],
)
def test_numbers_and_durations_are_no_dates(text: str) -> None:
    assert whens(text, BASE) == []


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("开放时间为6:00至22:00", ["6:00至22:00"]),
        ("展馆9时开门、17时30分闭馆", ["9时", "17时30分"]),
        ("早上7点半集合，下午三点开会", ["早上7点半", "下午三点"]),
        ("他提出3点意见，今天一点都不冷，比分3:1，同时用了8小时，3时段", []),
    ],
)
def test_times_of_day_are_told_from_points_and_scores(text: str, spans: list[str]) -> None:
    assert [text[start:end] for start, end in clocks(text)] == spans


@pytest.mark.parametrize(
    ("text", "base", "first"),
    [
        ("2020年解禁6万亿元，其中1月6457亿元", BASE, "2020-01-01"),
        ("2023年7月售出177万辆，8月售出190万辆", BASE, "2023-08-01"),
        ("2023年产值增长5%，3月28日公布", BASE, "2024-03-28"),
        ("2015年1月7日发生沉船。8月31日又发生一起", BASE, "2024-08-31"),
        ("2015年1月7日发生沉船。8月31日又发生一起", None, "2015-08-31"),
        ("2015年8月31日发生，3日后，于9月搁浅", None, "2015-09-01"),
        ("较2022年增长，3月公布", None, "None"),
        ("《2022年公报》3月公布", None, "None"),
    ],
)
def test_a_month_takes_its_year_from_what_was_said_before(text: str, base: date | None, first: str) -> None:
    assert str(whens(text, base)[-1].first) == first


def test_vague_words_have_no_days() -> None:
    [found] = whens("近年来，", BASE)
    assert (found.first, found.last, found.kind) == (None, None, "vague")


def test_relative_dates_need_a_base() -> None:
    text = "今年前三季度，上月和11月12日"
    assert [(w.first, w.last, w.literal) for w in whens(text)] == [(None, None, False)] * 3


def test_a_month_far_ahead_is_one_of_the_past_year() -> None:
    [found] = whens("12月28日", date(2024, 1, 5))
    assert found.first == date(2023, 12, 28)


def test_a_day_that_does_not_exist_has_no_date() -> None:
    [found] = whens("2月30日", BASE)
    assert found.first is None


@pytest.mark.parametrize("base", [date.min, date.max])
def test_the_ends_of_the_calendar_are_no_trouble(base: date) -> None:
    text = "去年，前年9月，明年，后年底，上月，下月3日，昨天，明天，上周五，下周，近三年，未来五年，12日，11月，截至3日，目前"
    assert len(whens(text, base)) == 16


def period(text: str) -> When:
    [found] = whens(text, BASE)
    return found


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("2023年", "截至2023年底", True),
        ("2024年前三季度", "今年", True),
        ("2023年", "2024年前三季度", False),
        ("2024年第四季度", "2024年前三季度", False),
        ("近年来", "2023年", False),
        ("2022年", "2019年以来", True),
    ],
)
def test_periods_overlap_when_they_share_a_day(a: str, b: str, expected: bool) -> None:
    assert overlaps(period(a), period(b)) is expected
    assert overlaps(period(b), period(a)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023年和二〇二四年，2023-08-16", (2023, 2024)),
        ("2021-2025年", (2021, 2025)),
        ("“十四五”期间，去年", ()),
        ("2023个", ()),
    ],
)
def test_years_are_those_named_with_four_digits(text: str, expected: tuple[int, ...]) -> None:
    assert years(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("《2023年发展报告》显示，截至2023年底，共建成约15.96万个。", "截至2023年底"),
        ("2024年前三季度，产业规模达800亿元", "2024年前三季度"),
        ("今年前三季度，较2022年增长三成", "今年前三季度"),
        ("11月12日，对接会举行", "11月12日"),
        ("目前，累计有191项产品", "目前"),
        ("近年来，成都发展很快", ""),
        ("目前正在建设，到2026年达到1700亿元", "到2026年"),
        ("共9个", ""),
    ],
)
def test_the_words_that_date_a_statement(text: str, expected: str) -> None:
    assert as_of(text) == expected


def test_a_date_before_the_answer_is_taken_first() -> None:
    text = "2022年为7万个，2023年前三季度为8万个"
    assert as_of(text) == "2023年前三季度"
    assert as_of(text, at=text.index("7万")) == "2022年"


@given(
    st.text(
        alphabet=st.sampled_from(
            "0123456789-./年月日号至到以来今去前上下半个季度初底末截从近三十一二〇年代世纪周“”五《》较同期Qq 时点分:晚财"
        ),
        max_size=40,
    ),
    st.none() | st.dates(),
)
def test_spans_are_in_order_and_in_range(text: str, base: date | None) -> None:
    last = 0
    for found in whens(text, base):
        assert last <= found.start < found.end <= len(text)
        assert found.first is None or found.last is None or found.first <= found.last
        last = found.end


@given(st.text(max_size=80))
def test_no_text_is_too_strange(text: str) -> None:
    assert as_of(text) in text
    assert all(len(str(year)) == 4 for year in years(text))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("春节期间，灯会接待游客", date(2024, 2, 9), date(2024, 2, 17)),
        ("去年春节期间，灯会接待游客", date(2023, 1, 21), date(2023, 1, 27)),
        ("2024年国庆假期发送旅客", date(2024, 10, 1), date(2024, 10, 7)),
        ("元旦假期三天", date(2023, 12, 30), date(2024, 1, 1)),
    ],
)
def test_a_holiday_spans_its_days(text: str, first: date, last: date) -> None:
    [found] = whens(text, date(2024, 11, 20))
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("text", ["国庆路", "清明上河图", "端午文化节", "春节晚会"])
def test_what_is_named_after_a_holiday_is_no_time(text: str) -> None:
    assert whens(text, date(2024, 11, 20)) == []


@pytest.mark.parametrize(
    ("text", "day", "year"),
    [
        ("公报显示，全年出生人口2.1万人。", date(2024, 3, 1), 2023),
        ("公报显示，全年出生人口2.1万人。", date(2024, 11, 20), 2024),
        ("力争全年接待游客300万人次。", date(2024, 3, 1), 2024),
        ("全年目标是接待游客300万人次。", date(2024, 3, 1), 2024),
        ("2022年全年接待游客300万人次。", date(2024, 3, 1), 2022),
    ],
)
def test_a_whole_year_is_told_in_the_spring_after_it(text: str, day: date, year: int) -> None:
    (found,) = whens(text, day)
    assert found.first is not None
    assert found.first.year == year
