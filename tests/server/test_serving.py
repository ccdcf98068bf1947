"""The server under load, seen from its clients: who waits, who is turned away, who left, what is counted."""

import http.client
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from rag.config import read_settings
from rag.errors import SettingError
from rag.request import Request, Tell
from rag.server.app import create_app
from rag.server.metrics import route_of
from rag.server.request_log import JsonLines, request_id
from rag.server.work_queue import MAX_WAITING
from tests.server.test_app import HERE, Failing, client
from tests.support.paths import ROOT
from tests.support.sample import FakeBot, Said
from tests.support.served import served

SETTINGS = read_settings({})
ONE_HAND = read_settings({}, threads=1)
QUESTION = {"question": "滨江新区有多少座口袋公园？"}


@dataclass
class Slow(FakeBot):
    """Tells of its stages when it is let go; `read` lists the questions that were read to the end."""

    gate: threading.Event | None = field(default_factory=threading.Event)
    began: threading.Event = field(default_factory=threading.Event)
    read: list[str] = field(default_factory=list)

    def run(self, request: Request, tell: Tell | None = None) -> Said:
        self.began.set()
        said = super().run(request, tell)
        self.read.append(request.question)
        return said


@contextmanager
def slow() -> Iterator[tuple[Slow, str]]:
    bot = Slow()
    assert bot.gate is not None
    with served(create_app(bot, ONE_HAND)) as address:
        try:
            yield bot, address
        finally:
            bot.gate.set()


def sent(address: str, path: str, question: str) -> socket.socket:
    """Send a question on a connection of its own and do not wait."""
    place = urlsplit(address)
    assert place.port
    body = json.dumps({"question": question}).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    connection = socket.create_connection(("127.0.0.1", place.port))
    connection.sendall(f"{head}\r\n\r\n".encode() + body)
    return connection


def counted(address: str) -> dict[str, float]:
    """Return what /metrics says, by name with labels."""
    lines = httpx.get(f"{address}/metrics").text.splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines) if name[:1] != "#"
    }


def wait_until(true: Any) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream", "/embed/ask"])
def test_a_question_leaves_the_line_with_its_client(path: str) -> None:
    with slow() as (bot, address):
        first = sent(address, path, "甲？")
        bot.began.wait(10)
        second = sent(address, path, "乙？")
        wait_until(lambda: counted(address)["youju_questions_in_line"] == 2)
        second.close()
        wait_until(lambda: counted(address)["youju_questions_in_line"] == 1)
        assert bot.gate is not None
        bot.gate.set()
        assert first.recv(12) == b"HTTP/1.1 200"
        first.close()
        assert [question for question, _ in bot.asked] == ["甲？"]


def test_a_question_in_hand_is_broken_off_at_its_next_stage() -> None:
    with slow() as (bot, address):
        connection = sent(address, "/api/ask", "甲？")
        bot.began.wait(10)
        connection.close()
        left = 'youju_http_requests_total{route="/api/ask",status="499"}'
        wait_until(lambda: counted(address).get(left) == 1)
        assert bot.gate is not None
        bot.gate.set()
        assert httpx.post(f"{address}/api/ask", json={"question": "乙？"}).status_code == 200
        assert bot.read == ["乙？"]


def test_fifty_at_once_are_answered_or_turned_away_at_once() -> None:
    with slow() as (bot, address):
        held = [sent(address, "/api/ask", f"{number}？") for number in range(MAX_WAITING + 1)]
        wait_until(lambda: counted(address)["youju_questions_in_line"] == MAX_WAITING + 1)

        def ask(number: int) -> tuple[bytes, float]:
            began = time.perf_counter()
            with sent(address, "/api/ask", f"{number}！") as connection:
                head = connection.recv(1000).lower()
                return head, time.perf_counter() - began

        with ThreadPoolExecutor(50) as clients:
            found = list(clients.map(ask, range(50)))
        assert all(head.startswith(b"http/1.1 429") and b"retry-after: 2" in head for head, _ in found)
        assert sorted(seconds for _, seconds in found)[25] < 0.5  # clients and server share one process here
        assert counted(address)['youju_questions_total{outcome="busy"}'] == 50
        assert bot.gate is not None
        bot.gate.set()
        assert {connection.recv(12) for connection in held} == {b"HTTP/1.1 200"}
        for connection in held:
            connection.close()


def test_what_a_stopping_server_does_not_wait_for_is_told() -> None:
    bot = Slow()
    assert bot.gate is not None
    with served(create_app(bot, SETTINGS), grace=1) as address:
        connection = sent(address, "/api/ask", "甲？")
        bot.began.wait(10)
    reply = connection.recv(4000)
    bot.gate.set()
    connection.close()
    assert reply.startswith(b"HTTP/1.1 503")
    assert b'"not_ready"' in reply


def test_an_id_goes_in_and_out_and_a_strange_one_is_replaced() -> None:
    with client() as asked:
        assert (
            asked.get("/healthz", headers={"x-request-id": "portal-7.a"}).headers["x-request-id"]
            == "portal-7.a"
        )
        made = [asked.get("/healthz").headers["x-request-id"] for _ in range(2)]
        assert made[0] != made[1]
        for strange in ("a b", "x" * 65, "a\\n", "<b>", ""):
            found = asked.get("/healthz", headers={"x-request-id": strange}).headers["x-request-id"]
            assert re.fullmatch("[0-9a-f]{16}", found)


