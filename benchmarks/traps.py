"""Feed files that are made to take all time or memory: `python -m benchmarks.traps [NAME…]`.

Each is read in a process of its own; its CPU seconds, its peak memory and the sentence (or the number of articles) are
printed. None may take more than 20 seconds or 700 MB, and none may end otherwise than with articles or a sentence.
"""

import json
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.papers import Printed, Teller, save

MOST_SECONDS = 20.0
MOST_MEMORY = 700
GIGABYTE = 1 << 30
READ = """
import json, resource, sys
from pathlib import Path
from rag.errors import IngestError
from rag.ingest.articles import read_articles
said, count = [], 0
try:
    for entry in read_articles(Path(sys.argv[1])):
        if isinstance(entry, tuple):
            count += 1
        else:
            said.append(entry.reason)
except IngestError as error:
    said.append(str(error))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, count, said[:1]], ensure_ascii=False))
"""


def _line(path: Path, head: bytes, tail: bytes, size: int = GIGABYTE) -> None:
    """Write one line of so many bytes."""
    block = "临江市新建图书馆十二座，".encode() * 30_000
    with path.open("wb") as file:
        file.write(head)
        for _ in range(size // len(block)):
            file.write(block)
        file.write(tail)


def _zip_bomb(path: Path) -> None:
    """Write a Word file of a few MB that unpacks to 2 GB."""
    import docx

    docx.Document().save(str(path))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    head, tail = parts.pop("word/document.xml").split(b"<w:body>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open("word/document.xml", "w", force_zip64=True) as file:
            file.write(head + b"<w:body>")
            row = b"<w:p><w:r><w:t>" + "新闻".encode() * 8 + b"</w:t></w:r></w:p>"
            for _ in range(2 * GIGABYTE // (len(row) * 10_000)):
                file.write(row * 10_000)
            file.write(tail)


def _crowded(path: Path) -> None:
    """Write a page as of share prices: thousands of words in a grid."""
    page = Printed(1080, 1540)
    for row in range(120):
        for column in range(24):
            page.write(30 + 43 * column, 60 + 12 * row, 6, f"{row * column % 97}.{row:02d}")
    save(path, [page])


def _dense(path: Path) -> None:
    """Write a page of a million characters."""
    page = Printed(1080, 1540)
    text = Teller(1).sentence() * 40
    for row in range(700):
        page.write(30, 40 + 2 * row, 1, text[:1400])
    save(path, [page])


def _sidecar(path: Path) -> None:
    path.write_text("新闻。", encoding="utf-8")
    _line(path.with_name("sidecar.meta.json"), b'{"title": "', b'"}')


def _text(words: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(words, encoding="utf-8")


def _long(size: int) -> str:
    return "\n".join(Teller(2).sentence() for _ in range(size // 120))


TRAPS: dict[str, Callable[[Path], object]] = {
    "gigabyte.txt": lambda path: _line(path, b"", b"\n"),
    "gigabyte.md": lambda path: _line(path, b"# a", b"\n"),
    "gigabyte.html": lambda path: _line(path, b"<p>", b"</p>"),
    "gigabyte.jsonl": lambda path: _line(
        path, b'{"text": "', b'"}\n{"text": "\xe6\x96\xb0\xe9\x97\xbb\xe3\x80\x82"}\n'
    ),
    "gigabyte.csv": lambda path: _line(path, b"title,text\na,", b"\n"),
    "quoted.csv": lambda path: _line(path, b'title,text\na,"', b"\n", GIGABYTE // 8),
    "gigabyte.pdf": lambda path: _line(path, b"%PDF-1.7\n", b"\n"),
    "sidecar.txt": _sidecar,
    "long.txt": lambda path: _text(_long(15_000_000))(path),
    "long-line.txt": lambda path: _line(path, b"", b"\n", 15_000_000),
    "deep-div.html": lambda path: path.write_bytes(b"<div>" * 200_000 + b"a" + b"</div>" * 200_000),
    "deep-odd.html": lambda path: path.write_bytes(b"<q><em><x-y>" * 200_000 + "新闻。".encode()),
    "deep-list.html": lambda path: path.write_bytes(b"<dl><dd>" * 100_000 + "新闻。".encode()),
    "wide.html": lambda path: _text("<body>" + "<p>新闻，今天。</p>" * 300_000)(path),
    "tags.html": lambda path: path.write_bytes(b"<" * 7_000_000),
    "comments.md": lambda path: _text("<!-- 新闻 " * 400_000)(path),
    "brackets.md": lambda path: _text("[" * 2_000_000 + "![" * 500_000 + "新闻。")(path),
    "stars.md": lambda path: _text("新闻。" + "*_`" * 1_000_000)(path),
    "nested.jsonl": lambda path: path.write_bytes(b'{"text": ' + b"[" * 1_000_000 + b"\n"),
    "bomb.docx": _zip_bomb,
    "pages.pdf": lambda path: save(path, [Printed(100, 100)] * 5000),
    "crowded.pdf": _crowded,
    "dense.pdf": _dense,
}


def run(name: str, folder: Path) -> bool:
    """Make one file, read it, print what came of it; tell whether it stayed within the bounds."""
    path = folder / name
    TRAPS[name](path)
    command = [sys.executable, "-c", READ, str(path)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=1800, preexec_fn=_bounded
        )
    except subprocess.TimeoutExpired:
        print(f"{name:16} took too long")
        return False
    for one in folder.iterdir():
        one.unlink()
    if done.returncode:
        print(f"{name:16} ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}", flush=True)
        return False
    seconds, memory, count, said = json.loads(done.stdout)
    print(
        f"{name:16} {seconds:5.1f} s {memory:5} MB  {count} articles  {''.join(said)[:150].replace(str(folder), '')}",
        flush=True,
    )
    return seconds <= MOST_SECONDS and memory <= MOST_MEMORY and (count > 0 or bool(said))


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (6 * GIGABYTE, 6 * GIGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


if __name__ == "__main__":
    with TemporaryDirectory(dir=os.environ.get("TMPDIR")) as place:
        good = [run(name, Path(place)) for name in sys.argv[1:] or TRAPS]
    sys.exit(0 if all(good) else 3)
