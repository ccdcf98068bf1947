import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from rag.errors import IngestError
from rag.ingest.articles import Refused, read_articles, source_texts
from rag.ingest.pdf import converter
from rag.records import Article, BlockKind
from rag.text.characters import squeeze
from tests.support.layouts import LAYOUTS
from tests.support.papers import Area, Paper, Printed, Teller, save, size_of
from tests.support.random_papers import random_paper


def read(path: Path) -> list[Article]:
    return [entry[1] for entry in read_articles(path) if not isinstance(entry, Refused)]


def bodies(article: Article) -> list[str]:
    return [
        squeeze(article.text[block.start : block.end])
        for block in article.blocks
        if block.kind is BlockKind.BODY
    ]


def overlap(one: str, other: str) -> float:
    """Return the F1 of characters."""
    return 2 * (Counter(one) & Counter(other)).total() / (len(one) + len(other))


@pytest.mark.parametrize("order", ["written", "rows", "shuffled", "letters"])
@pytest.mark.parametrize("seed", [11, 100])
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_page_gives_its_stories_back_whatever_order_it_is_drawn_in(
    tmp_path: Path, name: str, seed: int, order: str
) -> None:
    paper = LAYOUTS[name](seed)
    articles = read(save(tmp_path / "版面.pdf", paper.pages, order, 5))
    found = {squeeze(article.title): article for article in articles}
    assert sorted(found) == sorted(squeeze(told.title) for told in paper.told)
    for told in paper.told:
        body = bodies(found[squeeze(told.title)])
        text = "".join(told.paragraphs)
        assert overlap("".join(body), text) >= 0.98
        for sentence in re.findall("[^。]+。", text):
            assert any(sentence in paragraph for paragraph in body), "a sentence is broken or mixed"


@pytest.mark.parametrize("seed", [3, 125, 131])
def test_a_page_laid_out_at_random_comes_apart(tmp_path: Path, seed: int) -> None:
    paper = random_paper(seed)
    articles = read(save(tmp_path / "a.pdf", paper.pages, "letters", seed))
    assert sorted(squeeze(article.title) for article in articles) == sorted(told.title for told in paper.told)
    assert {(article.published, article.publisher) for article in articles} == {(paper.day, paper.name)}
    for told in paper.told:
        (article,) = [one for one in articles if squeeze(one.title) == told.title]
        assert "".join(bodies(article)) == "".join(told.paragraphs)


def test_a_frame_of_four_lines_is_a_frame(tmp_path: Path) -> None:
    paper = LAYOUTS["box_between"](19)
    page = paper.pages[0]
    frame = next(drawing for drawing in page.drawings if drawing.endswith("re S"))
    x, y, width, height = map(float, frame.split()[:4])
    left, right, top, bottom = x, x + width, page.height - y - height, page.height - y
    page.drawings.remove(frame)
    for corners in ((left, top, right, top), (left, bottom, right, bottom)):
        page.rule(*corners)
    for corners in ((left, top, left, bottom), (right, top, right, bottom)):
        page.rule(*corners)
    articles = read(save(tmp_path / "a.pdf", paper.pages))
    found = {squeeze(article.title): "".join(bodies(article)) for article in articles}
    assert found == {squeeze(told.title): "".join(told.paragraphs) for told in paper.told}


def test_headlines_side_by_side_with_less_than_a_character_between_them_are_two(tmp_path: Path) -> None:
    paper = Paper(Teller(18))
    page = paper.page(595, 842)
    for number in range(2):
        left = 48 + 250 * number
        paper.story([f"青山临江两市携手第{number}期"], (left, 60), 20, [(page, Area(left, 100, 240, 300))])
    articles = read(save(tmp_path / "a.pdf", paper.pages, "letters"))
    assert [article.title for article in articles] == [told.title for told in paper.told]


def test_a_long_paragraph_that_begins_as_a_caption_is_text(tmp_path: Path) -> None:
    paper = Paper(Teller(20))
    page = paper.page(595, 842)
    page.write(48, 60, 22, "青山县多地遭遇强降雨")
    text = "▲受灾的商店（资料图）" + "".join(paper.teller.sentence() for _ in range(12))
    for row in range(0, len(text), 40):
        page.write(48, 100 + 16 * row / 40, 10, text[row : row + 40])
    (article,) = read(save(tmp_path / "a.pdf", paper.pages))
    assert squeeze("".join(bodies(article))) == text


