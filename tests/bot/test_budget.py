"""What one question or one file may cost: within a count, and given up as soon as nobody waits for it."""

import asyncio
import contextlib
import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import pytest
from fastapi.testclient import TestClient

from rag.bot import Bot
from rag.budget import Budget, FileBudget, budgeted, spend
from rag.config import Settings, read_settings
from rag.errors import ClientLeft, FileTooHard, OverBudget
from rag.index.build.builder import build
from rag.ingest.articles import Refused, read_articles
from rag.ingest.cleaning.credits_and_captions import is_caption, read_byline
from rag.records import Turn
from rag.request import Request
from rag.server.app import create_app
from rag.server.embed.framing import read_headers
from rag.server.service import Server
from rag.text.quantity import quantities
from tests.support.costly import CITIES, FILES, QUESTIONS, quick_bot
from tests.support.fakes import FakeEmbedder
from tests.support.paths import ARTICLES, ROOT, SEEDS


def _pace() -> float:
    """Return how many times as long as on the machine where the limit was set a fixed piece of work takes here."""
    begun, text = time.thread_time(), "成都建成5G基站8万个" * 2000
    for _ in range(40):
        assert sum(len(match[0]) for match in re.finditer("[一-龥]{2}(?=[0-9])", text)) == 8000
        assert len({text[at : at + 2] for at in range(0, len(text), 3)}) < 20
    return max(1.0, (time.thread_time() - begun) / 0.1)


