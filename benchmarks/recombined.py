"""Articles of any number for measuring speed: sentences of real news put together anew, vectors drawn from real ones.

Nothing but speed can be told by them: words and vectors have nothing to do with each other.
"""

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.quality_sets import DATA, set_rows
from benchmarks.retrieval_sets import CACHE
from rag.records import Embedder, FloatArray
from rag.text.sentences import sentences

__all__ = ["Drawn", "real_sentences", "real_titles", "real_vectors", "write_articles"]

SOURCES = ("crud_rag", "xinwenlianbo")
# An article of three paragraphs of this many characters gives three passages; a longer title would be a fourth.
PARAGRAPHS = 3
CHARACTERS = 190
TITLE = 7
# How far a drawn vector lies from the real one it comes from, as a share of its length: cosine .9.
NOISE = 0.5


def real_sentences() -> list[str]:
    """Return the sentences of the news, those that a paragraph can be made of."""
    texts = [row["text"] for name in SOURCES for row in set_rows(DATA / name / "articles.jsonl")]
    found = [text[start:end] for text in texts for start, end in sentences(text)]
    return [sentence for sentence in found if 12 <= len(sentence) <= 120 and "\n" not in sentence]


def real_titles() -> list[str]:
    """Return the titles of the news."""
    rows = [row for name in SOURCES for row in set_rows(DATA / name / "articles.jsonl")]
    return [row["title"] for row in rows if row["title"]]


def write_articles(folder: Path, count: int, per_file: int = 2000) -> list[Path]:
    """Write `count` articles as JSONL files of `per_file` below `folder`, unless they are there; the same every time."""
    folder.mkdir(parents=True, exist_ok=True)
    pool, titles = real_sentences(), real_titles()
    paths = []
    for first in range(0, count, per_file):
        path = folder / f"{first:07d}.jsonl"
        if not path.exists():
            rows = _articles(pool, titles, first, min(per_file, count - first))
            path.write_bytes(b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows))
        paths.append(path)
    return paths


def _articles(pool: Sequence[str], titles: Sequence[str], first: int, count: int) -> Iterator[dict[str, str]]:
    random = np.random.default_rng(first)
    for number in range(first, first + count):
        paragraphs = [_paragraph(pool, random) for _ in range(PARAGRAPHS)]
        day = np.datetime64("2020-01-01") + int(random.integers(1800))
        yield {
            "id": f"made-{number}",
            "title": titles[int(random.integers(len(titles)))][:TITLE],
            "text": "\n".join(paragraphs),
            "source": f"报纸{number % 50}",
            "date": str(day),
        }


def _paragraph(pool: Sequence[str], random: np.random.Generator) -> str:
    text = ""
    while len(text) < CHARACTERS - 40:
        sentence = pool[int(random.integers(len(pool)))]
        text += sentence if len(text) + len(sentence) <= CHARACTERS + 40 else ""
    return text


class Drawn:
    """An embedder whose passages get real vectors with noise, drawn by the text; questions are embedded as ever."""

    def __init__(self, embedder: Embedder, vectors: FloatArray) -> None:
        self.embedder = embedder
        self.name = embedder.name
        self.dim = embedder.dim
        self.vectors = vectors

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return `(n, dim)` unit vectors."""
        if kind == "query" or not texts:
            return self.embedder.embed(texts, kind=kind)
        digest = hashlib.sha256("\0".join(texts).encode()).digest()
        return self.draw(len(texts), int.from_bytes(digest[:8], "big"))

    def draw(self, count: int, seed: int) -> FloatArray:
        """Return `count` vectors, the same for the same seed."""
        random = np.random.default_rng(seed)
        base = self.vectors[random.integers(len(self.vectors), size=count)]
        noise = random.standard_normal((count, self.dim), np.float32) * (NOISE / self.dim**0.5)
        moved = base + noise
        found: FloatArray = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return found


def real_vectors() -> FloatArray:
    """Return the vectors of real passages that `benchmarks.quality` or `benchmarks.retrieval` has kept."""
    paths = sorted((CACHE / "vectors").glob("*.db"))
    rows = [
        row
        for path in paths
        for row in sqlite3.connect(path).execute("SELECT value FROM vectors ORDER BY digest")
    ]
    if not rows:
        sys.exit(
            "No vectors are kept yet: run `python -m benchmarks.retrieval` or `python -m benchmarks.peers` first."
        )
    found = np.frombuffer(b"".join(row[0] for row in rows), np.float16).reshape(len(rows), -1)
    return found.astype(np.float32)
