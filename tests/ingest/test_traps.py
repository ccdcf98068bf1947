import json
import random
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import docx
import pytest

from rag.errors import IngestError
from rag.index.build.builder import build
from rag.ingest.articles import Refused, read_articles
from rag.render.ingest_reasons import reason_zh
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.papers import Printed, save

MEGABYTE = 1_000_000


def refusal(path: Path) -> str:
    with pytest.raises(IngestError) as refused:
        list(read_articles(path))
    return str(refused.value)


def sparse(path: Path, head: bytes, size: int) -> Path:
    """Write a file whose bytes behind `head` take no room on the disk."""
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return path


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.docx"])
def test_a_file_of_a_gigabyte_is_refused_unread(tmp_path: Path, name: str) -> None:
    assert "1000 MB: no article" in refusal(sparse(tmp_path / name, b"a", 1000 * MEGABYTE))


def test_a_table_with_a_line_of_a_gigabyte_is_refused_before_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"title,text\na," + b"x" * 20 * MEGABYTE)
    assert "a line of more than 16 MB" in refusal(path)


def test_a_word_file_that_unpacks_without_end_is_refused_packed(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 40 * MEGABYTE)
    assert path.stat().st_size < MEGABYTE
    assert "unpacks to 40 MB" in refusal(path)


def test_a_description_that_is_no_description_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("新闻。", encoding="utf-8")
    sparse(tmp_path / "a.meta.json", b"{", 50 * MEGABYTE)
    assert "a.meta.json is larger than 1000 kB" in refusal(tmp_path / "a.txt")


def test_comments_that_never_end_take_no_time(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("新闻。" + "<!-- " * 100_000, encoding="utf-8")
    assert len(list(read_articles(path))) == 1


def test_a_page_of_thousands_of_words_apart_is_read(tmp_path: Path) -> None:
    page = Printed(1080, 1540)
    for row in range(60):
        for column in range(24):
            page.write(30 + 43 * column, 60 + 24 * row, 6, f"{row * column % 97}.{row:02d}")
    assert len(list(read_articles(save(tmp_path / "行情.pdf", [page])))) == 1


def test_odd_names_and_links_that_lead_nowhere_stop_no_build(tmp_path: Path) -> None:
    folder = tmp_path / "新闻"
    names = [
        " 空 格 .jsonl",
        "引'号\".jsonl",
        "换\n行.jsonl",
        "a#3.jsonl",
        "-rf.jsonl",
        "长" * 80 + ".jsonl",
        "\u202e反.jsonl",
    ]
    for number, name in enumerate(names):
        write_news(folder / name, news(1, start=number))
    (folder / "自.txt").symlink_to(folder / "自.txt")
    (folder / "无.txt").symlink_to(folder / "没有")
    (folder / "零.txt").symlink_to("/dev/zero")
    (folder / "圈").symlink_to(tmp_path, target_is_directory=True)
    report = build([folder], tmp_path / "index", FakeEmbedder())
    assert report.articles == len(names)
    assert [name for name, _ in report.refused] == ["新闻/圈", "新闻/零.txt"]


XML = '<?xml version="1.0" encoding="UTF-8"?>{}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
PARAGRAPH = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
TALE = "临江市新建图书馆十二座，今年开放。"


def word(path: Path, body: str, declared: str = "") -> Path:
    """Write a Word file with this body."""
    docx.Document().save(str(path))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = XML.format(declared, body).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a "图书馆">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> <!ENTITY a "b">]>',
    ],
)
def test_a_word_file_with_entities_is_refused_rather_than_read_without_them(
    tmp_path: Path, declared: str
) -> None:
    path = word(tmp_path / "a.docx", PARAGRAPH.format("临江市新建&a;十二座。"), declared)
    assert "declares entities" in refusal(path)


def test_entities_of_entities_are_refused(tmp_path: Path) -> None:
    layers = "".join(f'<!ENTITY {chr(98 + i)} "{(f"&{chr(97 + i)};") * 10}">' for i in range(8))
    declared = f'<!DOCTYPE x [<!ENTITY a "新闻新闻">{layers}]>'
    refusal(word(tmp_path / "a.docx", PARAGRAPH.format("&h;"), declared))


