import json
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import docx
import pytest

from rag.errors import IngestError
from rag.ingest.articles import Refused, read_articles, source_text, source_texts
from rag.records import Article, BlockKind
from rag.text.characters import squeeze
from tests.support.paths import SEEDS as SEED_FOLDER

SEEDS = sorted(SEED_FOLDER.glob("*.txt"))
NEWS = "全市去年新建图书馆12座，藏书超80万册。\n读者可以免费借书。\n"


def read(path: Path) -> Article:
    (row,) = read_articles(path)
    assert isinstance(row, tuple)
    return row[1]


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def assert_verbatim(path: Path, article: Article) -> None:
    source = squeeze(source_text(path))
    for start, end in pairwise([0, *article.seams, len(article.text)]):
        assert squeeze(article.text[start:end]) in source


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_the_same_bytes_give_the_same_article(path: Path) -> None:
    assert read(path) == read(path)
    assert len(read(path).id) == 12


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_every_piece_of_a_seed_stands_in_its_source(path: Path) -> None:
    assert_verbatim(path, read(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_is_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    article = read(write(tmp_path, "a.txt", NEWS.encode(encoding)))
    assert article.text == NEWS.strip()


def test_big5_is_read(tmp_path: Path) -> None:
    text = "臺北捷運今天宣布，新路線將於明年通車，預計每日運量達五萬人次。"
    assert read(write(tmp_path, "a.txt", text.encode("big5"))).text == text


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\n", "is empty"),
        ("a.txt", b"\x00\x01\x02", "NUL"),
        ("a.txt", b"\xff\xfa\xfb\x81", "not text"),
        ("a.txt", "。。。", "no text"),
        ("a.xyz", "新闻", "cannot be read"),
        ("a.pdf", b"%PDF-1.4 ?", "not a PDF"),
        ("a.docx", b"PK\x03\x04", "not a Word file"),
        ("a.jsonl", b"\n", "is empty"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    tmp_path: Path, name: str, content: bytes | str, wrong: str
) -> None:
    with pytest.raises(IngestError, match=wrong):
        list(read_articles(write(tmp_path, name, content)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=r"none\.txt cannot be read"):
        list(read_articles(tmp_path / "none.txt"))


def test_a_bad_line_is_refused_and_the_others_come(tmp_path: Path) -> None:
    rows = [
        '{"text": "第一条。"}',
        "not json",
        '{"text": 3}',
        '{"title": "无"}',
        '{"text": "\\ud800甲"}',
        "[1]",
    ]
    path = write(tmp_path, "a.jsonl", "\n".join([*rows, '{"text": "末条。"}']))
    found = list(read_articles(path))
    assert [row[1].text for row in found if isinstance(row, tuple)] == ["第一条。", "末条。"]
    refused = [row for row in found if isinstance(row, Refused)]
    assert [row.source.line for row in refused] == [2, 3, 4, 5, 6]
    assert all(f"{path}#{row.source.line}" in row.reason for row in refused)


def test_a_row_gives_its_fields(tmp_path: Path) -> None:
    row = {
        "id": 7,
        "title": "新图书馆开放",
        "text": NEWS,
        "source": "测试日报",
        "date": "2024-05-06 08:00",
        "author": "李明",
    }
    article = read(write(tmp_path, "a.jsonl", json.dumps(row, ensure_ascii=False)))
    assert (article.external_id, article.title, article.publisher) == ("7", "新图书馆开放", "测试日报")
    assert (article.published, article.author) == ("2024-05-06", "李明")
    assert article.blocks[0].kind is BlockKind.TITLE


def test_a_line_separator_inside_a_row_ends_no_row(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.jsonl", '{"text": "甲市\u2028新建图书馆。"}\n{"text": "乙市\u0085新建剧院。"}\n'
    )
    assert len(list(read_articles(path))) == 2
    assert [text for _, text in source_texts(path)] == [source_text(path, 1), source_text(path, 2)]


def test_an_id_changes_with_title_publisher_date_and_text(tmp_path: Path) -> None:
    rows = [
        {"text": "甲乙。"},
        {"text": "甲乙丙。"},
        {"text": "甲乙。", "title": "甲"},
        {"text": "甲乙。", "publisher": "甲报"},
        {"text": "甲乙。", "date": "2024-01-01"},
    ]
    path = write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    assert len({row[1].id for row in read_articles(path) if isinstance(row, tuple)}) == len(rows)


def test_markdown_loses_its_markup_and_nothing_else(tmp_path: Path) -> None:
    text = "---\ntitle: 新图书馆开放\ndate: 2024-05-06\n---\n全市**去年**新建图书馆[12座](http://a.b)，藏书超*80*万册。\n\n## 借书更方便\n\n一次十本。\n"
    path = write(tmp_path, "a.md", text)
    article = read(path)
    assert article.text == "新图书馆开放\n全市去年新建图书馆12座，藏书超80万册。\n借书更方便\n一次十本。"
    assert article.published == "2024-05-06"
    assert_verbatim(path, article)


def test_a_page_gives_its_main_text(tmp_path: Path) -> None:
    body = "".join(
        f"<p>全市第{n}季度新建图书馆{n}座，藏书超{n}0万册，读者可以免费借书。</p>" for n in range(1, 5)
    )
    page = f"<html><head><title>新图书馆开放</title></head><body><h1>新图书馆开放</h1><article>{body}</article></body></html>"
    path = write(tmp_path, "a.html", page)
    article = read(path)
    assert article.title == "新图书馆开放"
    assert "全市第3季度新建图书馆3座，藏书超30万册，读者可以免费借书。" in article.text
    assert_verbatim(path, article)


def test_a_word_file_gives_paragraphs_and_table_rows(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("新图书馆开放", 0)
    document.add_paragraph("全市去年新建图书馆12座。")
    row = document.add_table(1, 2).rows[0]
    row.cells[0].text, row.cells[1].text = "藏书", "80万册"
    document.save(content := BytesIO())
    article = read(write(tmp_path, "a.docx", content.getvalue()))
    assert article.text == "新图书馆开放\n全市去年新建图书馆12座。\n藏书\t80万册"


def test_the_years_named_are_a_hint(tmp_path: Path) -> None:
    article = read(write(tmp_path, "a.txt", "2024年新建12座，2019年只有3座，投资2035万元，电话20241234。"))
    assert article.period_hint == (2019, 2024)


def test_one_line_of_five_megabytes_is_read(tmp_path: Path) -> None:
    article = read(write(tmp_path, "a.txt", "全市新建图书馆12座，" * 170_000))
    assert len(article.blocks) == 1
