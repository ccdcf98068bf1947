import asyncio
import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import app
from rag.config import read_settings
from rag.errors import Busy, SettingError
from rag.records import Turn
from rag.request import Request, Tell
from rag.server.app import create_app
from rag.server.listener import bind
from rag.server.page.chat import answer_digest, converse
from rag.server.page.gradio_page import mount_page
from rag.server.service import Server
from tests.support.sample import PARKS, FakeBot, Said, answered

HERE = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def mounted() -> Iterator[TestClient]:
    """Gradio's page on a bot that gives hand-made answers."""
    settings = read_settings({}, allowed_origins="http://portal.example")

    async def build() -> FastAPI:  # in a loop, for Gradio makes one where there is none and leaves it open
        return mount_page(create_app(FakeBot(), settings))

    with TestClient(asyncio.run(build()), base_url=HERE) as http:
        yield http


def test_the_chat_page_is_served_with_its_policy(mounted: TestClient) -> None:
    response = mounted.get("/")
    assert response.status_code == 200
    assert "有据" in response.text
    assert "frame-ancestors 'self'" in response.headers["content-security-policy"]
    assert "fonts.g" not in response.text


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://portal.example.evil"])
@pytest.mark.parametrize("path", ["/", "/config", "/theme.css"])
def test_gradio_reflects_no_foreign_origin(mounted: TestClient, path: str, origin: str) -> None:
    headers = mounted.get(path, headers={"origin": origin, "cookie": "session=1"}).headers
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/file/etc/passwd"),
        ("GET", "/gradio_api/proxy=http://192.0.2.1/"),
        ("POST", "/gradio_api/vibe-edit/"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/run/reply"),
        ("POST", "/gradio_api/queue/join"),
        ("GET", "/gradio_api/queue/data"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/run-history/records"),
        ("POST", "/login"),
        ("GET", "/monitoring"),
    ],
)
def test_what_the_page_does_not_need_of_gradio_is_closed(mounted: TestClient, method: str, path: str) -> None:
    assert mounted.request(method, path).status_code == 404


def test_gradio_has_no_function_that_runs_here(mounted: TestClient) -> None:
    config = mounted.get("/config").json()
    assert [event["backend_fn"] for event in config["dependencies"]] == [False]


SENT = {"uid": "abcd1234", "turns": [], "today": "2024-12-01", "lang": "zh", "site": "http://news.intra/qa"}


async def spoken(bot: FakeBot, question: str, **sent: Any) -> list[Mapping[str, Any]]:
    server = Server(bot, read_settings({}))
    try:
        return [message async for message in converse(server, {**SENT, "question": question, **sent})]
    finally:
        server.worker.close()


@pytest.mark.anyio
async def test_a_reply_comes_in_stages_and_brings_all_that_the_page_shows() -> None:
    bot = FakeBot()
    *stages, last = await spoken(bot, "新区有多少公园？", turns=[{"question": "甲？", "answer": "乙"}])
    assert [message.get("stage") for message in stages] == ["queued", "retrieving", "reading"]
    assert bot.asked == [("新区有多少公园？", (Turn("甲？", "乙"),))]
    assert 'id="yjabcd1234-1"' in last["html"]
    assert last["turn"] == {"question": "新区有多少公园？", "answer": "31座"}
    assert last["articles"] == [PARKS.id]
    assert last["answer"]["citations"][0]["quote"] == "其中，口袋公园达到31座，覆盖全部街道。"
    json.dumps(last)


@pytest.mark.anyio
async def test_words_set_apart_by_blanks_are_asked_without_the_conversation() -> None:
    bot, turns = FakeBot(), [{"question": "新区有多少公园？", "answer": "31座"}]
    await spoken(bot, "口袋公园 街道", turns=turns)
    await spoken(bot, "那街道呢", turns=turns)
    assert [len(history) for _, history in bot.asked] == [0, 1]


@pytest.mark.anyio
async def test_what_is_copied_leads_to_the_address_the_reader_sees() -> None:
    last = (await spoken(FakeBot(), "新区有多少公园？"))[-1]
    assert set(last["copies"]) == {"plain", "markdown", "gbt7714"}
    for text in last["copies"].values():
        assert f"http://news.intra/qa/articles/{PARKS.id}?s=" in text
    assert "[2024-12-01]" in last["copies"]["gbt7714"]


@pytest.mark.anyio
@pytest.mark.parametrize("site", ["javascript:alert(1)//x", "http://a b", "http://x/](y)", 7, None])
async def test_an_address_that_is_none_is_left_out(site: Any) -> None:
    last = (await spoken(FakeBot(), "新区有多少公园？", site=site))[-1]
    assert f"\n    /articles/{PARKS.id}?s=" in last["copies"]["plain"]


@pytest.mark.anyio
async def test_a_refusal_has_nothing_to_copy() -> None:
    last = (await spoken(FakeBot(), "新区有多少座体育馆？"))[-1]
    assert (last["refused"], last["copies"], last["articles"]) == (True, {}, [])


def test_the_digest_changes_with_what_is_said_and_quoted_alone() -> None:
    one = answered()
    assert answer_digest(one) == answer_digest(replace(one, timings_ms={}, confidence=0.1))
    assert answer_digest(one) == answer_digest(replace(one, text="“共32座” [1]"))  # the same in other words
    assert answer_digest(one) != answer_digest(replace(one, answer="32座"))
    assert answer_digest(one) != answer_digest(replace(one, citations=one.citations[:1]))


class Full(FakeBot):
    def run(self, request: Request, tell: Tell | None = None) -> Said:
        raise Busy("Too many.", "提问的人较多，请稍后再试。")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("question", "sent", "said"),
    [
        ("问" * 10_000, {}, "问题有10000个字"),
        ("新区？", {}, "提问的人较多，请稍后再试。"),
        ("新区？", {"uid": "<b>"}, "请求缺少编号"),
        ("新区？", {"since": "昨天"}, "since 不是日期"),
    ],
)
async def test_what_cannot_be_answered_is_said_in_the_chat(
    question: str, sent: Mapping[str, Any], said: str
) -> None:
    messages = await spoken(Full(), question, **sent)
    assert said in messages[-1]["html"]
    assert messages[-1]["failed"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SettingError, match=f"Cannot listen on 127.0.0.1:{port} .*--port"):
            bind(read_settings({}, port=port))


def test_a_wrong_setting_ends_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_PORT", "many")
    assert app.main([]) == 1
    assert capsys.readouterr().err.startswith("youju: RAG_PORT has the value 'many'")
