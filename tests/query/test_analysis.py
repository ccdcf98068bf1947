from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.analysis import AnswerType, understand, understand_kind
from tests.support.hand import query


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("滨江新区有多少座公园？", AnswerType.NUMBER),
        ("公园占地有多大", AnswerType.NUMBER),
        ("增速达到百分之几", AnswerType.NUMBER),
        ("全国排第几？", AnswerType.NUMBER),
        ("大会是什么时候举行的？", AnswerType.TIME),
        ("哪年建成的", AnswerType.TIME),
        ("项目负责人是谁？", AnswerType.PERSON),
        ("总部在哪里？", AnswerType.PLACE),
        ("试点是哪个城市？", AnswerType.PLACE),
        ("有哪些企业落地？", AnswerType.LIST),
        ("为什么要建公园？", AnswerType.REASON),
        ("公园建成了吗？", AnswerType.YESNO),
        ("哪家企业签约？", AnswerType.WHICH),
        ("如何申请补贴？", AnswerType.MANNER),
        ("公园啥时候开", AnswerType.TIME),
        ("大会几号开？", AnswerType.TIME),
        ("旧城建于几世纪？", AnswerType.TIME),
        ("大会举办日期", AnswerType.TIME),
        ("大会举办地点是？", AnswerType.PLACE),
        ("总部在哪？", AnswerType.PLACE),
        ("公园在哪边？", AnswerType.PLACE),
        ("花了几多钱", AnswerType.NUMBER),
        ("新区有好多座公园", AnswerType.NUMBER),
        ("好多人参加了什么活动", AnswerType.WHAT),
        ("谁家的产品获奖？", AnswerType.WHICH),
        ("都有谁参加？", AnswerType.LIST),
        ("凭什么涨价？", AnswerType.REASON),
        ("效果咋样", AnswerType.MANNER),
        ("公园开了没有？", AnswerType.YESNO),
        ("第二大的縣轄市為何？", AnswerType.WHAT),
        ("他为何辞职？", AnswerType.REASON),
    ],
)
def test_the_interrogative_tells_the_kind_of_answer(question: str, kind: AnswerType) -> None:
    assert query(question).type is kind


@pytest.mark.parametrize(
    ("question", "unit", "unit_class", "head"),
    [
        ("有多少个公园？", "个", "count", "公园"),
        ("投资多少亿元？", "亿元", "money", ""),
        ("花了多少钱？", "钱", "money", ""),
        ("占地多少亩？", "亩", "area", ""),
        ("有多少公园？", "", "", "公园"),
        ("增速是多少？", "", "percent", ""),
        ("面积有多大？", "", "area", ""),
        ("高度是多少", "", "length", ""),
        ("干了几年？", "年", "time", ""),
        ("县长多大年纪？", "", "age", "年纪"),
        ("开放了几亿条数据？", "亿条", "count", "数据"),
        ("投资几亿？", "亿", "money", ""),
        ("拿到几块金牌？", "块", "count", "金牌"),
        ("花了几块？", "块", "money", ""),
        ("增速降了几个点？", "个", "points", "点"),
        ("佔地多少畝？", "畝", "area", ""),
    ],
)
def test_the_unit_asked_for_is_read(question: str, unit: str, unit_class: str, head: str) -> None:
    found = query(question)
    assert (found.unit, found.unit_class, found.head) == (unit, unit_class, head)


def test_a_word_that_begins_like_a_unit_is_no_unit() -> None:
    assert query("有多少人才？").unit == ""
    assert query("有多少人？").unit == "人"


def test_demands_are_read_as_they_were_asked() -> None:
    found = query("上海第二批《智造名录》有多少个５Ｇ项目？")
    demands = {(constraint.kind, constraint.text) for constraint in found.constraints}
    assert demands == {("place", "上海"), ("ordinal", "第二批"), ("quoted", "智造名录"), ("name", "５Ｇ")}
    for constraint in found.constraints:
        said = found.text[constraint.span.start : constraint.span.end]
        assert constraint.text in said


