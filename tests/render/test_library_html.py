from dataclasses import replace

import pytest

from rag.index.catalogue import Shown
from rag.index.store import PassageText
from rag.render.library_html import Searched, beside_html, holds_html, library_page, search_page
from rag.retrieval.keywords import Keywords
from tests.render.test_answer_html import HOSTILE, Page
from tests.support.sample import PARKS, Shelf

SHELF = Shelf({PARKS.id: PARKS})
ROW = PassageText(1, PARKS.id, "口袋公园达到31座。", PARKS.title, "", "滨江日报", "2024-03-12", 20)


def searched(*rows: PassageText, text: str = "口袋 31", whole: bool = True) -> Searched:
    return Searched(text, Shown(), "relevance", Keywords(tuple(text.split()), rows, whole))


def test_a_search_shows_passages_with_their_words_marked_and_leads_to_them() -> None:
    page = Page(search_page(SHELF, searched(ROW), 1, "/news"))
    assert page.marked == ["口袋", "31", "口袋"]  # of the passage and of the title
    assert f"/news/articles/{PARKS.id}?s=20&e={20 + len(ROW.text)}#quote" in [
        a["href"] for a in page.all("a")
    ]
    assert "找到 1 段。" in page.text
    assert [one["name"] for one in page.all("select")] == ["publisher", "sort"]


def test_what_was_not_looked_for_and_days_in_the_wrong_order_are_said() -> None:
    cut = replace(searched(ROW), found=replace(searched(ROW).found, cut=True))
    assert "最多 12 个词、200 个字" in Page(search_page(SHELF, cut, 1, "")).text
    shown = Shown(since="2024-02-01", until="2024-01-01")
    wrong = Page(search_page(SHELF, replace(searched(ROW), shown=shown), 1, ""))
    assert "起始日期晚于截止日期" in wrong.text
    assert "起始日期晚于截止日期" in Page(library_page(SHELF, shown, 1, "")).text


def test_a_search_without_all_the_words_or_without_any_says_so() -> None:
    assert "没有一段同时有全部的词" in Page(search_page(SHELF, searched(ROW, whole=False), 1, "")).text
    nothing = Page(search_page(SHELF, searched(text="鱼"), 1, "")).text
    assert "没有一段有这些字。" in nothing
    narrow = replace(searched(), shown=Shown(publisher="滨江日报"))
    assert "（已筛选）" in Page(search_page(SHELF, narrow, 1, "")).text


def test_many_passages_are_turned_by_pages_that_keep_what_was_looked_for() -> None:
    found = replace(searched(*[ROW] * 45), order="date", shown=Shown(since="2024-01-01"))
    page = Page(search_page(SHELF, found, 2, ""))
    assert len(page.all("li")) == 20
    turned = [str(a["href"]) for a in page.all("a") if "rel" in a]
    assert turned == [f"?since=2024-01-01&q=%E5%8F%A3%E8%A2%8B+31&sort=date&page={n}" for n in (1, 3)]


def test_the_library_offers_days_publishers_and_folders_and_leads_on_to_the_full_text() -> None:
    page = Page(library_page(SHELF, Shown(text="口袋", publisher="滨江日报"), 1, ""))
    assert [one["name"] for one in page.all("select")] == ["publisher", "folder"]
    assert [one["value"] for one in page.all("option") if "selected" in one] == ["滨江日报"]
    assert [one["name"] for one in page.all("input")] == ["q", "since", "until"]
    assert "search?q=%E5%8F%A3%E8%A2%8B" in [a["href"] for a in page.all("a")]
    assert "2024-03-12 至 2024-03-12" in page.text


def test_an_empty_chat_says_what_the_library_holds() -> None:
    page = Page(holds_html(SHELF, "/news"))
    assert page.text.startswith("库中有 1 篇报道，2024-03-12 至 2024-03-12")
    assert PARKS.title in page.text
    assert "1 articles" in Page(holds_html(SHELF, "", "en")).text


def test_passages_beside_an_answer_lead_to_all_of_them() -> None:
    page = Page(beside_html("口袋", Keywords(("口袋",), (ROW,) * 5), ""))
    assert len(page.all("li")) == 3
    assert "全部 5 段 →" in page.text
    assert beside_html("口袋", Keywords(("口袋",)), "") == ""


@pytest.mark.parametrize("words", HOSTILE)
def test_what_is_looked_for_and_found_is_never_interpreted(words: str) -> None:
    row = replace(ROW, text=f"前{words}后", title=words, publisher=words)
    found = replace(searched(row, text=words), shown=Shown(publisher=words))
    for html in (
        search_page(SHELF, found, 1, ""),
        library_page(SHELF, Shown(text=words, folder=words), 1, ""),
    ):
        page = Page(html.partition("<body>")[2].partition("</body>")[0])
        assert not {tag for tag, _ in page.tags} & {"script", "img", "svg"}
        assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
