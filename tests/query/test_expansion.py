import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.expansion import Form, forms, named_in, stands_in, with_forms
from rag.text.characters import fold

OWN = {"江大": frozenset(("江大", "江南大学")), "江南大学": frozenset(("江大", "江南大学"))}


def said(question: str, *known: tuple[str, str, str]) -> set[tuple[str, str]]:
    return {(form.asked, form.said) for form in forms(fold(question), known, {})}


def test_either_form_of_an_abbreviation_stands_for_the_other() -> None:
    known = ("a1", "央行", "中国人民银行")
    assert ("央行", "中国人民银行") in said("央行什么时候降息", known)
    assert ("中国人民银行", "央行") in said("中国人民银行什么时候降息", known)
    assert ("央行", "中国人民银行") not in said("银行什么时候降息", known)


def test_an_abbreviation_that_two_articles_define_differently_holds_in_each_alone() -> None:
    known = [("a1", "华大", "华南大学"), ("a2", "华大", "华东大学")]
    found = forms("华大有多少学生", known, {})
    assert {(form.said, form.articles) for form in found} == {("华南大学", ("a1",)), ("华东大学", ("a2",))}
    assert with_forms("华东大学有3万名学生", found, "a2").endswith("\n华大")
    assert with_forms("华东大学有3万名学生", found, "a1") == "华东大学有3万名学生"


def test_one_name_taken_longer_or_shorter_is_one_name() -> None:
    known = [("a1", "fbi", "联邦调查局"), ("a2", "fbi", "美国联邦调查局")]
    assert {(form.said, form.articles) for form in forms("fbi逮捕了谁", known, {})} == {("联邦调查局", ())}


def test_a_name_inside_a_longer_one_is_not_meant() -> None:
    known = [("a1", "华泰", "华泰集团"), ("a2", "华泰证券", "华泰证券股份有限公司")]
    assert {form.asked for form in forms("华泰证券的利润是多少", known, {})} == {"华泰证券"}


def test_the_indexs_own_aliases_hold_both_ways() -> None:
    assert [(form.asked, form.said) for form in forms("江大有多少学生", (), OWN)] == [("江大", "江南大学")]
    assert [(form.asked, form.said) for form in forms("江南大学有多少学生", (), OWN)] == [
        ("江南大学", "江大")
    ]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("建成五万个基站的是谁", ("五万个", "50000个")),
        ("建成五万个基站的是谁", ("五万个", "5万个")),
        ("建成50000个基站的是谁", ("50000个", "5万个")),
        ("建成５万个基站的是谁", ("5万个", "五万个")),
        ("第十四届运动会在哪", ("第十四", "第14")),
        ("第14届运动会在哪", ("第14", "第十四")),
        ("二〇二三年建成了什么", ("二〇二三年", "2023年")),
        ("2023年建成了什么", ("2023年", "二〇二三年")),
    ],
)
def test_a_number_is_written_in_several_ways(question: str, expected: tuple[str, str]) -> None:
    assert expected in said(question)


def test_another_number_is_never_a_form() -> None:
    for asked, other in said("2023年建成五万个基站，第十四届，5.2万人"):
        assert {"2023年": 2023, "五万个": 50000, "第十四": 14, "5.2万人": 52000}[asked] == worth(other)


def worth(text: str) -> int:
    from rag.text.quantity import quantities

    digits = "〇一二三四五六七八九"
    if text.endswith("年"):
        return int("".join(str(digits.find(char.replace("零", "〇"))) for char in text[:-1]))
    return int(quantities(text)[0].number)


def test_latin_names_are_found_whole() -> None:
    assert stands_in("ai", "发展ai产业")
    assert not stands_in("ai", "daily")
    assert not stands_in("5万", "15万个")
    assert stands_in("央行", "央行宣布")


@given(st.text(st.sampled_from("央行中国人民银行五万个2023年第十届，abc"), max_size=30))
def test_what_is_added_for_matching_moves_nothing(text: str) -> None:
    folded = fold(text)
    known = [("a1", "央行", "中国人民银行")]
    assert with_forms(folded, forms("央行和五万个，2023年第10届", known, {}), "a1").startswith(folded)
    assert all(name in folded for name in named_in(folded))


def test_a_form_already_said_is_not_said_again() -> None:
    assert with_forms("央行即中国人民银行", [Form("央行", "中国人民银行")], "") == "央行即中国人民银行"
