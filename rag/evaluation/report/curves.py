"""The points of the report's plots, from the curves and the summary of an evaluation."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rag.evaluation.report.plots import Bar, Point, percent

__all__ = ["hit_bars", "reliability", "risk_coverage", "wilson"]

# Of the standard normal distribution, for 95 % intervals.
Z = 1.96


def risk_coverage(
    curve: Sequence[Sequence[float]], answered: float | None
) -> tuple[list[Point], Point | None]:
    """Return the points of a curve of (coverage, risk, confidence) and the one where `answered`, a share, stands."""
    points = [Point(coverage, risk) for coverage, risk, *_ in curve]
    if not points or not answered:
        return points, None
    here = min(points, key=lambda point: abs(point.x - answered))
    words = f"作答{percent(here.x)}，风险{percent(here.y)}"
    return points, Point(here.x, here.y, words=words)


def reliability(bins: Sequence[Mapping[str, Any]]) -> list[Point]:
    """Return one point a bin that holds any question: mean confidence, share right and its 95 % interval."""
    return [_dot(b["confidence"], b["right"], b["n"]) for b in bins if b["n"]]


def _dot(confidence: float, share: float, n: int) -> Point:
    low, high = wilson(share, n)
    return Point(confidence, share, low, high, n, f"把握{percent(confidence)}的{n}题：答对{percent(share)}")


def hit_bars(curve: Sequence[tuple[int, float]], summary: Mapping[str, Mapping[str, Any]]) -> list[Bar]:
    """Return a bar for each k, with the interval where the summary has one."""
    return [_bar(str(k), share, summary.get(f"hit@{k}", {})) for k, share in curve]


def _bar(name: str, share: float, score: Mapping[str, Any]) -> Bar:
    low, high = score.get("low"), score.get("high")
    return Bar(name, share, share if low is None else low, share if high is None else high)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of `n`."""
    middle = share + Z * Z / (2 * n)
    reach = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return (middle - reach) / (1 + Z * Z / n), (middle + reach) / (1 + Z * Z / n)
