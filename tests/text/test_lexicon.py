import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.characters import fold
from rag.text.lexicon import (
    UNKNOWN,
    aliases,
    found_in,
    generic,
    has_name,
    names,
    names_a_thing,
    ordinals,
    plain_ordinals,
    rarity,
    telling,
)


def test_an_alias_says_the_same_both_ways() -> None:
    for word, group in aliases().items():
        assert word in group
        assert all(word in aliases()[other] for other in group)


def test_words_are_found_whole_as_an_alias_or_in_part() -> None:
    assert found_in("基站", "建成基站八万个") == 1
    assert found_in("人工智能产业", "人工智能核心产业") > 0.5
    assert found_in("基站", "基地和车站") == 0
    assert found_in("航空母舰", "母亲的舰") == 0
    assert found_in("航空母舰", "航空公司") == 0  # one pair of three is no word


@pytest.mark.parametrize(
    ("asked", "text", "expected"),
    [
        ("5g", "建成5g基站", True),
        ("5g", "建成15g基站", False),
        ("5g", "5ghz频段", False),
        ("5g", "2.5g以太网", False),
        ("4", "4个", True),
        ("4", "14个", False),
    ],
)
def test_a_name_stands_as_a_whole(asked: str, text: str, expected: bool) -> None:
    assert has_name(asked, text) is expected
    assert found_in(asked, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第二批产品", ["2批"]),
        ("首批、第一批和第1批", ["1批", "1批", "1批"]),
        ("项目二期与一期", ["2期", "1期"]),
        ("第十二届大会", ["12届"]),
        ("期间的一批人", ["1批"]),
        ("2024年前三季度", []),
        ("第三产业增加值", []),
    ],
)
def test_ordinals_are_written_one_way(text: str, expected: list[str]) -> None:
    assert plain_ordinals(text) == expected


@given(st.text(st.sampled_from("第一二12批期届年首个，十")))
def test_ordinals_are_spans_in_order(text: str) -> None:
    spans = ordinals(fold(text))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert len(plain_ordinals(fold(text))) == len(spans)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("肖某某与曾某", ["肖某某", "曾某"]),
        ("傅某和洪某", ["傅某", "洪某"]),
        ("对于某些人", []),
        ("理解某个概念", []),
        ("在案件审结后，向某县发函", []),
    ],
)
def test_a_name_that_is_withheld_is_one(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in names(text)] == expected


def test_names_are_rarer_than_verbs() -> None:
    assert rarity("有") < rarity("企业") < rarity("董事长") <= rarity("一个没有的词")
    assert rarity("一个没有的词") >= UNKNOWN - 1


def test_a_word_tells_more_the_less_it_varies() -> None:
    assert telling("基站") == rarity("基站")
    assert telling("发布") < rarity("发布")
    assert telling("披露") < telling("发布")
    assert telling("三个") < telling("基站")
    assert telling("物占") < telling("段鑫") == rarity("段鑫")  # two common characters are often cut wrongly


def test_a_total_is_found_without_the_word_for_it() -> None:
    assert found_in("贸易总额", "两地贸易额46亿元") == 1
    assert found_in("贸易总额", "两地贸易量很大") < 1


def test_generic_words_name_no_thing() -> None:
    assert "数量" in generic()
    assert not names_a_thing("数量")
    assert not names_a_thing("5g")
    assert names_a_thing("基站")


@given(st.text(min_size=1), st.text())
def test_a_share_is_between_nothing_and_all(term: str, text: str) -> None:
    assert 0 <= found_in(fold(term), fold(text)) <= 1
