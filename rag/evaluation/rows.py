"""What one question came to, and the file of such rows with its summary line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import EvalError
from rag.evaluation.questions import Question
from rag.records import Answer

__all__ = ["Row", "Run", "read_run", "row_json"]


@dataclass(frozen=True, slots=True)
class Row:
    """A question with its answer, its scores (None: not in that metric's denominator) and the stage that lost it.

    `result` is None if asking crashed; `error` says how. `rank` is that of the first relevant article or passage.
    """

    question: Question
    result: Answer | None
    scores: Mapping[str, float | None]
    lost_at: str
    rank: int | None = None
    error: str = ""


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
    }


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
