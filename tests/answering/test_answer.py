import pytest

from rag.answering.answer import Reply
from rag.answering.grounding import unsupported
from rag.answering.ranking import Limits
from rag.answering.refusal import CLOSEST
from rag.records import Article
from tests.support.hand import (
    LIKELY,
    NEEDED,
    SURE,
    KnownFiles,
    candidate,
    hit,
    make,
    passages,
    query,
    replied,
)

PARKS = make("截至2023年底，成都市已建成公园86座，其中口袋公园31座。", title="成都再添公园")


def asked(
    question: str,
    *found: tuple[Article, str, float],
    needed: Limits = NEEDED,
    confidence: float = SURE,
) -> Reply:
    candidates = [candidate(article, words, margin) for article, words, margin in found]
    hits = [one.hit for one in candidates] or [hit(passage) for passage in passages(PARKS)]
    return replied(query(question), hits, candidates, KnownFiles(), needed, confidence)


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


@pytest.mark.parametrize(
    ("confidence", "certainty"), [(0.8, "sure"), (0.79, "likely"), (0.4, "likely"), (0.39, "")]
)
def test_there_are_three_outcomes(confidence: float, certainty: str) -> None:
    said = asked("成都有多少座公园？", (PARKS, "86座", 8.0), confidence=confidence)
    assert (said.certainty, said.refusal is None) == (certainty, certainty != "")
    assert said.text.startswith("可能：") == (certainty == "likely")


def test_a_likely_answer_asserts_nothing_but_quotes() -> None:
    said = asked("成都有多少座公园？", (PARKS, "86座", 8.0), confidence=LIKELY)
    assert said.text == "可能：“截至2023年底，成都市已建成公园86座，其中口袋公园31座” [1]"
    assert (said.answer, said.as_of) == ("86座", "截至2023年底")


TWICE = make("成都市已建成公园86座。据公园协会介绍，成都市内公园31座。", title="成都的公园")


def test_a_second_likely_answer_stands_beside_the_first_with_its_quote() -> None:
    said = asked("成都有多少座公园？", (TWICE, "86座", 8.0), (TWICE, "31座", 8.0), confidence=LIKELY)
    first, second = said.citations
    assert said.text == f"可能：“{first.quote[:-1]}” [1]；也可能：“{second.quote[:-1]}” [2]"
    assert {"86座", "31座"} == {words for words in ("86座", "31座") if words in first.quote + second.quote}
    # What is said is quoted, as for one that is sure: the ledger of numbers holds for both quotes.
    assert unsupported(said.text, [first.quote, second.quote]) == []
    assert unsupported(said.text, [first.quote]) != []


@pytest.mark.parametrize(
    ("text", "question", "other", "margins"),
    [
        (
            "成都已有公园86座，其中口袋公园31座。",
            "成都有多少座公园？",
            "31座",
            (8.0, 8.0),
        ),  # the same sentence
        ("成都市已建成公园86座。据介绍，成都市内公园31座。", "成都有多少座公园？", "31座", (15.0, -15.0)),
        ("2023年成都有公园86座。2019年成都有公园31座。", "2023年成都有多少座公园？", "31座", (8.0, 8.0)),
        ("成都有公园86座。据介绍，成都市内公园共八十六座。", "成都有多少座公园？", "八十六座", (8.0, 8.0)),
    ],
)
def test_what_is_no_other_answer_or_far_behind_is_not_shown_as_one(
    text: str, question: str, other: str, margins: tuple[float, float]
) -> None:
    story = make(text)
    said = asked(question, (story, "86座", margins[0]), (story, other, margins[1]), confidence=LIKELY)
    assert said.answer == "86座"
    assert "也可能" not in said.text


def test_a_sure_answer_has_no_second() -> None:
    both = ((TWICE, "86座", 8.0), (TWICE, "31座", 8.0))
    assert "可能" not in asked("成都有多少座公园？", *both).text


def test_what_seems_to_ask_for_a_poem_is_answered_only_where_that_is_sure() -> None:
    question = "写一首诗的成都诗人是谁？"
    poet = make("写一首诗的成都诗人是林晓岚。")
    assert asked(question, (poet, "林晓岚", 8.0)).certainty == "sure"
    said = asked(question, (poet, "林晓岚", 8.0), confidence=LIKELY)
    assert said.refusal is not None
    assert said.refusal.reason == "not_quotable"


