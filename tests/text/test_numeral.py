from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.numeral import digits, numeral


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("零", 0),
        ("十五", 15),
        ("两百三十", 230),
        ("一千零五", 1005),
        ("三百二", 320),
        ("五万二", 52000),
        ("三十万零五", 300005),
        ("三千五百万", 35_000_000),
        ("一亿两千万", 120_000_000),
        ("一万亿", 10**12),
        ("一点五亿", 150_000_000),
        ("一点五", Fraction(3, 2)),
    ],
)
def test_a_numeral_has_an_exact_value(word: str, value: Fraction) -> None:
    assert numeral(word) == value


@pytest.mark.parametrize(
    "word", ["十四五", "万一", "三五", "百", "二〇二三", "一点", "三百百", "", "一" * 41]
)
def test_what_is_no_numeral_has_no_value(word: str) -> None:
    assert numeral(word) is None


def test_digits_are_read_one_by_one() -> None:
    assert digits("二〇二三") == 2023
    assert digits("二十") is None


@given(st.integers(0, 9999))
def test_every_number_below_ten_thousand_is_read_as_it_is_said(number: int) -> None:
    said, missing = "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            said += ("零" if missing and said else "") + "零一二三四五六七八九"[digit] + name
        missing = digit == 0
    assert numeral(said or "零") == number
