"""The real application with articles of every awkward kind, a browser, and the states a reader brings the page into."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from rag.config import read_settings
from rag.index.build.builder import build
from rag.models.embedder import load_embedder
from tests.support.browser import Running, application
from tests.support.paths import ROOT
from tests.support.remembered import remembering

ASKED = "成都有多少5G基站"
HOSTILE = "澜沙镇有多少座灯塔？"
DIFFER = "云杉湾渔港有多少艘渔船？"
BOX = "#yj-question textarea"
WAIT = 120_000  # a machine that does other work, too
"""Milliseconds for what takes a fraction of a second on a machine of its own."""
TAGS = "<script>alert(1)</script><form action=//evil.example><input name=x></form>"
LINE = "无标点的长行" * 1700
ARTICLES = (
    {
        "title": f"澜沙镇灯塔{TAGS}" + "很长的标题" * 60,
        "text": f"截至2023年底，澜沙镇共有灯塔17座{TAGS}**粗** [链接](javascript:alert(1))\u202e反转\u2066隔离。\n{LINE}",
        "publisher": TAGS,
        "author": "\u202e者作",
        "date": "2024-01-05",
    },
    {
        "title": "云杉湾渔港通报",
        "text": "截至2023年底，云杉湾渔港共有渔船640艘。\n渔港设有冷库。",
        "publisher": "湾区晚报",
        "date": "2024-01-08",
    },
    {
        "title": "云杉湾渔业年报出炉",
        "text": "截至2023年底，云杉湾渔港共有渔船655艘，年报同时公布了产量。",
        "publisher": "渔业日报",
        "date": "2024-02-11",
    },
    {
        "title": "白鹭洲码头通报",
        "text": "白鹭洲码头共有泊位12个。码头设有候船室。",
        "publisher": "湾区晚报",
        "date": "2023-03-01",
    },
    {
        "title": "更正",
        "text": "本报3月1日《白鹭洲码头通报》一文中，“白鹭洲码头共有泊位12个”应为“白鹭洲码头共有泊位21个”。特此更正。",
        "publisher": "湾区晚报",
        "date": "2023-03-02",
    },
    {
        "title": "松湖绿道年报",
        "text": "截至2022年底，松湖绿道全长31公里。",
        "publisher": "湾区晚报",
        "date": "2023-01-20",
    },
    {
        "title": "松湖绿道延伸",
        "text": "截至2023年底，松湖绿道全长46公里。",
        "publisher": "湾区晚报",
        "date": "2024-01-10",
    },
    {
        "title": "松湖绿道又有新进展",
        "text": "截至2023年底，松湖绿道全长46公里，沿线设有驿站。",
        "publisher": "渔业日报",
        "date": "2024-01-12",
    },
)
CORRECTED = "白鹭洲码头有多少个泊位？"
LENGTH = "松湖绿道全长多少公里？"
LATER = {
    "title": "云杉湾新增灯塔",
    "text": "2024年6月，云杉湾新增灯塔3座。",
    "publisher": "湾区晚报",
    "date": "2024-06-02",
}


@dataclass(frozen=True, slots=True)
class World:
    """The application over the index in `folder`, a browser, and all addresses that its pages asked for."""

    running: Running
    folder: Path
    browser: Browser
    urls: list[str] = field(default_factory=list)

    def page(self, **options: Any) -> Page:
        """Open a fresh browser profile whose requests are written down; a script that runs or fails is a failure."""
        context = self.browser.new_context(**({"locale": "zh-CN"} | options))
        context.on("request", lambda request: self.urls.append(request.url))
        context.set_default_timeout(WAIT)
        page = context.new_page()
        page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        return page

    def chat(self, query: str = "", **options: Any) -> Page:
        """Open the chat, ready for a question."""
        page = self.page(**options)
        self.enter(page, query)
        return page

    def enter(self, page: Page, query: str = "") -> None:
        """Go to the chat and wait until it is ready for a question."""
        page.goto(self.running.address + query)
        ready(page)

    def add(self, rows: tuple[dict[str, str], ...], name: str) -> None:
        """Take articles into the index, also while the application runs."""
        write_rows(self.folder, rows, name)
        build_index(self.folder, [ROOT / "seeds"])

    def outside(self) -> set[str | None]:
        """Return the hosts asked by the pages that are not this machine."""
        hosts = {urlsplit(url).hostname for url in self.urls if not url.startswith(("data:", "blob:"))}
        return hosts - {"127.0.0.1", "localhost"}


def ready(page: Page) -> None:
    """Wait until the chat takes a question and has drawn what it had kept."""
    page.wait_for_selector("body.yj-ready", state="attached")


def write_rows(folder: Path, rows: tuple[dict[str, str], ...], name: str) -> None:
    """Put articles where `build_index` finds them."""
    path = folder / "news" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def build_index(folder: Path, more: list[Path]) -> None:
    """Take the written articles and those of `more` into the index of `folder`."""
    index = folder / "index"
    with remembering():
        build([*more, folder / "news"], index, load_embedder(read_settings({}, index=index)))


@contextmanager
def open_world(folder: Path, browser: Browser, origin: str, more: list[Path]) -> Iterator[World]:
    """Build the index of ARTICLES, a file that is refused and what is in `more`, and run the application over it."""
    write_rows(folder, ARTICLES, "a.jsonl")
    (folder / "news" / "空白.txt").write_bytes(b"")
    build_index(folder, more)
    with application(folder, origin) as running:
        yield World(running, folder, browser)


def ask(page: Page, question: str) -> None:
    """Type a question and wait for the reply to it."""
    before = page.locator(".yj-turn").count()
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    answered(page, before + 1)


def answered(page: Page, turns: int) -> None:
    """Wait until so many turns stand there and the last has its reply."""
    expect(page.locator(".yj-turn")).to_have_count(turns)
    expect(page.locator(".yj-turn").last.locator(".yj-tools")).to_be_visible(timeout=WAIT)


def permalink(page: Page) -> str:
    """Return the address that is copied for the last answer."""
    return copied(page, lambda: page.locator(".yj-turn").last.get_by_role("button", name="链接").click())


def copied_as(page: Page, kind: str) -> str:
    """Return what the copy menu of the last answer puts on the clipboard."""

    def choose() -> None:
        menu = page.locator(".yj-menu").last
        menu.locator("summary").click()
        menu.get_by_role("button", name=kind).click()

    return copied(page, choose)


def copied(page: Page, press: Callable[[], None]) -> str:
    """Return what `press` puts on the clipboard; that the page says so for two seconds is not waited for."""
    page.evaluate("navigator.clipboard.writeText('')")
    press()
    page.wait_for_function("navigator.clipboard.readText()")
    found: str = page.evaluate("navigator.clipboard.readText()")
    return found


def width_beyond(page: Page) -> int:
    """Return how many pixels the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wide