SECONDS = 2.0 * _pace()
"""Processor time that a question may cost beside its reading, on a machine that has other things to do."""
ALIVE = 0.1
"""Seconds until a sign of life."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("costly")
    index = folder / "index"
    build((SEEDS, ARTICLES), index, FakeEmbedder())
    return read_settings({"RAG_INDEX": str(index), "RAG_STATE": str(folder / "state")})


@pytest.fixture(scope="module")
def bot(settings: Settings) -> Iterator[Bot]:
    with quick_bot(settings) as opened:
        yield opened


def _go_on() -> None:
    while True:
        spend()


def test_what_is_spent_is_counted_and_ends_the_work() -> None:
    with budgeted(Budget(steps=3)) as budget:
        spend(3)
        with pytest.raises(OverBudget) as raised:
            spend()
    assert budget.spent == 4
    assert "拆开" in raised.value.message


def test_without_a_budget_nothing_is_counted() -> None:
    spend(1 << 40)


def test_seconds_are_the_last_resort() -> None:
    with budgeted(Budget(seconds=0.01)), pytest.raises(OverBudget):
        _go_on()


def test_a_budget_within_a_budget_goes_on_with_it() -> None:
    with budgeted(Budget(steps=3)) as outer, budgeted() as inner:
        assert inner is outer


def test_a_budget_within_another_has_no_more_seconds_than_that(tmp_path: Path) -> None:
    with budgeted(Budget(seconds=0.01)), budgeted(FileBudget(tmp_path)) as inner:
        assert inner.left <= 0.01
        with pytest.raises(FileTooHard):
            _go_on()


def test_whoever_leaves_ends_the_work_of_another_thread() -> None:
    budget = Budget()
    threading.Timer(0.05, budget.leave).start()
    with budgeted(budget), pytest.raises(ClientLeft):
        _go_on()


def test_a_large_file_may_cost_more(tmp_path: Path) -> None:
    small = FileBudget(tmp_path, 10).seconds
    assert FileBudget(tmp_path, 1_000_000).seconds == small
    assert FileBudget(tmp_path, 5_000_000).seconds > 5 * small
    assert "split it" in str(FileBudget(tmp_path).over("8 seconds of work"))


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_costs_more_than_its_reading(bot: Bot, name: str) -> None:
    begun = time.thread_time()
    bot.ask(QUESTIONS[name][:1000], k=20)
    assert time.thread_time() - begun < SECONDS


@pytest.mark.parametrize("name", QUESTIONS)
def test_twenty_turns_of_anything_are_read_in_time(bot: Bot, name: str) -> None:
    said = QUESTIONS[name][:1000]
    begun = time.thread_time()
    bot.ask("那重庆呢？", history=[Turn(said, said)] * 20, k=20)
    assert time.thread_time() - begun < SECONDS


def test_twenty_turns_that_say_the_same_of_different_things(bot: Bot) -> None:
    turns = [Turn(said[:1000], said[:1000]) for said in QUESTIONS.values()][:20]
    begun = time.thread_time()
    bot.ask("它是多少？", history=turns)
    assert time.thread_time() - begun < SECONDS


def test_explaining_and_retracing_cost_twice_an_answer_at_most(bot: Bot) -> None:
    question = Request(CITIES * 100, k=20)
    begun = time.thread_time()
    bot.ask(question.question, k=20, explain=True)
    bot.trace(question, "成都")
    assert time.thread_time() - begun < 3 * SECONDS


def test_the_same_costly_question_has_the_same_answer(bot: Bot) -> None:
    question = QUESTIONS["titles, all different"][:1000]
    first, second = (bot.ask(question, k=20).to_json() for _ in range(2))
    assert {**first, "timings_ms": {}} == {**second, "timings_ms": {}}


def test_a_budget_spent_is_told_and_counted(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.server.service.Budget", lambda: Budget(steps=5))
    client = TestClient(create_app(bot, bot.settings), base_url="http://127.0.0.1")
    body = {"question": "成都有多少5G基站？"}
    reply = client.post("/api/ask", json=body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "over_budget")
    streamed = client.post("/api/ask/stream", json=body).text
    assert streamed.rstrip().split("\n\n")[-1].startswith("event: error")
    assert 'youju_questions_total{outcome="over_budget"} 2.0' in client.get("/metrics").text


def test_a_stream_ends_with_an_error_whatever_fails(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr(Bot, "run", fail)
    client = TestClient(create_app(bot, bot.settings), base_url="http://127.0.0.1")
    last = client.post("/api/ask/stream", json={"question": "成都？"}).text.rstrip().split("\n\n")[-1]
    assert json.loads(last.split("data: ")[1])["error"]["code"] == "internal"
    assert 'youju_questions_total{outcome="internal"} 1.0' in client.get("/metrics").text


async def _wait_forever(server: Server, begun: threading.Event) -> None:
    def work() -> None:
        begun.set()
        _go_on()

    await server.run(work)


def test_the_worker_is_free_when_the_client_has_left(bot: Bot) -> None:
    async def leave() -> float:
        server, begun = Server(bot, bot.settings), threading.Event()
        task = asyncio.create_task(_wait_forever(server, begun))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        task.cancel()
        left = time.monotonic()
        while server.worker.held:
            await asyncio.sleep(0.01)
        server.worker.close()
        return time.monotonic() - left

    assert asyncio.run(leave()) < 1


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_in_time_or_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8")
    begun = time.thread_time()
    report = build([path], tmp_path / "index", FakeEmbedder())
    assert report.articles + len(report.refused) > 0
    assert time.thread_time() - begun < 10


def test_a_file_is_given_up_when_its_rows_cost_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tired(steps: int = 1) -> None:
        raise FileTooHard("b.txt costs more than 8 seconds of work: split it.")

    (tmp_path / "a.txt").write_text("临江市新建图书馆十二座。", encoding="utf-8")
    build([tmp_path], tmp_path / "index", FakeEmbedder())
    (tmp_path / "b.txt").write_text("临江市新建公园二十座。", encoding="utf-8")
    monkeypatch.setattr("rag.index.build.intake.spend", tired)
    report = build([tmp_path], tmp_path / "index", FakeEmbedder())
    assert report.articles == 1
    assert [reason for _, reason in report.refused] == ["b.txt costs more than 8 seconds of work: split it."]


def test_a_costly_article_is_refused_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tired(*_: object, **__: object) -> None:
        raise FileTooHard("a.jsonl costs more than 8 seconds of work: split it.")

    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "成都有5G基站。"}\n{"text": "重庆有5G基站。"}\n', encoding="utf-8")
    monkeypatch.setattr("rag.ingest.articles.clean", tired)
    assert [type(one) for one in read_articles(path)] == [Refused, Refused]


def test_own_letters_hold_up_no_reader() -> None:
    begun = time.thread_time()
    read_headers("<meta" * 600 + "http-equiv=a" * 600)
    read_headers("\n" * 5_000 + "<" * 5_000)
    read_byline("驻" * 80)
    is_caption("驻" * 200)
    quantities("1至" * 2_000)
    assert time.thread_time() - begun < 1


COSTLY = {"question": CITIES * 100, "k": 20}
ATTACKS = {
    "ask": ("POST", "/api/ask", COSTLY),
    "explain": ("POST", "/api/ask", {**COSTLY, "explain": True}),
    "why": ("POST", "/page/why", {**COSTLY, "expected": "成都"}),
    "batch": ("POST", "/api/ask/batch", {"questions": [COSTLY] * 20}),
    "numbers": ("POST", "/api/ask/stream", {"question": "1至" * 500, "k": 20}),
    "doctor": ("GET", f"/embed/doctor?headers={'<meta' * 600}{'http-equiv=a' * 600}", None),
}
CLIENTS = 3
"""One more than are in hand on two cores."""


@pytest.mark.parametrize("name", ATTACKS)
def test_the_server_lives_and_ends_while_it_is_attacked(settings: Settings, name: str) -> None:
    """In a process of its own: in ours its threads and our clients would wait for one lock of one interpreter."""
    command = [sys.executable, "-m", "tests.support.costly", str(settings.index), str(settings.state)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        found = re.search(r":(\d+)", process.stdout.readline())
        assert found
        port = int(found[1])
        idle = _median_wait(port)
        done = threading.Event()
        with ThreadPoolExecutor(CLIENTS) as clients:
            ended = [clients.submit(_attack, port, ATTACKS[name], done) for _ in range(CLIENTS)]
            time.sleep(0.2)
            attacked = _median_wait(port)
            begun = time.monotonic()
            done.set()
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            took = time.monotonic() - begun
        assert all(500 > status >= 200 for one in ended for status in one.result() if status != 503)
    assert took < 5
    assert attacked < max(ALIVE, 10 * idle)  # the second on a machine that others keep busy


def _median_wait(port: int) -> float:
    """Return the median seconds of twenty requests for a sign of life over one connection."""
    waited = []
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as health:
        for _ in range(20):
            begun = time.perf_counter()
            health.request("GET", "/healthz")
            assert health.getresponse().read()
            waited.append(time.perf_counter() - begun)
    return median(waited)


def _attack(port: int, request: tuple[str, str, object], done: threading.Event) -> list[int]:
    """Send a request again and again until `done`; return the status of each reply."""
    method, path, body = request
    statuses = []
    with contextlib.suppress(OSError, http.client.HTTPException):  # it was told to stop meanwhile
        while not done.is_set():
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as client:
                client.request(method, path, json.dumps(body), {"content-type": "application/json"})
                reply = client.getresponse()
                reply.read()
                statuses.append(reply.status)
    return statuses
