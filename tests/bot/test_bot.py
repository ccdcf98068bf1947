import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from rag.bot import MAX_QUESTION, Bot, Stopwatch, check_question
from rag.errors import AskError

TODAY = date(2024, 12, 1)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (" 有多少 \n公园？ ", "有多少 公园？"),
        ("a", "a"),
        ("公园\ud800", "公园?"),
        ("\u3000公园\u2028有", "公园 有"),
    ],
)
def test_white_space_and_halves_of_characters_go(question: str, expected: str) -> None:
    assert check_question(question) == expected


def test_the_longest_question_is_allowed_and_one_more_is_not() -> None:
    assert len(check_question("问" * MAX_QUESTION)) == MAX_QUESTION
    with pytest.raises(AskError, match=str(MAX_QUESTION + 1)):
        check_question("问" * (MAX_QUESTION + 1))


def test_a_stopwatch_names_its_laps_in_order_and_their_total() -> None:
    clock = Stopwatch()
    clock.lap("read")
    clock.lap("answer")
    laps = clock.laps()
    assert list(laps) == ["read", "answer", "total"]
    assert laps["total"] == pytest.approx(laps["read"] + laps["answer"], abs=0.02)


@pytest.mark.model
def test_threads_that_ask_at_once_get_their_own_answers(seeds_bot: Bot) -> None:
    questions = ["成都有多少5G基站", "成都有多少4G基站", "百裕制药总部在哪里？", "上海有多少5G基站？"]
    alone = [seeds_bot.ask(question, today=TODAY).answer for question in questions]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda question: seeds_bot.ask(question, today=TODAY).answer, questions))
    assert together == alone


@pytest.mark.model
def test_an_answer_tells_what_it_was_made_from(seeds_bot: Bot) -> None:
    info = seeds_bot.ask("成都有多少5G基站", today=TODAY).index
    assert (info.generation, info.articles) == (1, 2)
    assert info.passages > 10
    assert info.embedder
    assert info.reader


def test_asking_imports_nothing_that_reads_files() -> None:
    said = "import sys, rag.bot; print([name for name in ('rag.ingest.articles', 'rag.index.build.builder', 'lxml') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", said], capture_output=True, check=True, text=True)
    assert found.stdout.strip() == "[]"
