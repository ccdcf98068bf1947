"""Pages of other sites that embed the server, in the system's Chromium, over plain http between different sites."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote, unquote
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Frame, FrameLocator, Locator, Page, expect

from rag.bot import Bot
from rag.config import read_settings
from rag.server.app import create_app
from rag.server.security.identity import sign_user
from rag.server.security.keys import KeyStore
from tests.support.browser import WHOLE, chromium, chromium_path, typed_into
from tests.support.paths import ROOT
from tests.support.serving import HOSTS, nginx, serving

pytestmark = pytest.mark.browser

ASKED, SAID = "成都有多少5G基站", "超8万个"
IDENTITY = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u"
WAIT = 120_000  # a machine that does other work, too
"""Milliseconds for what takes a second on a machine of its own."""
RESOLVE = "--host-resolver-rules=MAP *.test 127.0.0.1"
"""Sites of their own names: nothing on plain http is trusted as localhost is, and no cookie crosses over."""


class _Host(SimpleHTTPRequestHandler):
    """Serves the pages of tests/data/hosts with the addresses filled in and the headers of the case."""

    def __init__(self, *args: Any, cases: dict[str, "Case"], **options: Any) -> None:
        self.cases = cases
        super().__init__(*args, **options)

    def do_GET(self) -> None:
        """Answer with the page of the case."""
        case = self.cases.get(self.path.lstrip("/"))
        if self.path == "/vue.js":
            case = Case((HOSTS / "vue.js").read_text(encoding="utf-8"), kind="text/javascript")
        self.send_response(200 if case else 404)
        for name, value in case.headers if case else ():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{case.kind if case else 'text/html'}; charset=utf-8")
        self.end_headers()
        self.wfile.write(case.html.encode() if case else b"")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Case:
    """A page of the portal and the headers it comes with."""

    html: str
    headers: tuple[tuple[str, str], ...] = ()
    kind: str = "text/html"


@dataclass
class World:
    """A portal that is listed, servers that it embeds, and a browser."""

    browser: Browser
    portal: int
    cases: dict[str, Case]
    news: int
    proxied: int
    keyed: int
    key: str
    violations: list[str] = field(default_factory=list)

    @property
    def server(self) -> str:
        """The address of the server that asks for nothing."""
        return f"http://news.test:{self.news}"

    @property
    def origin(self) -> str:
        """The origin of the portal."""
        return f"http://portal.test:{self.portal}"

    def show(self, html: str, *headers: tuple[str, str], site: str = "portal.test", **options: Any) -> Page:
        """Open a page of a site in a fresh profile; a script that fails is a failure."""
        name = f"page{len(self.cases)}"
        self.cases[name] = Case(html, headers)
        page = self.browser.new_context(**({"locale": "zh-CN"} | options)).new_page()
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        page.goto(f"http://{site}:{self.portal}/{name}")
        return page

    def host(self, name: str, server: str = "") -> str:
        """Return a page of tests/data/hosts that embeds `server`."""
        return (HOSTS / name).read_text(encoding="utf-8").replace("{server}", server or self.server)


@contextmanager
def portal(cases: dict[str, Case]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Host, cases=cases))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def world(seeds_bot: Bot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    state, cases = tmp_path_factory.mktemp("state"), dict[str, Case]()
    _, key = KeyStore(state).add("门户", ["ask"])
    with ExitStack() as stack:
        port = stack.enter_context(portal(cases))

        def served(**changed: Any) -> int:
            settings = read_settings(
                {},
                allowed_origins=f"http://portal.test:{port}",
                allowed_hosts="news.test",
                identity_secret=IDENTITY,
                state=state,
                **changed,
            )
            return stack.enter_context(serving(create_app(seeds_bot, settings), settings))

        news, below, keyed = served(), served(root_path="/news"), served(access="key")
        proxied = stack.enter_context(nginx(tmp_path_factory.mktemp("nginx"), below))
        browser = stack.enter_context(chromium(RESOLVE))
        yield World(browser, port, cases, news, proxied, keyed, key)


def frame_of(page: Page, widget: Locator) -> FrameLocator:
    """Open a widget by its button and return its frame."""
    widget.locator(".bubble").click()
    return widget.frame_locator("iframe")


def ask(frame: FrameLocator, question: str = ASKED) -> None:
    """Type a question and wait for the answer."""
    box = typed_into(frame)
    box.fill(question)
    box.press("Enter")
    expect(frame.locator(".yj-text")).to_contain_text(SAID, timeout=WAIT)


def focused(page: Page) -> str:
    """Return which part of the open widget has the focus."""
    found: str = page.evaluate(
        "(document.activeElement.shadowRoot?.activeElement ?? document.activeElement).tagName.toLowerCase()"
    )
    return found


# --- the three pages


def test_a_plain_page_frames_asks_and_has_two_bubbles(world: World) -> None:
    page = world.show(world.host("plain.html"))
    frame = page.frame_locator("#frame")
    expect(frame.locator(".yj-text")).to_contain_text(SAID, timeout=WAIT)  # `question` was asked at once
    assert frame.locator("html").get_attribute("data-theme") == "dark"
    expect(frame.locator("#send")).to_have_text("Ask")
    expect(frame.locator(".yj-from")).to_contain_text("封面新闻")
    widgets = page.locator("youju-widget")
    expect(widgets).to_have_count(2)
    first, second = widgets.nth(0), widgets.nth(1)
    boxes = [widget.locator(".bubble").bounding_box() for widget in (first, second)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["x"] >= boxes[1]["x"] + boxes[1]["width"]  # beside each other
    ask(frame_of(page, first))
    expect(second.locator(".panel")).to_be_hidden()
    first.locator("header button").click()
    expect(first.locator(".panel")).to_be_hidden()
    expect(frame_of(page, second).locator("#send")).to_have_text("Ask")
    heard = page.evaluate("heard.map(([name, detail]) => [name, detail?.answer?.answer ?? null])")
    assert heard == [["open", None], ["answer", SAID], ["close", None], ["open", None]]
    assert page.context.cookies() == []


def test_a_page_with_a_strict_policy_frames_and_has_a_bubble(world: World) -> None:
    policy = (
        f"default-src 'none'; script-src {world.server}; frame-src {world.server}; style-src 'self'; "
        "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    said: list[str] = []
    name = "strict"
    world.cases[name] = Case(world.host("strict.html"), (("Content-Security-Policy", policy),))
    page = world.browser.new_context(locale="zh-CN").new_page()
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{world.origin}/{name}")
    ask(frame_of(page, page.locator("youju-widget")))
    expect(page.frame_locator("#frame").locator("#send")).to_be_visible()
    assert page.locator("youju-widget .panel").evaluate("node => getComputedStyle(node).position") == "fixed"
    assert not [text for text in said if "Content Security Policy" in text or "Trusted" in text], said


def test_a_page_embeds_the_server_behind_nginx_under_a_path(world: World) -> None:
    page = world.show(world.host("subpath.html", f"http://news.test:{world.proxied}/news"))
    frame = page.frame_locator("#frame")
    expect(frame.locator(".yj-text")).to_contain_text(SAID, timeout=WAIT)
    ask(frame_of(page, page.locator("youju-widget")))
    box = page.locator("youju-widget .bubble").bounding_box()
    assert box
    assert box["x"] < 100
    page.locator("youju-widget header button").click()
    with page.context.expect_page() as opened:
        frame.locator("a.yj-title").first.click()
    expect(opened.value.locator("#quote")).to_contain_text(SAID, timeout=WAIT)
    assert opened.value.url.startswith(f"http://news.test:{world.proxied}/news/articles/")


def test_third_party_cookies_need_not_be_allowed(world: World, tmp_path: Path) -> None:
    (tmp_path / "Default").mkdir()
    kept = {"profile": {"block_third_party_cookies": True, "cookie_controls_mode": 1}}
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(kept), encoding="utf-8")
    world.cases["blocked"] = Case(world.host("plain.html"))
    kind, path = world.browser.browser_type, chromium_path(WHOLE)  # one with a profile to set
    with kind.launch_persistent_context(
        tmp_path, executable_path=path, args=["--no-sandbox", "--disable-gpu", RESOLVE], locale="zh-CN"
    ) as context:
        page = context.new_page()
        page.goto(f"{world.origin}/blocked")
        ask(frame_of(page, page.locator("youju-widget").first))
        assert context.cookies() == []


# --- the widget's manners


def settled(page: Page) -> str:
    """Return what has the focus once it has come out of the frame, which is a process of its own."""
    for _ in range(40):
        if (found := focused(page)) != "body":
            return found
        page.wait_for_timeout(50)
    return "body"


def test_escape_closes_and_the_focus_goes_round_inside(world: World) -> None:
    page = world.show(world.host("plain.html"))
    widget = page.locator("youju-widget").first
    frame = frame_of(page, widget)
    expect(frame.locator("#question")).to_be_focused()
    order = []
    for _ in range(8):
        page.keyboard.press("Tab")
        order.append(settled(page))
    assert set(order) == {"iframe", "button"}
    page.keyboard.press("Shift+Tab")
    assert settled(page) in ("iframe", "button")
    frame.locator("#question").focus()
    page.keyboard.press("Escape")
    expect(widget.locator(".panel")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "YOUJU-WIDGET"  # back on its button
    page.keyboard.press("Enter")
    expect(widget.locator(".panel")).to_be_visible()
    widget.locator("header button").focus()
    page.keyboard.press("Escape")
    expect(widget.locator(".panel")).to_be_hidden()


def test_on_a_phone_the_panel_fills_the_screen(world: World) -> None:
    page = world.show(
        world.host("plain.html"), viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True
    )
    widget = page.locator("youju-widget").first
    frame = frame_of(page, widget)
    expect(frame.locator("#question")).to_be_visible()
    assert widget.locator(".panel").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 780}


def test_the_page_around_asks_and_hears_the_answer_by_messages(world: World) -> None:
    script = """
      <script>
        window.heard = [];
        addEventListener("message", ({ origin, source, data }) => {
          if (origin !== "{server}" || source !== document.getElementById("frame").contentWindow) return;
          heard.push(data.youju);
          if (data.youju === "ready") source.postMessage({ youju: "ask", question: "成都有多少5G基站" }, "{server}");
          if (data.youju === "answer") window.answer = data.answer;
        });
      </script>"""
    frame = '<!doctype html><meta charset="utf-8">{script}<iframe id="frame" src="{server}/embed"></iframe>'
    page = world.show(frame.replace("{script}", script).replace("{server}", world.server))
    page.wait_for_function("window.answer", timeout=WAIT)
    assert page.evaluate("answer.answer") == SAID
    assert page.evaluate("answer.citations[0].quote.includes(answer.answer)")
    page.frame_locator("#frame").locator("#question").press("Escape")
    page.wait_for_function("heard.includes('close')")
    assert page.evaluate("heard") == ["ready", "answer", "close"]


def test_the_widget_asks_for_its_page(world: World) -> None:
    page = world.show(world.host("plain.html"))
    page.wait_for_selector("youju-widget", state="attached")
    page.evaluate(f"document.querySelector('youju-widget').ask('{ASKED}')")
    expect(page.locator("youju-widget").first.frame_locator("iframe").locator(".yj-text")).to_contain_text(
        SAID
    )


def test_messages_of_others_do_nothing(world: World) -> None:
    page = world.show(world.host("plain.html"))
    widget = page.locator("youju-widget").first
    expect(frame_of(page, widget).locator("#question")).to_be_focused()
    for message in ("close", "answer", "ready"):
        page.evaluate(f"window.postMessage({{ youju: '{message}' }}, '*')")
    page.wait_for_timeout(300)
    expect(widget.locator(".panel")).to_be_visible()
    assert page.evaluate("heard.map(([name]) => name)") in (["open"], ["answer", "open"], ["open", "answer"])


# --- who is not listed


def test_an_unlisted_site_can_neither_frame_nor_ask_nor_read_nor_talk(world: World) -> None:
    page = world.show(world.host("strict.html"), site="evil.test")
    page.wait_for_timeout(500)
    assert len(page.frames) == 2
    assert not _alive(page.frames[1])
    assert page.frames[1].locator("text=有据").count() == 0
    article = _first_article(world.server)
    reads = page.evaluate(
        """async ([server, article]) => {
            const tries = [["/api/ask", "POST"], ["/embed/ask", "POST"], [`/api/articles/${article}`, "GET"], ["/embed", "GET"]];
            const read = [];
            for (const [path, method] of tries) {
              try {
                const body = method === "POST" ? JSON.stringify({ question: "成都有多少5G基站" }) : undefined;
                read.push((await (await fetch(server + path, { method, body, credentials: "include" })).text()).slice(0, 80));
              } catch (error) { read.push(error.name); }
            }
            return read;
        }""",
        [world.server, article],
    )
    assert reads == ["TypeError"] * 4
    with page.context.expect_page() as opened:
        page.evaluate("server => { window.other = window.open(`${server}/embed`); }", world.server)
    opened.value.wait_for_load_state()
    page.evaluate(f"other.postMessage({{ youju: 'ask', question: '{ASKED}' }}, '*')")
    opened.value.wait_for_timeout(300)
    assert opened.value.locator(".yj-question").count() == 0


def test_a_widget_that_is_refused_says_so_and_leads_to_the_doctor(world: World) -> None:
    page = world.show(world.host("strict.html"), site="evil.test")
    page.locator("youju-widget .bubble").click()
    link = page.locator("youju-widget .trouble a")
    expect(link).to_be_visible(timeout=WAIT)
    with page.context.expect_page() as opened:
        link.click()
    origin = opened.value.locator('[data-check="origin"]')
    expect(origin).to_have_class("yj-blocked")
    expect(origin.locator("pre")).to_have_text(
        f'RAG_ALLOWED_ORIGINS="{world.origin} http://evil.test:{world.portal}"'
    )


def _first_article(server: str) -> str:
    body = json.dumps({"question": ASKED}).encode()
    request = Request(server.replace("news.test", "127.0.0.1") + "/api/ask", body)
    with urlopen(request, timeout=WAIT / 1000) as reply:
        ident: str = json.load(reply)["citations"][0]["article_id"]
    return ident


# --- keys


def test_a_page_with_a_key_asks_and_its_links_open(world: World) -> None:
    server = f"http://news.test:{world.keyed}"
    plain = f'<!doctype html><meta charset="utf-8"><script src="{server}/widget.js" defer{{key}}></script>'
    page = world.show(plain.replace("{key}", f' data-key="{world.key}"'))
    urls: list[str] = []
    page.context.on("request", lambda request: urls.append(request.url))
    frame = frame_of(page, page.locator("youju-widget"))
    ask(frame)
    with page.context.expect_page() as opened:
        frame.locator("a.yj-title").first.click()
    expect(opened.value.locator("#quote")).to_contain_text(SAID)
    assert not [url for url in urls if world.key in url.partition("#")[0]]
    without = world.show(plain.replace("{key}", ""))
    frame = frame_of(without, without.locator("youju-widget"))
    box = typed_into(frame)
    box.fill(ASKED)
    box.press("Enter")
    expect(frame.locator(".waiting")).to_contain_text("还没有开通", timeout=WAIT)


# --- the doctor


def doctor(world: World, **told: str) -> dict[str, dict[str, str]]:
    """Ask the doctor as a script does."""
    query = "&".join(f"{name}={quote(value)}" for name, value in told.items())
    request = Request(
        f"http://127.0.0.1:{world.news}/embed/doctor?{query}", headers={"Host": f"news.test:{world.news}"}
    )
    with urlopen(request, timeout=60) as reply:
        return {check["check"]: check for check in json.load(reply)["checks"]}


@pytest.mark.parametrize("check", ["frame-src", "script-src"])
def test_the_line_of_the_doctor_mends_the_policy(world: World, check: str) -> None:
    policies = {
        "frame-src": f"default-src 'self'; script-src {world.server}",
        "script-src": f"script-src 'self'; frame-src {world.server}",
    }
    headers = f"HTTP/1.1 200 OK\nContent-Security-Policy: {policies[check]}\nServer: nginx"
    found = doctor(world, origin=world.origin, headers=headers)
    assert {name for name, one in found.items() if one["state"] == "blocked"} == {check}
    broken = world.show(world.host("strict.html"), ("Content-Security-Policy", policies[check]))
    if check == "frame-src":
        assert [frame for frame in broken.frames[1:] if "/embed" not in frame.url or not _alive(frame)]
        broken.locator("youju-widget .bubble").click()
        expect(broken.locator("youju-widget .trouble a")).to_be_visible()
        link = broken.locator("youju-widget .trouble a").get_attribute("href") or ""
        assert "headers=default-src" in link
    else:
        assert broken.locator("youju-widget").count() == 0
    kept = [part for part in policies[check].split(";") if not part.strip().startswith(check)]
    mended = "; ".join([*kept, found[check]["mend"]])
    page = world.show(world.host("strict.html"), ("Content-Security-Policy", mended))
    expect(frame_of(page, page.locator("youju-widget")).locator("#question")).to_be_visible()


def _alive(frame: Frame) -> bool:
    return frame.locator("#question").count() > 0


@pytest.mark.parametrize(
    ("path", "check", "state", "mend"),
    [
        ("/framed", "x-frame-options", "yj-hint", "proxy_hide_header X-Frame-Options"),
        ("/twice", "frame-ancestors", "yj-blocked", "add_header Content-Security-Policy"),
        ("/framed", "prefix", "yj-blocked", "RAG_ROOT_PATH=/framed"),
    ],
)
def test_the_doctor_sees_what_a_proxy_does(
    world: World, path: str, check: str, state: str, mend: str
) -> None:
    address = f"http://news.test:{world.proxied}"
    page = world.show("<!doctype html>")
    page.goto(f"{address}{path}/embed/doctor")
    found = page.locator(f'#live [data-check="{check}"]')
    expect(found).to_have_class(state)
    expect(found.locator("pre")).to_contain_text(mend)
    page.goto(f"{address}/news/embed/doctor?origin={world.origin}")
    expect(page.locator('#live [data-check="widget"]')).to_have_class("yj-ok")
    assert page.locator(".yj-blocked").count() == 0


def test_a_second_policy_of_a_proxy_does_block(world: World) -> None:
    page = world.show(f'<!doctype html><iframe src="http://news.test:{world.proxied}/twice/embed"></iframe>')
    page.wait_for_timeout(500)
    assert not _alive(page.frames[1])


def test_the_doctor_answers_under_a_name_that_is_not_listed(world: World) -> None:
    other = world.browser.new_context(locale="zh-CN").new_page()
    other.goto(f"http://other.test:{world.news}/embed/doctor")
    host = other.locator('[data-check="host"]').first
    expect(host).to_have_class("yj-blocked")
    expect(host.locator("pre")).to_have_text('RAG_ALLOWED_HOSTS="news.test other.test"')
    reply = other.goto(f"http://other.test:{world.news}/embed")
    assert reply
    assert reply.status == 400


def test_the_doctor_names_an_unlisted_origin_and_mixed_content(world: World) -> None:
    found = doctor(world, origin="https://intranet.example")
    assert {name for name, one in found.items() if one["state"] == "blocked"} == {"origin", "scheme"}
    assert "https://intranet.example" in found["origin"]["mend"]
    assert re.fullmatch(r"https://news\.test:\d+/widget\.js", found["scheme"]["mend"])


# --- the element by itself


def bare(world: World, body: str, script: str = "") -> str:
    """Return a page whose own script finds the element defined."""
    return (
        f'<!doctype html><meta charset="utf-8"><script type="module" src="{world.server}/widget/1.js" data-manual></script>'
        f'<body>{body}<script type="module">window.heard = [];'
        'for (const name of ["ready", "open", "answer", "error", "close"])'
        " document.addEventListener(`youju-${name}`, ({ detail }) => heard.push([name, detail]));"
        f"{script}</script>"
    )


def test_a_page_mounts_and_unmounts_it_twice_and_nothing_is_left(world: World) -> None:
    page = world.show(bare(world, '<div id="app"></div>'), viewport={"width": 390, "height": 780})
    for _ in range(2):
        page.evaluate(f'app.innerHTML = \'<youju-widget lang="zh" server="{world.server}/"></youju-widget>\'')
        widget = page.locator("youju-widget")
        ask(frame_of(page, widget))
        assert (
            page.evaluate("document.documentElement.style.overflow") == "hidden"
        )  # a phone: the page stands still
        page.evaluate("document.querySelector('youju-widget').destroy()")
        expect(widget).to_have_count(0)
        assert page.evaluate("document.documentElement.style.overflow") == ""
    page.evaluate("window.kept = heard.length, postMessage({ youju: 'close' }, '*')")
    assert page.evaluate("heard.length === kept")
    assert [name for name, _ in page.evaluate("heard")].count("answer") == 2


def test_it_is_moved_and_stays_in_the_corner_of_a_transformed_body(world: World) -> None:
    body = f'<main style="height:3000px"><section id="a"></section><section id="b"></section></main><youju-widget server="{world.server}/"></youju-widget>'
    page = world.show(
        bare(world, body, "document.body.style.transform = 'translateY(40px) scale(.9)'; scrollTo(0, 900);")
    )
    widget = page.locator("youju-widget")
    size: Any = page.viewport_size
    for place in ("", "a", "b"):
        if place:
            page.evaluate(f"{place}.append(document.querySelector('youju-widget'))")
        box = widget.locator(".bubble").bounding_box()
        assert box is not None
        assert abs(size["height"] - box["y"] - box["height"] - 20) < 2
    ask(frame_of(page, widget))


def test_inline_it_stands_where_it_is_put(world: World) -> None:
    body = f'<div style="width:500px"><youju-widget inline server="{world.server}/" greeting="您好，问问&lt;成都&gt;" questions="成都有多少5G基站？|别的" lang="zh"></youju-widget></div>'
    page = world.show(bare(world, body))
    widget = page.locator("youju-widget")
    expect(widget.locator(".bubble")).to_be_hidden()
    frame = widget.frame_locator("iframe")
    expect(frame.locator("#welcome p").first).to_have_text("您好，问问<成都>", timeout=WAIT)
    expect(frame.locator("#welcome button")).to_have_text(["成都有多少5G基站？", "别的"])
    frame.locator("#welcome button").first.click()
    expect(frame.locator(".yj-text")).to_contain_text(SAID, timeout=WAIT)
    box = widget.locator(".panel").bounding_box()
    assert box
    assert (box["width"], box["height"]) == (500, 640)


def test_attributes_are_followed_while_it_is_there(world: World) -> None:
    page = world.show(
        bare(
            world,
            f'<youju-widget server="{world.server}/" lang="fr" color="rgb(0, 90, 60)" offset="40 60"></youju-widget>',
        )
    )
    widget = page.locator("youju-widget")
    bubble = widget.locator(".bubble")
    expect(bubble).to_have_css("background-color", "rgb(0, 90, 60)")
    assert bubble.get_attribute("title") == "Ask the news"  # of a third language all is English
    ask(frame_of(page, widget))
    sent: list[Any] = []
    page.on(
        "request",
        lambda request: sent.append(request.post_data_json) if request.url.endswith("/embed/ask") else None,
    )
    page.evaluate(
        "for (const [name, value] of [['color', 'nonsense('], ['heading', '问一问'], ['since', '2024-01-01'], ['publisher', '没有的报']])"
        " document.querySelector('youju-widget').setAttribute(name, value)"
    )
    expect(widget.locator("header b")).to_have_text("问一问")
    expect(bubble).to_have_css("background-color", "rgb(168, 40, 31)")
    page.evaluate(f"document.querySelector('youju-widget').ask('{ASKED}')")
    page.wait_for_function("heard.filter(([name]) => name === 'answer').length === 2", timeout=WAIT)
    assert (sent[-1]["publisher"], sent[-1]["since"]) == ("没有的报", "2024-01-01")


VUE = """
  const { createApp, h, ref } = Vue;
  window.heard = [];
  window.state = { shown: ref(true), publisher: ref(""), open: ref(false) };
  const { shown, publisher, open } = state;
  const widget = () => h("youju-widget", {
    server: "{server}/", lang: "zh", publisher: publisher.value, open: open.value, {more}
    onYoujuAnswer: ({ detail }) => heard.push(detail.answer ? detail.answer.answer : detail.error),
  });
  const Portal = { render: () => h("main", [h("h1", "门户"), shown.value ? h("section", [widget()]) : null]) };
  window.mount = () => { window.app = createApp(Portal); app.mount("#app"); };
  mount();
