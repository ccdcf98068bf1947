"""The page in the system's Chromium, on the real application: one server and one browser for all tests."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from rag.server.feedback import FeedbackStore
from tests.support.browser import chromium, host_pages, typed_into
from tests.support.page_world import (
    ASKED,
    BOX,
    DIFFER,
    HOSTILE,
    LATER,
    LINE,
    TAGS,
    WAIT,
    World,
    answered,
    ask,
    copied_as,
    open_world,
    permalink,
    states,
    unreachable,
    violations,
    width_beyond,
)
from tests.support.paths import ROOT

pytestmark = pytest.mark.browser
expect.set_options(timeout=WAIT)

PHONE = {"viewport": {"width": 375, "height": 700}, "has_touch": True, "is_mobile": True}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 720}},
    "dark phone": {"color_scheme": "dark", **PHONE},
}


# A turn is looked at while it is the last and once more when one has followed it, and all turns together at the end:
# in each state anew they would be looked at five hundred times.
LOOKED_AT = ".yj-turn:nth-last-of-type(n+3)"
WHOLE = ("reloaded", "history")


@dataclass(frozen=True, slots=True)
class Sites:
    """Two sites that frame the small page: one that is listed and one that is not."""

    listed: str
    unlisted: str


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Sites]]:
    folders = [tmp_path_factory.mktemp(name) for name in ("listed", "unlisted")]
    with (
        chromium() as browser,
        host_pages(folders[0]) as one,
        host_pages(folders[1]) as other,
        open_world(tmp_path_factory.mktemp("app"), browser, one, [ROOT / "seeds"]) as world,
    ):
        frame = f'<!doctype html><iframe src="{world.running.address}/embed" width=600 height=500></iframe>'
        for folder in folders:
            (folder / "index.html").write_text(frame, encoding="utf-8")
        yield world, Sites(one, other)


@pytest.fixture
def world(framed: tuple[World, Sites]) -> Iterator[World]:
    """The application; what a test opened is closed after it, for a page that is not looked at still takes time."""
    yield framed[0]
    for context in framed[0].browser.contexts:
        context.close()


@pytest.fixture
def sites(framed: tuple[World, Sites]) -> Sites:
    return framed[1]


@pytest.mark.parametrize("look", LOOKS)
def test_every_state_fits_its_window_and_axe_finds_nothing_serious(world: World, look: str) -> None:
    faults = {}
    for name, page in states(world, **LOOKS[look]):
        found = [*violations(page, "" if name in WHOLE else LOOKED_AT), *unreachable(page)]
        if (beyond := width_beyond(page)) > 0:
            found.append(f"{beyond} px wider than the window")
        faults[name] = found
    assert {name: found for name, found in faults.items() if found} == {}
    assert len(faults) >= 44
    assert world.outside() == set()


def test_a_question_gets_its_quote_with_the_answer_marked(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    expect(page.locator(".yj-text")).to_contain_text("超8万个")
    expect(page.locator(".yj-card mark").first).to_contain_text("8万个")
    expect(page.locator(".yj-card blockquote").first).to_contain_text("截至2023年底")
    expect(page.locator(".yj-source").first).to_contain_text("成都新型工业化再添“智能”底色")
    expect(page.locator(".yj-ok").first).to_have_text("✓ 已核对")
    expect(page.locator(".yj-next button").first).to_be_visible()
    page.locator(".yj-next button").first.click()
    expect(page.locator(".yj-turn")).to_have_count(2)
    expect(page.locator(".yj-turn").last.locator(".yj-tools")).to_be_visible()
    assert page.locator(".yj-turn").last.locator(".yj-refused").count() == 0


def test_a_marker_opens_the_article_with_quote_and_answer_marked_and_escape_closes_it(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    marker = page.locator("a.yj-ref").first
    marker.focus()
    marker.press("Enter")
    mark = page.locator("#yj-side mark#quote")
    expect(mark).to_contain_text("建成5G基站超8万个")
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_focused()
    expect(mark.locator("strong")).to_have_text("超8万个")
    expect(page.locator("#yj-side-title")).to_have_text("成都新型工业化再添“智能”底色")
    for fact in ("华西都市报-封面新闻", "章节", "引文与来源文件逐字核对一致"):
        expect(page.locator(".yj-facts")).to_contain_text(fact)
    page.keyboard.press("Escape")
    expect(page.locator("#yj-side")).to_be_hidden()
    expect(marker).to_be_focused()


def test_a_citation_opens_its_article_at_a_glance_with_one_click(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    glance = page.locator("a.yj-glance").first
    glance.press("Enter")
    expect(page.locator("#yj-side .yj-gist summary")).to_be_focused()
    expect(page.locator("#yj-side .yj-gist li").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(glance).to_be_focused()
    alone = world.page()
    alone.goto(f"{world.running.address}{glance.get_attribute('href')}")
    expect(alone.locator(".yj-gist summary")).to_be_focused()
    expect(alone.locator(".yj-gist li").first).to_be_in_viewport()
    for one in (page, alone):
        one.context.close()


def test_a_refusal_gives_its_reason_and_what_is_close_and_the_stage_that_lost_it(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    ask(page, "那上海呢？")
    turn = page.locator(".yj-turn").last
    expect(turn.locator(".yj-refused")).to_contain_text("未作答")
    expect(turn.locator(".yj-refused")).to_contain_text("可能相关")
    assert turn.locator(".yj-refused mark").count() == 0
    turn.get_by_role("button", name="为什么没找到").click()
    expect(page.locator(".yj-trace")).to_contain_text("四、作答")
    page.get_by_label("您认为答案里应有的字").fill("超8万个")
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".yj-lost")).to_contain_text("作答这一步拒绝了")


def test_how_a_follow_up_was_understood_can_be_changed_and_asked_again(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    ask(page, "那上海呢？")
    page.locator(".yj-edit").click()
    field = page.locator(".yj-rewrite")
    expect(field).to_have_value("上海有多少5G基站")
    field.fill("成都有多少4G基站")
    field.press("Enter")
    expect(page.locator(".yj-turn").last.locator(".yj-text strong")).to_contain_text("7.8万个")


def test_sources_that_differ_stand_side_by_side_and_the_arrows_turn_between_them(world: World) -> None:
    page = world.chat()
    ask(page, DIFFER)
    values = page.locator(".yj-different .yj-value")
    expect(values).to_have_count(2)
    assert {re.sub(r"\D", "", str(text))[:3] for text in values.locator("strong").all_inner_texts()} == {
        "640",
        "655",
    }
    page.locator("a.yj-ref").first.click()
    expect(page.locator("#yj-side-at")).to_have_text("1 / 2")
    expect(page.locator("#yj-side mark#quote")).to_be_focused()
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
    ask(page, DIFFER)
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
        copied = copied_as(page, kind)
        assert part in copied
        addresses = re.findall(r"http\S+#quote", copied)
        assert addresses
    with urlopen(addresses[0]) as response:
        assert '<mark id="quote"' in response.read().decode()


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
    expect(other.locator(".yj-text")).to_have_text(said)
    expect(other.locator("#yj-banner")).to_contain_text("库与当时相同")
    world.add((LATER,), "later.jsonl")
    later = world.chat(f"/?{query}")
    expect(later.locator("#yj-banner")).to_contain_text("回答与当时一致")
    expect(later.locator("#yj-banner")).to_contain_text("库已更新")
    changed = world.chat(f"/?{re.sub('d=[0-9a-f]+', 'd=00000000', query)}")
    expect(changed.locator("#yj-banner")).to_contain_text("回答与当时不同")


def test_the_notice_of_a_link_stands_below_the_header_over_its_answer(world: World) -> None:
    page = world.chat()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, ASKED)
    other = world.chat(f"/?{urlsplit(permalink(page)).query}")
    expect(other.locator("#yj-banner")).to_be_visible()
    header = other.locator("#yj-top").bounding_box()
    banner = other.locator("#yj-banner").bounding_box()
    assert header is not None
    assert banner is not None
    assert banner["y"] >= header["y"] + header["height"]
    other.emulate_media(media="print")
    assert other.evaluate("getComputedStyle(document.getElementById('yj-top')).position") == "static"


def test_back_closes_the_sheet_and_leaves_the_page_only_then(world: World) -> None:
    page = world.chat(**LOOKS["dark phone"])
    ask(page, ASKED)
    page.locator("a.yj-ref").first.click()
    expect(page.locator("#yj-side")).to_be_visible()
    page.go_back()
    expect(page.locator("#yj-side")).to_be_hidden()
    expect(page.locator(".yj-turn")).to_have_count(1)
    page.locator("a.yj-ref").first.click()
    page.keyboard.press("Escape")
    expect(page.locator("#yj-side")).to_be_hidden()
    expect(page.locator(".yj-turn")).to_have_count(1)


def test_a_first_day_after_the_last_is_said_and_nothing_is_asked(world: World) -> None:
    page = world.chat()
    page.locator("#yj-filters summary").click()
    page.locator("#yj-since").fill("2024-02-01")
    page.locator("#yj-until").fill("2024-01-01")
    expect(page.locator("#yj-filtered")).to_have_text("起始日期晚于截止日期，请改正。")
    page.fill(BOX, ASKED)
    page.press(BOX, "Enter")
    expect(page.locator("#yj-since")).to_be_focused()
    assert page.locator(".yj-turn").count() == 0
    page.locator("#yj-until").fill("2024-03-01")
    expect(page.locator("#yj-filtered")).to_have_text("起 2024-02-01 · 止 2024-03-01")


def test_a_refusal_is_judged_by_whether_there_is_an_answer(world: World) -> None:
    page = world.chat()
    ask(page, "上海有多少5G基站")
    verdicts = page.locator(".yj-verdicts button")
    assert verdicts.all_inner_texts() == ["该有答案", "确实没有"]
    verdicts.last.click()
    expect(page.locator(".yj-thanks")).to_have_text("已记下，谢谢。")
    entry = max(FeedbackStore(world.folder / "state").entries(), key=lambda entry: entry.at)
    assert (entry.verdict, entry.answer["refused"]) == ("accurate", True)


def test_a_question_that_got_no_reply_stays_and_can_be_asked_again(world: World) -> None:
    page = world.chat()
    page.route("**/page/ask", lambda route: route.abort())
    page.fill(BOX, ASKED)
    page.press(BOX, "Enter")
    expect(page.locator(".yj-turn [role=alert]")).to_be_visible()
    page.reload()
    expect(page.locator(".yj-turn .yj-question")).to_have_text(ASKED)
    page.unroute("**/page/ask")
    page.get_by_role("button", name="重新提问").click()
    answered(page, 1)
    expect(page.locator(".yj-text")).to_contain_text("超8万个")


def test_words_are_answered_and_found_in_the_text_from_which_all_passages_are_reached(world: World) -> None:
    page = world.chat()
    expect(page.locator("#yj-holds")).to_contain_text("篇报道")
    expect(page.locator(".yj-newest li").first).to_be_visible()
    ask(page, "云杉湾 冷库")
    expect(page.locator(".yj-beside mark").filter(has_text="云杉湾").first).to_be_visible()
    page.locator(".yj-beside .yj-note a").click()
    expect(page.locator(".yj-passages li").first).to_contain_text("冷库")
    page.get_by_label("要查找的字词").fill("灯塔")
    page.get_by_label("排序").select_option("date")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("[role=status]")).to_contain_text("段")
    page.locator(".yj-passages a").first.click()
    expect(page.locator("mark#quote")).to_be_visible()


def test_feedback_is_stored_once(world: World) -> None:
    store = FeedbackStore(world.folder / "state")
    before = {entry.id for entry in store.entries()}
    page = world.chat()
    ask(page, ASKED)
    page.get_by_role("button", name="不准确").click()
    expect(page.locator(".yj-thanks")).to_have_text("已记下，谢谢。")
    page.get_by_role("button", name="引用有误").click()
    page.get_by_label("说说哪里不对").fill("<b>应引年报</b>")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".yj-said")).to_be_hidden()
    page.reload()
    expect(page.locator("[aria-pressed=true]")).to_have_text("引用有误")
    (entry,) = [entry for entry in store.entries() if entry.id not in before]
    assert (entry.verdict, entry.comment) == ("wrong_citation", "<b>应引年报</b>")
    assert entry.answer["citations"]


def test_the_conversation_survives_a_reload_until_it_is_cleared(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    page.reload()
    expect(page.locator(".yj-turn .yj-card mark").first).to_contain_text("8万个")
    ask(page, "上海呢？")  # a follow-up of what was restored
    expect(page.locator(".yj-edit")).to_contain_text("上海有多少5G基站")
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".yj-turn")).to_have_count(0)
    page.get_by_role("button", name="历史").click()
    expect(page.locator(".yj-talks li")).to_have_count(1)
    page.locator(".yj-talks .yj-talk").click()
    expect(page.locator(".yj-turn")).to_have_count(2)
    page.get_by_role("button", name="历史").click()
    page.get_by_role("button", name="清除全部历史").click()
    page.reload()
    page.wait_for_selector("#yj-examples li")
    assert page.locator(".yj-turn").count() == 0
    assert page.evaluate("localStorage.getItem('youju.talks')") is None


def test_a_conversation_is_named_found_exported_and_deleted(world: World) -> None:
    page = world.chat()
    ask(page, ASKED)
    page.get_by_role("button", name="新对话").click()
    ask(page, "你好")
    expect(page.locator(".yj-next .yj-example").first).to_be_visible()
    page.get_by_role("button", name="新对话").click()
    ask(page, DIFFER)
    page.get_by_role("button", name="历史").click()
    expect(page.locator(".yj-talks li")).to_have_count(3)
    with page.expect_download() as got:
        page.get_by_role("button", name="Markdown").click()
    text = got.value.path().read_text(encoding="utf-8-sig")
    assert f"## {DIFFER}" in text
    assert "说法不一" in text
    with page.expect_download() as got:
        page.get_by_role("button", name="Word").click()
    assert got.value.suggested_filename.endswith(".doc")
    assert "渔船" in got.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("button", name=f"改名：{ASKED}").click()
    page.get_by_label("改名", exact=True).fill("基站")
    page.keyboard.press("Enter")
    page.get_by_label("在历史中查找").fill("基站")
    expect(page.locator(".yj-talks li:visible")).to_have_count(1)
    page.get_by_role("button", name="删除：基站").click()
    expect(page.locator(".yj-talks li")).to_have_count(2)
    page.get_by_label("在历史中查找").fill("没有")
    expect(page.get_by_text("没有这样的对话。")).to_be_visible()


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
    page.get_by_label("按标题查找").fill("云杉湾渔")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="云杉湾渔港通报").click()
    expect(page.locator("h1")).to_have_text("云杉湾渔港通报")


SAID = "17座<script>alert(1)</script><form action=//evil.example><input name=x></form>**粗** [链接](javascript:alert(1))"


def inert(page: Page, inside: str) -> bool:
    """Tell whether nothing in this part of the page came to life."""
    live = ":is(script, iframe, img, object, [onerror], [onclick], a[href^='javascript'], input[name=x], form[action])"
    return page.locator(f"{inside} {live}").count() == 0


@pytest.mark.parametrize("look", LOOKS)
def test_hostile_articles_are_shown_as_text_everywhere(world: World, look: str) -> None:
    page = world.chat(**LOOKS[look])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, HOSTILE)
    quote = page.locator(".yj-card blockquote")
    expect(quote).to_contain_text(f"{SAID}U+202E反转U+2066隔离")
    assert inert(page, ".yj-reply")
    link = permalink(page)
    page.locator("a.yj-title:visible").first.click()
    body = page.locator("#yj-side-body")
    expect(body).to_contain_text(f"{SAID}U+202E反转U+2066隔离")
    expect(body).to_contain_text(LINE)
    expect(page.locator("#yj-side-title")).to_contain_text(TAGS)
    assert inert(page, "#yj-side")
    alone = page.locator("#yj-side-body .yj-facts a[target=_blank]").get_attribute("href")
    page.emulate_media(media="print")
    expect(quote).to_contain_text(SAID)
    other = world.chat(f"/?{urlsplit(link).query}", **LOOKS[look])
    expect(other.locator(".yj-card blockquote")).to_contain_text(SAID)
    assert inert(other, "#yj-main")
    for path, inside in ((alone, "article"), ("/library", "table"), (f"/library?q={TAGS}", "main")):
        page.goto(f"{world.running.address}{path}")
        expect(page.locator("body")).to_contain_text(TAGS)
        assert inert(page, inside)
        assert width_beyond(page) <= 0
    assert page.get_by_role("searchbox").input_value() == TAGS


@pytest.mark.parametrize("kind", ["纯文本", "Markdown", "GB/T 7714"])
def test_what_is_copied_of_a_hostile_article_is_text_with_its_controls_named(world: World, kind: str) -> None:
    page = world.chat()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, HOSTILE)
    copied = copied_as(page, kind)
    assert "⟨U+202E⟩反转⟨U+2066⟩隔离" in copied
    assert not set("\u202e\u2066") & set(copied)
    assert (SAID in copied) != (kind == "Markdown")
    if kind == "Markdown":
        assert r"\<script\>alert(1)\</script\>" in copied
        assert r"\[链接\](javascript:alert(1))" in copied


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


@pytest.mark.parametrize("look", LOOKS)
def test_a_conversation_of_fifty_turns_keeps_its_shape(world: World, look: str) -> None:
    page = world.chat(**LOOKS[look])
    ask(page, ASKED)
    expect(page.locator(".yj-next button").first).to_be_visible()  # nothing more is going to be saved
    page.evaluate(
        "() => { const talks = JSON.parse(localStorage['youju.talks']); const one = talks[0].turns[0];"
        "talks[0].turns = Array.from({length: 50}, (_, i) => ({...one, uid: `uid${i}`}));"
        "localStorage['youju.talks'] = JSON.stringify(talks); }"
    )
    page.reload()
    expect(page.locator(".yj-turn")).to_have_count(50)
    ask(page, "那4G呢？")
    expect(page.locator(".yj-turn").last.locator(".yj-text")).to_be_in_viewport()
    for shown in (BOX, "#yj-nav"):
        expect(page.locator(shown)).to_be_in_viewport()
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
    expect(page.locator(".yj-tools")).to_be_visible()
    expect(page.locator(BOX)).to_have_value("")
    page.focus(BOX)
    page.keyboard.press("ArrowUp")
    expect(page.locator(BOX)).to_have_value(ASKED)
    page.keyboard.press("ArrowDown")
    expect(page.locator(BOX)).to_have_value("")


def focus(page: Page, wanted: str) -> None:
    """Press Tab until an element of this selector has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    pytest.fail(f"Tab never reaches {wanted}")


