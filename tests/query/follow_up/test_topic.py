"""No mixed topics: over two unlike articles that share their words, what leans on a conversation is answered from its article.

The articles and every fact in them are invented. Each says of its own subject what the other says of another, and one
thing that the other does not say at all.
"""

import json
from collections.abc import Iterator

import pytest

from rag.bot import Bot
from rag.config import read_settings
from rag.index.build.builder import build
from rag.models.embedder import load_embedder
from rag.records import Answer, Turn
from rag.text.characters import fold

pytestmark = pytest.mark.model

PORT, LAKE = "南屿港", "白沙湖公园"
ARTICLES = {
    PORT: "南屿港三期工程开工。南屿港三期工程总投资58亿元，计划2027年6月建成。南屿港总经理周启明介绍，三期工程有5个泊位，"
    "年吞吐量1200万吨。港口现有员工860人，码头由中川建设承建。",
    LAKE: "白沙湖公园二期工程开工。白沙湖公园二期工程总投资3.2亿元，计划2026年10月建成。公园负责人沈若兰介绍，二期工程占地410亩，"
    "门票每人35元。公园现有护林员24人，年接待游客90万人次。",
}
# The first question, and what is asked next with the subject that tells it.
BOTH = ["总投资多少？", "什么时候建成？", "谁介绍的？"]
ONLY = {
    PORT: ["有多少个泊位？", "吞吐量是多少？", "由谁承建？"],
    LAKE: ["门票多少钱？", "占地多少亩？", "接待了多少游客？"],
}
FIRST = {PORT: "南屿港三期工程总投资多少？", LAKE: "白沙湖公园二期工程总投资多少？"}
OTHER = {PORT: LAKE, LAKE: PORT}


@pytest.fixture(scope="module")
def bot(remembered: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("topic")
    rows = [
        {"title": f"{name}新一期工程开工", "text": text, "date": "2025-11-20"}
        for name, text in ARTICLES.items()
    ]
    path = folder / "articles.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    settings = read_settings({}, index=folder / "index")
    build([path], folder / "index", load_embedder(settings))
    with Bot.open(settings) as opened:
        yield opened


def talked(bot: Bot, *questions: str) -> list[Answer]:
    """Return the answers to the turns of a conversation, each asked as the page asks it."""
    answers: list[Answer] = []
    for question in questions:
        history = [Turn(one.understood_as, one.answer) for one in answers]
        answers.append(bot.ask(question, history=history))
    return answers


def topic(answer: Answer) -> str:
    """Return the subject of the article that an answer quotes, "" where it is refused."""
    return next((name for name in ARTICLES if not answer.refused and name in answer.citations[0].title), "")


def is_of(subject: str, answer: Answer) -> bool:
    """Tell whether an answer is of the subject's article, refused, or says that it understood another subject."""
    found = topic(answer)
    return found in ("", subject) or fold(found) in fold(answer.understood_as)


def test_each_first_question_is_answered_from_its_article(bot: Bot) -> None:
    assert [topic(talked(bot, FIRST[name])[0]) for name in ARTICLES] == list(ARTICLES)


@pytest.mark.parametrize("subject", ARTICLES)
def test_what_both_articles_say_is_told_of_the_subject(bot: Bot, subject: str) -> None:
    answers = talked(bot, FIRST[subject], *BOTH)
    assert [one.question for one in answers if not is_of(subject, one)] == []
    assert topic(answers[2]) == subject


@pytest.mark.parametrize("subject", ARTICLES)
def test_what_the_subjects_article_says_is_answered_from_it(bot: Bot, subject: str) -> None:
    for question in ONLY[subject]:
        assert topic(talked(bot, FIRST[subject], question)[1]) == subject, question


@pytest.mark.parametrize("subject", ARTICLES)
def test_what_only_the_other_article_says_is_refused_or_labelled(bot: Bot, subject: str) -> None:
    for question in ONLY[OTHER[subject]]:
        answer = talked(bot, FIRST[subject], question)[1]
        assert is_of(subject, answer), (question, answer.understood_as, answer.text)


@pytest.mark.parametrize("subject", ARTICLES)
def test_a_subject_that_is_named_is_followed_from_then_on(bot: Bot, subject: str) -> None:
    other = OTHER[subject]
    answers = talked(bot, FIRST[subject], FIRST[other], *BOTH[1:])
    assert topic(answers[1]) == other
    assert [one.question for one in answers[1:] if not is_of(other, one)] == []


@pytest.mark.parametrize("subject", ARTICLES)
def test_the_subject_outlives_thanks(bot: Bot, subject: str) -> None:
    answers = talked(bot, FIRST[subject], "谢谢", "什么时候建成？")
    assert [one.question for one in answers if not is_of(subject, one)] == []


@pytest.mark.parametrize("subject", ARTICLES)
@pytest.mark.parametrize("between", ["有多少架飞机？", "董事长是谁？"])
def test_the_subject_outlives_a_question_that_is_refused(bot: Bot, subject: str, between: str) -> None:
    answers = talked(bot, FIRST[subject], between, "什么时候建成？", "谁介绍的？")
    assert answers[1].refused
    assert [topic(one) for one in answers[2:]] == [subject, subject]
    assert [one.understood_as for one in answers[2:] if subject not in one.understood_as] == []


def test_no_measure_stands_before_another(bot: Bot) -> None:
    answer = talked(bot, FIRST[PORT], "门票多少钱")[1]
    assert answer.refused or is_of(PORT, answer)
    assert "投资" not in answer.understood_as
