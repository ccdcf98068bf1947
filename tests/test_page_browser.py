"""The page in the system's Chromium, on the real application: one server and one browser for all tests."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from rag.build import build
from rag.config import read_settings
from rag.embed import load_embedder
from rag.feedback import FeedbackStore
from tests.browser import ROOT, Running, application, chromium, host_pages

pytestmark = pytest.mark.browser

ASKED = "成都有多少5G基站"
HOSTILE = "澜沙镇有多少座灯塔？"
BOX = "#yj-question textarea"
WAIT = 120_000  # a machine that does other work, too
"""Milliseconds for what takes a fraction of a second on a machine of its own."""
TAGS = "<script>alert(1)</script><form action=//evil.example><input name=x></form>"
ARTICLES = (
    {
        "title": f"澜沙镇灯塔{TAGS}" + "很长的标题" * 60,
        "text": f"截至2023年底，澜沙镇共有灯塔17座{TAGS}**粗** [链接](javascript:alert(1))\u202e反转\u2066隔离。\n"
        + "无标点的长行" * 1700,
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
)
LATER = {
    "title": "云杉湾新增灯塔",
    "text": "2024年6月，云杉湾新增灯塔3座。",
    "publisher": "湾区晚报",
    "date": "2024-06-02",
}


@dataclass(frozen=True, slots=True)
class World:
    """The application, a browser, a listed and an unlisted site that frame it, and all addresses asked for."""

    running: Running
    folder: Path
    browser: Browser
    listed: str
    unlisted: str
    urls: list[str]

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
        page.goto(self.running.address + query)
        page.wait_for_selector("#yj-nav")
        page.wait_for_selector(".yj-splash", state="detached")
        return page

    def add(self, rows: tuple[dict[str, str], ...], name: str) -> None:
        """Take articles into the index, also while the application runs."""
        path = self.folder / "news" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        index = self.folder / "index"
        build([ROOT / "seeds", path.parent], index, load_embedder(read_settings({}, index=index)))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    listed, unlisted = tmp_path_factory.mktemp("listed"), tmp_path_factory.mktemp("unlisted")
    folder = tmp_path_factory.mktemp("app")
    with chromium() as browser, host_pages(listed) as one, host_pages(unlisted) as other:
        made = World(Running("", Path()), folder, browser, one, other, [])
        made.add(ARTICLES, "a.jsonl")
        with application(folder, one) as running:
            frame = f'<!doctype html><iframe src="{running.address}/embed" width=600 height=500></iframe>'
            for site in (listed, unlisted):
                (site / "index.html").write_text(frame, encoding="utf-8")
            yield World(running, folder, browser, one, other, made.urls)


def ask(page: Page, question: str) -> None:
    """Type a question and wait for the reply to it."""
    before = page.locator(".yj-turn").count()
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    expect(page.locator(".yj-turn")).to_have_count(before + 1)
    expect(page.locator(".yj-turn").last.locator(".yj-tools")).to_be_visible(timeout=WAIT)


def width_beyond(page: Page) -> int:
    """Return how many pixels the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wide


