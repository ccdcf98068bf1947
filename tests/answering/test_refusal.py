"""What a refusal says is proved by what is shown beside it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.constraints import Unmet
from rag.answering.ranking import PROVABLE, choose
from rag.answering.refusal import CLOSEST, INSTEAD, MOST_MISSING, NOTHING, closest, reason
from rag.records import Hit
from tests.support.hand import KnownFiles, candidate, hit, make, passages, query


def shelf(*texts: str, title: str = "") -> list[Hit]:
    stories = [make(text, title=title) for text in texts]
    return [hit(passage, number=n) for n, story in enumerate(stories, 1) for passage in passages(story)]


def told(question: str, *texts: str, title: str = "") -> str:
    refusal, proof = reason(query(question), shelf(*texts, title=title), [], 0.5)
    assert (refusal.reason, refusal.constraint, proof) == ("no_evidence", "", None)
    return refusal.message


def named(message: str) -> list[str]:
    return re.findall("“([^”]+)”", message)


def test_an_asked_word_that_no_article_has_is_named() -> None:
    assert named(told("成都有多少座图书馆？", "成都有公园86座。")) == ["图书馆"]
    assert named(told("成都有多少座图书馆？", "成都有公园86座。", "市图书馆开放。")) == []


def test_a_word_of_the_headline_or_of_another_passage_is_not_missing() -> None:
    assert named(told("成都有多少座图书馆？", "成都馆藏丰富。", title="图书馆开放")) == []
    story = make("成都有公园86座。", "图书馆开放。")
    only_first = [hit(passages(story)[0])]
    assert reason(query("成都有多少座图书馆？"), only_first, [], 0.5)[0].message == NOTHING


def test_the_words_are_few_rarest_first_and_as_the_question_writes_them() -> None:
    message = told("成都7G基站、航空母舰和图书馆各有多少？", "成都有公园86座。")
    assert len(named(message)) == MOST_MISSING
    assert named(told("成都有多少7G基站？", "成都基站不少。")) == ["7G"]


@pytest.mark.parametrize("question", ["谁当选了？", "有多少个？", "哪些企业发展了？", "哪位球员夺冠？"])
def test_what_names_nothing_or_asks_is_not_named(question: str) -> None:
    assert told(question, "今天天气晴朗。") == NOTHING


def test_without_any_article_nothing_is_named() -> None:
    assert told("成都有多少座图书馆？") == NOTHING


WORDS = ["图书馆", "公园", "航空母舰", "基站", "5G", "AI", "成都", "上海", "小学", "企业", "驿站", "人工智能"]


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True),
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), max_size=4),
)
def test_no_named_word_stands_in_a_shown_article(asked: list[str], stories: list[list[str]]) -> None:
    texts = [f"今天，{'和'.join(words)}都来了。" for words in stories]
    message = told(f"{'、'.join(asked)}有多少？", *texts)
    assert not [word for word in named(message) for text in texts if word in text]


def test_a_conflict_is_told_of_the_best_choice_that_it_stands_against_and_proved_first() -> None:
    asked = query("2021年成都有多少座公园？")
    first, second = make("2023年成都有公园86座。"), make("2019年有31座。")
    found = choose(asked, [candidate(first, "86座", 9.0), candidate(second, "31座", -9.0)])
    hits = [one.candidate.hit for one in reversed(found)]
    refusal, proof = reason(asked, hits, found, 0.0)
    assert refusal.message == "相近的报道说的是2023年，不是2021年。"
    assert refusal.constraint == "time: 2021年"
    shown = closest(asked, hits, proof, KnownFiles())
    assert [one.number for one in shown] == [1, 2]
    assert "2023年" in shown[0].quote
    assert "2019年" in shown[1].quote


def test_what_the_quote_tells_of_beside_another_is_not_denied() -> None:
    asked, text = query("三价流感疫苗多少钱？"), "三价流感疫苗每剂48元，四价流感疫苗每剂128元。"
    found = choose(asked, [candidate(make(text), "128元", 9.0)])
    assert found[0].vetoed == Unmet("name", "三价流感疫苗", "四价流感疫苗")
    assert reason(asked, [one.candidate.hit for one in found], found, 0.0)[0].message == NOTHING


def test_a_passage_is_not_shown_twice() -> None:
    asked = query("2021年成都有多少座公园？")
    found = choose(asked, [candidate(make("2023年成都有公园86座。"), "86座", 9.0)])
    hits = [found[0].candidate.hit]
    assert len(closest(asked, hits, found[0], KnownFiles())) == 1
    many = [*hits, *shelf(*(f"公园{n}座。" for n in range(9)))]
    assert len(closest(asked, many, found[0], KnownFiles())) == CLOSEST


def test_every_veto_has_its_sentence() -> None:
    assert set(INSTEAD) == PROVABLE
    for kind, sentence in INSTEAD.items():
        unmet = Unmet(kind, "问的", "说的")
        assert "说的" in sentence.format(asked=unmet.asked, found=unmet.found)
