"""Rows → the last line of an evaluation: every metric with its interval, break-downs and curves."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.evaluation.bootstrap import Resampler
from rag.evaluation.calibration import aurc, ece, equal_mass_bins, risk_coverage
from rag.evaluation.metrics import METRICS, Metric
from rag.evaluation.rows import is_answered, is_sure, score_of

__all__ = ["summarise"]

RowJson = Mapping[str, Any]
Entry = dict[str, Any]
Numbers = npt.NDArray[np.float64]
BY_TYPE = ("hit@5", "em", "f1", "right", "answer_in_quote", "false_refusal_rate", "false_answer_rate")
GIVEN = (
    "answered_rate",
    "sure_rate",
    "risk_sure",
    "false_answer_rate",
    "false_sure_rate",
    "false_refusal_rate",
)
"""What is settled for answers of one certainty, all of which were given."""
HIT_DEPTH = 10
DIGITS = 4


def summarise(rows: Sequence[RowJson], meta: Mapping[str, Any], *, seed: int = 0) -> dict[str, Any]:
    """Return the summary line of rows as `row_json` gives them: summary, by, curves and the given meta."""
    return {
        "summary": _summary(rows, seed),
        "by": {
            "lost_at": _lost(rows),
            "reason": _reasons(rows),
            "type": _types(rows, seed),
            "certainty": _certainties(rows, seed),
        },
        "curves": _curves(rows),
        "meta": dict(meta),
    }


def _summary(rows: Sequence[RowJson], seed: int) -> dict[str, Entry]:
    draws = Resampler([row["cluster"] for row in rows], seed)
    entries = {one.name: _mean(rows, one, draws) for one in METRICS}
    return {**entries, **_refusals(rows, draws), **_confidence(rows, draws), **_latency(rows, draws)}


def _values(rows: Sequence[RowJson], one: Metric) -> Numbers:
    """Return the score of each row, nan where it does not count."""
    return np.array([_number(score_of(row, one)) for row in rows], float)


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _mean(rows: Sequence[RowJson], one: Metric, draws: Resampler) -> Entry:
    values = _values(rows, one)
    kept = values[np.isfinite(values)]
    return _entry(float(kept.mean()) if len(kept) else None, draws.mean(values), len(kept), one.of)


def _entry(value: float | None, interval: tuple[float, float] | None, n: int, of: str) -> Entry:
    low, high = interval if interval is not None and value is not None else (None, None)
    return {"value": _rounded(value), "low": _rounded(low), "high": _rounded(high), "n": n, "of": of}


def _rounded(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(value, DIGITS)


def _reason(row: RowJson) -> str:
    refusal = (row["result"] or {}).get("refusal")
    return refusal["reason"] if refusal else ""


def _refusals(rows: Sequence[RowJson], draws: Resampler) -> dict[str, Entry]:
    """Return for each reason the share of the answerable, and of the unanswerable, that was refused for it."""
    entries = {}
    for reason in sorted(filter(None, map(_reason, rows))):
        for name, answerable in (("false_refusal_rate", True), ("right_refusal_rate", False)):
            values = np.array(
                [float(_reason(row) == reason) if row["answerable"] is answerable else np.nan for row in rows]
            )
            kept = values[np.isfinite(values)]
            of = "answerable" if answerable else "unanswerable"
            entries[f"{name}/{reason}"] = _entry(
                float(kept.mean()) if len(kept) else None, draws.mean(values), len(kept), of
            )
    return entries


def _graded(rows: Sequence[RowJson]) -> tuple[npt.NDArray[np.bool_], Numbers, Numbers]:
    """Return which rows are answers known to be right or wrong, and the confidence and rightness of all."""
    confidence = np.array([_number(row["scores"].get("confidence")) for row in rows], float)
    right = np.array([_number(row["scores"].get("right")) for row in rows], float)
    counts = np.array([is_answered(row) for row in rows], bool) & np.isfinite(confidence) & np.isfinite(right)
    return counts, confidence, right


def _confidence(rows: Sequence[RowJson], draws: Resampler) -> dict[str, Entry]:
    counts, confidence, right = _graded(rows)
    entries = {}
    for name, statistic in (("aurc", aurc), ("ece", ece)):

        def weighted(weights: Numbers, statistic: Callable[..., float] = statistic) -> float:
            return statistic(confidence[counts], right[counts], weights[counts])

        value = weighted(np.ones(len(rows)))
        entries[name] = _entry(value, draws.of(weighted), int(counts.sum()), "answered")
    return entries


def _latency(rows: Sequence[RowJson], draws: Resampler) -> dict[str, Entry]:
    timings = [(row["result"] or {}).get("timings_ms", {}) for row in rows]
    stages = ["total", *dict.fromkeys(stage for one in timings for stage in one if stage != "total")]
    entries = {}
    for stage in stages:
        values = np.array([_number(one.get(stage)) for one in timings], float)
        name = "latency_ms" if stage == "total" else f"latency_ms/{stage}"
        entries[name] = _percentiles(values, draws)
    return entries


def _percentiles(values: Numbers, draws: Resampler) -> Entry:
    """Return the median with its interval, and the 95th percentile."""
    counts = np.isfinite(values)
    kept = values[counts]
    if not len(kept):
        return {**_entry(None, None, 0, "all"), "p95": None}
    order = np.argsort(kept)

    def median(weights: Numbers) -> float:
        mass = np.cumsum(weights[counts][order])
        return float(kept[order][np.searchsorted(mass, mass[-1] / 2)]) if mass[-1] else float("nan")

    return {
        **_entry(float(np.median(kept)), draws.of(median), len(kept), "all"),
        "p95": _rounded(float(np.percentile(kept, 95))),
    }


def _lost(rows: Sequence[RowJson]) -> dict[str, int]:
    return dict(Counter(row["lost_at"] for row in rows if row["lost_at"]).most_common())


def _reasons(rows: Sequence[RowJson]) -> dict[str, dict[str, int]]:
    """Return for each reason how many refusals were right and how many were false."""
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        if reason := _reason(row):
            counts.setdefault(reason, {"right": 0, "false": 0})[
                "false" if row["answerable"] else "right"
            ] += 1
    return counts


def _types(rows: Sequence[RowJson], seed: int) -> dict[str, dict[str, Entry]]:
    """Return the main metrics of each type of question that the files name."""
    by_type: dict[str, dict[str, Entry]] = {}
    for name in sorted({row["type"] for row in rows} - {""}):
        own = [row for row in rows if row["type"] == name]
        draws = Resampler([row["cluster"] for row in own], seed)
        by_type[name] = {one.name: _mean(own, one, draws) for one in METRICS if one.name in BY_TYPE}
    return by_type


def _certainties(rows: Sequence[RowJson], seed: int) -> dict[str, dict[str, Entry]]:
    """Return every metric that grades answers for those that are sure, those that are likely, and both together."""
    found = {}
    for name, holds in (
        ("sure", is_sure),
        ("likely", lambda row: is_answered(row) and not is_sure(row)),
        ("sure+likely", is_answered),
    ):
        own = [row for row in rows if holds(row)]
        draws = Resampler([row["cluster"] for row in own], seed)
        entries = {one.name: _mean(own, one, draws) for one in METRICS if one.name not in GIVEN}
        found[name] = {key: entry for key, entry in entries.items() if entry["value"] is not None}
    return found


def _at(rows: Sequence[RowJson]) -> list[dict[str, Any]]:
    """Return coverage and risk where only what is sure is answered, and where what is likely is, too."""
    counts, _, right = _graded(rows)
    sure = counts & np.array([is_sure(row) for row in rows], bool)
    return [
        {
            "certainty": name,
            "coverage": round(float(held.sum()) / len(rows), DIGITS),
            "risk": round(float(1 - right[held].mean()), DIGITS),
            "n": int(held.sum()),
        }
        for name, held in (("sure", sure), ("sure+likely", counts))
        if held.any()
    ]


def _curves(rows: Sequence[RowJson]) -> dict[str, Any]:
    counts, confidence, right = _graded(rows)
    own, good = confidence[counts], right[counts]
    bins = equal_mass_bins(own, good, np.ones_like(own))
    ranked = [row["rank"] for row in rows if row["scores"].get("hit@1") is not None]
    return {
        "risk_coverage": [[round(x, DIGITS) for x in point] for point in risk_coverage(own, good, len(rows))],
        "certainty": _at(rows),
        "calibration": [
            {"confidence": round(b.confidence, DIGITS), "right": round(b.right, DIGITS), "n": int(b.n)}
            for b in bins
        ],
        "hit": [[k, round(_share(ranked, k), DIGITS)] for k in range(1, HIT_DEPTH + 1)] if ranked else [],
    }


def _share(ranks: Sequence[int | None], k: int) -> float:
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)