def violations(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0].get('failureSummary', '')[:300]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_a_question_gets_its_quote_with_the_answer_marked(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    expect(page.locator(".yj-text")).to_contain_text("超8万个")
    expect(page.locator(".yj-card mark").first).to_contain_text("8万个")
    expect(page.locator(".yj-card blockquote").first).to_contain_text("截至2023年底")
    expect(page.locator(".yj-source").first).to_contain_text("成都新型工业化再添“智能”底色")
    expect(page.locator(".yj-ok").first).to_have_text("✓ 已核对")
    expect(page.locator(".yj-next button").first).to_be_visible(timeout=WAIT)
    page.locator(".yj-next button").first.click()
    expect(page.locator(".yj-turn")).to_have_count(2)
    expect(page.locator(".yj-turn").last.locator(".yj-tools")).to_be_visible(timeout=WAIT)
    assert page.locator(".yj-turn").last.locator(".yj-refused").count() == 0


def test_a_marker_opens_the_article_with_quote_and_answer_marked_and_escape_closes_it(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    marker = page.locator("a.yj-ref").first
    marker.focus()
    marker.press("Enter")
    mark = page.locator("#yj-side mark#quote")
    expect(mark).to_contain_text("建成5G基站超8万个", timeout=WAIT)
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_focused()
    expect(mark.locator("strong")).to_have_text("超8万个")
    expect(page.locator("#yj-side-title")).to_have_text("成都新型工业化再添“智能”底色")
    for fact in ("华西都市报-封面新闻", "章节", "引文与来源文件逐字核对一致"):
        expect(page.locator(".yj-facts")).to_contain_text(fact)
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#yj-side")).to_be_hidden()
    expect(marker).to_be_focused()


def test_a_refusal_gives_its_reason_and_what_is_close_and_the_stage_that_lost_it(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    ask(page, "那上海呢？")
    turn = page.locator(".yj-turn").last
    expect(turn.locator(".yj-refused")).to_contain_text("未作答")
    expect(turn.locator(".yj-refused")).to_contain_text("可能相关")
    assert turn.locator(".yj-refused mark").count() == 0
    turn.get_by_role("button", name="为什么没找到").click()
    expect(page.locator(".yj-trace")).to_contain_text("四、作答", timeout=WAIT)
    page.get_by_label("您认为答案里应有的字").fill("超8万个")
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".yj-lost")).to_contain_text("作答这一步拒绝了", timeout=WAIT)
    assert violations(page) == []


def test_how_a_follow_up_was_understood_can_be_changed_and_asked_again(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    ask(page, "那上海呢？")
    page.locator(".yj-edit").click()
    field = page.locator(".yj-rewrite")
    expect(field).to_have_value("上海有多少5G基站")
    field.fill("成都有多少4G基站")
    field.press("Enter")
    expect(page.locator(".yj-turn").last.locator(".yj-text strong")).to_contain_text("7.8万个", timeout=WAIT)


def test_sources_that_differ_stand_side_by_side_and_the_arrows_turn_between_them(world: World) -> None:
    page = world.chat()
    ask(page, "云杉湾渔港有多少艘渔船？")
    values = page.locator(".yj-different .yj-value")
    expect(values).to_have_count(2)
    assert {re.sub(r"\D", "", str(text))[:3] for text in values.locator("strong").all_inner_texts()} == {
        "640",
        "655",
    }
    page.locator("a.yj-ref").first.click()
    expect(page.locator("#yj-side-at")).to_have_text("1 / 2")
    expect(page.locator("#yj-side mark#quote")).to_be_focused(timeout=WAIT)
    first = page.locator("#yj-side-title").inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#yj-side-at")).to_have_text("2 / 2")
    expect(page.locator("#yj-side-title")).not_to_have_text(first)


def test_filters_restrict_the_search_and_are_shown_with_the_question(world: World) -> None:
    page = world.chat()
    page.locator("#yj-filters summary").click()
    page.locator("#yj-publisher").select_option("渔业日报")
    page.locator("#yj-since").fill("2024-02-01")
    expect(page.locator("#yj-filtered")).to_contain_text("渔业日报")
    ask(page, "云杉湾渔港有多少艘渔船？")
    expect(page.locator(".yj-card")).to_have_count(1)
    expect(page.locator(".yj-asked-in")).to_contain_text("2024-02-01")
    page.locator("#yj-unfilter").click()
    expect(page.locator("#yj-publisher")).to_have_value("")
    expect(page.locator("#yj-filtered")).to_have_text("")


def test_an_answer_is_copied_with_its_citation(world: World) -> None:
    page = world.chat()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, ASKED)
    for kind, part in (
        ("纯文本", "—— 《成都新型工业化再添"),
        ("Markdown", "> —— 《"),
        ("GB/T 7714", "[N/OL]. 华西都市报"),
    ):
        page.locator(".yj-menu summary").click()
        page.get_by_role("button", name=kind).click()
        expect(page.locator(".yj-menu summary")).to_have_text("已复制")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert part in copied
        addresses = re.findall(r"http\S+#quote", copied)
        assert addresses
    with urlopen(addresses[0]) as response:
        assert '<mark id="quote"' in response.read().decode()


def permalink(page: Page) -> str:
    """Return the address that is copied for the last answer."""
    page.evaluate("navigator.clipboard.writeText('')")
    page.locator(".yj-turn").last.get_by_role("button", name="链接").click()
    expect(page.get_by_role("button", name="链接已复制")).to_be_visible()
    copied: str = page.evaluate("navigator.clipboard.readText()")
    return copied


def test_a_link_reproduces_the_answer_in_a_fresh_profile_and_says_when_the_index_moved_on(
    world: World,
) -> None:
    page = world.chat()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, ASKED)
    ask(page, "4G基站呢？")
    said = page.locator(".yj-text").last.inner_text()
    link = permalink(page)
    query = urlsplit(link).query
    assert {"q", "today", "g", "d"} <= set(parse_qs(query))
    other = world.chat(f"/?{query}")
    expect(other.locator(".yj-text")).to_have_text(said, timeout=WAIT)
    expect(other.locator("#yj-banner")).to_contain_text("库与当时相同")
    world.add((LATER,), "later.jsonl")
    later = world.chat(f"/?{query}")
    expect(later.locator("#yj-banner")).to_contain_text("回答与当时一致", timeout=WAIT)
    expect(later.locator("#yj-banner")).to_contain_text("库已更新")
    changed = world.chat(f"/?{re.sub('d=[0-9a-f]+', 'd=00000000', query)}")
    expect(changed.locator("#yj-banner")).to_contain_text("回答与当时不同", timeout=WAIT)


