import io
import json
import stat
import zipfile
from pathlib import Path

import pytest

from rag.errors import IngestError
from rag.ingest.articles import Refused, read_articles, source_text
from rag.records import Article
from tests.support.packages import zipped

TEXT = "松河市今年新建口袋公园26座，其中12座已经开放。"


def parted(path: Path) -> tuple[list[Article], list[str]]:
    found = list(read_articles(path))
    return (
        [one[1] for one in found if isinstance(one, tuple)],
        [one.reason for one in found if isinstance(one, Refused)],
    )


def test_the_files_of_an_archive_are_read_and_those_that_cannot_be_are_named(tmp_path: Path) -> None:
    rows = "\n".join(json.dumps({"title": title, "text": TEXT}) for title in ("甲", "乙"))
    path = zipped(
        tmp_path / "a.zip",
        {
            "新闻/b.jsonl": rows,
            "新闻/a.txt": f"公园开放\n{TEXT}",
            "新闻/a.meta.json": json.dumps({"date": "2024-05-02"}),
            "新闻/~$a.docx": "x",
            "__MACOSX/._a.txt": "x",
            "c.xyz": "x",
            "d.pdf": "no PDF",
        },
    )
    articles, reasons = parted(path)
    assert [one.title for one in articles] == ["公园开放", "甲", "乙"]
    assert articles[0].published == "2024-05-02"
    assert articles[0].found_by["entry"] == "新闻/a.txt"
    assert source_text(path, 3).endswith(TEXT)
    assert [reason.split(" ")[0] for reason in reasons] == [f"{path}/c.xyz", f"{path}/d.pdf"]


def test_names_in_gbk_are_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"ABCD.txt": TEXT})
    path.write_bytes(path.read_bytes().replace(b"ABCD", "新闻".encode("gbk")))
    (article,), _ = parted(path)
    assert article.found_by["entry"] == "新闻.txt"


@pytest.mark.parametrize("name", ["../a.txt", "/etc/a.txt", "b/../../a.txt", "C:/a.txt", "..\\a.txt"])
def test_a_path_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    _, (reason,) = parted(zipped(folder / "a.zip", {name: TEXT}))
    assert "leads out" in reason
    assert [one.name for one in tmp_path.rglob("*")] == ["in", "a.zip"]


def test_an_archive_in_an_archive_and_a_bomb_are_refused_and_the_others_read(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.txt", TEXT)
    path = zipped(tmp_path / "a.zip", {"b.zip": inner.getvalue(), "c.txt": b" " * 30_000_000, "d.txt": TEXT})
    articles, reasons = parted(path)
    assert len(articles) == 1
    assert ["archive in an archive" in reasons[0], "unpacks to 30 MB" in reasons[1]] == [True, True]


def test_a_link_and_a_locked_entry_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("a.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("b.txt", TEXT)
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.rfind(mark) + at] |= 1  # the last entry says that it is locked
    path.write_bytes(content)
    articles, reasons = parted(path)
    assert not articles
    assert ["link" in reasons[0], "password" in reasons[1]] == [True, True]


@pytest.mark.parametrize("parts", [{}, {"a/": ""}])
def test_an_empty_archive_is_refused(tmp_path: Path, parts: dict[str, str]) -> None:
    with pytest.raises(IngestError, match="is empty"):
        list(read_articles(zipped(tmp_path / "a.zip", parts)))


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{number}.txt": "" for number in range(20_001)})
    with pytest.raises(IngestError, match="holds 20001 files"):
        list(read_articles(path))
