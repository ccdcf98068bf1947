"""Kill builds with SIGKILL and compare the index with that of a build left alone.

`python -m benchmarks.crash [--limit ARTICLES] [--kills N] [--threads N]`: builds crud_rag articles once undisturbed and
once killed at N random moments, then run to its end. Article ids and spans must be equal and the vectors have a cosine
of at least .9999. While a build is killed for the first time the index must be empty, never half full.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from rag.records import FloatArray

NEWS = Path(os.environ.get("RAG_DATA", "../shared/data")) / "crud_rag" / "articles.jsonl"
COSINE = 0.9999
BUILD = """
import sys
from pathlib import Path
from rag.index.build.builder import build
from rag.config import read_settings
from rag.models.embedder import load_embedder
embedder = load_embedder(read_settings(threads=int(sys.argv[3])))
print("started", flush=True)
print(build([Path(sys.argv[1])], Path(sys.argv[2]), embedder), flush=True)
"""
Spans = list[tuple[str, int, int, str]]


def start(news: Path, index: Path, threads: int) -> subprocess.Popen[str]:
    """Start a build in a process of its own and wait until its models are loaded."""
    command = [sys.executable, "-c", BUILD, str(news), str(index), str(threads)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def contents(index: Path) -> tuple[Spans, FloatArray]:
    """Return what can be found: id, start, end and kind of the passages, and their vectors."""
    with closing(sqlite3.connect(index / "news.db")) as connection:
        rows = connection.execute(
            "SELECT id, start, end, kind, value FROM passages JOIN articles USING (article) "
            "JOIN vectors USING (vector) WHERE born IS NOT NULL AND gone IS NULL ORDER BY id, start"
        ).fetchall()
    vectors = np.frombuffer(b"".join(row[4] for row in rows), np.float16).reshape(len(rows), -1)
    return [row[:4] for row in rows], vectors.astype(np.float32)


def state(index: Path) -> str:
    """Say what a killed build has left."""
    if not (index / "news.db").is_file():
        return "no database yet"
    with closing(sqlite3.connect(index / "news.db")) as connection:
        done, total = connection.execute("SELECT count(value), count(*) FROM vectors").fetchone()
        visible = connection.execute("SELECT count(*) FROM articles WHERE born IS NOT NULL").fetchone()[0]
    return f"{done} of {total} vectors kept, {visible} articles visible"


def run(limit: int, kills: int, threads: int) -> bool:
    """Build whole and killed, print what is compared and tell whether it is equal."""
    with TemporaryDirectory() as folder:
        base = Path(folder)
        news = base / "articles.jsonl"
        with NEWS.open("rb") as source:
            news.write_bytes(b"".join(islice(source, limit)))
        began = time.perf_counter()
        print(start(news, base / "whole" / "index", threads).communicate()[0].strip())
        lasted = time.perf_counter() - began
        # Each run gets a share of the whole, so that all kills fall before the end.
        moments = random.Random(15)
        index = base / "killed" / "index"
        for number in range(kills):
            process = start(news, index, threads)
            time.sleep(moments.uniform(0, 1.6 * lasted / kills))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            print(f"kill {number + 1:2}: {state(index)}", flush=True)
        print(start(news, index, threads).communicate()[0].strip())
        return compare(contents(base / "whole" / "index"), contents(index))


def compare(whole: tuple[Spans, FloatArray], killed: tuple[Spans, FloatArray]) -> bool:
    """Print whether ids, spans and vectors are equal."""
    same = whole[0] == killed[0]
    cosines = (whole[1] * killed[1]).sum(axis=1) if same else np.zeros(1)
    norms = np.linalg.norm(whole[1], axis=1) * np.linalg.norm(killed[1], axis=1) if same else np.ones(1)
    least = float((cosines / norms).min())
    articles = len({row[0] for row in whole[0]})
    print(
        f"{articles} articles, {len(whole[0])} passages; ids and spans equal: {same}; least cosine {least:.6f}"
    )
    return same and least >= COSINE


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    sys.exit(0 if run(options.limit, options.kills, options.threads) else 3)