def test_feedback_is_stored_once(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    page.get_by_role("button", name="不准确").click()
    expect(page.locator(".yj-thanks")).to_have_text("已记下，谢谢。", timeout=WAIT)
    page.get_by_role("button", name="引用有误").click()
    page.get_by_label("说说哪里不对").fill("<b>应引年报</b>")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".yj-said")).to_be_hidden()
    store = FeedbackStore(world.folder / "state")
    page.reload()
    expect(page.locator("[aria-pressed=true]")).to_have_text("引用有误", timeout=WAIT)
    (entry,) = store.entries()
    assert (entry.verdict, entry.comment) == ("wrong_citation", "<b>应引年报</b>")
    assert entry.answer["citations"]


def test_the_conversation_survives_a_reload_until_it_is_cleared(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    page.reload()
    expect(page.locator(".yj-turn .yj-card mark").first).to_contain_text("8万个", timeout=WAIT)
    ask(page, "上海呢？")  # a follow-up of what was restored
    expect(page.locator(".yj-edit")).to_contain_text("上海有多少5G基站")
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".yj-turn")).to_have_count(0)
    page.get_by_role("button", name="历史").click()
    expect(page.locator(".yj-talks li")).to_have_count(1)
    assert violations(page) == []
    page.locator(".yj-talks button").click()
    expect(page.locator(".yj-turn")).to_have_count(2)
    page.get_by_role("button", name="历史").click()
    page.get_by_role("button", name="清除全部历史").click()
    page.reload()
    page.wait_for_selector("#yj-examples li")
    assert page.locator(".yj-turn").count() == 0
    assert page.evaluate("localStorage.getItem('youju.talks')") is None


def test_history_is_not_kept_when_it_is_switched_off(world: World) -> None:
    page = world.chat()
    page.get_by_role("button", name="历史").click()
    page.get_by_label("保留历史").uncheck()
    page.keyboard.press("Escape")
    ask(page, ASKED)
    assert page.evaluate("localStorage.getItem('youju.talks')") is None


def test_the_library_lists_articles_and_finds_titles(world: World) -> None:
    page = world.page(viewport={"width": 390, "height": 800})
    page.goto(f"{world.running.address}/library")
    expect(page.locator("tbody tr").first).to_be_visible()
    assert width_beyond(page) <= 0
    assert violations(page) == []
    page.get_by_label("按标题查找").fill("云杉湾渔")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="云杉湾渔港通报").click()
    expect(page.locator("h1")).to_have_text("云杉湾渔港通报")