def violations(page: Page, past: str = "") -> list[str]:
    """Return what axe-core calls serious or critical; what the selector `past` finds is not looked at again."""
    # A page that stays has the script already.
    axe = Axe() if page.evaluate("window.axe === undefined") else Axe("")
    found = axe.run(page, {"exclude": [past]} if past else None).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0].get('failureSummary', '')[:300]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def unreachable(page: Page) -> list[str]:
    """Return what can be pressed or filled in but not reached with the Tab key, and what reacts to the mouse alone."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(
          'a[href], button, input, select, textarea, summary, [onclick], [role=button], [role=link]')]
          .filter(one => one.checkVisibility() && !one.disabled && one.tabIndex < 0)
          .map(one => 'not reached by Tab: ' + one.outerHTML.slice(0, 120))"""
    )
    return found


def states(world: World, **options: Any) -> Iterator[tuple[str, Page]]:
    """Bring the page into each of its states, in one profile and a fresh one for the link; yield each by its name."""
    page = world.chat(**options)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.wait_for_selector("#yj-examples li")
    yield "start", page
    yield from _asking(page)
    yield from _panels(page)
    yield from _variants(page)
    yield from _told(page)
    yield from _several(page)
    yield from _hostile(page)
    yield from _kept(world, page, options)
    yield from _plain_pages(world, page)
    yield from desk_states(world, page)
    page.context.close()
    yield from _english(world, options)


