"""Show an evaluation in a terminal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rag.evaluation.lost import STAGES

__all__ = ["summary_table"]

LONGEST_LIST = 20


def summary_table(line: Mapping[str, Any], rows: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return the metrics of a summary line as a table, and the questions of `rows` that were lost."""
    return "\n".join([*_metrics(line["summary"]), *_lost(line["by"]["lost_at"]), *_failures(rows)])


def _metrics(summary: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield f"{'metric':36}{'value':>9}  {'95 % interval':19}{'n':>6}  of"
    for name, entry in summary.items():
        if entry["value"] is None:
            continue
        interval = f"{_number(entry['low'])} – {_number(entry['high'])}"
        tail = f", p95 {_number(entry['p95'])}" if entry.get("p95") is not None else ""
        yield f"{name:36}{_number(entry['value']):>9}  {interval:19}{entry['n']:>6}  {entry['of']}{tail}"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def _lost(counts: Mapping[str, int]) -> Iterator[str]:
    if counts:
        yield "\nlost at"
    for stage, count in counts.items():
        base, _, reason = stage.partition(":")
        yield f"{count:5}  {stage:28}{STAGES.get(base, '')}" + (f": {reason}" if reason else "")


def _failures(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    lost = [row for row in rows if row["lost_at"]]
    if lost:
        yield "\nquestions"
    for row in lost[:LONGEST_LIST]:
        given = (row["result"] or {}).get("answer") or (row["error"] or "refused")
        wanted = "|".join(row["answers"]) or "no answer"
        yield f"  {row['id']}  {row['question']}  expected {wanted}; given {given}  ({row['lost_at']})"
    if len(lost) > LONGEST_LIST:
        yield f"  … and {len(lost) - LONGEST_LIST} more: --json or --html has them all"