@pytest.mark.parametrize("width", [1280, 375])
def test_hostile_articles_are_shown_as_text_and_break_no_layout(world: World, width: int) -> None:
    page = world.chat(viewport={"width": width, "height": 700})
    ask(page, HOSTILE)
    expect(page.locator(".yj-card blockquote").first).to_contain_text("<script>alert(1)</script><form")
    page.locator("a.yj-title").first.click()
    body = page.locator("#yj-side-body")
    expect(body).to_contain_text("**粗** [链接](javascript:alert(1))U+202E反转U+2066隔离", timeout=WAIT)
    for inside in (".yj-reply", "#yj-side-body", "#yj-side-title"):
        assert (
            page.locator(f"{inside} :is(script, iframe, img, [onerror], a[href^='javascript'])").count() == 0
        )
    assert page.locator("#yj-side-body :is(form, input)").count() == 0
    assert width_beyond(page) <= 0
    address = page.locator("#yj-side-body .yj-facts a").get_attribute("href")
    for path in (address, "/library"):
        page.goto(f"{world.running.address}{path}")
        expect(page.locator("body")).to_contain_text("<script>alert(1)</script>")
        assert page.locator("body :is(article, table) :is(script, form)").count() == 0
        assert width_beyond(page) <= 0


def test_a_typed_tag_is_shown_and_never_run_and_long_questions_fit(world: World) -> None:
    page = world.chat(viewport={"width": 375, "height": 700})
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script> **粗** 有多少？"
    ask(page, hostile)
    assert page.locator(".yj-question").last.inner_text().strip() == hostile
    long = ("长" * 990 + "有多少？")[:1000]
    ask(page, long)
    assert page.locator(".yj-question :is(img, script, b)").count() == 0
    assert width_beyond(page) <= 0
    assert page.locator(".yj-question").last.inner_text() == long