def test_a_year_is_a_period_and_no_name() -> None:
    found = query("2022年底上海有多少公园")
    assert found.period is not None
    assert (found.period.last, found.relative) == (date(2022, 12, 31), False)
    assert [constraint.kind for constraint in found.constraints] == ["place"]


def test_this_year_is_that_of_today() -> None:
    found = query("今年上海有多少公园", date(2025, 3, 1))
    assert found.relative
    assert found.period is not None
    assert found.period.first == date(2025, 1, 1)


def test_now_bounds_nothing() -> None:
    assert query("目前上海有多少公园").period is None


def test_terms_are_the_words_without_the_interrogative() -> None:
    found = query("滨江新区一共有多少座公园？")
    assert "公园" in found.terms
    assert not {"多少", "一共", "有"} & set(found.terms)


def test_what_is_counted_follows_the_number_or_stands_before_it() -> None:
    assert "公园" in query("新区有多少座公园？").counted
    assert "公园" in query("新区的公园有多少座？").counted
    assert query("公园面积是多少？").counted == ()


def test_words_weigh_by_how_much_they_tell() -> None:
    found = query("滨江新区去年建成的公园对应的披露日期是什么？")
    weight = found.weights
    assert weight["公园"] > weight["建成"] > weight["披露"] > weight["日期"] > 0
    assert weight["去年"] == 0


def test_relative_times_weigh_nothing_and_years_something() -> None:
    found = query("今年前9个月的产量是多少？")
    assert all(found.weights[term] == 0 for term in ("9", "今年") if term in found.terms)
    assert query("2023年的产量是多少？").weights["2023"] > 0


@pytest.mark.parametrize("question", ["6家央企和链主企业的清单", "自立燕王並且建立燕國的人為誰？"])
def test_a_wrong_cut_is_no_term(question: str) -> None:
    assert not {"企和链", "人为"} & set(query(question).terms)


def test_a_question_in_traditional_characters_is_read_like_the_same_in_simplified_ones() -> None:
    traditional, simplified = (
        query("兩國的關係因為誰而緊張，佔全市多少？"),
        query("两国的关系因为谁而紧张，占全市多少？"),
    )
    assert (traditional.type, traditional.terms, traditional.bigrams) == (
        simplified.type,
        simplified.terms,
        simplified.bigrams,
    )


@given(st.text(max_size=60))
def test_any_text_is_understood(text: str) -> None:
    found = understand(text, text, date(2024, 12, 1))
    kind, asked, unit, _ = understand_kind(text)
    assert (found.type, found.asked, found.unit) == (kind, asked, unit)
    assert asked is None or 0 <= asked.start < asked.end <= len(text)
    assert len(set(found.terms)) == len(found.terms)
    for constraint in found.constraints:
        assert 0 <= constraint.span.start < constraint.span.end <= len(text)


@pytest.mark.parametrize(
    ("question", "asking", "left"),
    [
        ("十四届全国人大闭幕当天，英国政府发布了哪份报告？", "英国", "闭幕"),
        ("成都有多少个5G基站？截至去年底", "基站", "年底"),
    ],
)
def test_the_clause_that_asks_is_told_from_the_others(question: str, asking: str, left: str) -> None:
    asked = understand(question, question, date(2024, 12, 1))
    assert asking in asked.asking
    assert left not in asked.asking
    assert set(asked.asking) < set(asked.bigrams)


def test_a_question_of_one_clause_asks_in_all_of_it() -> None:
    for question in ("成都有多少个5G基站？", "五年前，谁？"):
        asked = understand(question, question, date(2024, 12, 1))
        assert asked.asking == asked.bigrams


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("粮食产量比去年增长多少", None),
        ("与去年同期相比降了多少", None),
        ("今年产量和去年比怎么样", "今年"),
        ("去年比亚迪卖了多少辆", "去年"),
        ("2023年较2022年增长多少", "2023年"),
        ("高中秋季学期几号上课", None),
    ],
)
def test_a_time_that_is_compared_with_bounds_nothing(question: str, period: str | None) -> None:
    asked = understand(question, question, date(2024, 12, 1)).period
    assert (asked and question[asked.start : asked.end]) == period
