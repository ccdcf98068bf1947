import json
import os
import random
from pathlib import Path

import pytest

from rag.errors import IngestError
from rag.ingest.articles import read_articles
from rag.ingest.encoding import decode, find_encoding, likeness
from tests.support.papers import Teller

DATA = Path(os.environ.get("RAG_DATA", "../shared/data"))
TEXT = "".join(Teller(1).sentence() for _ in range(12))
TRADITIONAL = "臺北捷運今天宣布，新路線將於明年通車，預計每日運量達五萬人次，沿線居民表示歡迎。" * 6


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_of_our_own_is_the_same_in_every_encoding(encoding: str) -> None:
    assert decode(TEXT.encode(encoding), "a.txt") == TEXT
    assert find_encoding(TEXT.encode(encoding), "a.txt").confidence > 0.95


def test_traditional_text_is_told_from_simplified() -> None:
    assert find_encoding(TRADITIONAL.encode("big5"), "a.txt").label == "big5"
    assert decode(TRADITIONAL.encode("big5"), "a.txt") == TRADITIONAL
    assert decode(TRADITIONAL.encode("gb18030"), "a.txt") == TRADITIONAL


@pytest.mark.parametrize(
    ("written", "read", "said"),
    [
        ("utf-8", "gb18030", "UTF-8 that was read as GBK"),
        ("gb18030", "latin-1", "GBK that was read as Latin-1"),
        ("utf-8", "latin-1", "UTF-8 that was read as Latin-1"),
        ("gb18030", "big5hkscs", "GBK that was read as Big5"),
        ("ascii", "utf-8", "�"),
    ],
)
def test_text_garbled_before_it_came_is_refused_and_named(written: str, read: str, said: str) -> None:
    garbled = TEXT.encode(written, "replace").decode(read, "replace")
    if written == "ascii":
        garbled = TEXT.replace("第", "\ufffd")
    with pytest.raises(IngestError, match=said):
        decode(garbled.encode("utf-8"), "a.txt")


def corrupt_files() -> list[tuple[str, bytes]]:
    """Return fifty files that are no text, under suffixes that promise some."""
    rng = random.Random(9)
    heads = [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0",
        b"%PDF-1.7\n",
        b"\x1f\x8b\x08",
    ]
    files = [(f"图{n}.txt", head + rng.randbytes(3000)) for n, head in enumerate(heads)]
    files += [
        (f"噪{n}{end}", rng.randbytes(4000))
        for n, end in enumerate([".txt", ".md", ".html", ".csv", ".jsonl"] * 3)
    ]
    files += [(f"坏{n}{end}", rng.randbytes(2000)) for n, end in enumerate([".pdf", ".docx"] * 4)]
    files += [(f"截{n}.pdf", b"%PDF-1.4\n" + rng.randbytes(300 * n + 100)) for n in range(4)]
    files += [(f"半{n}.txt", b"\xff\xfe" + TEXT.encode("utf-16-le")[: 201 + 2 * n]) for n in range(3)]
    pairs = [("utf-8", "gb18030"), ("gb18030", "latin-1"), ("utf-8", "latin-1"), ("gb18030", "big5hkscs")]
    for n, (written, read) in enumerate(pairs * 3):
        text = "".join(Teller(100 + n).sentence() for _ in range(8)).encode(written).decode(read, "replace")
        files.append((f"乱{n}.txt", text.encode()))
    files += [("空.txt", b""), ("零.txt", bytes(500))]
    return files


def why_refused(path: Path) -> str:
    """Return the reasons for which nothing of a file was read, "" if something was."""
    try:
        entries = list(read_articles(path))
    except IngestError as error:
        return str(error)
    return "" if any(isinstance(entry, tuple) for entry in entries) else str(entries)


def test_fifty_corrupt_files_are_all_refused_with_a_reason(tmp_path: Path) -> None:
    files = corrupt_files()
    assert len(files) == 50
    for name, content in files:
        (tmp_path / name).write_bytes(content)
    assert [name for name, _ in files if name not in why_refused(tmp_path / name)] == []


def rows(name: str, count: int) -> list[str]:
    path = DATA / name / "articles.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} is not there: set RAG_DATA")
    texts = [json.loads(line)["text"] for line in path.read_bytes().split(b"\n") if line]
    return [text for text in texts if len(text) >= 200][:count]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("xinwenlianbo", "utf-8"),
        ("xinwenlianbo", "utf-8-sig"),
        ("xinwenlianbo", "gb18030"),
        ("xinwenlianbo", "utf-16"),
        ("drcd", "big5"),
    ],
)
def test_hundreds_of_articles_are_the_same_in_every_encoding(name: str, encoding: str) -> None:
    texts = rows(name, 500)
    writable = [text for text in texts if text.encode(encoding, "ignore").decode(encoding) == text]
    assert len(writable) >= 400
    assert [decode(text.encode(encoding), "a") for text in writable] == writable


def test_a_wrong_encoding_makes_unlikely_chinese() -> None:
    assert likeness(TEXT) > 0.6
    assert likeness(TEXT.encode("utf-8").decode("gb18030", "replace")) < 0.4
