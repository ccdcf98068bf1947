"""Measure how speed, memory and disk grow: `python -m benchmarks.scale STEP`.

    python -m benchmarks.scale build --articles 100000          # stopped, it goes on where it was
    python -m benchmarks.scale ask --articles 100000            # start, latency, memory
    python -m benchmarks.scale recall                           # real vectors: inverted lists against an exact scan
    python -m benchmarks.scale index-only --passages 1000000    # vectors and words without a database
    python -m benchmarks.scale table                            # what was measured so far; --write: growth with size into benchmarks/README.md

Articles are recombined from real sentences and their vectors drawn from real ones (`benchmarks.recombined`), so only
speed is told; `recall` uses the real ones. Results are kept under `--cache`. Times are given by the wall and by the
processor, which is the steadier on a busy machine.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import growth
from benchmarks.peers.process import measured
from benchmarks.quality_sets import DATA, TODAY, set_rows
from benchmarks.recombined import Drawn, real_sentences, real_vectors, write_articles
from rag.bot import Bot
from rag.config import read_settings
from rag.index.build.builder import build
from rag.index.build.progress import ProgressBar
from rag.index.dense import DenseIndex, Kind
from rag.index.lexical import LexicalIndex, Terms, Weights, grow
from rag.models.embedder import load_embedder
from rag.records import FloatArray
from rag.request import Request
from rag.text.words import bigrams, words

__all__ = ["main"]

CACHE = Path.home() / ".cache" / "youju" / "scale"
QUESTIONS = 100
FIRST = 3
NEAREST = 100
Result = dict[str, Any]
Clocks = tuple[float, float]


def questions() -> list[str]:
    """Return real questions, each once."""
    half = QUESTIONS // 2
    rows = [row for name in ("crud_rag", "chronoqa") for row in set_rows(DATA / name / "qa.jsonl")[:half]]
    return [row["question"] for row in rows]


def resident() -> int:
    """Return the megabytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