def test_another_time_that_the_text_states_is_told_as_the_reason() -> None:
    said = asked("2021年成都有多少座公园？", (make("2023年成都有公园86座。"), "86座", 20.0), confidence=1.0)
    assert said.refusal is not None
    assert (said.refusal.reason, said.refusal.constraint) == ("constraint_not_met", "time: 2021年")
    assert said.text == "相近的报道说的是2023年，不是2021年。"
    assert said.citations == ()
    assert "2023年" in said.closest[0].quote


def test_another_place_costs_but_proves_nothing() -> None:
    said = asked("上海有多少座公园？", (PARKS, "86座", 20.0), confidence=0.1)
    assert said.refusal is not None
    assert said.refusal.reason == "no_evidence"
    assert "成都" not in said.text


def test_every_source_of_a_value_is_cited_and_few_are_closest() -> None:
    stories = [make("成都市已建成公园86座。", title=f"第{n}篇") for n in range(7)]
    said = asked("成都有多少座公园？", *((story, "86座", 8.0) for story in stories))
    assert [one.number for one in said.citations] == list(range(1, len(stories) + 1))
    said = asked("上海有多少座公园？", *((story, "86座", 8.0) for story in stories), confidence=0.1)
    assert [one.number for one in said.closest] == list(range(1, CLOSEST + 1))


@pytest.mark.parametrize(
    "question",
    [
        "写一首诗",
        "12*3等于几",
        "3加5等于多少？",
        "现在几点？",
        "明天会下雨吗",
        "帮我翻译成英语",
        "能不能帮我写一首诗",
    ],
)
def test_what_no_quotation_answers_is_said_at_once(question: str) -> None:
    said = asked(question, (PARKS, "86座", 30.0), confidence=LIKELY)
    assert said.refusal is not None
    assert (said.refusal.reason, said.confidence, said.closest) == ("not_quotable", 0.0, ())


@pytest.mark.parametrize("question", ["您好！", "谢谢", "你是谁？"])
def test_courtesy_is_returned_and_nothing_searched_for_it(question: str) -> None:
    said = asked(question, (PARKS, "86座", 30.0))
    assert said.refusal is not None
    assert (said.refusal.reason, said.certainty, said.closest, said.citations) == ("courtesy", "", (), ())
    assert said.text == said.refusal.message


def test_a_greeting_before_a_question_is_passed_over() -> None:
    assert asked("你好，成都有多少座公园", (PARKS, "86座", 8.0)).answer == "86座"


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
    assert said.text.startswith("库中没有找到2024年的报道；最近的是：")
    assert "今年" not in said.text


def test_every_relative_year_is_named_by_its_number() -> None:
    old = make("2021年成都市已建成公园60座。")
    for word, year in (("今年", 2024), ("去年", 2023), ("上年", 2023), ("前年", 2022)):
        said = asked(f"{word}成都有多少座公园？", (old, "60座", 9.0))
        assert said.text.startswith(f"库中没有找到{year}年的报道；最近的是：")


def test_a_quoted_sentence_keeps_the_article_s_own_year_words() -> None:
    from rag.answering.answer import _own_time

    asked = query("成都今年人工智能产业规模多大？")
    quoted = "“2024年前三季度突破800亿元，今年有望成为千亿级产业”"
    assert quoted in _own_time(asked, quoted, "2024年前三季度", quoted)
    assert "2024年前三季度规模" in _own_time(asked, "今年规模800亿元", "2024年前三季度", quoted)


def test_what_is_not_found_within_filters_is_not_said_of_all_the_library() -> None:
    from rag.answering.answer import narrowed

    nothing = replied(query("成都有多少座公园？"), [], [], KnownFiles())
    assert nothing.text.startswith("库中没有找到")
    told = narrowed(nothing)
    assert told.refusal is not None
    assert told.refusal.message.startswith("筛选范围内没有找到")
    assert told.text == told.refusal.message
