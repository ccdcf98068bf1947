import asyncio
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect

import app
from rag.config import read_settings
from rag.errors import Busy, SettingError
from rag.page.mount import mount_page
from rag.page.run import bind
from rag.page.talk import KEPT, Talk, converse
from rag.records import Turn
from rag.serve import Server, create_app
from tests.browser import Running, application, chromium, host_pages
from tests.sample import FakeBot

HERE = "http://127.0.0.1:7860"
ASKED = "成都有多少5G基站"
BOX = "#yj-question textarea"


# --- Without a browser -----------------------------------------------------------------------------------------


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
@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/theme.css"])
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
        ("GET", "/gradio_api/run-history/records"),
        ("POST", "/login"),
        ("GET", "/monitoring"),
    ],
)
def test_what_the_page_does_not_need_of_gradio_is_closed(mounted: TestClient, method: str, path: str) -> None:
    assert mounted.request(method, path).status_code == 404


def test_gradio_offers_no_function_to_scripts(mounted: TestClient) -> None:
    info = mounted.get("/gradio_api/info").json()
    assert not info["named_endpoints"]


async def spoken(bot: FakeBot, talk: Talk, question: str) -> list[Talk]:
    server = Server(bot, read_settings({}))
    try:
        return [now async for now in converse(server, talk, question)]
    finally:
        server.worker.close()


@pytest.mark.anyio
async def test_a_conversation_shows_each_stage_and_remembers_the_answer() -> None:
    bot = FakeBot()
    stages = await spoken(bot, Talk(turns=(Turn("甲？", "乙"),)), "新区有多少公园？")
    assert [now.shown[-1][1].count("yj-waiting") for now in stages] == [1, 1, 0]
    assert stages[-1].turns == (Turn("甲？", "乙"), Turn("新区有多少公园？", "31座"))
    assert bot.asked == [("新区有多少公园？", (Turn("甲？", "乙"),))]


@pytest.mark.anyio
async def test_a_conversation_forgets_its_oldest_turns() -> None:
    long = Talk(turns=tuple(Turn(str(number)) for number in range(KEPT)))
    stages = await spoken(FakeBot(), long, "新区有多少公园？")
    assert len(stages[-1].turns) == KEPT
    assert stages[-1].turns[0] == Turn("1")


class Full(FakeBot):
    def ask(self, question: str, **_: Any) -> Any:
        raise Busy("Too many.", "提问的人较多，请稍后再试。")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("question", "said"), [("问" * 10_000, "内容过长（10000 字）"), ("新区？", "提问的人较多，请稍后再试。")]
)
async def test_what_cannot_be_answered_is_said_in_the_chat(question: str, said: str) -> None:
    stages = await spoken(Full(), Talk(), question)
    assert said in stages[-1].shown[-1][1]
    assert stages[-1].turns == ()


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


# --- In the system's Chromium, on the real application ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class World:
    """The application, a browser, a listed and an unlisted site that frame it, and all addresses asked for."""

    running: Running
    browser: Browser
    listed: str
    unlisted: str
    urls: list[str]

    def page(self, **options: Any) -> Page:
        """Open a fresh browser profile whose requests are written down."""
        context = self.browser.new_context(locale="zh-CN", **options)
        context.on("request", lambda request: self.urls.append(request.url))
        return context.new_page()

    def chat(self, **options: Any) -> Page:
        """Open the chat, ready for a question."""
        page = self.page(**options)
        page.goto(self.running.address)
        page.wait_for_selector(BOX)
        return page


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    listed, unlisted = tmp_path_factory.mktemp("listed"), tmp_path_factory.mktemp("unlisted")
    folder = tmp_path_factory.mktemp("app")
    with (
        chromium() as browser,
        host_pages(listed) as one,
        host_pages(unlisted) as other,
        application(folder, one) as running,
    ):
        frame = f'<!doctype html><iframe src="{running.address}/embed" width=600 height=500></iframe>'
        for site in (listed, unlisted):
            (site / "index.html").write_text(frame, encoding="utf-8")
        yield World(running, browser, one, other, [])


def ask(page: Page, question: str) -> None:
    """Type a question and wait for the reply to it."""
    before = page.locator("#yj-chat .yj:not(.yj-waiting)").count()
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    expect(page.locator("#yj-chat .yj:not(.yj-waiting)")).to_have_count(before + 1, timeout=30_000)