"""


def vue(world: World, server: str, more: str = "") -> str:
    """Return a page of Vue that has the element in a component, from another origin than the server's."""
    script = VUE.replace("{server}", server).replace("{more}", more)
    return (
        '<!doctype html><meta charset="utf-8"><script src="/vue.js"></script>'
        f'<script type="module" src="{server}/widget/1.js" data-manual></script>'
        f'<body><div id="app"></div><script type="module">{script}</script>'
    )


def test_a_page_of_vue_mounts_and_unmounts_it_twice(world: World) -> None:
    page = world.show(vue(world, world.server), viewport={"width": 390, "height": 780})
    widget = page.locator("youju-widget")
    for round_ in (1, 2):
        expect(widget).to_have_count(1)
        ask(frame_of(page, widget))
        page.wait_for_function(f"heard.length === {2 * round_ - 1}", timeout=WAIT)
        page.evaluate("state.shown.value = false")  # v-if takes it out while its panel is open
        expect(widget).to_have_count(0)
        assert page.evaluate("document.documentElement.style.overflow") == ""
        page.evaluate("state.shown.value = true")
        expect(widget.locator(".panel")).to_be_hidden()
        ask(frame_of(page, widget))
        page.wait_for_function(f"heard.length === {2 * round_}", timeout=WAIT)
        page.evaluate("app.unmount()")
        expect(widget).to_have_count(0)
        assert len(page.frames) == 1
        page.evaluate("mount()")
    assert page.evaluate("heard") == [SAID] * 4


