"""A subject, or what is new, is told in sentences of the articles."""

from collections.abc import Iterator
from datetime import date

import pytest

import rag.overview
from rag.bot import Bot
from rag.config import read_settings
from rag.index.build.builder import build
from rag.models.embedder import load_embedder
from rag.records import Answer, BlockKind
from rag.render.answer_html import answer_html
from rag.render.answer_text import answer_text
from tests.support.fakes import write_news

pytestmark = pytest.mark.model

TODAY = date(2024, 12, 1)


def told(bot: Bot, question: str) -> Answer:
    answer = bot.ask(question, today=TODAY)
    assert answer.refusal is not None
    assert answer.refusal.reason == "overview"
    assert (answer.answer, answer.citations, answer.certainty) == ("", (), "")
    return answer


def test_all_names_what_the_module_offers() -> None:
    assert rag.overview.__all__ == ["overview"]


@pytest.mark.parametrize(
    "question", ["介绍一下成都工业互联网", "重庆5G基站的情况怎么样", "概括一下成都人工智能产业"]
)
def test_a_subject_is_told_in_whole_sentences_of_its_article(seeds_bot: Bot, question: str) -> None:
    answer = told(seeds_bot, question)
    assert 1 < len(answer.closest) <= 4
    assert len({one.quote for one in answer.closest}) == len(answer.closest)
    for one in answer.closest:
        article = seeds_bot.store.article(one.article_id)
        assert article.text[one.start : one.end] == one.quote
        assert one.quote.rstrip("”\n").endswith(("。", "！", "？"))
        assert one.verified == "verified"
    assert "要点（逐句引自原文）" in answer_text(answer)
    assert answer.understood_as == question


def test_what_is_new_is_told_by_headlines(seeds_bot: Bot) -> None:
    answer = told(seeds_bot, "今天有什么新闻？")
    assert {one.kind for one in answer.closest} == {BlockKind.TITLE}
    assert "没有注明2024-12-01的报道" in answer.text


def test_a_subject_that_no_article_has_is_refused_as_ever(seeds_bot: Bot) -> None:
    answer = seeds_bot.ask("介绍一下量子计算机", today=TODAY)
    assert answer.refusal is not None
    assert answer.refusal.reason == "no_evidence"


def test_the_page_shows_key_points_and_no_refusal(seeds_bot: Bot) -> None:
    page = answer_html(told(seeds_bot, "介绍一下成都工业互联网"))
    assert "要点" in page
    assert "未作答" not in page
    assert "可能相关" not in page


@pytest.fixture(scope="module")
def harbour(remembered: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("harbour")
    rows = [
        {
            "title": f"{paper}{day}日要闻",
            "text": "渔港设有冷库。",
            "publisher": paper,
            "date": f"2024-03-{day:02}",
        }
        for paper in ("湾区晚报", "渔业日报")
        for day in (1, 9)
    ]
    settings = read_settings({}, index=folder / "index")
    build([write_news(folder / "a.jsonl", rows)], settings.index, load_embedder(settings))
    with Bot.open(settings) as bot:
        yield bot


def test_what_is_new_is_told_within_the_filters(harbour: Bot) -> None:
    answer = harbour.ask("最近有什么新闻？", today=TODAY, until="2024-03-05")
    assert answer.refusal is not None
    assert answer.refusal.message == "筛选范围内最新的报道如下。"
    assert {one.published for one in answer.closest} == {"2024-03-01"}
    papers = harbour.ask("最近有什么新闻？", today=TODAY, publisher="渔业日报").closest
    assert [one.quote for one in papers] == ["渔业日报9日要闻", "渔业日报1日要闻"]
    today = harbour.ask("今天有什么新闻？", today=TODAY, publisher="渔业日报")
    assert today.text.startswith("筛选范围内没有注明2024-12-01的报道")


def test_where_the_filters_let_nothing_through_nothing_is_told(seeds_bot: Bot) -> None:
    answer = seeds_bot.ask("今天有什么新闻？", today=TODAY, publisher="没有这家报纸")
    assert answer.refusal is not None
    assert answer.refusal.reason != "overview"
