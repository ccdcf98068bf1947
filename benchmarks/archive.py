"""Take in a newsroom's archive, run again, add a day's articles: `python -m benchmarks.archive [--limit N]`.

The articles of crud_rag and xinwenlianbo ($RAG_DATA) are built into an index, the same command is run again, and then 100
articles are added while a reader has the index open. Vectors are kept beside the other caches, so a second run of this
benchmark embeds nothing; the time of the encoder is taken out of every line (`benchmarks.build` measures that).
Floors: at most 700 MB, 5 s for files that did not change, 2 s from the last vector to the answer from the new index.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from benchmarks.quality_sets import DATA
from benchmarks.retrieval_sets import CACHE, NEWS
from benchmarks.vectors import KeptVectors
from rag.bot import Bot
from rag.config import read_settings
from rag.index.build.builder import build
from rag.index.store import Store
from rag.models.embedder import load_embedder
from rag.models.span_reader import load_reader
from rag.records import Embedder, FloatArray
from tests.support.fakes import news, write_news

ADDED = 100
MOST_MEMORY = 700
MOST_AGAIN = 5.0
MOST_ADDED = 2.0
QUESTION = "第99999期建成多少个？"


class Timed:
    """An embedder that adds up how long it took."""

    def __init__(self, inner: Embedder) -> None:
        self.inner, self.name, self.dim = inner, inner.name, inner.dim
        self.seconds = 0.0

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return the vectors of `texts`."""
        began = time.perf_counter()
        found = self.inner.embed(texts, kind=kind)
        self.seconds += time.perf_counter() - began
        return found


def copied(folder: Path, limit: int) -> Iterator[str]:
    """Write at most `limit` articles of each set as files of a hundred; yield what was written."""
    for name in NEWS:
        with (DATA / name / "articles.jsonl").open("rb") as lines:
            number = 0
            while rows := list(islice(lines, min(100, limit - number * 100) if limit else 100)):
                (folder / f"{name}-{number:03d}.jsonl").write_bytes(b"".join(rows))
                number += 1
        yield f"{name}: {number} files"


def main() -> None:
    """Build, build again, add, and print what each took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, default=0, help="articles of each set, 0 for all")
    options = parser.parse_args()
    settings = read_settings({}, threads=1)
    embedder = Timed(KeptVectors(load_embedder(settings), CACHE / "vectors"))
    with TemporaryDirectory() as base:
        folder, index = Path(base) / "news", Path(base) / "index"
        folder.mkdir()
        print(", ".join(copied(folder, options.limit)))
        first = build([folder], index, embedder)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{first.articles} articles, {first.passages} passages: {first.seconds:.0f} s, of which vectors {embedder.seconds:.0f} s; "
            f"peak {memory} MB"
        )
        again = build([], index, embedder)
        print(f"nothing changed: {again.seconds:.2f} s")
        store = Store.open(index, embedder.name, embedder.dim)
        with Bot(store, embedder, load_reader(settings), settings) as bot:
            before = bot.store.counts().articles
            write_news(folder / "new.jsonl", news(ADDED, start=99_990))
            embedder.seconds = 0.0
            began = time.perf_counter()
            more = build([], index, embedder)
            bot.ask(QUESTION)
            added = time.perf_counter() - began - embedder.seconds
            seen = bot.store.counts().articles - before
        print(
            f"{more.articles_added} articles added, {seen} seen by an open reader {added:.2f} s after their vectors"
        )
    good = memory <= MOST_MEMORY and again.seconds <= MOST_AGAIN and added <= MOST_ADDED and seen == ADDED
    print(json.dumps({"good": good}))
    sys.exit(0 if good else 3)


if __name__ == "__main__":
    main()
