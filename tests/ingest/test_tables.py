from pathlib import Path

import docx
import pytest

from rag.index.build.chunking import chunk
from rag.index.database import article_of, article_values
from rag.ingest.articles import read_articles, source_text
from rag.records import Article, BlockKind, Table
from rag.text.characters import squeeze

ROWS = (("镇名", "产量（吨）", "同比"), ("东河镇", "18200", "+2.5%"), ("西河镇", "", "-1.2%"))
TITLE, LEAD, END = "两镇粮食产量公布", "临江县1月5日公布2023年产量，情况如下。", "明年将扩大种植面积。"


def read(path: Path) -> Article:
    ((_, article),) = [entry for entry in read_articles(path) if isinstance(entry, tuple)]
    return article


def as_docx(path: Path) -> None:
    document = docx.Document()
    document.add_heading(TITLE, 0)
    document.add_paragraph(LEAD)
    document.add_paragraph("表1 各镇产量")
    table = document.add_table(len(ROWS), len(ROWS[0]))
    for r, row in enumerate(ROWS):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    document.add_paragraph(END)
    document.save(str(path))


def as_html(path: Path) -> None:
    cells = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in ROWS)
    path.write_text(
        f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1><p>{LEAD}</p>"
        f"<table><caption>表1 各镇产量</caption>{cells}</table><p>{END}</p></body></html>",
        encoding="utf-8",
    )


def as_md(path: Path) -> None:
    lines = [" | ".join(row) for row in ROWS]
    table = "\n".join([f"| {lines[0]} |", "|---|:--:|---|", *(f"|{line}|" for line in lines[1:])])
    path.write_text(f"# {TITLE}\n\n{LEAD}\n\n表1 各镇产量\n\n{table}\n\n{END}\n", encoding="utf-8")


def as_csv(path: Path) -> None:
    path.write_text("\n".join(["表1 各镇产量", *(",".join(row) for row in ROWS)]), encoding="utf-8")


WRITERS = {"docx": as_docx, "html": as_html, "md": as_md, "csv": as_csv}


def cells(article: Article, table: Table) -> list[tuple[str, int, int]]:
    return [(article.text[cell.start : cell.end], cell.row, cell.column) for cell in table.cells]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_table_keeps_its_cells_head_and_caption(tmp_path: Path, kind: str) -> None:
    WRITERS[kind](path := tmp_path / f"{TITLE}.{kind}")
    article = read(path)
    (table,) = article.tables
    assert cells(article, table) == [
        (text, r, c) for r, row in enumerate(ROWS) for c, text in enumerate(row) if text
    ]
    assert table.heads == 1
    assert table.caption is not None
    assert article.text[table.caption.start : table.caption.end] == "表1 各镇产量"
    assert [article.text[b.start : b.end] for b in article.blocks if b.kind is BlockKind.ROW][
        1
    ] == "东河镇\t18200\t+2.5%"
    assert article.title == TITLE
    source = squeeze(source_text(path))
    for text, _, _ in cells(article, table):
        assert squeeze(text) in source


@pytest.mark.parametrize("kind", WRITERS)
def test_rows_are_found_under_their_head(tmp_path: Path, kind: str) -> None:
    WRITERS[kind](path := tmp_path / f"{TITLE}.{kind}")
    (passage,) = [p for p in chunk(read(path)) if p.kind is BlockKind.ROW]
    assert passage.text.startswith("东河镇\t18200\t+2.5%\n西河镇\t")
    assert passage.heading_text == "表1 各镇产量\n镇名\t产量（吨）\t同比"


def test_a_large_table_is_cut_between_rows(tmp_path: Path) -> None:
    rows = "\n".join(f"第{n}小学,{n}00,{n}" for n in range(1, 80))
    path = tmp_path / "招生.csv"
    path.write_text(f"学校,学生（人）,班级（个）\n{rows}", encoding="utf-8")
    passages = list(chunk(read(path)))
    assert len(passages) > 3
    assert all(passage.text.startswith("第") and len(passage.text) <= 240 for passage in passages)
    assert {passage.heading_text for passage in passages} == {"学校\t学生（人）\t班级（个）"}


def test_tables_are_kept_in_the_index(tmp_path: Path) -> None:
    as_md(path := tmp_path / "a.md")
    article = read(path)
    values = article_values(article)
    assert article_of(values) == article  # type: ignore[arg-type]


def test_text_around_a_table_is_not_joined_over_it(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("全市新建图书馆\n\n|镇|座|\n|-|-|\n|东镇|3|\n\n共十二座，今年开放。\n", encoding="utf-8")
    assert read(path).text.split("\n") == ["全市新建图书馆", "镇\t座", "东镇\t3", "共十二座，今年开放。"]


def test_items_of_a_list_are_paragraphs_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "# 公布办事时间\n\n政务中心公布办事时间：\n\n- 户籍窗口：周一至周六\n- 社保窗口：周一至周五\n- 停车位：320个\n\n"
        "1. 携带身份证\n2. 提前预约，\n   每日限号200个\n",
        encoding="utf-8",
    )
    assert read(path).text.split("\n")[2:] == [
        "户籍窗口：周一至周六",
        "社保窗口：周一至周五",
        "停车位：320个",
        "1. 携带身份证",
        "2. 提前预约，每日限号200个",
    ]


def test_a_line_that_states_a_thing_is_no_caption(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "# 招聘公告\n\n- 学历：本科\n- 人数：15人\n\n|岗位|人数|\n|-|-|\n|教师|3|\n", encoding="utf-8"
    )
    article = read(path)
    assert article.tables[0].caption is None
    assert "人数：15人" in {passage.text for passage in chunk(article)}


def test_bars_in_text_make_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("甲|乙 两队比赛。\n\n今天 | 明天\n\n临江市新建图书馆。\n", encoding="utf-8")
    assert read(path).tables == ()


def test_a_page_laid_out_by_a_table_has_none(tmp_path: Path) -> None:
    long = "<p>临江市新建图书馆十二座，藏书八十万册，读者可以免费借书，今年已经开放。</p>" * 8
    page = f"<html><body><table><tr><td><a href='/'>首页</a></td><td><a href='/n'>新闻</a></td></tr><tr><td>图</td><td>{long}</td></tr></table></body></html>"
    path = tmp_path / "a.html"
    path.write_text(page, encoding="utf-8")
    article = read(path)
    assert article.tables == ()
    assert "藏书八十万册" in article.text


def test_rows_of_texts_are_articles_and_rows_of_facts_are_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("正文\n临江市新建图书馆。\n临江市新建剧院。\n", encoding="utf-8")
    assert len(list(read_articles(path))) == 2
    path.write_text("项目,内容\n岗位,教师\n人数,3人\n", encoding="utf-8")
    assert len(read(path).tables) == 1