def test_in_vue_attributes_are_followed_and_open_stays_a_method(world: World) -> None:
    page = world.show(vue(world, f"http://news.test:{world.keyed}", f'"data-key": "{world.key}",'))
    widget = page.locator("youju-widget")
    page.evaluate("state.open.value = true")
    expect(widget.locator(".panel")).to_be_visible()
    ask(widget.frame_locator("iframe"))  # with the key, which Vue does not hand on as key
    page.evaluate("state.open.value = false")
    expect(widget.locator(".panel")).to_be_hidden()
    page.evaluate("document.querySelector('youju-widget').open()")
    expect(widget.locator(".panel")).to_be_visible()
    page.evaluate("state.publisher.value = '没有的报'")
    page.evaluate(f"document.querySelector('youju-widget').ask('{ASKED}')")
    page.wait_for_function("heard.length === 2", timeout=WAIT)
    assert "没有的报" in page.evaluate("heard[1]") or page.evaluate("heard[1]") == ""


def test_an_own_launcher_opens_it_and_asks(world: World) -> None:
    body = f'<button id="mine">问</button><a href="#" data-youju-open="{ASKED}">5G</a><youju-widget server="{world.server}/" launcher="#mine"></youju-widget>'
    page = world.show(bare(world, body))
    widget = page.locator("youju-widget")
    expect(widget.locator(".bubble")).to_be_hidden()
    page.locator("#mine").click()
    expect(widget.locator(".panel")).to_be_visible()
    widget.locator("header button").click()
    page.locator("[data-youju-open]").click()
    expect(widget.frame_locator("iframe").locator(".yj-text")).to_contain_text(SAID, timeout=WAIT)


