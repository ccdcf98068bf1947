"""Spreadsheets, slides, books and saved pages in one file."""

import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from rag.errors import IngestError
from rag.ingest.articles import Refused, read_articles, source_text
from rag.records import Article, BlockKind
from tests.support.packages import epub, pptx, web_archive, zipped

TEXT = "松河市今年新建口袋公园26座，其中12座已经开放。"
MORE = "松河市图书馆4月起延长开放至22时，周末不变。"


def parted(path: Path) -> tuple[list[Article], list[str]]:
    found = list(read_articles(path))
    return (
        [one[1] for one in found if isinstance(one, tuple)],
        [one.reason for one in found if isinstance(one, Refused)],
    )


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


LIST: list[list[Any]] = [
    ["新闻标题", "正文", "发布日期", "媒体名称", "阅读量"],
    ["口袋公园开放", TEXT, datetime(2024, 5, 2, 8, 30), "松河日报", 1234],
    ["图书馆延长开放", MORE, date(2024, 4, 1), "松河日报"],
]


def test_a_sheet_that_lists_articles_gives_one_for_each_row(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", 汇总=[["五月汇总"], [], *LIST])
    found = [one for one in read_articles(path) if isinstance(one, tuple)]
    assert [(source.line, one.title, one.published, one.publisher) for source, one in found] == [
        (4, "口袋公园开放", "2024-05-02", "松河日报"),
        (5, "图书馆延长开放", "2024-04-01", "松河日报"),
    ]
    assert [drop.text for drop in found[0][1].drops] == ["阅读量: 1234"]
    assert MORE in source_text(path, 5)


def test_any_other_sheet_is_an_article_as_the_sheet_shows_it(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "各镇粮食产量.xlsx",
        Sheet1=[["乡镇", "产量（吨）", "同比"], ["梨园镇", 4450.0, 0.031], ["北坡镇", 305.7 * 3, -0.012]],
    )
    book = openpyxl.load_workbook(path)
    for row in (2, 3):
        book.active.cell(row, 3).number_format = "0.0%"
    book.save(path)
    (article,), _ = parted(path)
    assert article.title == "各镇粮食产量"
    assert "梨园镇 4450 3.1%" in article.text.replace("\t", " ")
    assert "北坡镇 917.1 -1.2%" in article.text.replace("\t", " ")


def test_sheets_are_numbered_on_and_a_hidden_one_is_named(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        一=LIST,
        二=[LIST[0], ["剧院落成", "松河大剧院5月8日落成，有座位1600个。"]],
        三=[["甲"]],
    )
    book = openpyxl.load_workbook(path)
    book["三"].sheet_state = "hidden"
    book.save(path)
    found = list(read_articles(path))
    assert [one[0].line for one in found if isinstance(one, tuple)] == [2, 3, 5]
    assert any("三" in one.reason for one in found if isinstance(one, Refused))
    assert "剧院" in source_text(path, 5)


def test_slides_are_read_in_their_order_with_their_pages(tmp_path: Path) -> None:
    path = pptx(
        tmp_path / "a.pptx",
        [
            ("口袋公园建设情况", TEXT),
            ("下一步", "2025年计划新建14座。"),
            ("隐藏", "未定稿。"),
            ("分区情况", MORE),
        ],
        table=[["区", "座数"], ["东城", "9"]],
        notes="提醒听众提问",
        hidden=3,
    )
    (article,), refused = parted(path)
    assert not refused
    assert article.title == "口袋公园建设情况"
    said = {
        article.text[one.start : one.end].replace("\t", " "): (one.kind, one.page) for one in article.blocks
    }
    assert said[TEXT] == (BlockKind.BODY, 1)
    assert said["下一步"] == (BlockKind.HEADING, 2)
    assert said["东城 9"] == (BlockKind.BODY, 4)
    rules = {drop.rule: drop.text for drop in article.drops}
    assert rules["notes of slide 4"] == "提醒听众提问"
    assert "未定稿" in rules["hidden slide 3"]


def test_what_stands_on_slides_beside_the_text_is_listed(tmp_path: Path) -> None:
    a, c = (
        f'xmlns:{name}="http://schemas.openxmlformats.org/drawingml/2006/{kind}"'
        for name, kind in (("a", "main"), ("c", "chart"))
    )
    chart = f"<c:chartSpace {a} {c}><a:p><a:r><a:t>各区座数</a:t></a:r></a:p><c:v>东城</c:v><c:v>9</c:v></c:chartSpace>"
    comment = "<p:cmLst xmlns:p='p'><p:cm><p:text>核对数字</p:text></p:cm></p:cmLst>"
    path = pptx(
        tmp_path / "a.pptx",
        [("口袋公园", TEXT)],
        beside={"charts/chart1.xml": chart, "comments/comment1.xml": comment},
    )
    (article,), _ = parted(path)
    assert [(drop.text, drop.rule) for drop in article.drops] == [
        ("1", "running head"),
        ("各区座数\n东城\n9", "chart of slide 1"),
        ("核对数字", "comment of slide 1"),
    ]


def test_an_equation_on_a_slide_is_read(tmp_path: Path) -> None:
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    sum_ = f"</a:t></a:r><m:oMath {math}><m:f><m:num><m:r><m:t>26</m:t></m:r></m:num><m:den><m:r><m:t>40</m:t></m:r></m:den></m:f></m:oMath><a:r><a:t>"
    (article,), _ = parted(pptx(tmp_path / "a.pptx", [("口袋公园", f"{TEXT}完成率为{sum_}。")]))
    assert "完成率为26/40。" in article.text


def test_comments_charts_and_heads_of_sheets_are_listed(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", 汇总=LIST)
    book = openpyxl.load_workbook(path)
    book.active["A2"].comment = openpyxl.comments.Comment("标题待定", "王编辑")
    book.active.oddHeader.center.text = "松河日报 &P"
    chart = openpyxl.chart.BarChart()
    chart.title = "阅读量"
    book.active.add_chart(chart, "H2")
    book.save(path)
    articles, refused = parted(path)
    assert not refused
    assert [(drop.text, drop.rule) for drop in articles[0].drops] == [
        ("阅读量: 1234", "column of no field"),
        ("阅读量", "chart"),
        ("标题待定", "comment"),
        ("松河日报", "running head"),
    ]
    assert not [drop for drop in articles[1].drops if drop.rule == "comment"]


def test_a_book_gives_its_chapters_in_order(tmp_path: Path) -> None:
    path = epub(
        tmp_path / "a.epub",
        [("口袋公园开放", f"{TEXT}\n全年计划建成40座。"), ("图书馆", MORE)],
        date="2024-05-02",
        publisher="松河出版社",
    )
    articles, refused = parted(path)
    assert not refused
    assert [(one.title, one.publisher, one.published) for one in articles] == [
        ("口袋公园开放", "松河出版社", "2024-05-02"),
        ("图书馆", "松河出版社", "2024-05-02"),
    ]
    assert [[drop.text for drop in one.drops] for one in articles] == [["目录"], []]
    assert "全年计划建成40座。" in [articles[0].text[one.start : one.end] for one in articles[0].blocks]


def test_a_chapter_without_a_declaration_is_read_as_utf_8_and_without_readings(tmp_path: Path) -> None:
    path = epub(tmp_path / "a.epub", [("蚝节开幕", TEXT)])
    table = "<table><tr><th>镇</th><th>吨</th></tr><tr><td>东坡镇</td><td>88</td></tr></table>"
    chapter = f"<html><body><h2>松河<ruby>蚝<rt>háo</rt></ruby>节开幕</h2><p>{TEXT}</p>{table}</body></html>"
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    (article,), _ = parted(zipped(path, parts | {"OEBPS/text/c 1.xhtml": chapter.encode()}))
    assert article.title == "松河蚝节开幕"
    assert "háo" in [drop.text for drop in article.drops]
    assert [article.text[cell.start : cell.end] for cell in article.tables[0].cells] == [
        "镇",
        "吨",
        "东坡镇",
        "88",
    ]


def test_digits_above_the_line_of_a_cell_say_so(tmp_path: Path) -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    path = workbook(tmp_path / "a.xlsx", 面积=[["乡镇", "面积"], ["南坡乡", "1.2×10"], ["北坡乡", "8"]])
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    above = '<rPr><vertAlign val="superscript"/></rPr>'
    said = "<si><r><t>面积（km</t></r><r>" + above + "<t>2</t></r><r><t>）</t></r></si>"
    said += "<si><r><t>1.2×10</t></r><r>" + above + "<t>3</t></r></si>"
    named = {
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{said}</sst>',
        "[Content_Types].xml": parts["[Content_Types].xml"]
        .decode()
        .replace(
            "</Types>",
            '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'spreadsheetml.sharedStrings+xml"/></Types>',
        ),
        "xl/_rels/workbook.xml.rels": parts["xl/_rels/workbook.xml.rels"]
        .decode()
        .replace(
            "</Relationships>",
            f'<Relationship Id="rId77" Type="{relation}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        ),
    }
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for number, cell in enumerate(("B1", "B2")):
        sheet = re.sub(rf'<c r="{cell}"[^>]*>.*?</c>', f'<c r="{cell}" t="s"><v>{number}</v></c>', sheet)
    (article,), _ = parted(zipped(path, parts | named | {"xl/worksheets/sheet1.xml": sheet}))
    assert "面积（km²）" in article.text
    assert "1.2×10³" in article.text


def test_a_locked_book_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="DRM"):
        list(read_articles(epub(tmp_path / "a.epub", [("一", TEXT)], locked=True)))


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
@pytest.mark.parametrize("suffix", ["mht", "mhtml"])
def test_a_page_saved_as_one_file_is_read_as_a_page(tmp_path: Path, charset: str, suffix: str) -> None:
    page = f"<html><head><title>口袋公园开放</title></head><body><h1>口袋公园开放</h1><p>{TEXT}</p><p>{MORE}</p></body></html>"
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(web_archive(page, "https://news.example/a.html", charset))
    (article,), _ = parted(path)
    assert (article.title, article.url) == ("口袋公园开放", "https://news.example/a.html")
    assert TEXT in article.text


@pytest.mark.parametrize("suffix", ["xlsx", "pptx", "epub", "zip", "mht", "rtf", "json"])
@pytest.mark.parametrize("content", [b"PK\x03\x04 no", b"just words", "只有文字。".encode()])
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    with pytest.raises(IngestError, match=r"a\.\w+ "):
        list(read_articles(path))


@pytest.mark.parametrize("suffix", ["xlsx", "pptx", "epub"])
def test_a_package_of_other_parts_is_refused_in_a_sentence(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(IngestError, match="it is damaged"):
        list(read_articles(zipped(tmp_path / f"a.{suffix}", {"a.txt": "甲"})))


@pytest.mark.parametrize("suffix", ["xlsx", "pptx", "epub"])
def test_a_package_that_unpacks_without_end_is_refused(tmp_path: Path, suffix: str) -> None:
    path = zipped(tmp_path / f"a.{suffix}", {"xl/workbook.xml": b" " * 80_000_000})
    with pytest.raises(IngestError, match="unpacks to 80 MB"):
        list(read_articles(path))


def test_entities_in_slides_are_refused(tmp_path: Path) -> None:
    path = pptx(tmp_path / "a.pptx", [("一", TEXT)])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    slide = parts["ppt/slides/slide1.xml"].replace(TEXT.encode(), b"&b;")
    parts["ppt/slides/slide1.xml"] = b'<!DOCTYPE p [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + slide
    with pytest.raises(IngestError, match="entities"):
        list(read_articles(zipped(path, parts)))
