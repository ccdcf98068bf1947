"""The real bot asked several questions in one message, over eleven articles of their own.

The questions of `tests/data/parts` were written before the first was asked; `put_away.jsonl` was not looked at before
its first measurement (28 of 30). The strings of a part are those of which one must be quoted, none where no article
tells.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rag.answering.grounding import answer_gaps
from rag.bot import Bot
from rag.config import read_settings
from rag.index.build.builder import build
from rag.models.embedder import load_embedder
from rag.records import Answer, Turn
from rag.request import Request
from tests.support.paths import ROOT

pytestmark = pytest.mark.model

DATA = ROOT / "tests" / "data" / "parts"
TODAY = date(2025, 12, 25)
# Measured when it was written: 57 of 60 messages with all parts quoted, 50 with an answer of its own for each part.
QUOTED, EACH_RIGHT = 0.9, 0.75


@pytest.fixture(scope="module")
def bot(remembered: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    index = tmp_path_factory.mktemp("parts")
    settings = read_settings({}, index=index)
    build([DATA / "articles.jsonl"], index, load_embedder(settings))
    with Bot.open(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def asked(bot: Bot) -> list[tuple[dict[str, Any], Answer]]:
    lines = [line for name in ("questions", "put_away") for line in rows(DATA / f"{name}.jsonl")]
    return [(row, bot.ask(row["question"], today=TODAY)) for row in lines]


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def quoted(answer: Answer) -> list[str]:
    return ["\n".join([one.quote, *(context.text for context in one.context)]) for one in answer.citations]


def is_quoted(row: dict[str, Any], answer: Answer) -> bool:
    quotes = quoted(answer)
    return all(any(gold in quote for gold in part for quote in quotes) for part in row["parts"] if part)


def is_each_right(row: dict[str, Any], answer: Answer) -> bool:
    if len(answer.parts) != len(row["parts"]):
        return False
    told = zip(row["parts"], answer.parts, strict=True)
    return all(
        any(gold in part.answer for gold in gold_of) if gold_of else part.refused for gold_of, part in told
    )


def test_all_parts_of_most_messages_are_quoted(asked: list[tuple[dict[str, Any], Answer]]) -> None:
    assert sum(is_quoted(*one) for one in asked) >= QUOTED * len(asked)


def test_each_part_of_most_messages_has_its_own_answer(asked: list[tuple[dict[str, Any], Answer]]) -> None:
    assert sum(is_each_right(*one) for one in asked) >= EACH_RIGHT * len(asked)


def test_what_is_promised_of_an_answer_holds_for_that_to_several(
    asked: list[tuple[dict[str, Any], Answer]], bot: Bot
) -> None:
    for _, answer in asked:
        assert answer_gaps(json.loads(json.dumps(answer.to_json()))) == []
        assert [one.number for one in answer.citations] == list(range(1, len(answer.citations) + 1))
        assert answer.refused == all(part.refused for part in answer.parts or (answer,))
        assert bool(answer.certainty) != answer.refused
        for citation in (*answer.citations, *answer.closest):
            assert (
                bot.store.article(citation.article_id).text[citation.start : citation.end] == citation.quote
            )
        for part in answer.parts:
            assert part.parts == ()
            if part.refused:
                assert f"“{part.question.rstrip('？')}”：{part.text}" in answer.text


def test_two_things_of_one_list_do_not_share_an_answer(bot: Bot) -> None:
    answer = bot.ask("《雁峰县志》与《济众医方》修复分别用了多长时间？", today=TODAY)
    assert [part.answer for part in answer.parts] == ["14个月", "9个月"]


def test_a_later_turn_takes_up_the_last_question(bot: Bot) -> None:
    first = bot.ask("万年桥有多长，建于哪一年？", today=TODAY)
    turn = Turn(first.understood_as, first.answer)
    assert bot.ask("通津桥呢？", history=[turn], today=TODAY).understood_as.endswith("通津桥建于哪一年？")


def test_a_single_question_has_no_parts(bot: Bot) -> None:
    assert bot.ask("丰年塔有多高？", today=TODAY).parts == ()


def test_every_question_says_its_stages(bot: Bot) -> None:
    stages: list[str] = []
    bot.run(Request("丰年塔有多高？是谁设计的？"), stages.append)
    assert stages == ["retrieving", "reading"] * 2


def test_what_is_explained_is_the_first_question_and_each_part_its_own(bot: Bot) -> None:
    answer = bot.ask("丰年塔有多高？是谁设计的？", explain=True)
    assert answer.explain == answer.parts[0].explain
    said = [part["explain"]["question"]["text"] for part in answer.to_json()["parts"]]
    assert said == ["丰年塔有多高？", "丰年塔是谁设计的？"]


def test_questions_of_different_news_are_answered_each_from_its_own(bot: Bot) -> None:
    answer = bot.ask("万年桥有多长？红旗里小区有多少户居民？", today=TODAY)
    assert [part.answer for part in answer.parts] == ["96米", "1260户"]


def test_what_the_news_of_the_first_part_does_not_tell_is_not_taken_from_other_news(bot: Bot) -> None:
    answer = bot.ask("野马滩保护站站长是谁？午餐多少钱？", today=TODAY)
    assert [part.refused for part in answer.parts] == [False, True]