def test_a_conversation_is_kept_across_loads_only_where_that_is_asked_for(world: World) -> None:
    for keep in ("keep", ""):
        page = world.show(bare(world, f'<youju-widget {keep} open server="{world.server}/"></youju-widget>'))
        frame = page.locator("youju-widget").frame_locator("iframe")
        ask(frame)
        page.reload()
        expect(frame.locator("#question")).to_be_visible(timeout=WAIT)
        expect(frame.locator(".yj-text")).to_have_count(1 if keep else 0)
    assert page.context.cookies() == []


def test_what_is_asked_beyond_the_line_is_told_to_the_page(world: World) -> None:
    page = world.show(bare(world, f'<youju-widget server="{world.server}/"></youju-widget>'))
    page.wait_for_function("Boolean(customElements.get('youju-widget'))")
    page.evaluate(f"for (let i = 0; i < 8; i += 1) document.querySelector('youju-widget').ask('{ASKED}' + i)")
    page.wait_for_function(
        "heard.filter(([name, detail]) => name === 'error' && detail.reason === 'queue').length === 3",
        timeout=WAIT,
    )
    assert "ready" in page.evaluate("heard.map(([name]) => name)")


def test_what_a_reader_says_in_the_frame_is_kept(world: World) -> None:
    page = world.show(bare(world, f'<youju-widget lang="zh" open server="{world.server}/"></youju-widget>'))
    frame = page.locator("youju-widget").frame_locator("iframe")
    ask(frame)
    frame.locator(".verdict button").first.click()
    expect(frame.locator(".verdict [role=status]")).to_have_text("已记下，谢谢。", timeout=WAIT)


