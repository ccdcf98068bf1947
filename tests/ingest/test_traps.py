import zipfile
from pathlib import Path

import pytest

from rag.errors import IngestError
from rag.index.build.builder import build
from rag.ingest.articles import read_articles
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