@pytest.mark.parametrize("name", ["one_column", "four_columns_quarters", "box_between"])
def test_paragraphs_with_an_indent_are_those_that_were_printed(tmp_path: Path, name: str) -> None:
    paper = LAYOUTS[name](12)
    for article in read(save(tmp_path / "a.pdf", paper.pages)):
        told = next(one for one in paper.told if squeeze(one.title) == squeeze(article.title))
        assert bodies(article) == list(told.paragraphs)


def test_the_running_head_gives_paper_date_and_page_and_is_no_text(tmp_path: Path) -> None:
    paper = LAYOUTS["two_columns_flow"](13)
    articles = read(save(tmp_path / "a.pdf", paper.pages))
    assert {article.publisher for article in articles} == {"青山周报"}
    assert {article.published for article in articles} == {"2024-03-06"}
    assert [article.edition for article in articles] == ["第01版", "第01版", "第01版", "第02版"]
    assert articles[0].found_by["published"] == "running head"
    assert all("青山周报" not in article.text and "— 1 —" not in article.text for article in articles)
    assert "— 1 —" in [drop.text for drop in articles[0].drops]
    assert [block.page for block in articles[2].blocks] == sorted(
        block.page or 0 for block in articles[2].blocks
    )
    assert {block.page for article in articles for block in article.blocks} == {1, 2}


