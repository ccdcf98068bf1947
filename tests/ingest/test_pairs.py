from pathlib import Path

import docx
import pytest

from rag.index.build.chunking import chunk
from rag.ingest.articles import read_articles, source_parts
from rag.records import Article, BlockKind

LEAD = "临江县第三中学面向社会公开招聘教师，欢迎符合条件的人员报名。岗位和人数如下："
PAIRS = ("语文教师：15人", "数学教师：12人", "校医：1人")
END = "报名时间为2025年6月3日至6月10日。"


def read(path: Path) -> Article:
    ((_, article),) = [entry for entry in read_articles(path) if isinstance(entry, tuple)]
    return article


def text(tmp_path: Path, *lines: str) -> Article:
    path = tmp_path / "a.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read(path)


def told(article: Article) -> list[list[str]]:
    return [[article.text[cell.start : cell.end] for cell in table.cells] for table in article.tables]


def as_txt(path: Path) -> None:
    path.write_text("\n".join(["临江县第三中学招聘公告", LEAD, *PAIRS, END]), encoding="utf-8")


def as_md(path: Path) -> None:
    items = "\n".join(f"- {pair}" for pair in PAIRS)
    path.write_text(f"# 临江县第三中学招聘公告\n\n{LEAD}\n\n{items}\n\n{END}\n", encoding="utf-8")


def as_html(path: Path) -> None:
    lines = "".join(f"<p>{line}</p>" for line in (LEAD, *PAIRS, END))
    path.write_text(f"<html><body><h1>临江县第三中学招聘公告</h1>{lines}</body></html>", encoding="utf-8")


def as_docx(path: Path) -> None:
    document = docx.Document()
    document.add_heading("临江县第三中学招聘公告", 0)
    for line in (LEAD, *PAIRS, END):
        document.add_paragraph(line)
    document.save(str(path))


WRITERS = {"txt": as_txt, "md": as_md, "html": as_html, "docx": as_docx}


@pytest.mark.parametrize("kind", WRITERS)
def test_lines_of_names_and_values_are_rows(tmp_path: Path, kind: str) -> None:
    WRITERS[kind](path := tmp_path / f"a.{kind}")
    article = read(path)
    assert told(article) == [["语文教师", "15人", "数学教师", "12人", "校医", "1人"]]
    assert [article.text[b.start : b.end] for b in article.blocks if b.kind is BlockKind.ROW] == [*PAIRS]
    assert "\n".join(PAIRS) in {passage.text for passage in chunk(article)}
    ((_, _, rows),) = source_parts(path)
    assert ("语文教师", "15人") in rows


def test_times_and_marks_at_the_end_of_a_list(tmp_path: Path) -> None:
    article = text(
        tmp_path, "三条线路调整首班车", "线路首班车时间：", "12路：6:00；", "K3路: 5:50；", "夜18路：22:30。"
    )
    assert told(article) == [["12路", "6:00", "K3路", "5:50", "夜18路", "22:30"]]


@pytest.mark.parametrize(
    "lines",
    [
        ("记者：收成怎么样", "王海：比去年好", "记者：明年呢", "王海：再建农田"),  # people who speak in turn
        ("市民：“很方便”", "店主：“客人多了”", "司机：“不堵了”"),
        ("来源：云港日报", "编辑：李明", "责任编辑：王芳", "发布时间：2025-06-03"),
        ("8:30 开幕式", "9:00 论坛", "10:30 签约"),
        ("地点：人民公园", "时间：9月1日"),  # two are no list
        ("网址：http://a.example/1", "8比3", "3:2"),
    ],
)
def test_what_is_no_list_of_values(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert (
        text(
            tmp_path, "临江县今年粮食丰收", "临江县今年粮食丰收，记者作了采访。", *lines, "采访结束。"
        ).tables
        == ()
    )


def test_names_that_come_back_for_another_thing_are_set_apart_only(tmp_path: Path) -> None:
    article = text(
        tmp_path,
        "第三中学招聘",
        "第三中学招聘两类教师。",
        "语文教师",
        "人数：15人",
        "学历：本科",
        "地点：东校区",
        "数学教师",
        "人数：12人",
        "学历：硕士",
        "地点：西校区",
        "报名截至6月10日。",
    )
    assert article.tables == ()
    assert "人数：12人" in [article.text[b.start : b.end] for b in article.blocks if b.kind is BlockKind.BODY]


def test_lines_broken_at_a_column_are_no_rows(tmp_path: Path) -> None:
    column = [
        "会议提出三个重点：一是农业",
        "二是工业，三是服务业发展；",
        "主要措施有三个：减税和让利",
        "重点任务有四个：修路和建桥",
        "保障工作有两个：用电和用水",
        "各地要抓紧落实，年底前完成",
        "临江市还将新建图书馆十二座",
        "全部向读者开放。",
    ]
    assert text(tmp_path, "临江市部署明年工作", "", *column).tables == ()
