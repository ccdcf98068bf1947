"""Hold an evaluation to the floors it once reached: lower fails, and only on purpose are floors taken down."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import EvalError
from rag.evaluation.metrics import metric

__all__ = ["Failure", "Floors", "check", "raised", "read_floors", "write_floors"]

# Never a floor: what the machine decides, lengths, and what only describes.
UNGATED = ("latency_ms", "quote_chars", "answered_rate", "right_refusal_rate", "false_refusal_rate/")
# A floor lies this many questions below what was reached: an answer on the edge may fall to the other side on another
# processor, two may not.
SLACK = 1
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Floors:
    """What must be reached on these questions and articles; errors and rates of mistakes must not be above theirs."""

    questions_digest: str = ""
    articles_digest: str = ""
    mode: str = ""
    floors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A metric that fell below its floor (above, if lower is better); `value` is what it has now."""

    metric: str
    value: float | str | None
    floor: float | str

    def __str__(self) -> str:
        return f"{self.metric}: {self.value}, floor {self.floor}"


def read_floors(path: Path) -> Floors:
    """Read floors; raises EvalError if they cannot be used."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Floors(
            **{**fields, "floors": {name: float(value) for name, value in fields["floors"].items()}}
        )
    except OSError as error:
        raise EvalError(
            f"The floors {path} cannot be read: {error.strerror}; --update writes them at the first time."
        ) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise EvalError(f"The floors {path} are not what --update writes: make them anew with it.") from None


def write_floors(path: Path, floors: Floors) -> None:
    """Write floors so that a difference in one is a difference in one line."""
    path.write_text(json.dumps(asdict(floors), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def check(line: Mapping[str, Any], floors: Floors) -> list[Failure]:
    """Return what a summary line fails: other questions or articles first, then every metric below its floor."""
    meta = line["meta"]
    other = [
        Failure(name, meta[name], getattr(floors, name))
        for name in ("questions_digest", "articles_digest", "mode")
        if meta[name] != getattr(floors, name)
    ]
    return [*other, *_below(line["summary"], floors)]


def raised(line: Mapping[str, Any], floors: Floors, *, allow_regression: bool = False) -> Floors:
    """Return floors raised to what a summary line reaches, less `SLACK` questions; none is lowered.

    Raises EvalError if the run was stopped or holds drafts, or if the line falls below a floor, unless `allow_regression`: then the floors
    are those of this line alone.
    """
    if line["meta"]["partial"]:
        raise EvalError("The run was stopped before its end: floors are only taken from a whole one.")
    if line["meta"].get("drafts"):
        raise EvalError(
            f"{line['meta']['drafts']} questions are drafts that nobody has read: floors are taken from read ones only."
        )
    lower = _below(line["summary"], floors)
    if lower and not allow_regression:
        raise EvalError(
            f"The floors would go down ({'; '.join(map(str, lower))}): they stay, unless --allow-regression is given."
        )
    reached = _reached(line["summary"])
    old = {} if allow_regression else floors.floors
    kept = {name: _better(name, old[name], reached.get(name)) for name in old}
    meta = line["meta"]
    return Floors(
        meta["questions_digest"],
        meta["articles_digest"],
        meta["mode"],
        dict(sorted({**reached, **kept}.items())),
    )


def _below(summary: Mapping[str, Mapping[str, Any]], floors: Floors) -> list[Failure]:
    found = []
    for name, floor in floors.floors.items():
        value = summary.get(name, {}).get("value")
        if value is None or (value < floor if metric(name).higher else value > floor):
            found.append(Failure(name, value, floor))
    return found


def _reached(summary: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    return {name: _floor(name, entry) for name, entry in _gated(summary)}


def _gated(summary: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, entry in summary.items():
        if entry["value"] is not None and not name.startswith(UNGATED):
            yield name, entry


def _floor(name: str, entry: Mapping[str, Any]) -> float:
    """Return the value less the worth of `SLACK` questions, within 0 and 1."""
    slack = SLACK / entry["n"]
    value: float = entry["value"] - slack if metric(name).higher else entry["value"] + slack
    return round(min(1.0, max(0.0, value)), DIGITS)


def _better(name: str, old: float, new: float | None) -> float:
    if new is None:
        return old
    return max(old, new) if metric(name).higher else min(old, new)