def test_entities_that_a_page_declares_stay_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(f'<!DOCTYPE html [<!ENTITY a "x">]><p>{TALE}共&a;座。</p>', encoding="utf-8")
    ((_, article),) = [entry for entry in read_articles(path) if isinstance(entry, tuple)]
    assert "共&a;座" in article.text


def test_words_that_pack_to_nothing_are_refused(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", PARAGRAPH.format(TALE) * 50_000)
    assert "million characters" in refusal(path)


@pytest.mark.parametrize(
    "body",
    [
        "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>" + PARAGRAPH.format(TALE),
        "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='100000000'/></w:tcPr>"
        + PARAGRAPH.format(TALE)
        + "</w:tc></w:tr></w:tbl>",
        "<w:tbl>"
        + ("<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>" + PARAGRAPH.format(TALE) + "</w:tc></w:tr>") * 2000
        + "</w:tbl>",
        "<w:tbl><w:tr><w:tc>" * 50
        + PARAGRAPH.format(TALE)
        + "</w:tc></w:tr></w:tbl>" * 50
        + PARAGRAPH.format(TALE),
        PARAGRAPH.format("临江市新建<!-- x -->图书馆<?y?>十二座，今年开放。"),
    ],
)
def test_odd_word_files_are_read_or_refused(tmp_path: Path, body: str) -> None:
    assert len(list(read_articles(word(tmp_path / "a.docx", body)))) == 1


def test_no_damage_to_a_word_file_ends_a_build(tmp_path: Path) -> None:
    whole = word(tmp_path / "a.docx", PARAGRAPH.format(TALE) * 3).read_bytes()
    chance = random.Random(1)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(chance.randrange(1, 20)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        (tmp_path / "b.docx").write_bytes(broken[: chance.randrange(10, len(broken) + 1)])
        with suppress(IngestError):
            list(read_articles(tmp_path / "b.docx"))


def test_an_element_of_thousands_of_attributes_is_refused_unparsed(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    named = " ".join(f"a{number}=1" for number in range(40_000))
    for page in (f"<p {named}>{TALE}", f"<!--><p {named}>{TALE}", f"<script>'</script><p {named}>{TALE}"):
        path.write_text(page, encoding="utf-8")
        began = time.process_time()
        assert "more than 300 attributes" in refusal(path)
        assert time.process_time() - began < 1


def seconds(path: Path, content: str) -> float:
    path.write_text(content, encoding="utf-8")
    began = time.process_time()
    list(read_articles(path))
    return time.process_time() - began


GROWING: dict[str, Callable[[int], str]] = {
    "links.html": lambda n: "".join(f'<p><a href="/{i}">新闻{i}今天的事</a>{TALE}</p>\n' for i in range(n)),
    "headings.html": lambda n: (
        "<title>"
        + "新闻" * n
        + "</title>"
        + "".join(f"<h1>新闻标题第{i}个</h1>" for i in range(n))
        + f"<p>{TALE}</p>"
    ),
    "headings.md": lambda n: "## 新闻\n\n今天。\n\n" * n,
    "short.txt": lambda n: "新闻\n\n" * n,
}


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_file_takes_about_twice_the_time(tmp_path: Path, name: str) -> None:
    seconds(tmp_path / name, GROWING[name](50))  # what is loaded once
    once, twice = (min(seconds(tmp_path / name, GROWING[name](n)) for _ in range(2)) for n in (500, 1000))
    assert twice < 3 * once + 0.2


def test_a_title_without_end_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"title": TALE * 500, "text": TALE}), encoding="utf-8")
    ((_, article),) = [entry for entry in read_articles(path) if isinstance(entry, tuple)]
    assert len(article.title) <= 500
    assert article.text.count("图书馆") == 501


def test_lines_of_a_few_characters_without_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("新\n" * 100_000, encoding="utf-8")
    (refused,) = read_articles(path)
    assert isinstance(refused, Refused)
    assert reason_zh(refused.reason) == "有100000行，每行只有几个字，不像一篇报道。"
