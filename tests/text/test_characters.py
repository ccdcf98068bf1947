from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag.text.characters
from rag.text.characters import fold, is_cjk, media_name, squeeze


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("臺灣５Ｇ基站", "台湾5g基站"),
        ("後來，Ａ＆Ｂ（１）％", "后来,a&b(1)%"),
        ("İstanbul ß", "İstanbul ß"),  # both would grow in lower case or case folding
        ("全角\u3000空格", "全角 空格"),
        ("⼀⼆", "一二"),  # radicals that a PDF puts in place of the characters
        ("ＡＢＣ", "abc"),
        ("一\u2028二", "一\u2028二"),
        ("①㎡…", "①㎡…"),
        ("", ""),
    ],
)
def test_fold_makes_one_form_of_many(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_fold_keeps_the_length_of_every_character() -> None:
    # Every code point of the first two planes; of the others, where little is assigned, one in 97.
    codes = [*range(0x20000), *range(0x20000, 0x110000, 97)]
    characters = "".join(chr(code) for code in codes if not 0xD800 <= code < 0xE000)
    assert len(fold(characters)) == len(characters)


@given(st.text(), st.text())
def test_fold_looks_at_one_character_at_a_time(a: str, b: str) -> None:
    assert len(fold(a)) == len(a)
    assert fold(a) + fold(b) == fold(a + b)
    assert fold(fold(a)) == fold(a)


def test_the_table_of_simplified_characters_is_one_to_one() -> None:
    traditional, simplified, rest = (
        (Path(rag.text.characters.__file__).parent / "t2s.txt").read_text(encoding="utf-8").split("\n")
    )
    assert len(traditional) == len(simplified) == len(set(traditional)) > 4000
    assert not set(traditional) & set(simplified)
    assert rest == ""


def test_squeeze_leaves_no_white_space() -> None:
    assert squeeze(" 中 心\u30009\n个\u2028") == "中心9个"


def test_is_cjk_means_a_chinese_character() -> None:
    assert [is_cjk(char) for char in "中〇々𠀀aＡ9，あ"] == [True] * 4 + [False] * 5


@pytest.mark.parametrize(
    "printed",
    [
        "华西都市报-封面新闻",
        "华西都市报·封面新闻",
        "华西都市报—封面新闻",
        "华西都市报 / 封面新闻",
        "华西都市报•封面新闻",
    ],
)
def test_a_medium_has_one_name_however_its_parts_are_joined(printed: str) -> None:
    assert media_name(printed) == "华西都市报·封面新闻"


@pytest.mark.parametrize("name", ["ABC-News", "新华社", "", "青山 晚报", "中新社、新华社"])
def test_other_names_stay(name: str) -> None:
    assert media_name(name) == name