def _asking(page: Page) -> Iterator[tuple[str, Page]]:
    ask(page, ASKED)
    expect(page.locator(".yj-next button").first).to_be_visible()
    yield "answer", page
    _open_quote(page)
    yield "source", page
    page.keyboard.press("Escape")
    page.locator(".yj-menu summary").click()
    yield "copy", page
    copied(page, lambda: page.get_by_role("button", name="GB/T 7714").click())
    yield "copied", page
    ask(page, "那4G呢？")
    expect(page.locator(".yj-turn").last.locator(".yj-next button").first).to_be_visible()
    yield "follow-up", page
    page.locator(".yj-edit").last.click()
    yield "rewrite", page
    page.keyboard.press("Escape")


def _panels(page: Page) -> Iterator[tuple[str, Page]]:
    ask(page, "那上海呢？")
    turn = page.locator(".yj-turn").last
    yield "refusal", page
    turn.get_by_role("button", name="为什么没找到").click()
    page.get_by_label("您认为答案里应有的字").fill("超8万个")
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".yj-lost")).to_be_visible()
    yield "why", page
    page.keyboard.press("Escape")
    turn.get_by_role("button", name="该有答案").click()
    expect(turn.locator(".yj-thanks")).to_have_text("已记下，谢谢。")
    yield "feedback", page


def _variants(page: Page) -> Iterator[tuple[str, Page]]:
    ask(page, DIFFER)
    expect(page.locator(".yj-different")).to_be_visible()
    yield "variants", page
    _open_quote(page)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#yj-side-at")).to_have_text("2 / 2")
    expect(page.locator("#yj-side mark#quote")).to_be_focused()
    yield "second-source", page
    page.keyboard.press("Escape")
    page.locator("#yj-filters summary").click()
    page.locator("#yj-publisher").select_option("渔业日报")
    page.locator("#yj-since").fill("2024-02-01")
    ask(page, DIFFER)
    yield "filter", page
    page.locator("#yj-until").fill("2024-01-01")
    expect(page.locator("#yj-filtered")).to_contain_text("起始日期晚于截止日期")
    yield "wrong-dates", page
    page.locator("#yj-unfilter").click()
    page.locator("#yj-filters summary").click()


def _told(page: Page) -> Iterator[tuple[str, Page]]:
    """Bring up what an answer is told with: a correction, times, sources that agree, key points, an article at a glance."""
    ask(page, CORRECTED)
    expect(page.locator(".yj-corrected")).to_be_visible()
    yield "corrected", page
    page.locator(".yj-corrected").locator("xpath=..").locator("a.yj-title").click()
    expect(page.locator("#yj-side .yj-corrected")).to_be_visible()
    yield "corrected-source", page
    page.keyboard.press("Escape")
    ask(page, LENGTH)
    page.locator(".yj-turn").last.locator(".yj-more summary").first.click()
    expect(page.locator(".yj-turn").last.locator(".yj-timeline li")).to_have_count(2)
    yield "timeline", page
    ask(page, "白鹭洲码头的驿站有几个？")
    yield "likely", page
    ask(page, "介绍一下成都工业互联网")
    page.locator(".yj-turn").last.locator("a.yj-glance").first.click()
    expect(page.locator("#yj-side .yj-gist summary")).to_be_focused()
    yield "at-a-glance", page
    page.keyboard.press("Escape")
    yield "key-points", page
    page.route("**/page/ask", lambda route: route.abort())
    page.fill(BOX, LENGTH)
    page.press(BOX, "Enter")
    expect(page.locator(".yj-turn [role=alert]")).to_be_visible()
    yield "failed", page
    page.unroute("**/page/ask")


def _several(page: Page) -> Iterator[tuple[str, Page]]:
    ask(page, "成都有多少4G基站？成都有多少5G基站？")
    expect(page.locator(".yj-turn").last.locator(".yj-part")).to_have_count(2)
    yield "several", page
    ask(page, "云杉湾 冷库")
    expect(page.locator(".yj-beside")).to_be_visible()
    yield "keywords", page
    ask(page, "最近有什么新闻")
    yield "newest", page
    page.locator("#yj-filters summary").click()
    page.locator("#yj-publisher").select_option("渔业日报")
    ask(page, "最近有什么新闻")
    expect(page.locator(".yj-turn").last).to_contain_text("筛选范围内最新的报道")
    yield "newest-filtered", page
    page.locator("#yj-unfilter").click()
    page.locator("#yj-filters summary").click()
    ask(page, "你好")
    yield "courtesy", page


