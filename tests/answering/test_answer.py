import pytest

from rag.answering.refusal import CLOSEST
from rag.records import Article
from tests.support.hand import KnownFiles, candidate, hit, make, passages, query, replied

PARKS = make("截至2023年底，成都市已建成公园86座，其中口袋公园31座。", title="成都再添公园")


def asked(question: str, *found: tuple[Article, str, float], least: float | None = None):  # type: ignore[no-untyped-def]
    candidates = [candidate(article, words, margin) for article, words, margin in found]
    hits = [one.hit for one in candidates] or [hit(passage) for passage in passages(PARKS)]
    return replied(query(question), hits, candidates, KnownFiles(), least)


def test_the_best_candidate_is_said_quoted_and_valued() -> None:
    said = asked("成都有多少座公园？", (PARKS, "86座", 8.0), (PARKS, "31座", 2.0))
    assert said.refusal is None
    assert (said.answer, said.as_of) == ("86座", "截至2023年底")
    assert said.text == "截至2023年底，成都有86座公园 [1]"
    assert said.value is not None
    assert (said.value.number, said.value.unit) == (86, "座")


def test_no_hits_and_no_candidates_are_no_evidence() -> None:
    assert replied(query("成都有多少座公园？"), [], [], KnownFiles()).refusal is not None
    said = asked("成都有多少座公园？")
    assert said.refusal is not None
    assert said.refusal.reason == "no_evidence"
    assert len(said.closest) == 1


def test_what_is_less_probable_than_wanted_is_refused() -> None:
    assert asked("成都有多少座公园？", (PARKS, "86座", 8.0), least=1.0).refusal is not None
    assert asked("成都有多少座公园？", (PARKS, "86座", -30.0), least=0.0).refusal is None


def test_an_unmet_demand_is_told_with_what_there_is() -> None:
    said = asked("上海有多少座公园？", (PARKS, "86座", 20.0), least=0.0)
    assert said.refusal is not None
    assert (said.refusal.reason, said.refusal.constraint) == ("constraint_not_met", "place: 上海")
    assert said.text == "库里只有成都的说法，没有上海的。"
    assert said.citations == ()
    assert [one.answer_start for one in said.closest] == [None]


def test_every_source_of_a_value_is_cited_and_few_are_closest() -> None:
    stories = [make("成都市已建成公园86座。", title=f"第{n}篇") for n in range(7)]
    said = asked("成都有多少座公园？", *((story, "86座", 8.0) for story in stories))
    assert [one.number for one in said.citations] == list(range(1, len(stories) + 1))
    said = asked("上海有多少座公园？", *((story, "86座", 8.0) for story in stories))
    assert [one.number for one in said.closest] == list(range(1, CLOSEST + 1))


@pytest.mark.parametrize(
    "question",
    [
        "写一首诗",
        "12*3等于几",
        "3加5等于多少？",
        "现在几点？",
        "明天会下雨吗",
        "您好",
        "帮我翻译成英语",
        "能不能帮我写一首诗",
    ],
)
def test_what_no_quotation_answers_is_said_at_once(question: str) -> None:
    said = asked(question, (PARKS, "86座", 30.0))
    assert said.refusal is not None
    assert (said.refusal.reason, said.confidence, said.closest) == ("not_quotable", 0.0, ())


@pytest.mark.parametrize("question", ["谁写了这首诗？", "成都公园有多少座？", "天气对公园有什么影响？"])
def test_a_question_about_such_things_is_not_refused_for_its_words(question: str) -> None:
    said = asked(question, (PARKS, "86座", 8.0))
    assert said.refusal is None or said.refusal.reason != "not_quotable"


def test_a_list_is_also_given_item_by_item() -> None:
    firms = make("成都吸引百度、科大讯飞、华为等企业落地合作。")
    said = asked("哪些企业在成都落地合作？", (firms, "百度、科大讯飞、华为", 9.0))
    assert said.answers == ("百度", "科大讯飞", "华为")


def test_an_uncovered_year_is_answered_with_the_newest_and_labelled() -> None:
    old, new = (
        make(f"{year}年成都市已建成公园{n}座。", title=f"{year}") for year, n in ((2021, 60), (2023, 86))
    )
    said = asked("今年成都有多少座公园？", (old, "60座", 9.0), (new, "86座", 8.0))
    assert said.period_shift
    assert said.text.startswith("库中没有2024年的报道；最近的是：")
    assert "今年" not in said.text


def test_every_relative_year_is_named_by_its_number() -> None:
    old = make("2021年成都市已建成公园60座。")
    for word, year in (("今年", 2024), ("去年", 2023), ("上年", 2023), ("前年", 2022)):
        said = asked(f"{word}成都有多少座公园？", (old, "60座", 9.0))
        assert said.text.startswith(f"库中没有{year}年的报道；最近的是：")


def test_a_quoted_sentence_keeps_the_article_s_own_year_words() -> None:
    from rag.answering.answer import _shift

    asked = query("成都今年人工智能产业规模多大？")
    quoted = "“2024年前三季度突破800亿元，今年有望成为千亿级产业”"
    assert quoted in _shift(asked, quoted, "2024年前三季度")
    assert "2024年前三季度规模" in _shift(asked, "今年规模800亿元", "2024年前三季度")
