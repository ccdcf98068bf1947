import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from rag.bot import Bot

TODAY = date(2024, 12, 1)


@pytest.mark.model
@pytest.mark.usefixtures("anew")
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