@pytest.mark.browser
def test_a_question_gets_its_quote_with_the_answer_marked(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    expect(page.locator(".yj-text")).to_contain_text("超8万个")
    expect(page.locator(".yj-card mark").first).to_contain_text("8万个")
    expect(page.locator(".yj-card blockquote").first).to_contain_text("截至2023年底")
    expect(page.locator(".yj-source").first).to_contain_text("成都新型工业化再添“智能”底色")
    expect(page.locator(".yj-ok").first).to_have_text("✓ 已核对")


@pytest.mark.browser
def test_a_marker_leads_to_its_card_and_the_card_to_the_marked_article(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    page.click("a.yj-ref >> nth=0")
    card = page.locator(".yj-card").first
    expect(card).to_be_focused()
    with page.context.expect_page() as opened:
        card.locator("a.yj-title").click()
    article = opened.value
    mark = article.locator("mark#quote")
    expect(mark).to_contain_text("建成5G基站超8万个")
    expect(mark).to_be_in_viewport()
    assert article.title() == "成都新型工业化再添“智能”底色 · 有据"


@pytest.mark.browser
def test_a_refusal_is_courteous_and_offers_what_is_close(world: World) -> None:
    page = world.chat()
    ask(page, "上海有多少5G基站")
    expect(page.locator(".yj-refused")).to_contain_text("未作答")
    expect(page.locator(".yj-refused")).to_contain_text("可能相关")
    assert page.locator(".yj-refused mark").count() == 0


@pytest.mark.browser
def test_the_conversation_stays_until_it_is_cleared(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    ask(page, "上海呢？")
    assert page.locator("#yj-chat .yj-question").count() == 2
    page.get_by_label("清除").first.click()
    expect(page.locator("#yj-chat .yj-question")).to_have_count(0)
    ask(page, ASKED)
    assert page.locator("#yj-chat .yj-question").count() == 1


@pytest.mark.browser
def test_a_typed_tag_is_shown_and_never_run(world: World) -> None:
    page = world.chat()
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script> **粗** 有多少？"
    ask(page, hostile)
    assert page.locator("#yj-chat .yj-question").inner_text().strip() == hostile
    assert page.locator("#yj-chat .user-row :is(img, script, b)").count() == 0


@pytest.mark.browser
def test_the_keyboard_suffices(world: World) -> None:
    page = world.chat()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_be_focused()
    expect(page.locator(BOX)).to_have_value("")
    page.keyboard.insert_text("成都")
    page.evaluate(
        "selector => document.querySelector(selector).dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))",
        BOX,
    )
    page.keyboard.insert_text("有多少5G基站")
    page.keyboard.press("Enter")
    expect(page.locator("#yj-chat .yj-question")).to_have_text(ASKED)


@pytest.mark.browser
def test_screen_readers_are_not_read_tags(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    assert page.locator("#yj-chat [aria-label*='<']").count() == 0


@pytest.mark.browser
def test_nothing_is_wider_than_a_phone(world: World) -> None:
    page = world.chat(viewport={"width": 375, "height": 700})
    ask(page, ASKED)
    wide = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(wide) <= 0
    address = page.locator("a.yj-title").first.get_attribute("href")
    for path in (address, "/embed"):
        page.goto(f"{world.running.address}{path}")
        assert page.evaluate(wide) <= 0


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(250, 248, 244)"), ("dark", "rgb(25, 24, 22)")])
@pytest.mark.parametrize("path", ["/", "/embed"])
def test_pages_follow_the_readers_light_or_dark(world: World, path: str, scheme: Any, paper: str) -> None:
    page = world.page(color_scheme=scheme)
    page.goto(world.running.address + path)
    expect(page.locator("body")).to_have_css("background-color", paper)


@pytest.mark.browser
def test_a_reader_may_turn_the_lights_off(world: World) -> None:
    page = world.chat(color_scheme="light")
    page.get_by_label("切换深色与浅色").click()
    expect(page.locator("body")).to_have_css("background-color", "rgb(25, 24, 22)")


@pytest.mark.browser
def test_a_listed_site_may_frame_the_small_page_and_ask_in_it(world: World) -> None:
    page = world.page()
    page.goto(world.listed)
    frame = page.frame_locator("iframe")
    frame.locator("#question").fill(ASKED)
    frame.locator("#question").press("Enter")
    expect(frame.locator(".yj-card mark").first).to_contain_text("8万个", timeout=30_000)
    frame.locator("#question").fill("上海呢？")
    frame.locator("#send").click()
    expect(frame.locator(".yj-refused")).to_contain_text("上海", timeout=30_000)
    assert page.context.cookies() == []


@pytest.mark.browser
def test_an_unlisted_site_can_neither_frame_nor_read(world: World) -> None:
    page = world.page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(world.unlisted)
    expect(page.frame_locator("iframe").locator("#question")).to_have_count(0)
    read = "url => fetch(url).then(() => 'read', () => 'blocked')"
    assert page.evaluate(read, f"{world.running.address}/readyz") == "blocked"
    assert any("frame-ancestors" in complaint for complaint in complaints)


@pytest.mark.browser
def test_the_stream_speaks_while_the_page_is_open(world: World) -> None:
    body = json.dumps({"question": ASKED}).encode()
    with urlopen(f"{world.running.address}/api/ask/stream", body) as response:
        text = response.read().decode()
    assert text.index("event: stage") < text.index("event: answer")


@pytest.mark.browser
def test_no_request_leaves_the_machine(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    page.goto(f"{world.running.address}/embed")
    page.wait_for_load_state("networkidle")
    hosts = {urlsplit(url).hostname for url in world.urls if not url.startswith(("data:", "blob:"))}
    assert hosts <= {"127.0.0.1", "localhost"}
    assert len(world.urls) > 10
    reached = Path(world.running.log).read_text(encoding="utf-8")
    assert reached == ""