@pytest.mark.parametrize("path", ["/nowhere", "/api/ask", "/articles/ffffffffffff", "/gradio_api/upload"])
def test_errors_carry_an_id_too(path: str) -> None:
    with client() as asked:
        assert asked.get(path).headers["x-request-id"]


def test_a_fault_of_ours_is_dressed_like_any_reply() -> None:
    with TestClient(create_app(Failing(), SETTINGS), base_url=HERE, raise_server_exceptions=False) as asked:
        reply = asked.post("/api/ask", json=QUESTION, headers={"x-request-id": "one"})
    assert (reply.status_code, reply.headers["x-request-id"]) == (500, "one")
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_what_happened_is_counted_by_route_and_outcome() -> None:
    with served(create_app(FakeBot(), SETTINGS)) as address:
        httpx.post(f"{address}/api/ask", json=QUESTION)
        httpx.post(f"{address}/api/ask", json={"question": "有体育馆吗？"})
        httpx.post(f"{address}/api/ask", json={})
        httpx.get(f"{address}/some/stranger's/path")
        found = counted(address)
    assert found['youju_questions_total{outcome="answered"}'] == 1
    assert found['youju_questions_total{outcome="no_evidence"}'] == 1
    assert found['youju_http_requests_total{route="/api/ask",status="200"}'] == 2
    assert found['youju_http_requests_total{route="/api/ask",status="422"}'] == 1
    assert found['youju_http_requests_total{route="page",status="404"}'] == 1
    assert found['youju_stage_seconds_count{stage="total"}'] == 2
    assert (found["youju_index_generation"], found["youju_index_articles"]) == (1, 1)
    assert found["process_resident_memory_bytes"] > 1e6


def test_every_route_of_ours_has_its_label() -> None:
    assert (route_of("/api/ask/stream"), route_of("/api/ask"), route_of("/x")) == (
        "/api/ask/stream",
        "/api/ask",
        "page",
    )


def test_a_request_is_one_line_of_json_without_what_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "youju.requests"), client() as asked:
        headers = {"x-request-id": "one", "authorization": "Bearer geheim"}
        asked.post("/api/ask?key=geheim", json=QUESTION, headers=headers)
    (record,) = caplog.records
    line = JsonLines().format(record)
    said = json.loads(line)
    assert (said["method"], said["path"], said["status"]) == ("POST", "/api/ask", 200)
    assert set(said) == {
        "time",
        "level",
        "logger",
        "request_id",
        "message",
        "method",
        "path",
        "status",
        "ms",
        "client",
    }
    assert "geheim" not in line
    assert "公园" not in json.loads(json.dumps(said)).values()


def test_a_log_line_is_one_line_whatever_it_says() -> None:
    try:
        raise ValueError("甲\n乙\u2028丙")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "line\nend", None, sys.exc_info())
    line = JsonLines().format(record)
    assert len(line.splitlines()) == 1
    assert "ValueError" in json.loads(line)["trace"]
    assert request_id() == ""


@pytest.mark.parametrize(("given", "kept"), [("/news/", "/news"), ("/a/b", "/a/b"), ("", ""), ("/", "")])
def test_a_prefix_is_read_with_and_without_its_last_slash(given: str, kept: str) -> None:
    assert read_settings({"RAG_ROOT_PATH": given}).root_path == kept


@pytest.mark.parametrize("given", ["news", "http://x/news", "/a b", "/a?b", '/a"b', "/新闻"])
def test_a_prefix_that_is_no_path_is_refused(given: str) -> None:
    with pytest.raises(SettingError, match="RAG_ROOT_PATH"):
        read_settings({"RAG_ROOT_PATH": given})


@pytest.mark.parametrize("path", ["/news/api/ask", "/api/ask"])
def test_a_prefix_may_be_stripped_or_kept(path: str) -> None:
    with client(settings=read_settings({}, root_path="/news")) as asked:
        assert asked.post(path, json=QUESTION).status_code == 200
        assert asked.get(path.replace("/api/ask", "/embed")).status_code == 200


@pytest.mark.model
def test_a_stopped_server_finishes_what_it_has_begun(seeds_index: Path, tmp_path: Path) -> None:
    """The whole program, stopped by systemd's signal while a question is asked; its log is JSON throughout."""
    environment = os.environ | {"RAG_LOG": "json", "RAG_STATE": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "app.py", "--port", "0", "--index", str(seeds_index)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        found = re.search(r":(\d+)", process.stdout.readline().decode())
        assert found
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
        body = json.dumps({"question": "成都有多少5G基站？"})
        connection.request("POST", "/api/ask", body, {"x-request-id": "last"})
        time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        _, log = process.communicate(timeout=20)
    assert answer["answer"] == "超8万个"
    assert process.returncode in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["status"] for line in lines if line["request_id"] == "last"] == [200]