def test_every_article_has_its_number_and_stands_in_its_source(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", LAYOUTS["five_columns"](14).pages)
    plain = {source.line: squeeze(text) for source, text in source_texts(path)}
    entries = [entry for entry in read_articles(path) if not isinstance(entry, Refused)]
    assert [source.line for source, _ in entries] == [1, 2, 3, 4]
    for source, article in entries:
        for start, end in pairwise([0, *article.seams, len(article.text)]):
            assert squeeze(article.text[start:end]) in plain[source.line]


def test_a_caption_is_a_block_of_its_own_and_no_text(tmp_path: Path) -> None:
    paper = LAYOUTS["pictures"](15)
    (article,) = read(save(tmp_path / "a.pdf", paper.pages))
    captions = [
        article.text[block.start : block.end] for block in article.blocks if block.kind is BlockKind.CAPTION
    ]
    assert captions == list(paper.told[0].captions)


def test_a_report_with_section_headings_is_one_article(tmp_path: Path) -> None:
    paper = Paper(Teller(16))
    page = paper.page(595, 842)
    page.write(120, 60, 22, "关于全市公共服务的调查报告")
    top = 110.0
    for heading in ("一、基本情况", "二、主要问题", "三、工作建议"):
        page.write(48, top, 13, heading)
        for row, text in enumerate(paper.teller.fill(8, 45)):
            page.write(68, top + 24 + row * 16, 10, text[:40])
        top += 190
    (article,) = read(save(tmp_path / "a.pdf", paper.pages))
    assert article.title == "关于全市公共服务的调查报告"
    headings = [
        article.text[block.start : block.end] for block in article.blocks if block.kind is BlockKind.HEADING
    ]
    assert headings == ["一、基本情况", "二、主要问题", "三、工作建议"]


def notice(enlarged: float) -> Printed:
    """Return a notice set as word processors do: indented items, Chinese and figures set apart, a signature."""
    page = Printed(595, 842, enlarged=enlarged)
    page.write(130, 80, 22, "关于中秋节期间交通管制的通告")
    lines = [
        "为保障中秋节期间道路畅通，现将有关事项通告如下：",
        "一、管制时间：9月15日8时至9月17日20时。",
        "二、管制路段：沿江大道（人民路至新桥）、北山路（全段）。",
        "三、停车场：体育中心停车场提供车位1600个，免费停放。",
    ]
    top = 140.0
    for line in lines:
        left = 122.0
        for piece in re.findall(r"\d+|\D+", line):
            page.write(left, top, 16, piece)
            left += size_of(piece) * 16 + 4  # a quarter of a character
        top += 29
    page.write(360, top + 29, 16, "松河市公安局交警支队")
    page.write(390, top + 58, 16, "2024年9月10日")
    return page


@pytest.mark.parametrize("enlarged", [1.0, 0.75, 12.0, 0.05])
def test_type_is_as_large_as_it_is_printed_whatever_matrix_enlarges_it(
    tmp_path: Path, enlarged: float
) -> None:
    (article,) = read(save(tmp_path / "a.pdf", [notice(enlarged)]))
    assert article.title == "关于中秋节期间交通管制的通告"
    assert article.published == "2024-09-10"
    said = [article.text[block.start : block.end] for block in article.blocks]
    assert "一、管制时间：9月15日8时至9月17日20时。" in said
    assert said[-2:] == ["松河市公安局交警支队", "2024年9月10日"]
    assert not [block for block in article.blocks if block.kind is BlockKind.HEADING]


def ruled(rows: list[list[str]], *, whole: bool) -> Printed:
    """Return a page with a table between two paragraphs, its lines one drawing or one for each side of each cell."""
    page = Printed(595, 842)
    page.write(60, 60, 20, "松河市2024年粮食生产情况")
    page.write(80, 120, 12, "全市粮食生产总体平稳，各镇情况如下表，总产量比上年增长。")
    sides = [60 + 120 * at for at in range(len(rows[0]) + 1)]
    for number, row in enumerate(rows):
        top = 150 + 30 * number
        for at, cell in enumerate(row):
            for part, words in enumerate(cell.split("\n")):
                page.write(sides[at] + 6, top + 3 + 13 * part, 10, words)
            if not whole:
                page.frame(sides[at], top, 120, 0.4)
                page.frame(sides[at], top + 30, 120, 0.4)
                page.frame(sides[at], top, 0.4, 30)
                page.frame(sides[at + 1], top, 0.4, 30)
    if whole:
        ends = [(sides[0], y, sides[-1], y) for y in range(150, 151 + 30 * len(rows), 30)]
        ends += [(x, 150, x, 150 + 30 * len(rows)) for x in sides]
        path = " ".join(f"{a:.1f} {842 - b:.1f} m {c:.1f} {842 - d:.1f} l" for a, b, c, d in ends)
        page.drawings.append(f"0.5 w {path} S")
    page.write(80, 180 + 30 * len(rows), 12, "市农业农村局表示，秋粮收购已经开始，农户可到镇上登记。")
    return page


@pytest.mark.parametrize("whole", [True, False])
def test_a_ruled_table_is_read_row_by_row(tmp_path: Path, whole: bool) -> None:
    rows = [
        ["乡镇", "产量\n（吨）", "同比"],
        ["梨园镇", "4450", "3.1%"],
        ["北坡镇\n（含东沟）", "13450", "-1.2%"],
    ]
    (article,) = read(save(tmp_path / "a.pdf", [ruled(rows, whole=whole)], "shuffled", 3))
    said = [article.text[block.start : block.end].split() for block in article.blocks]
    at = said.index(["梨园镇", "4450", "3.1%"])
    assert said[at - 1] == ["乡镇", "产量（吨）", "同比"]
    assert said[at + 1] == ["北坡镇（含东沟）", "13450", "-1.2%"]
    assert said[at - 2][0].startswith("全市粮食生产")
    assert said[at + 2][0].startswith("市农业农村局")


def scanned() -> Printed:
    page = Printed(595, 842)
    page.picture(0, 0, 595, 842)
    return page


def upright() -> Printed:
    page = Printed(595, 842)
    for column in range(8):
        for row, char in enumerate("临江市今年新建图书馆十二座藏书超过八十万册读者免费借书"):
            page.write(540 - 20 * column, 60 + 12 * row, 10, char)
    return page


@pytest.mark.parametrize(("page", "wrong"), [(scanned, "ocr"), (upright, "vertical lines")])
def test_a_page_that_cannot_be_read_is_named_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: Callable[[], Printed], wrong: str
) -> None:
    monkeypatch.setattr(converter, "can_recognise", lambda: False)
    paper = LAYOUTS["one_column"](17)
    path = save(tmp_path / "a.pdf", [page(), *paper.pages])
    (refused,) = [entry for entry in read_articles(path) if isinstance(entry, Refused)]
    assert wrong in refused.reason
    assert "page 1 " in refused.reason
    assert len(read(path)) == len(paper.told)
    with pytest.raises(IngestError, match=wrong):
        read(save(tmp_path / "b.pdf", [page()]))


def test_a_pdf_of_thousands_of_pages_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", [Printed(100, 100)] * 5000)
    with pytest.raises(IngestError, match="5000 pages"):
        read(path)


def test_sentences_beside_small_tables_are_text_below_their_headings(tmp_path: Path) -> None:
    page = Printed()
    page.write(80, 40, 24, "石桥市2024年政务公开报告")
    for at in range(30):
        page.write(80, 100 + 14 * at, 10, f"第{at}项行政许可事项办理")
        page.write(300, 100 + 14 * at, 10, f"{100 + at}")
        page.write(400, 100 + 14 * at, 10, f"{at}")
    words = "政策解读的质量仍需提升，全年收取信息处理费3940元。"
    page.write(80, 560, 16, "三、存在问题")
    page.write(80, 588, 16, words)
    (article,) = read(save(tmp_path / "a.pdf", [page]))
    assert article.text.split("\n")[-2:] == ["三、存在问题", words]
