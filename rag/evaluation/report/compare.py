"""Two evaluations of the same questions side by side: paired differences, McNemar's test, the questions that flipped."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from rag.errors import EvalError
from rag.evaluation.bootstrap import Resampler
from rag.evaluation.metrics import METRICS, Metric
from rag.evaluation.rows import Run, score_of

__all__ = ["Comparison", "Difference", "Flip", "compare", "comparison_table", "mcnemar"]

RowJson = Mapping[str, Any]
FLIPS = ("right", "answer_in_quote", "false_answer_rate")


@dataclass(frozen=True, slots=True)
class Difference:
    """How a metric differs: `difference` is b − a with its interval, over the `n` questions that both score.

    `gained` and `dropped` are the questions that score 1 only in b, only in a; `p` is McNemar's. All three are None
    for metrics that are not 0 or 1. Where `higher` is False, less is better.
    """

    metric: str
    a: float
    b: float
    difference: float
    low: float | None
    high: float | None
    n: int
    higher: bool
    gained: int | None = None
    dropped: int | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that one run has right and the other has not."""

    id: str
    question: str
    metric: str
    better: bool
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences of two runs; `only_a` and `only_b` are ids that the other run does not have."""

    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]


def compare(a: Run, b: Run, *, seed: int = 0) -> Comparison:
    """Compare two runs question by question; raises EvalError if they share none."""
    first, second = ({row["id"]: row for row in run.rows} for run in (a, b))
    shared = [ident for ident in first if ident in second and _same(first[ident], second[ident])]
    if not shared:
        raise EvalError("The two evaluations have no question in common.")
    pairs = [(first[ident], second[ident]) for ident in shared]
    draws = Resampler([row["cluster"] for row, _ in pairs], seed)
    found = (_difference(pairs, one, draws) for one in METRICS)
    return Comparison(
        tuple(one for one in found if one is not None),
        tuple(flip for pair in pairs for flip in _flips(*pair)),
        tuple(ident for ident in first if ident not in shared),
        tuple(ident for ident in second if ident not in shared),
    )


def mcnemar(gained: int, dropped: int) -> float:
    """Return the exact two-sided p of so uneven a split of the flips if both directions were equally likely.

    >>> mcnemar(9, 1)
    0.021484375
    """
    flips, fewer = gained + dropped, min(gained, dropped)
    return float(min(1.0, 2 * sum(comb(flips, i) for i in range(fewer + 1)) / 2**flips))


def comparison_table(found: Comparison) -> str:
    """Return the comparison for a terminal."""
    return "\n".join([*_difference_lines(found), *_flip_lines(found), *_unpaired(found)])


def _same(a: RowJson, b: RowJson) -> bool:
    return bool(a["question"] == b["question"])


def _difference(pairs: Sequence[tuple[RowJson, RowJson]], one: Metric, draws: Resampler) -> Difference | None:
    """Return how the runs differ on the questions that both score; None if there are none."""
    both = np.array([(score_of(a, one), score_of(b, one)) for a, b in pairs], dtype=float)
    change = both[:, 1] - both[:, 0]
    counts = np.isfinite(change)
    if not counts.any():
        return None
    a, b = both[counts].mean(axis=0)
    low, high = draws.mean(change) or (None, None)
    gained, dropped = int((change[counts] > 0).sum()), int((change[counts] < 0).sum())
    n = int(counts.sum())
    if not one.binary:
        return Difference(one.name, a, b, b - a, low, high, n, one.higher)
    return Difference(
        one.name, a, b, b - a, low, high, n, one.higher, gained, dropped, mcnemar(gained, dropped)
    )


def _flips(a: RowJson, b: RowJson) -> Iterator[Flip]:
    """Yield the first of `FLIPS` in which two rows of a question differ."""
    for one in (metric for metric in METRICS if metric.name in FLIPS):
        before, after = score_of(a, one), score_of(b, one)
        if before is not None and after is not None and before != after:
            better = (after > before) == one.higher
            yield Flip(a["id"], a["question"], one.name, better, _given(a), _given(b))
            return


def _given(row: RowJson) -> str:
    result = row["result"]
    if result is None:
        return f"crashed: {row['error']}"
    return f"refused ({result['refusal']['reason']})" if result["refused"] else str(result["answer"])


def _difference_lines(found: Comparison) -> Iterator[str]:
    yield f"{'metric':26}{'A':>9}{'B':>9}{'B − A':>9}  {'95 % interval':19}{'n':>6}{'+':>5}{'−':>5}{'McNemar p':>11}"
    for one in found.differences:
        interval = "–" if one.low is None or one.high is None else f"{one.low:+.3f} – {one.high:+.3f}"
        test = "" if one.p is None else f"{one.gained:>5}{one.dropped:>5}{one.p:>11.4f}"
        values = f"{one.a:>9.3f}{one.b:>9.3f}{one.difference:>+9.3f}"
        yield f"{one.metric:26}{values}  {interval:19}{one.n:>6}{test}"


def _flip_lines(found: Comparison) -> Iterator[str]:
    for better, title in ((True, "better in B"), (False, "worse in B")):
        flips = [flip for flip in found.flips if flip.better is better]
        if flips:
            yield f"\n{title}: {len(flips)}"
        yield from (f"  {flip.id}  {flip.question}  [{flip.metric}] {flip.a} → {flip.b}" for flip in flips)


def _unpaired(found: Comparison) -> Iterator[str]:
    for name, ids in (("A", found.only_a), ("B", found.only_b)):
        if ids:
            yield f"\n{len(ids)} questions only in {name}: {', '.join(ids[:10])}{' …' if len(ids) > 10 else ''}"
