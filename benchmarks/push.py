"""How fast articles are taken in that are pushed over HTTP, beside `build`: `python -m benchmarks.push ARTICLES.jsonl`.

Both read the same articles into an index of their own, one after the other, with the bundled encoder. Seconds of the clock, and
of the processor, which other work on the machine changes less; the ratio is that of `build` over pushing: 1 is as fast.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi.testclient import TestClient

from rag.bot import Bot
from rag.config import read_settings
from rag.index.build.builder import build
from rag.models.embedder import load_embedder
from rag.server.addresses import ARTICLE_FIELDS, MAX_PUSHED
from rag.server.app import create_app

FIRST = {"title": "新馆开放", "text": "临江市图书馆新馆向公众开放，有阅览座位1200个。"}
HERE = "http://127.0.0.1:7860"
MOST_BYTES = 7_000_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("articles", type=Path, help="articles as JSONL, each with an id and a text")
    parser.add_argument("--count", type=int, default=1000, help="articles (1000)")
    told = parser.parse_args()
    with told.articles.open(encoding="utf-8") as lines:
        rows = [_pushable(json.loads(line)) for line in islice(lines, told.count)]
    with TemporaryDirectory() as folder:
        built = _build(Path(folder) / "built", rows)
        pushed = _push(Path(folder) / "pushed", rows)
    for name, (seconds, work) in (("build", built), ("push", pushed)):
        print(f"{name}: {len(rows)} articles in {seconds:.1f} s, {work:.1f} s of processor")
    print(f"ratio: {built[0] / pushed[0]:.2f} by the clock, {built[1] / pushed[1]:.2f} by the processor")


def _pushable(row: dict[str, Any]) -> dict[str, str]:
    known = {"published": row.get("date", ""), "publisher": row.get("source", ""), **row}
    return {name: str(known[name]) for name in ARTICLE_FIELDS if known.get(name)}


def _measured(work: Callable[[], None]) -> tuple[float, float]:
    """Return the seconds of the clock and of the processor that work takes; what it needs is open before."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def _build(folder: Path, rows: Sequence[dict[str, str]]) -> tuple[float, float]:
    folder.mkdir()
    path = folder / "articles.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    embedder = load_embedder(read_settings({}))
    embedder.embed([FIRST["text"]], kind="passage")
    return _measured(lambda: print(build([path], folder / "index", embedder)))


def _push(folder: Path, rows: Sequence[dict[str, str]]) -> tuple[float, float]:
    """Push into a server that is open over one article; the jobs are waited for."""
    folder.mkdir()
    first = folder / "first.json"
    first.write_text(json.dumps(FIRST, ensure_ascii=False), encoding="utf-8")
    settings = read_settings({}, index=folder / "index", state=folder / "state", added=folder / "added")
    build([first], settings.index, load_embedder(settings))
    with (
        Bot.open(settings) as bot,
        TestClient(create_app(bot, settings), HERE, client=("127.0.0.1", 1)) as http,
    ):
        return _measured(lambda: _send(http, rows))


def _send(http: TestClient, rows: Sequence[dict[str, str]]) -> None:
    replies = [http.post("/api/articles", json={"articles": some}) for some in _parts(rows)]
    for reply in replies:
        assert reply.status_code == 202, reply.text
        while (job := http.get(reply.headers["location"]).json())["state"] not in ("done", "failed"):
            time.sleep(1)  # as a client would: the job tells of each of a thousand articles
        print(Counter(item["state"] for item in job["items"]))


def _parts(rows: Sequence[dict[str, str]]) -> list[list[dict[str, str]]]:
    """Return the rows in as few pushes as may be."""
    parts: list[list[dict[str, str]]] = [[]]
    size = 0
    for row in rows:
        length = len(json.dumps(row))  # as the client writes it
        if parts[-1] and (size + length > MOST_BYTES or len(parts[-1]) == MAX_PUSHED):
            parts.append([])
            size = 0
        parts[-1].append(row)
        size += length
    return parts


if __name__ == "__main__":
    main()
