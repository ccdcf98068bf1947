"""The editor's desk in the system's Chromium: every state in two looks, by keyboard alone, and pages of other sites."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import chromium, host_pages
from tests.support.page_world import WAIT, World, open_world, violations, width_beyond

pytestmark = pytest.mark.browser
expect.set_options(timeout=WAIT)

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark phone": {
        "color_scheme": "dark",
        "viewport": {"width": 375, "height": 700},
        "has_touch": True,
        "is_mobile": True,
    },
}
STORY = (
    "{place}图书馆新馆开放\n2024年5月6日，{place}图书馆新馆向公众开放。\n新馆有阅览座位1200个，藏书60万册。\n"
)
# A form needs no script and no permission of the site it is sent to; a script may send text without being asked first.
FOREIGN = """<!doctype html><form id=f method=post enctype=text/plain action="{site}/desk/do">
<input name='{{"do":"withdraw","article":"{article}","x":"' value='"}}'></form><script>
const send = (path, type, body) => fetch("{site}" + path, {{ method: "POST", mode: "no-cors", headers: {{ "content-type": type }}, body }}).catch(() => 0);
const wish = JSON.stringify({{ do: "withdraw", article: "{article}" }});
Promise.all([send("/desk/do", "text/plain", wish), send("/desk/do", "application/json", wish),
  send("/desk/files?name=x.txt", "text/plain", "x"), send("/desk/files?name=x.txt", "application/octet-stream", "x")]).then(() => document.getElementById("f").submit());
</script>"""


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str, Path]]:
    foreign = tmp_path_factory.mktemp("foreign")
    with (
        chromium() as browser,
        host_pages(foreign) as origin,
        open_world(tmp_path_factory.mktemp("app"), browser, origin, []) as world,
    ):
        yield world, origin, foreign


def file(name: str, content: str) -> Any:
    return {"name": name, "mimeType": "", "buffer": content.encode("gb18030")}


def sound(page: Page) -> None:
    """Hold the page to what axe-core calls serious and to its window."""
    assert (violations(page), width_beyond(page) > 0) == ([], False)


@pytest.mark.parametrize("look", LOOKS)
def test_articles_are_added_and_undone_by_keyboard_alone(framed: tuple[World, str, Path], look: str) -> None:
    world, place = framed[0], f"{look.replace(' ', '')}市"
    page = world.page(**LOOKS[look])
    page.goto(f"{world.running.address}/desk")
    sound(page)
    several = "".join(
        json.dumps({"title": f"{place}{n}期", "text": f"{place}建成公园{n}座。"}) + "\n" for n in (1, 2)
    )
    files = [file("新馆.txt", STORY.format(place=place)), file("两篇.jsonl", several), file("空.txt", " ")]
    page.set_input_files("#yj-files", [*files, file("程序.exe", "MZ")])
    expect(page.locator("#yj-alert")).to_contain_text("“程序.exe”这种文件不能读入")
    expect(page.locator("#yj-drafts li[data-stamp=looked]")).to_have_count(3)
    expect(page.locator(".yj-warn")).to_contain_text("文件是空的")
    sound(page)
    publisher = page.get_by_label("来源", exact=True)
    publisher.fill("临江日报")
    publisher.press("Enter")
    expect(page.locator("#yj-said")).to_contain_text("已完成")
    expect(page.locator("#yj-added")).to_contain_text("临江日报")
    sound(page)
    page.goto(f"{world.running.address}/library?q={place}")
    expect(page.locator(".yj-articles tbody tr")).to_have_count(1)
    page.goto(f"{world.running.address}/desk")
    undo = page.get_by_role("button", name="撤销：新馆.txt").first
    undo.focus()
    undo.press("Enter")
    expect(page.locator("#yj-withdrawn li[data-stamp]")).to_have_count(1)
    sound(page)
    restore = page.get_by_role("button", name=f"恢复：{place}图书馆新馆开放")
    restore.focus()
    restore.press("Enter")
    expect(page.locator("#yj-withdrawn li[data-stamp]")).to_have_count(0)
    expect(page.locator("#yj-withdrawn-h")).to_be_focused()
    for _ in range(2):
        before = page.locator("#yj-drafts li[data-stamp]").count()
        page.locator("#yj-drafts button[data-do*=drop]").first.press("Enter")
        expect(page.locator("#yj-drafts li[data-stamp]")).to_have_count(before - 1)
    assert world.outside() == set()
    page.context.close()


def test_text_is_pasted_and_an_article_of_the_library_withdrawn(framed: tuple[World, str, Path]) -> None:
    page = framed[0].page(**LOOKS["light"])
    page.goto(f"{framed[0].running.address}/desk?q=云杉湾渔港通报")
    page.get_by_text("粘贴文字").click()
    page.locator("#yj-paste textarea").fill(STORY.format(place="云岭市"))
    page.get_by_role("button", name="放入待收录").press("Enter")
    expect(page.locator("#yj-drafts input[name=title]").last).to_have_value("云岭市图书馆新馆开放")
    page.get_by_role("button", name="撤下：云杉湾渔港通报").press("Enter")
    expect(page.locator("#yj-withdrawn")).to_contain_text("源文件未动")
    page.get_by_role("button", name="恢复：云杉湾渔港通报").press("Enter")
    expect(page.locator("#yj-withdrawn li[data-stamp]")).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize("look", LOOKS)
def test_the_inbox_makes_a_row_by_keyboard_alone(framed: tuple[World, str, Path], look: str) -> None:
    world = framed[0]
    page = world.page(**LOOKS[look])
    question = f"{look.replace(' ', '')}市有多少座天文馆？"
    page.request.post(f"{world.running.address}/api/ask", data={"question": question})
    page.goto(f"{world.running.address}/desk/inbox")
    item = page.locator("#yj-unanswered-h ~ ul li").filter(has_text="天文馆").first
    sound(page)
    item.get_by_role("button", name="记为评测题").press("Enter")
    expect(page.locator("#yj-alert")).to_contain_text("请填写应有的答案")
    item.get_by_label("库中没有答案").press("Space")
    item.get_by_role("button", name="记为评测题").press("Enter")
    expect(page.locator("#yj-said")).to_have_text("已记下。")
    page.reload()
    expect(page.locator("#yj-rows-h ~ ul li").filter(has_text="天文馆")).not_to_have_count(0)
    sound(page)
    page.context.close()


def test_no_form_and_no_script_of_another_site_withdraws_anything(framed: tuple[World, str, Path]) -> None:
    world, origin, folder = framed
    page = world.page()
    page.goto(f"{world.running.address}/library?q=云杉湾渔港通报")
    article = str(page.locator(".yj-articles a").get_attribute("href")).rpartition("/")[2]
    written = FOREIGN.format(site=world.running.address, article=article)
    (folder / "index.html").write_text(written, encoding="utf-8")
    page.goto(origin)
    page.wait_for_url("**/desk/do")
    expect(page.locator("body")).to_contain_text("不接受来自其他网站的请求")
    page.goto(f"{world.running.address}/desk")
    expect(page.locator("#yj-withdrawn li[data-stamp]")).to_have_count(0)
    expect(page.locator("#yj-drafts")).not_to_contain_text("x.txt")
    assert page.goto(f"{world.running.address}/articles/{article}").status == 200  # type: ignore[union-attr]
    page.context.close()