def test_a_conversation_of_fifty_turns_keeps_its_shape(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    expect(page.locator(".yj-next button").first).to_be_visible()  # nothing more is going to be saved
    page.evaluate(
        "() => { const talks = JSON.parse(localStorage['youju.talks']); const one = talks[0].turns[0];"
        "talks[0].turns = Array.from({length: 50}, (_, i) => ({...one, uid: `uid${i}`}));"
        "localStorage['youju.talks'] = JSON.stringify(talks); }"
    )
    page.reload()
    expect(page.locator(".yj-turn")).to_have_count(50, timeout=WAIT)
    ask(page, "那4G呢？")
    expect(page.locator(".yj-turn").last.locator(".yj-text")).to_be_in_viewport()
    expect(page.locator(BOX)).to_be_in_viewport()
    assert width_beyond(page) <= 0


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
    expect(page.locator(".yj-question")).to_have_text(ASKED)
    expect(page.locator(".yj-tools")).to_be_visible(timeout=WAIT)
    expect(page.locator(BOX)).to_have_value("")
    page.focus(BOX)
    page.keyboard.press("ArrowUp")
    expect(page.locator(BOX)).to_have_value(ASKED)
    page.keyboard.press("ArrowDown")
    expect(page.locator(BOX)).to_have_value("")


def test_an_empty_question_is_not_asked(world: World) -> None:
    page = world.chat()
    page.fill(BOX, "   ")
    page.press(BOX, "Enter")
    ask(page, ASKED)
    assert page.locator(".yj-turn").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(world: World, scheme: Any) -> None:
    page = world.chat(color_scheme=scheme)
    page.wait_for_selector("#yj-examples li")
    assert violations(page) == []
    page.locator("#yj-filters summary").click()
    ask(page, ASKED)
    page.locator(".yj-menu summary").click()
    assert violations(page) == []
    address = page.locator("a.yj-title").first.get_attribute("href")
    for path in (address, "/embed"):
        page.goto(f"{world.running.address}{path}")
        assert violations(page) == []


def test_the_page_speaks_the_browsers_language(world: World) -> None:
    page = world.chat(locale="en-GB")
    ask(page, ASKED)
    expect(page.locator("#yj-send")).to_have_text("Ask")
    expect(page.locator(BOX)).to_have_attribute("placeholder", "Ask a question and press Enter")
    expect(page.locator(".yj-ok").first).to_have_text("✓ checked")
    expect(page.get_by_role("button", name="Why was it not found?")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    chrome = page.locator("#yj-top, #yj-foot").all_inner_texts()
    assert not re.search("[\u4e00-\u9fff]", "".join(chrome).replace("有据", ""))


def test_no_english_is_left_on_the_chinese_page(world: World) -> None:
    page = world.chat()
    ask(page, "4G基站有多少个")
    said = page.evaluate(
        "() => [document.body.innerText, ...[...document.querySelectorAll('[aria-label], [placeholder], [title]')]"
        ".flatMap(one => ['aria-label', 'placeholder', 'title'].map(name => one.getAttribute(name) ?? ''))].join('\\n')"
    )
    words = set(re.findall("[A-Za-z]{2,}", said)) - {"Markdown", "GB", "5G", "SA", "AI"}
    assert words == set()


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(250, 248, 244)"), ("dark", "rgb(25, 24, 22)")])
@pytest.mark.parametrize("path", ["/", "/embed"])
def test_pages_follow_the_readers_light_or_dark(world: World, path: str, scheme: Any, paper: str) -> None:
    page = world.page(color_scheme=scheme)
    page.goto(world.running.address + path)
    expect(page.locator("body")).to_have_css("background-color", paper, timeout=WAIT)


def test_a_reader_may_turn_the_lights_off(world: World) -> None:
    page = world.chat(color_scheme="light")
    page.get_by_label("切换深色与浅色").click()
    expect(page.locator("body")).to_have_css("background-color", "rgb(25, 24, 22)")


def test_print_shows_the_answer_with_its_address_and_nothing_to_press(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    ask(page, "4G基站呢？")
    page.evaluate("window.print = () => {}")
    page.locator(".yj-turn").first.get_by_role("button", name="打印").click()
    page.emulate_media(media="print")
    expect(page.locator(".yj-turn").first).to_be_visible()
    expect(page.locator(".yj-turn").last).to_be_hidden()
    expect(page.locator(".yj-printonly").first).to_contain_text("/?q=")
    for hidden in ("#yj-foot", "#yj-nav", ".yj-tools >> nth=0"):
        expect(page.locator(hidden)).to_be_hidden()


def test_a_listed_site_may_frame_the_small_page_and_ask_in_it(world: World) -> None:
    page = world.page()
    page.goto(world.listed)
    frame = page.frame_locator("iframe")
    frame.locator("#question").fill(ASKED)
    frame.locator("#question").press("Enter")
    expect(frame.locator(".yj-card mark").first).to_contain_text("8万个", timeout=WAIT)
    frame.locator("#question").fill("上海呢？")
    frame.locator("#send").click()
    expect(frame.locator(".yj-refused")).to_contain_text("上海", timeout=WAIT)
    frame.locator(".yj-edit").click()
    expect(frame.locator("#question")).to_have_value("上海有多少5G基站")
    assert page.context.cookies() == []


def test_an_unlisted_site_can_neither_frame_nor_read(world: World) -> None:
    page = world.page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(world.unlisted)
    expect(page.frame_locator("iframe").locator("#question")).to_have_count(0)
    read = "url => fetch(url).then(() => 'read', () => 'blocked')"
    assert page.evaluate(read, f"{world.running.address}/readyz") == "blocked"
    assert any("frame-ancestors" in complaint for complaint in complaints)


def test_the_stream_speaks_while_the_page_is_open(world: World) -> None:
    body = json.dumps({"question": ASKED}).encode()
    with urlopen(f"{world.running.address}/api/ask/stream", body) as response:
        text = response.read().decode()
    assert text.index('"retrieving"') < text.index('"reading"') < text.index("event: answer")


def measured(world: World) -> tuple[Page, Callable[[], int]]:
    """Open the chat and return it with a function that tells the bytes transferred so far."""
    page = world.page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(world.running.address)
    page.wait_for_selector("#yj-examples li")
    return page, lambda: sum(sizes)


def test_the_page_is_light(world: World) -> None:
    page, transferred = measured(world)
    ask(page, ASKED)
    assert 100_000 < transferred() < 2_500_000


def test_no_request_leaves_the_machine(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    page.locator("a.yj-ref").first.click()
    expect(page.locator("#yj-side mark#quote")).to_be_focused(timeout=WAIT)
    for path in ("/embed", "/library"):
        page.goto(world.running.address + path)
        page.wait_for_load_state("networkidle")
    hosts = {urlsplit(url).hostname for url in world.urls if not url.startswith(("data:", "blob:"))}
    assert hosts <= {"127.0.0.1", "localhost"}
    assert len(world.urls) > 10
    reached = Path(world.running.log).read_text(encoding="utf-8")
    assert reached == ""
