"""What is said must be quoted: numbers in every form, dates, times, scores, names."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.grounding import answer_gaps, unsupported


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("截至2023年底，超8万个 [1][2]", "截至2023年底，基站超8万个"),
        ("52000个", "共5.2万个"),
        ("５２０００个", "共五万二千个"),
        ("两万五千元", "25,000元"),
        ("两万五", "2.5万"),
        ("10.84亿元", "108400万元"),
        ("1亿3000万元", "1.3亿元"),
        ("百分之三十五", "占35%"),
        ("35％", "占35%"),
        ("三成", "占30%"),
        ("五成五", "55%"),
        ("千分之五点三三", "5.33‰"),
        ("一半", "50%"),
        ("半数以上", "50%以上"),
        ("三分之一", "1/3的人，即三分之一"),
        ("2.3个百分点", "高出2.3个百分点"),
        ("一年半", "1.5年"),
        ("两个半小时", "2.5小时"),
        ("3至5万元", "3万—5万元"),
        ("10%—20%", "10%至20%"),
        ("十余万人", "超10万人"),
        ("40余个", "40多个"),
        ("逾5万人", "超过5万人"),
        ("近百家", "近100家"),
        ("8万个左右", "约8万个"),
        ("第三", "第3名"),
        ("1.5倍", "一点五倍"),
        ("二〇二三年", "2023年底"),
        ("2024年11月12日", "2024-11-12发布"),
        ("11月12日", "11/12"),
        ("11月12日", "2024年11月12日"),
        ("10月12日", "10月8日至12日"),
        ("十一月十二日", "11月12日"),
        ("12号", "11月12日"),
        ("9:30", "9时30分开始"),
        ("上午九点半", "9:30开始"),
        ("5比4", "点球大战以5:4获胜"),
        ("二比一", "2比1"),
        ("5G基站", "５Ｇ基站"),
        ("AI产业", "人工智能产业"),
        ("GDP", "地区生产总值5756亿元"),
        ("今年", "今年前三季度"),
        ("前三季度", "前三季度"),
        ("数百人", "数百人"),
        ("0871-5550123", "电话0871-5550123"),
    ],
)
def test_what_is_quoted_in_any_form_may_be_said(said: str, quoted: str) -> None:
    assert unsupported(said, [quoted]) == []


@pytest.mark.parametrize(
    ("said", "quoted", "missing"),
    [
        ("8万个", ["超8万个"], ["8万个"]),
        ("超8万个", ["8万个"], ["超8万个"]),
        ("8万个", ["7万个", "9万个"], ["8万个"]),
        ("800亿元", ["800亿美元"], ["800亿元"]),
        ("800万元", ["800亿元"], ["800万元"]),
        ("35%", ["35个"], ["35%"]),
        ("35%", ["35个百分点"], ["35%"]),
        ("5‰", ["5%"], ["5‰"]),
        ("3成", ["3%"], ["3成"]),
        ("3万元", ["3至5万元"], ["3万元"]),
        ("三分之二", ["三分之一"], ["三分之二"]),
        ("两年半", ["两年"], ["两年半"]),
        ("近百家", ["超百家"], ["近百家"]),
        ("2024年", ["2023年底"], ["2024年"]),
        ("11月12日", ["11月5日、10月12日"], ["11月12日"]),
        ("2024年11月12日", ["2023年11月12日"], ["2024年11月12日"]),
        ("9:30", ["9:45开始"], ["9:30"]),
        ("5比4", ["4比5"], ["5比4"]),
        ("前三季度", ["上半年"], ["前三季度"]),
        ("去年", ["今年"], ["去年"]),
        ("6G基站", ["5G基站"], ["6G"]),
        ("NASA说", ["ESA说"], ["NASA"]),
        ("5G", ["5G-A"], ["5G"]),
        ("数百人", ["数千人"], ["数百人"]),
        ("第三名，5个", ["第二名，5个"], ["第三名"]),
        ("9个，107个，4个", ["9个", "107个"], ["4个"]),
    ],
)
def test_what_no_quote_states_is_named(said: str, quoted: list[str], missing: list[str]) -> None:
    assert unsupported(said, quoted) == missing


def test_relative_times_are_resolved_against_the_day_of_the_article() -> None:
    day = date(2024, 11, 25)
    assert unsupported("2024年", ["今年建成"], day) == []
    assert unsupported("2023年", ["去年建成"], day) == []
    assert unsupported("2024年11月", ["本月建成"], day) == []
    assert unsupported("2024年11月24日", ["昨日建成"], day) == []
    assert unsupported("今年", ["2024年建成"], day) == []
    assert unsupported("2025年", ["今年建成"], day) == ["2025年"]
    assert unsupported("今年", ["2023年建成"], day) == ["今年"]
    assert unsupported("2024年", ["今年建成"]) == ["2024年"]


def test_markers_are_not_read() -> None:
    assert unsupported("很多 [1][23]", ["很多"]) == []
    assert unsupported("很多 [1] 23", ["很多"]) == ["23"]


HAN = "零一二三四五六七八九"


def han(number: int) -> str:
    """Spell a number below 10,000 as a numeral."""
    text = "".join(
        HAN[digit] + place if digit else "零"
        for digit, place in zip((int(d) for d in f"{number:04}"), "千百十 ", strict=True)
    )
    text = text.replace(" ", "").strip("零")
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.removeprefix("一") if text.startswith("一十") else text


def forms(number: int) -> list[str]:
    """Write one number in the ways of the press."""
    ways = [
        str(number),
        f"{number:,}",
        str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ]
    if number % 100 == 0:
        share = Fraction(number, 10000)
        ways.append(f"{share.numerator / share.denominator:g}万")
    return [*ways, han(number)] if number < 10_000 else ways


@given(st.integers(10, 9_999_900), st.data())
def test_every_way_to_write_a_number_is_the_same_number(number: int, data: st.DataObject) -> None:
    said, quoted = (data.draw(st.sampled_from(forms(number))) for _ in range(2))
    assert unsupported(f"共{said}家。", [f"全市有{quoted}家企业"]) == []


@given(st.integers(10, 999_999), st.integers(10, 999_999), st.data())
def test_another_number_is_never_taken_for_it(a: int, b: int, data: st.DataObject) -> None:
    said, quoted = data.draw(st.sampled_from(forms(a))), data.draw(st.sampled_from(forms(b)))
    gaps = unsupported(f"共{said}家。", [f"全市有{quoted}家企业"])
    assert bool(gaps) == (a != b)


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.dates(date(1990, 1, 1), date(2030, 12, 31)))
def test_dates_are_compared_part_by_part(one: date, other: date) -> None:
    said = f"{one.year}年{one.month}月{one.day}日"
    assert unsupported(said, [f"于{one:%Y-%m-%d}开幕"]) == []
    assert bool(unsupported(said, [f"于{other:%Y-%m-%d}开幕"])) == (one != other)


TEXTS = st.text(
    alphabet=st.sampled_from(
        "0123456789.,，%‰-～/:比至零一二三十百千万亿半成第超约近元个年月日时点分 aG今去之[]"
    ),
    max_size=40,
)


@given(TEXTS)
def test_every_text_supports_itself(text: str) -> None:
    assert unsupported(text, [text]) == []


@given(st.text(max_size=80))
def test_no_text_is_too_strange(text: str) -> None:
    assert unsupported(text, [text]) == []


@given(TEXTS, TEXTS, TEXTS)
def test_one_more_quote_takes_no_support_away(said: str, quote: str, more: str) -> None:
    assert set(unsupported(said, [quote, more])) <= set(unsupported(said, [quote]))


@pytest.mark.parametrize(
    "piece", ["9", "1.", "九", "1,234", "第1", "点", "1-", "a1", "1:", "1比", "今年", "1月", "/1"]
)
def test_a_very_long_run_is_no_trouble(piece: str) -> None:
    text = piece * (4000 // len(piece))
    assert unsupported(text, [text]) == []


# --- answers as they are printed


def answer(**changed: Any) -> dict[str, Any]:
    """Return an answer to a question about base stations, with other fields if given."""
    citation = {"quote": "建成5G基站超8万个。", "context": [{"text": "截至2023年底，"}]}
    fields = {
        "refused": False,
        "text": "截至2023年底，成都有超8万个5G基站 [1]",
        "answer": "超8万个",
        "answers": ["超8万个"],
        "as_of": "截至2023年底",
        "value": {"number": 80000, "unit": "个", "bound": "超"},
        "citations": [citation],
    }
    return fields | changed


def test_an_answer_that_says_only_what_it_quotes_has_no_gaps() -> None:
    assert answer_gaps(answer()) == []


@pytest.mark.parametrize(
    ("changed", "gaps"),
    [
        ({"text": "成都有超9万个5G基站 [1]"}, ["超9万个"]),
        ({"answer": "8万个"}, ["8万个"]),
        ({"answers": ["超8万个", "7座"]}, ["7座"]),
        ({"as_of": "截至2024年底"}, ["2024年"]),
        ({"value": {"number": 81000, "unit": "个", "bound": "超"}}, ["81000个"]),
        ({"value": {"number": 80000, "unit": "个", "bound": ""}}, ["80000个"]),
        ({"value": None}, []),
        ({"text": "库中没有找到2026年的报道；最近的是：截至2023年底，超8万个 [1]"}, []),
        ({"refused": True, "text": "库里只有2020年的说法。"}, []),
    ],
)
def test_what_an_answer_says_without_quoting_it_is_named(changed: dict[str, Any], gaps: list[str]) -> None:
    assert answer_gaps(answer(**changed)) == gaps


def test_this_year_is_that_of_the_quoted_article() -> None:
    quote = {"quote": "今年建成3座。", "context": [], "published": "2024-11-25"}
    told = answer(text="2024年建成3座 [1]", answer="3座", answers=["3座"], as_of="2024年", value=None)
    assert answer_gaps(told | {"citations": [quote]}) == []
    assert answer_gaps(told | {"citations": [quote | {"published": "2023-11-25"}]}) == ["2024年"]
    assert answer_gaps(told | {"citations": [quote | {"published": ""}]}) == ["2024年"]