def test_a_signed_name_goes_with_every_request_and_another_begins_anew(world: World) -> None:
    signed = {user: sign_user(IDENTITY, user) for user in ("张三", "李四")}
    tag = f'<youju-widget lang="zh" open keep user="张三" signature="{signed["张三"]}" server="{world.server}/"></youju-widget>'
    page = world.show(bare(world, tag))
    urls: list[str] = []
    sent: list[str] = []
    page.context.on("request", lambda request: urls.append(request.url))
    page.on(
        "request",
        lambda request: (
            sent.append(unquote(request.headers.get("x-youju-user", "")))
            if request.method == "POST"
            else None
        ),
    )
    frame = page.locator("youju-widget").frame_locator("iframe")
    ask(frame)
    frame.locator(".verdict button").first.click()
    expect(frame.locator(".verdict [role=status]")).to_have_text("已记下，谢谢。", timeout=WAIT)
    assert sent == ["张三", "张三"]
    change = "([name, value]) => document.querySelector('youju-widget').setAttribute(name, value)"
    page.evaluate(change, ["signature", signed["李四"]])
    page.evaluate(change, ["user", "李四"])
    expect(frame.locator(".yj-text")).to_have_count(0)  # what was said to one is not shown to the next
    ask(frame)
    assert sent[-1] == "李四"
    page.evaluate(change, ["signature", signed["张三"]])
    box = typed_into(frame)
    box.fill(ASKED)
    box.press("Enter")
    expect(frame.locator("#log")).to_contain_text("还没有开通", timeout=WAIT)
    assert not [
        url for url in urls if "%E5%BC%A0" in url.partition("#")[0] or signed["张三"] in url.partition("#")[0]
    ]


