"""Compare a build with the bare encoder: `python -m benchmarks.build [--limit ARTICLES] [--threads N]`.

Both run on the same texts in the same process, chunk by chunk in turn, so that a busy machine slows both alike.
The floor is a ratio of .85. News comes from `$RAG_DATA` (default ../shared/data).
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from rag.config import read_settings
from rag.index.build.builder import Progress, build
from rag.models.embedder import load_embedder
from rag.records import Embedder, FloatArray

NEWS = Path(os.environ.get("RAG_DATA", "../shared/data")) / "crud_rag" / "articles.jsonl"
FLOOR = 0.85


class Twice:
    """An embedder that embeds every chunk once more, as the bare encoder would, and times that."""

    def __init__(self, inner: Embedder) -> None:
        self.inner = inner
        self.name = inner.name
        self.dim = inner.dim
        self.bare = 0.0
        self.inside = 0.0

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return the vectors of `texts`."""
        began = time.perf_counter()
        vectors = self.inner.embed(texts, kind=kind)
        between = time.perf_counter()
        self.inner.embed(texts, kind=kind)
        self.inside += between - began
        self.bare += time.perf_counter() - between
        return vectors


def show(step: Progress) -> None:
    """Say on stderr how far the build is."""
    print(f"\r{step.stage} {step.done}/{step.total}   ", end="", file=sys.stderr, flush=True)


def run(limit: int, threads: int) -> float:
    """Build an index of the first `limit` articles, print both speeds and return their ratio."""
    embedder = Twice(load_embedder(read_settings(threads=threads)))
    embedder.inner.embed(["预热"], kind="passage")
    with TemporaryDirectory() as folder:
        news = Path(folder) / "articles.jsonl"
        with NEWS.open("rb") as source:
            news.write_bytes(b"".join(islice(source, limit)))
        began = time.perf_counter()
        report = build([news], Path(folder) / "index", embedder, progress=show)
        seconds = time.perf_counter() - began - embedder.bare
    ratio = embedder.bare / seconds
    print(f"\n{report.articles} articles, {report.passages} passages embedded")
    print(f"bare encoder {report.passages / embedder.bare:6.1f} passages/s")
    print(
        f"build        {report.passages / seconds:6.1f} passages/s, {seconds:.1f} s ({embedder.inside:.1f} s embedding)"
    )
    print(f"ratio        {ratio:6.3f} (floor {FLOOR})")
    return ratio


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=7200)
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    sys.exit(0 if run(options.limit, options.threads) >= FLOOR else 3)