def test_all_that_an_answer_offers_is_done_without_a_mouse(world: World) -> None:
    page = world.chat()
    page.keyboard.insert_text(DIFFER)
    page.keyboard.press("Enter")
    answered(page, 1)
    page.evaluate("document.activeElement.blur()")
    focus(page, "a.yj-ref")
    page.keyboard.press("Enter")
    expect(page.locator("#yj-side mark#quote")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#yj-side-at")).to_have_text("2 / 2")
    focus(page, "#yj-side-close")
    page.keyboard.press("Enter")
    expect(page.locator("a.yj-ref").first).to_be_focused()
    focus(page, ".yj-verdicts button")
    page.keyboard.press("Enter")
    expect(page.locator(".yj-thanks")).to_have_text("已记下，谢谢。")
    focus(page, "#yj-filters summary")
    page.keyboard.press("Enter")
    focus(page, "#yj-publisher")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#yj-filtered")).not_to_be_empty()


def test_the_search_is_done_without_a_mouse(world: World) -> None:
    page = world.page()
    page.goto(f"{world.running.address}/search")
    focus(page, "input[name=q]")
    page.keyboard.insert_text("渔船")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_contain_text("找到")
    focus(page, "select[name=sort]")
    page.keyboard.press("ArrowDown")
    focus(page, ".yj-passages a")
    page.keyboard.press("Enter")
    expect(page.locator("mark#quote")).to_be_focused()


def test_a_question_on_its_way_can_be_stopped_and_asked_again(world: World) -> None:
    page = world.chat()
    page.route("**/page/ask", lambda route: None)
    page.fill(BOX, ASKED)
    page.press(BOX, "Enter")
    waiting = page.locator(".yj-waiting [role=status]")
    expect(waiting).to_have_text("检索中…")
    page.fill(BOX, "那4G呢？")
    page.press(BOX, "Enter")
    expect(waiting).to_have_text("请等这个问题答完…")
    expect(page.locator(BOX)).to_have_value("那4G呢？")
    page.keyboard.press("Escape")
    expect(page.get_by_role("alert")).to_have_text("已停止。")
    page.get_by_role("button", name="重新提问").click()
    page.get_by_role("button", name="停止").click()
    expect(page.get_by_role("alert")).to_have_text("已停止。")
    page.unroute("**/page/ask")
    page.get_by_role("button", name="重新提问").click()
    answered(page, 1)
    expect(page.locator(".yj-text")).to_contain_text("超8万个")


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (None, "连不上服务，请稍后再试。"),
        ({"status": 413, "json": {"error": {"code": "too_large", "message": "请求过大。"}}}, "请求过大。"),
        ({"status": 502, "body": "<html>Bad gateway"}, "连不上服务，请稍后再试。"),
        ({"body": '{"stage": "reading"}\n'}, "连不上服务，请稍后再试。"),
    ],
)
def test_a_reply_that_does_not_come_is_told_in_chinese(world: World, reply: Any, said: str) -> None:
    page = world.chat()
    page.route("**/page/ask", lambda route: route.abort() if reply is None else route.fulfill(**reply))
    page.fill(BOX, ASKED)
    page.press(BOX, "Enter")
    expect(page.get_by_role("alert")).to_have_text(said)
    page.unroute("**/page/ask")
    ask(page, ASKED)