def test_a_reader_is_not_told_of_keys(world: World) -> None:
    server = f"http://news.test:{world.keyed}"
    page = world.show(bare(world, f'<youju-widget lang="zh" open server="{server}/"></youju-widget>'))
    frame = page.locator("youju-widget").frame_locator("iframe")
    box = typed_into(frame)
    box.fill(ASKED)
    box.press("Enter")
    expect(frame.locator("#log")).to_contain_text("还没有开通", timeout=WAIT)
    expect(frame.locator("#log")).not_to_contain_text("密钥")


def snippets(kind: str) -> list[str]:
    """Return the snippets of the page on embedding, which is held to be the same in both languages."""
    text = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def test_the_snippets_of_the_docs_do_what_they_say(world: World) -> None:
    named = "http://news.intranet:7860"
    frame, button, checked, element, signed = [one.replace(named, world.server) for one in snippets("html")]
    asked, talked = [one.replace(named, world.server) for one in snippets("js")]
    head = '<!doctype html><meta charset="utf-8">'
    page = world.show(f"{head}{frame}<script>{talked}</script>")
    expect(page.frame_locator("iframe").locator(".yj-text")).to_contain_text(SAID, timeout=WAIT)
    for one in (button, checked):
        expect(world.show(f"{head}{one}").locator("youju-widget .bubble")).to_be_visible()
    page = world.show(f"{head}{element}")
    expect(page.locator("youju-widget").frame_locator("iframe").locator("#welcome")).to_contain_text(
        "想知道什么？"
    )
    said: list[str] = []
    page = world.show(f"{head}{button}")
    page.on("console", lambda message: said.append(message.text))
    page.wait_for_selector("youju-widget", state="attached")
    page.evaluate(asked)
    page.wait_for_function("document.querySelector('youju-widget').isOpen")
    expect(page.locator("youju-widget").frame_locator("iframe").locator(".yj-text")).to_contain_text(
        SAID, timeout=WAIT
    )
    assert any(SAID in text for text in said)
    refused = world.show(f"{head}{button}{signed}")  # its signature is an example
    answer = frame_of(refused, refused.locator("youju-widget[user]"))
    box = typed_into(answer)
    box.fill(ASKED)
    box.press("Enter")
    expect(answer.locator("#log")).to_contain_text("还没有开通", timeout=WAIT)


def test_the_digest_of_the_docs_is_that_of_the_script_and_a_browser_checks_it(world: World) -> None:
    content = (ROOT / "rag" / "server" / "embed" / "widget.js").read_bytes()
    digest = f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"
    for name in ("embedding.md", "embedding.zh.md"):
        assert digest in (ROOT / "docs" / name).read_text(encoding="utf-8"), f'write integrity="{digest}"'
    tag = f'<!doctype html><meta charset="utf-8"><script src="{world.server}/widget/1.js" integrity="{digest}" crossorigin="anonymous" defer></script>'
    expect(world.show(tag).locator("youju-widget")).to_have_count(1)
    assert world.show(tag.replace("sha384-", "sha384-A")).locator("youju-widget").count() == 0
    assert len(content) <= 15_000
