from datetime import date

import pytest

from rag.answering.constraints import unmet
from rag.answering.context import Scene
from rag.answering.periods import (
    Relation,
    Stated,
    governing,
    holds,
    is_covered,
    is_of_that_day,
    is_shift,
    relation,
)
from rag.text.dates import whens
from tests.support.hand import candidate, make, query

TODAY = date(2025, 12, 10)


def stated(words: str, base: date = TODAY) -> Stated:
    [found] = whens(words, base)
    return Stated(found, words[found.start : found.end])


@pytest.mark.parametrize(
    ("asked", "said", "expected"),
    [
        ("2024年前三季度", "2024年1—9月", "met"),
        ("2024年上半年", "2024年前6个月", "met"),
        ("2024年上半年", "2024年一季度", "contained"),
        ("2024年上半年", "2024年前三季度", "containing"),
        ("2024年一季度", "2024年", "containing"),
        ("2024年二季度", "2024年4月", "contained"),
        ("2024年下半年", "2024年上半年", "other"),
        ("2024年", "2023年", "other"),
        ("2024年5月至8月", "2024年上半年", "overlapping"),
        ("2024年7月", "2024年7月1—31日", "met"),
        ("2024年7月5日", "2024年7月5日16时30分", "met"),
        ("2024年7月5日", "2024年7月", "containing"),
        ("2024年", "2024年底", "met"),
        ("2024年", "截至2024年底", "met"),
        ("2024年", "截至2024年8月", "contained"),
        ("2024年底", "截至2024年末", "met"),
        ("截至2024年底", "2024年", "met"),
        ("2019年以来", "2019年至今", "met"),
        ("2019年以来", "2021年以来", "contained"),
        ("2024年", "自2022年4月1日起", "met"),
        ("2021年", "自2022年4月1日起", "other"),
        ("2024年", "2022年以来", "containing"),
        ("今年", "今年前三季度", "met"),
        ("今年", "今年二季度", "contained"),
        ("2025年全年", "2025年前三季度", "contained"),
        ("2021-2022年", "2021-2022财年", "met"),
        ("去年12月", "去年12月28日", "contained"),
    ],
)
def test_two_periods_lie_to_each_other_as_the_calendar_says(asked: str, said: str, expected: str) -> None:
    assert relation(stated(asked), stated(said), TODAY) is Relation(expected)


def test_what_has_no_days_is_unknown() -> None:
    assert relation(stated("2024年"), stated("近年来"), TODAY) is Relation.UNKNOWN


@pytest.mark.parametrize(
    ("question", "said", "expected"),
    [
        ("北江县2024年上半年产值多少亿元？", "2024年前三季度", False),
        ("北江县2024年产值多少亿元？", "2024年一季度", False),
        ("北江县2024年产值多少亿元？", "截至2024年底", True),
        ("北江县2024年洪灾损失了多少头牛？", "2024年7月5日", True),
        ("北江县2024年洪灾损失了多少头牛？", "2024年7月", True),
        ("北江县2024年营收是多少？", "2024年7月", False),
        ("北江县2024年洪灾损失了多少头牛？", "2024年前三季度", False),
        ("北江县2025年产值多少亿元？", "力争2025年", False),
        ("北江县2025年产值目标是多少亿元？", "力争2025年", True),
        ("北江县2027年产值多少亿元？", "到2027年", True),
        ("北江县2025年8月8日拍卖了多少吨粮食？", "将于8月8日", True),
        ("北江县2023年营收多少亿元？", "2023财年", False),
        ("北江县2023财年营收多少亿元？", "2023财年", True),
        ("北江县2024年上半年谁当选县长？", "2024年前三季度", True),
        ("北江县2024年什么时候涨水？", "2024年7月", True),
        ("北江县2024年什么时候涨水？", "2023年7月", False),
        ("北江县有多少头牛？", "2023年7月", True),
    ],
)
def test_a_figure_holds_for_its_own_period_and_an_event_for_any_it_fell_into(
    question: str, said: str, expected: bool
) -> None:
    assert holds(query(question, TODAY), stated(said)) is expected


def scene_of(text: str, answer: str, published: str = "", title: str = "") -> Scene:
    return Scene.around(candidate(make(text, published=published, title=title), answer))


def times(question: str, scene: Scene) -> list[str]:
    period = query(question, TODAY).period
    assert period is not None
    return [one.words for one in governing(scene, period)]


def test_who_asks_for_a_day_is_answered_by_the_nearest_day_and_else_by_the_nearest_period() -> None:
    scene = scene_of("2024年10月27日，31个县中有27个公布了2024年前三季度数据。", "27个")
    assert times("2024年10月27日有多少个县公布了数据？", scene) == ["2024年10月27日"]
    other = scene_of("2024年前三季度，27个县受灾。2024年10月27日，县里说还有3个。", "27个")
    assert times("2024年前三季度有多少个县受灾？", other) == ["2024年前三季度"]