def test_an_empty_question_is_not_asked(world: World) -> None:
    page = world.chat()
    page.fill(BOX, "   ")
    page.press(BOX, "Enter")
    ask(page, ASKED)
    assert page.locator(".yj-turn").count() == 1


def test_the_page_speaks_the_browsers_language(world: World) -> None:
    page = world.chat(locale="en-GB")
    ask(page, ASKED)
    expect(page.locator("#yj-send")).to_have_text("Ask")
    expect(page.locator(BOX)).to_have_attribute("placeholder", "Ask a question and press Enter")
    expect(page.locator(".yj-ok").first).to_have_text("✓ checked")
    expect(page.get_by_role("button", name="How was it found?")).to_be_visible()
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
    expect(page.locator("body")).to_have_css("background-color", paper)


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


def test_a_listed_site_may_frame_the_small_page_and_ask_in_it(world: World, sites: Sites) -> None:
    page = world.page()
    page.goto(sites.listed)
    frame = page.frame_locator("iframe")
    box = typed_into(frame)
    box.fill(ASKED)
    box.press("Enter")
    expect(frame.locator(".yj-card mark").first).to_contain_text("8万个")
    frame.locator("#question").fill("上海呢？")
    frame.locator("#send").click()
    expect(frame.locator(".yj-refused")).to_contain_text("上海")
    frame.locator(".yj-edit").click()
    expect(frame.locator("#question")).to_have_value("上海有多少5G基站")
    assert page.context.cookies() == []


def test_an_unlisted_site_can_neither_frame_nor_read(world: World, sites: Sites) -> None:
    page = world.page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(sites.unlisted)
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
    expect(page.locator("#yj-side mark#quote")).to_be_focused()
    for path in ("/embed", "/library"):
        page.goto(world.running.address + path)
        page.wait_for_load_state("networkidle")
    assert world.outside() == set()
    assert len(world.urls) > 10
    assert world.running.log.read_text(encoding="utf-8") == ""
