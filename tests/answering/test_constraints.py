import pytest

from rag.answering.constraints import Unmet, unmet
from rag.answering.context import Scene
from rag.records import Article
from tests.support.hand import candidate, make, query

PARKS = make(
    "截至2023年底，成都市已建成公园86座。建成4G基站约7.8万个，建成5G基站超8万个。",
    "第二批产品91个，总金额7000万美元。",
    title="成都晒出成绩单",
)


def failed(question: str, words: str, article: Article = PARKS) -> list[tuple[str, str, str]]:
    scene = Scene.around(candidate(article, words))
    return [(one.kind, one.asked, one.found) for one in unmet_in(question, scene)]


def unmet_in(question: str, scene: Scene) -> tuple[Unmet, ...]:
    asked = query(question)
    return unmet(asked, scene)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("成都有多少座公园？", "86座"),
        ("2023年底成都有多少座公园？", "86座"),
        ("四川成都市有多少座公园", "86座"),
        ("成都有多少个5G基站？", "超8万个"),
        ("第二批产品有多少个？", "91个"),
        ("总金额是多少美元？", "7000万美元"),
    ],
)
def test_evidence_that_says_what_is_asked_meets_every_demand(question: str, words: str) -> None:
    assert failed(question, words) == []


@pytest.mark.parametrize(
    ("question", "words", "expected"),
    [
        ("上海有多少座公园？", "86座", ("place", "上海", "成都")),
        ("2021年成都有多少座公园？", "86座", ("time", "2021年", "")),
        ("成都有多少个7G基站？", "超8万个", ("name", "7G", "5G")),
        ("第三批产品有多少个？", "91个", ("ordinal", "第三批", "第2批")),
        ("总金额是多少欧元？", "7000万美元", ("unit", "欧元", "美元")),
    ],
)
def test_what_holds_for_something_else_is_named(
    question: str, words: str, expected: tuple[str, str, str]
) -> None:
    found = failed(question, words)
    assert expected[:2] in [(kind, asked) for kind, asked, _ in found]
    if expected[2]:
        assert expected[2].casefold() in [what.casefold() for _, _, what in found]


def test_this_year_is_never_unmet() -> None:
    assert failed("今年成都有多少座公园？", "86座") == []


def test_a_word_is_no_number() -> None:
    scene = Scene.around(candidate(PARKS, "公园", fits=False))
    assert "form" in [found.kind for found in unmet_in("成都有多少座公园？", scene)]


def test_the_year_of_the_article_will_do_where_no_time_is_near() -> None:
    article = make("成都有公园86座。", published="2021-05-01")
    assert failed("2021年成都有多少座公园？", "86座", article) == []
    assert failed("2019年成都有多少座公园？", "86座", article)[0][0] == "time"


NEW_AREA = make(
    "四川天府新区凤栖谷科创园区揭牌，首批入驻企业12家。",
    "天府新区的负责人王军说，园区将扩建。",
    title="园区揭牌",
)


@pytest.mark.parametrize("place", ["四川", "成都", "眉山", "天府新区", "四川天府新区", "中国"])
def test_a_new_area_lies_in_its_cities_and_province(place: str) -> None:
    assert "place" not in [kind for kind, _, _ in failed(f"{place}园区的负责人是谁？", "王军", NEW_AREA)]


def test_a_new_area_does_not_lie_elsewhere() -> None:
    assert ("place", "重庆", "天府新区") in failed("重庆园区的负责人是谁？", "王军", NEW_AREA)


def test_an_article_of_the_asked_city_need_not_say_again_which_district() -> None:
    article = make("南京市推进公园建设。", "鼓楼区的负责人是王军。", title="南京建公园")
    assert failed("南京市鼓楼区的负责人是谁？", "王军", article) == []
    other = make("徐州鼓楼区的负责人是王军。", title="徐州建公园")
    assert ("place", "鼓楼区") in [found[:2] for found in failed("南京市鼓楼区的负责人是谁？", "王军", other)]


def test_a_district_counts_as_another_place_only_in_the_clause_of_the_number() -> None:
    sold = make("杭州一案宣判。法院查明，陈某租用余杭区一处仓库，销售金额412万元。")
    assert failed("杭州的销售金额是多少？", "412万元", sold) == []
    of_district = make("杭州旅游升温。余杭区旅游收入412万元。")
    assert failed("杭州的旅游收入是多少？", "412万元", of_district)[0][0] == "place"


COURT = make("法院查明，赵某某获利5万元，钱某获利3万元。李某、周某各被罚款2万元。")


def test_a_phase_belongs_to_its_own_line() -> None:
    lines = make("10号线三期、17号线二期2025年9月开通，13号线二期2027年开通。", title="地铁")
    assert ("ordinal", "14号线二期", "17号线二期") in failed("14号线二期什么时候开通？", "2025年9月", lines)
    assert failed("17号线二期什么时候开通？", "2025年9月", lines) == []


@pytest.mark.parametrize(
    ("question", "words", "found"),
    [
        ("第二批产品要几天？", "91个", "91个"),
        ("成都花了多少？", "86座", ""),  # what is counted is left open
        ("第二批产品在哪里？", "91个", "91个"),
    ],
)
def test_a_figure_is_named_only_where_it_is_surely_of_another_kind(
    question: str, words: str, found: str
) -> None:
    asked = query(question)
    scene = Scene.around(candidate(PARKS, words, fits=False))
    assert [one.found for one in unmet(asked, scene) if one.kind == "form"] == [found]


def test_how_far_something_rose_may_be_told_in_per_cent() -> None:
    grown = make("公司上半年主营收入增长24.75%。")
    scene = Scene.around(candidate(grown, "24.75%", fits=False))
    asked = query("公司主营收入增长了多少？")
    assert [one.found for one in unmet(asked, scene) if one.kind == "form"] == [""]


def test_a_withheld_name_is_not_told_of_by_the_sentence_of_another() -> None:
    court = make(
        "被告人秦某某犯诈骗罪，判处有期徒刑三年六个月。被告人于某犯诈骗罪，判处有期徒刑二年，缓刑三年。两人均退赔2万元。",
        title="秦某某、于某诈骗案宣判",
    )
    assert [one[2] for one in failed("秦某某判了几年？", "二年", court)] == ["于某"]
    assert failed("于某判了几年？", "二年", court) == []
    assert failed("秦某某退了多少钱？", "2万元", court) == []


@pytest.mark.parametrize(
    ("question", "words", "other"),
    [
        ("第九届滨江杯的冠军是哪支球队？", "云麓中学队", True),
        ("第九届滨江杯的冠军是哪支球队？", "清江中学队", False),
        ("第九届滨江杯的上届冠军是哪支球队？", "云麓中学队", False),
        ("第八届滨江杯的冠军是哪支球队？", "云麓中学队", False),
    ],
)
def test_the_edition_before_is_not_the_asked_one(question: str, words: str, other: bool) -> None:
    article = make("第九届滨江杯昨日落幕。上届冠军云麓中学队获得第三名，清江中学队夺冠。")
    assert (("ordinal", "第九届", "上届") in failed(question, words, article)) is other