def test_an_article_without_a_date_takes_the_year_from_the_sentences_before() -> None:
    scene = scene_of("2015年3月，码头动工。7月卸货32万吨。", "32万吨")
    assert missing("2015年7月卸货多少万吨？", scene) == []
    assert missing("2016年7月卸货多少万吨？", scene) == ["2016年7月"]


@pytest.mark.parametrize(("between", "told"), [(20, True), (300, False)])
def test_the_year_is_looked_for_some_paragraphs_back(between: int, told: bool) -> None:
    filler = ["码头上人来人往，一片繁忙。"] * between
    story = make("2015年3月，码头动工。", *filler, "7月卸货32万吨。")
    scene = Scene.around(candidate(story, "32万吨"))
    assert (missing("2015年7月卸货多少万吨？", scene) == []) == told


def missing(question: str, scene: Scene, today: date = TODAY) -> list[str]:
    asked = query(question, today)
    return [one.asked for one in unmet(asked, scene) if one.kind == "time"]


HALF = "上半年，北江县产值达120亿元，增长4%。"


@pytest.mark.parametrize(
    ("question", "text", "answer", "published", "refused"),
    [
        ("今年上半年北江县产值多少亿元？", HALF, "120亿元", "2025-07-20", False),
        ("今年上半年北江县产值多少亿元？", HALF, "120亿元", "2024-07-20", False),  # labelled, not refused
        ("今年前三季度北江县产值多少亿元？", HALF, "120亿元", "2025-07-20", True),
        ("今年一季度北江县产值多少亿元？", HALF, "120亿元", "2025-07-20", True),
        ("北江县2025年上半年产值多少亿元？", HALF, "120亿元", "2025-07-20", False),
        ("北江县2024年上半年产值多少亿元？", HALF, "120亿元", "2025-07-20", True),
        ("北江县2025年上半年产值多少亿元？", HALF, "120亿元", "", True),
        ("去年北江县产值多少亿元？", "北江县力争全年产值突破300亿元。", "300亿元", "2025-07-20", True),
        ("明年北江县门票多少钱？", "北江县自明年1月起门票涨到80元。", "80元", "2025-07-20", False),
        ("上周北江县接诊多少人？", "11月10日至16日北江县接诊300人。", "300人", "2025-11-19", False),
        ("10月北江县接诊多少人？", "9月北江县接诊300人。", "300人", "2025-11-19", True),
        ("11月19日北江县接诊多少人？", "北江县接诊300人。", "300人", "2025-11-19", False),
        ("11月19日北江县接诊多少人？", "今日，北江县接诊300人。", "300人", "2025-11-19", False),
        ("11月18日北江县接诊多少人？", "昨日，北江县接诊300人。", "300人", "2025-11-19", False),
        ("11月18日北江县接诊多少人？", "18日，北江县接诊300人。", "300人", "2025-11-19", False),
        ("11月17日北江县接诊多少人？", "18日，北江县接诊300人。", "300人", "2025-11-19", True),
        ("11月19日北江县接诊多少人？", "18日，北江县接诊300人。", "300人", "2025-11-19", True),
    ],
)
def test_a_figure_of_another_time_is_not_said_as_the_asked_one(
    question: str, text: str, answer: str, published: str, refused: bool
) -> None:
    assert bool(missing(question, scene_of(text, answer, published))) is refused


def test_an_article_of_that_very_day_is_of_that_day_unless_its_sentence_names_another() -> None:
    asked = query("2025年11月19日北江县接诊多少人？", TODAY).period
    assert asked is not None
    assert is_of_that_day(scene_of("北江县接诊300人。", "300人", "2025-11-19"), asked)
    assert not is_of_that_day(scene_of("北江县接诊300人。", "300人", "2025-11-18"), asked)
    assert not is_of_that_day(scene_of("北江县12日接诊300人。", "300人", "2025-11-19"), asked)


@pytest.mark.parametrize(
    ("question", "said", "shifted"),
    [
        ("本月北江县接诊多少人？", "2025年2月", True),  # 31 days and 28
        ("上个月北江县接诊多少人？", "2025年10月", True),
        ("上个月北江县接诊多少人？", "2025年上半年", False),
        ("上周北江县接诊多少人？", "2025年10月", False),
    ],
)
def test_a_month_named_from_today_is_shifted_to_any_month_and_to_nothing_longer(
    question: str, said: str, shifted: bool
) -> None:
    assert is_shift(query(question, TODAY), stated(said)) is shifted


def test_what_is_in_force_covers_the_years_after_it() -> None:
    scene = scene_of("自2022年4月1日起门票80元。", "80元", "2022-03-01")
    assert is_covered(query("今年门票多少钱？", TODAY), scene)
    assert not is_covered(query("今年门票多少钱？", date(2021, 5, 1)), scene)
