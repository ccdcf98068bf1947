"""What one question came to, and the file of such rows with its summary line."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import EvalError
from rag.evaluation.metrics import Metric
from rag.evaluation.questions import Question
from rag.records import Answer

__all__ = ["IN_DENOMINATOR", "Row", "Run", "is_answered", "is_sure", "read_run", "row_json", "score_of"]


SCORE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Row:
    """A question with its answer, its scores (None: not in that metric's denominator) and the stage that lost it.

    `result` is None if asking crashed; `error` says how. `rank` is that of the first relevant article or passage,
    `ranked` the articles that were found, best first, each with the score of its best passage; `gold` has the ids of the gold articles among them.
    """

    question: Question
    result: Answer | None
    scores: Mapping[str, float | None]
    lost_at: str
    rank: int | None = None
    error: str = ""
    ranked: Sequence[tuple[str, float]] = ()
    gold: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """An evaluation read from its file: the rows, and the last line with summary, by, curves and meta."""

    rows: Sequence[Mapping[str, Any]]
    last: Mapping[str, Any]


def row_json(row: Row) -> dict[str, Any]:
    """Return the row as it is written."""
    asked = asdict(row.question)
    kept = ("id", "question", "answers", "answerable", "answer_groups", "article_ids", "type", "silver")
    return {
        **{name: asked[name] for name in kept},
        "qualifiers": asked["qualifiers"],
        "cluster": next(iter(row.question.article_ids), row.question.id),
        "result": None if row.result is None else row.result.to_json(),
        "scores": dict(row.scores),
        "lost_at": row.lost_at,
        "rank": row.rank,
        "error": row.error,
        "gold": list(row.gold),
        "ranked": [[ident, round(value, SCORE_DIGITS)] for ident, value in row.ranked],
    }


def is_answered(row: Mapping[str, Any]) -> bool:
    """Tell whether a row as `row_json` gives it has an answer, sure or likely."""
    return row["result"] is not None and not row["result"]["refused"]


def is_sure(row: Mapping[str, Any]) -> bool:
    """Tell whether a row has an answer that is asserted; rows from before there were likely ones are."""
    return is_answered(row) and row["result"].get("certainty", "sure") == "sure"


IN_DENOMINATOR: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "all": lambda row: True,
    "answerable": lambda row: bool(row["answerable"]),
    "unanswerable": lambda row: not row["answerable"],
    "answered": is_answered,
    "sure": is_sure,
}
"""Which rows a metric is over."""


def score_of(row: Mapping[str, Any], one: Metric) -> float | None:
    """Return what a row scores in a metric, None where the metric is not over it or nothing says."""
    if not IN_DENOMINATOR[one.of](row):
        return None
    match one.name:
        case "answered_rate":
            return float(is_answered(row))
        case "sure_rate" | "false_sure_rate":
            return float(is_sure(row))
        case "risk" | "risk_sure":
            good = row["scores"].get("right")
            return None if good is None else 1.0 - float(good)
    value: float | None = row["scores"].get(one.field)
    return value


def read_run(path: Path) -> Run:
    """Read what `eval --json` wrote, also if it was stopped before the summary; raises EvalError for anything else."""
    try:
        whole, _, _ = path.read_bytes().rpartition(b"\n")  # what was killed while writing leaves half a line
        lines = [json.loads(line) for line in whole.split(b"\n") if line.strip()]
    except OSError as error:
        raise EvalError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise EvalError(f"{path} is not what `eval --json` writes: a line of it is not JSON.") from None
    if not all(isinstance(line, dict) and ("scores" in line or "summary" in line) for line in lines):
        raise EvalError(f"{path} is not what `eval --json` writes: a line has neither scores nor a summary.")
    rows = {line["id"]: line for line in lines if "scores" in line}
    last: Mapping[str, Any] = next((line for line in reversed(lines) if "summary" in line), {})
    return Run(list(rows.values()), last)
