"""Exponents and indices stay apart from the digits beside them, whatever file they come from."""

import io
from pathlib import Path

import docx
import pytest

from rag.ingest.articles import read_articles
from rag.ingest.raised import lowered, raised
from rag.text.quantity import quantities
from tests.support.packages import pptx
from tests.support.papers import Printed, save

SAID = "松河市实验室每毫升水样检出约10⁴个细胞，面积50m²，排放CO₂30吨。"
PARTS = ("松河市实验室每毫升水样检出约10", "4", "个细胞，面积50m", "2", "，排放CO", "2", "30吨。")


def as_page() -> bytes:
    a, b, c, d, e, f, g = PARTS
    words = f"<p>{a}<sup>{b}</sup>{c}<sup><b>{d}</b></sup>{e}<sub>{f}</sub>{g}</p>"
    return f"<html><head><meta charset='utf-8'></head><body><h1>水样检测结果公布</h1>{words}</body></html>".encode()


def as_markdown() -> bytes:
    a, b, c, d, e, f, g = PARTS
    return f"# 水样检测结果公布\n\n{a}<sup>{b}</sup>{c}<sup>{d}</sup>{e}<sub>{f}</sub>{g}\n".encode()


def as_row() -> bytes:
    a, b, c, d, e, f, g = PARTS
    return f'{{"title": "水样检测结果公布", "text": "<p>{a}<sup>{b}</sup>{c}<sup>{d}</sup>{e}<sub>{f}</sub>{g}</p>"}}'.encode()


def as_word() -> bytes:
    document = docx.Document()
    paragraph = document.add_paragraph()
    for at, words in enumerate(PARTS):
        run = paragraph.add_run(words)
        if at == 5:
            run.font.subscript = True
        elif at % 2:
            run.font.superscript = True
    document.save(written := io.BytesIO())
    return written.getvalue()


def as_rtf() -> bytes:
    said = ["".join(f"\\u{ord(char)}?" if ord(char) > 127 else char for char in part) for part in PARTS]
    a, b, c, d, e, f, g = said
    return f"{{\\rtf1 {a}{{\\super {b}}}{c}\\super {d}\\nosupersub {e}{{\\sub {f}}}{g}\\par}}".encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", as_page()),
        ("a.md", as_markdown()),
        ("a.jsonl", as_row()),
        ("a.docx", as_word()),
        ("a.rtf", as_rtf()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_exponents_are_no_digits_of_the_number(tmp_path: Path, name: str, content: bytes) -> None:
    (path := tmp_path / name).write_bytes(content)
    ((_, article),) = [entry for entry in read_articles(path) if isinstance(entry, tuple)]
    assert SAID in article.text
    assert [one.number for one in quantities(SAID)] == [10_000, 50, 30]


def test_slides(tmp_path: Path) -> None:
    words = "".join(
        part
        if at % 2 == 0
        else f'</a:t></a:r><a:r><a:rPr baseline="{-25000 if at == 5 else 30000}"/><a:t>{part}</a:t></a:r><a:r><a:t>'
        for at, part in enumerate(PARTS)
    )
    path = pptx(tmp_path / "a.pptx", [("水样检测结果公布", words)])
    ((_, article),) = [entry for entry in read_articles(path) if isinstance(entry, tuple)]
    assert SAID in article.text


def test_small_digits_of_a_page(tmp_path: Path) -> None:
    page = Printed(595, 842)
    page.write(60, 60, 18, "水样检测结果公布")
    left = 60.0
    for at, words in enumerate(PARTS):
        size = 10.0 if at % 2 == 0 else 6.0
        down = {1: -0.5, 3: -0.5, 5: 6.5}.get(at, 0.0)
        page.write(left, 120 + down, size, words)
        left += size * sum(0.5 if char.isascii() else 1.0 for char in words)
    page.write(60, 135, 10, "市生态环境局表示，将继续监测水质。")
    ((_, article),) = [
        entry for entry in read_articles(save(tmp_path / "a.pdf", [page])) if isinstance(entry, tuple)
    ]
    assert SAID in article.text


def test_words_without_such_characters_stay() -> None:
    assert (raised("st"), raised("[2]"), raised("-6"), lowered("2"), lowered("总")) == (
        "st",
        "[2]",
        "⁻⁶",
        "₂",
        "总",
    )