def _hostile(page: Page) -> Iterator[tuple[str, Page]]:
    ask(page, HOSTILE)
    yield "hostile", page
    _open_quote(page)
    yield "hostile-source", page
    page.keyboard.press("Escape")
    ask(page, ("长" * 990 + "有多少？")[:1000])
    yield "long-question", page


def _kept(world: World, page: Page, options: dict[str, Any]) -> Iterator[tuple[str, Page]]:
    ask(page, ASKED)
    link = permalink(page)
    page.reload()
    ready(page)
    answered(page, page.locator(".yj-turn").count())
    yield "reloaded", page
    page.locator("#yj-history").click()
    yield "history", page
    page.keyboard.press("Escape")
    other = world.chat(re.sub("^https?://[^/]+", "", link), **options)
    expect(other.locator("#yj-banner")).to_be_visible()
    yield "permalink", other
    other.emulate_media(media="print")
    yield "print", other
    other.context.close()


def _plain_pages(world: World, page: Page) -> Iterator[tuple[str, Page]]:
    address = page.locator("a.yj-title").last.get_attribute("href")
    for name, path in (
        ("library", "/library"),
        ("library-search", "/library?q=云杉湾"),
        ("library-none", "/library?q=没有这样的标题"),
        ("search", "/search?q=云杉湾 灯塔"),
        ("search-date", "/search?q=云杉湾&sort=date&publisher=渔业日报"),
        ("search-none", "/search?q=没有这样的字"),
        ("search-start", "/search"),
        ("search-one", "/search?q=渔"),
        ("search-wrong-dates", "/search?q=云杉湾&since=2024-02-01&until=2024-01-01"),
        ("article", address),
        ("missing", "/articles/0123456789ab"),
        ("embed", "/embed"),
    ):
        page.goto(f"{world.running.address}{path}")
        yield name, page


def desk_states(world: World, page: Page) -> Iterator[tuple[str, Page]]:
    """Bring up the desk: as it is found, with files looked at, with an article to withdraw, withdrawn, and the inbox."""
    page.goto(f"{world.running.address}/desk")
    yield "desk", page
    files = {"渔港.txt": "云杉湾渔港扩建\n2024年5月6日，云杉湾渔港扩建完工。\n", "空.txt": " "}
    sent: Any = [{"name": name, "mimeType": "", "buffer": said.encode()} for name, said in files.items()]
    page.set_input_files("#yj-files", sent)
    expect(page.locator("#yj-drafts li[data-stamp=looked]")).to_have_count(2)
    yield "desk-review", page
    for _ in files:
        left = page.locator("#yj-drafts li[data-stamp]").count() - 1
        page.locator("#yj-drafts button[data-do*=drop]").first.press("Enter")
        expect(page.locator("#yj-drafts li[data-stamp]")).to_have_count(left)
    page.goto(f"{world.running.address}/desk?q=松湖绿道年报")
    page.get_by_role("button", name="撤下：松湖绿道年报").press("Enter")
    restore = page.get_by_role("button", name="恢复：松湖绿道年报")
    expect(restore).to_be_visible()
    yield "desk-withdrawn", page
    restore.press("Enter")
    expect(restore).to_have_count(0)
    page.goto(f"{world.running.address}/desk/inbox")
    yield "inbox", page


def _english(world: World, options: dict[str, Any]) -> Iterator[tuple[str, Page]]:
    page = world.chat(**(options | {"locale": "en-US"}))
    ask(page, "上海有多少5G基站")
    expect(page.locator(".yj-turn .yj-text")).to_contain_text("Nothing was found")
    yield "english", page
    page.context.close()


def _open_quote(page: Page) -> None:
    """Open the source of the last answer's first quote."""
    page.locator(".yj-turn").last.locator("a.yj-ref").first.click()
    expect(page.locator("#yj-side mark#quote")).to_be_focused()