def size_of(path: Path) -> int:
    """Return the megabytes of a file or folder."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return round(sum(file.stat().st_size for file in files) / 1e6)


def clocks() -> Clocks:
    """Return the seconds of the wall clock and of the processor."""
    return time.perf_counter(), time.process_time()


def passed(began: Clocks) -> list[float]:
    """Return the seconds since then by both clocks."""
    return [round(time.perf_counter() - began[0], 4), round(time.process_time() - began[1], 4)]


def each(call: Callable[[str], object], texts: Sequence[str]) -> Result:
    """Return p50 and p95 of a call, in milliseconds, by both clocks."""
    times = []
    for text in texts:
        began = clocks()
        call(text)
        times.append(passed(began))
    table = np.array(times) * 1e3
    wall, cpu = (np.percentile(table[:, i], (50, 95)).round(1).tolist() for i in (0, 1))
    return {"wall_p50": wall[0], "wall_p95": wall[1], "cpu_p50": cpu[0], "cpu_p95": cpu[1]}


def build_index(cache: Path, articles: int) -> Result:
    """Build the index of that many recombined articles; the seconds of stopped runs add up in a file."""
    folder, log = cache / str(articles), cache / f"build-{articles}.log"
    files = write_articles(cache / "articles", articles)
    embedder = Drawn(load_embedder(read_settings({})), real_vectors())
    began = clocks()
    try:
        with ProgressBar() as bar:
            report = build(files, folder, embedder, progress=bar.show)
    finally:
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(passed(began)) + "\n")
    spent = np.array([json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]).sum(axis=0)
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)
    return {
        "articles": report.articles,
        "build_wall_s": round(float(spent[0])),
        "build_cpu_s": round(float(spent[1])),
        "build_peak_mb": peak,
    }


def ask(cache: Path, articles: int) -> Result:
    """Measure a process that answers from the index, and new ones for a single question."""
    folder, asked = cache / str(articles), questions()
    command = [sys.executable, "-m", "rag", "ask", "--index", folder, asked[0]]
    first = [measured(command) for _ in range(FIRST)]
    began = clocks()
    with Bot.open(read_settings(index=folder)) as bot:
        opened = passed(began)
        bot.ask(asked[0], today=TODAY)

        def find(question: str) -> None:
            bot.search(Request(question, today=TODAY))

        found = each(find, asked[1:])
        bot.retriever = type(bot.retriever)(bot.store, bot.retriever.embedder)
        answered = each(lambda question: bot.ask(question, today=TODAY), asked[1:])
        return {
            "passages": bot.store.counts().passages,
            "disk_mb": size_of(folder),
            "database_mb": size_of(folder / "news.db"),
            "open_s": opened,
            "first": {name: float(np.median([one[name] for one in first])) for name in first[0]},
            "without_reading_ms": found,
            "with_reading_ms": answered,
            "resident_mb": resident(),
        }


def recall(cache: Path) -> Result:
    """Compare both kinds of rough index over the real vectors there are with an exact scan, for real questions."""
    vectors, embedder = real_vectors(), load_embedder(read_settings({}))
    ids = np.arange(len(vectors), dtype=np.int64)
    asked = embedder.embed(questions(), kind="query")
    near = np.argsort(-(asked @ vectors.T), axis=1)
    result: Result = {"vectors": len(vectors), "questions": len(asked)}
    kinds: Sequence[Kind] = ("scan", "lists")
    for kind in kinds:
        index = DenseIndex.build(ids, vectors, kind=kind)
        for k in (10, NEAREST):
            hits = [{number for number, _ in index.search(vector, k * 3 // 2)} for vector in asked]
            shares = [len(found & set(row[:k].tolist())) / k for found, row in zip(hits, near, strict=True)]
            result[f"{kind} recall@{k}"] = round(float(np.mean(shares)), 4)
    return result


def index_only(cache: Path, passages: int) -> Result:
    """Measure the two derived indexes by themselves."""
    folder = cache / f"only-{passages}"
    folder.mkdir(parents=True, exist_ok=True)
    drawn = Drawn(load_embedder(read_settings({})), real_vectors())
    vectors, asked = drawn.draw(passages, 0), questions()
    return {"passages": passages, **_dense(folder, vectors, drawn, asked), **_words(folder, passages, asked)}


def _dense(folder: Path, vectors: FloatArray, drawn: Drawn, asked: Sequence[str]) -> Result:
    began = clocks()
    made = DenseIndex.build(np.arange(len(vectors), dtype=np.int64), vectors)
    built, path = passed(began), folder / "vectors.faiss"
    path.write_bytes(made.to_bytes())
    before, opened = resident(), DenseIndex.open(path)
    embedded = dict(zip(asked, drawn.embed(asked, kind="query"), strict=True))
    times = each(lambda question: opened.search(embedded[question], NEAREST * 3 // 2), asked)
    shared = []
    for vector in list(embedded.values())[:20]:
        true = set(np.argsort(-(vectors @ vector))[:NEAREST].tolist())
        shared.append(len(true & {number for number, _ in opened.search(vector, NEAREST * 3 // 2)}) / NEAREST)
    return {
        "dense_build_s": built,
        "dense_mb": size_of(path),
        "dense_ms": times,
        "dense_resident_mb": resident() - before,
        "recall_of_drawn@100": round(float(np.mean(shared)), 4),
    }


def _words(folder: Path, passages: int, asked: Sequence[str]) -> Result:
    pool = [(" ".join(words(text)), " ".join(bigrams(text))) for text in real_sentences()[:4000]]
    random = np.random.default_rng(0)
    target = folder / "lexical"
    began = clocks()
    if not target.exists():
        grow(target, None, (_terms(pool, number, random) for number in range(passages)), ())
    built, index = passed(began), LexicalIndex.open(target)
    cut = {question: (words(question), bigrams(question)) for question in asked}
    times = each(lambda question: index.search(*cut[question], NEAREST, Weights()), asked)
    return {"lexical_build_s": built, "lexical_mb": size_of(target), "lexical_ms": times}


def _terms(pool: Sequence[tuple[str, str]], number: int, random: np.random.Generator) -> Terms:
    """Return a passage of four sentences that were cut before."""
    some = [pool[i] for i in random.integers(len(pool), size=4)]
    return Terms(number, " ".join(one[0] for one in some), " ".join(one[1] for one in some), "", "")


def table(results: Mapping[str, Any]) -> str:
    """Return what was measured, a block a step."""
    return "\n\n".join(f"{name}\n{json.dumps(found, indent=1)}" for name, found in sorted(results.items()))


def main() -> None:
    """Read the command line, measure, keep and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("step", choices=("build", "ask", "recall", "index-only", "table"))
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--write", action="store_true", help="put growth with size into benchmarks/README.md")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    kept = options.cache / "results.json"
    results: Result = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    steps: Mapping[str, Callable[[], tuple[str, Result]]] = {
        "build": lambda: (f"build {options.articles}", build_index(options.cache, options.articles)),
        "ask": lambda: (f"ask {options.articles}", ask(options.cache, options.articles)),
        "recall": lambda: ("recall", recall(options.cache)),
        "index-only": lambda: (f"index-only {options.passages}", index_only(options.cache, options.passages)),
    }
    if options.step in steps:
        name, found = steps[options.step]()
        results[name] = found
        kept.write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(table(results))
    if options.write:
        growth.write(growth.growth(results))


if __name__ == "__main__":
    main()
