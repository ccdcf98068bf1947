"""Measure retrieval alone: `python -m benchmarks.retrieval [--set NAME…] [--write]`.

Each set of $RAG_DATA is asked of its own articles and of a big pool: the lexical leg alone, the dense leg alone, and
both fused with weights fitted without the set (`training.fit_fusion`). Intervals are those of a bootstrap over the
gold articles; the difference to the better leg is paired. Speed is measured on the first pool, one thread, with every
question asked once. `--write` puts the tables into benchmarks/README.md.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from benchmarks.quality import commit
from benchmarks.quality_sets import DATA, TODAY
from benchmarks.retrieval_sets import SETS, Asked, RetrievalSet, asked, open_pool
from rag.evaluation.bootstrap import Resampler
from rag.pipeline import understand
from rag.request import Request
from rag.retrieval.passage_features import FEATURES
from rag.retrieval.retriever import CANDIDATES, fusion
from training.fit_fusion import held_out, tables_of

README = Path(__file__).resolve().parent / "README.md"
BEGIN, END = "<!-- retrieval:begin -->", "<!-- retrieval:end -->"
# A fused list may lose at most this much of hit@5 to the better leg, at the lower end of the interval.
LOSS = 0.015
TIMED = 200

T = TypeVar("T")
Numbers = npt.NDArray[np.float64]


def hits(questions: Sequence[Asked], scores: Callable[[Asked], Numbers], k: int, *, fused: bool) -> Numbers:
    """Return 0 or 1 for each question: whether one of the first `k` is relevant, of a leg or of the fused list."""
    return np.array([(one.fused_hit if fused else one.hit)(scores(one), k) for one in questions])


def row(chosen: RetrievalSet, questions: Sequence[Asked], weights: Numbers) -> str:
    """Return a line of the table: both legs, both fused, and how hit@5 differs from the better leg's."""
    bm25 = fusion()["bm25"]
    shipped = np.array([fusion()["weights"][name] for name in FEATURES])
    tables = {id(one): one.candidates.features(**bm25) for one in questions}
    ways: Mapping[str, Callable[[Asked], Numbers]] = {
        "lexical": lambda one: one.leg(one.candidates.lexical),
        "dense": lambda one: one.leg(one.candidates.dense),
        "fused": lambda one: tables[id(one)] @ weights,
        "shipped": lambda one: tables[id(one)] @ shipped,
    }
    both = ("fused", "shipped")
    found = {
        name: (hits(questions, way, 1, fused=name in both), hits(questions, way, 5, fused=name in both))
        for name, way in ways.items()
    }
    draws = Resampler([next(iter(one.question.article_ids), one.question.id) for one in questions])
    better = max(("lexical", "dense"), key=lambda name: found[name][1].mean())
    gain = found["fused"][1] - found[better][1]
    low, high = draws.mean(gain) or (float("nan"), float("nan"))
    told = "significantly better" if low > 0 else "not worse" if low >= -LOSS else "worse"
    cells = [f"{_percent(found[name][0])} / {_percent(found[name][1])}" for name in ("lexical", "dense")]
    cells += [f"{_interval(found['fused'][0], draws)} / {_interval(found['fused'][1], draws)}"]
    cells += [f"{_percent(found['shipped'][0])} / {_percent(found['shipped'][1])}"]
    cells += [f"{100 * gain.mean():+.1f} [{100 * low:+.1f}, {100 * high:+.1f}] {told}"]
    return f"| {chosen.name} <sub>{len(questions)}</sub> | {' | '.join(cells)} |"


def _percent(values: Numbers) -> str:
    return f"{100 * values.mean():.1f}"


def _interval(values: Numbers, draws: Resampler) -> str:
    low, high = draws.mean(values) or (float("nan"), float("nan"))
    return f"**{_percent(values)}** [{100 * low:.1f}, {100 * high:.1f}]"


def table(chosen: Sequence[RetrievalSet]) -> str:
    """Return the table of the sets: hit@1 / hit@5 of each way."""
    bm25 = fusion()["bm25"]
    fitted_on = [one for one in SETS if one.fits]
    questions = {one.name: asked(one) for one in dict.fromkeys([*fitted_on, *chosen])}
    tables = tables_of(questions, **bm25)
    families = {one.name: one.family for one in SETS}
    weights = {
        family: held_out(tables, families, family).weights for family in {one.family for one in chosen}
    }
    lines = [row(one, questions[one.name], weights[one.family]) for one in chosen]
    head = "| hit@1 / hit@5, % | lexical leg | dense leg | fused, weights fitted without the set | shipped weights | hit@5 to the better leg |"
    return "\n".join([head, "|---|---|---|---|---|---|", *lines])


def speed(chosen: RetrievalSet) -> str:
    """Return how long a question takes without reading, beside its parts."""
    with open_pool(chosen.pool) as bot:
        retriever, store = bot.retriever, bot.store
        questions = chosen.questions()[: TIMED + 20]
        queries = [understand(bot, Request(one.question, today=TODAY))[0].query for one in questions]
        for query in queries[TIMED:]:
            retriever.find(query).hits(0, 5)
        kept = queries[:TIMED]
        vectors = [retriever.embed(query) for query in kept]
        parts = {
            "encoding": times(retriever.embed, kept),
            "exact search": times(lambda vector: store.search_dense(vector, CANDIDATES), vectors),
            "question": times(lambda query: retriever.find(query).hits(0, 5), kept),
            "question asked again": times(lambda query: retriever.find(query).hits(0, 5), kept),
        }
        counts = store.counts()
    middle = {name: float(np.median(values)) for name, values in parts.items()}
    ratio = middle["question"] / (middle["encoding"] + middle["exact search"])
    told = ", ".join(
        f"{name} {middle[name]:.1f} ms (p95 {np.percentile(values, 95):.1f})"
        for name, values in parts.items()
    )
    return (
        f"{counts.articles} articles, {counts.passages} passages, {len(kept)} questions, medians: {told}. "
        f"A question takes {ratio:.2f} × (one encoding + one exact search)."
    )


def times(call: Callable[[T], object], given: Sequence[T]) -> list[float]:
    """Return how many milliseconds each call takes."""
    found = []
    for one in given:
        start = time.perf_counter()
        call(one)
        found.append(1000 * (time.perf_counter() - start))
    return found


def write(section: str) -> None:
    """Put the section between its markers in the README."""
    text = README.read_text(encoding="utf-8")
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        sys.exit(f"{README} has no place for the tables: write {BEGIN} and {END} where they belong.")
    README.write_text(f"{before}{BEGIN}\n\n{section}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Ask, score, print, and write if told to."""
    reported = [one.name for one in SETS if one.reported]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", nargs="+", default=reported, choices=reported, metavar="NAME")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    parser.add_argument("--speed", action="store_true", help="measure speed alone")
    options = parser.parse_args()
    if not DATA.exists():
        sys.exit(f"{DATA} does not exist: set RAG_DATA to the folder of the question sets.")
    chosen = [one for one in SETS if one.name in options.set]
    parts = [f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}."]
    parts += [] if options.speed else [table(chosen)]
    section = "\n\n".join([*parts, speed(chosen[0])])
    print(section)
    if options.write:
        write(section)


if __name__ == "__main__":
    main()
