"""What was measured as Markdown tables and as a plot."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.peers.scores import ANSWERS, RANKS, Interval, Result
from benchmarks.quality import commit

__all__ = ["plot", "report", "write"]

HERE = Path(__file__).resolve().parent
README, PLOT = HERE / "README.md", HERE / "peers.svg"
BEGIN, END = "<!-- peers:begin -->", "<!-- peers:end -->"
# Shares of all questions that are answered, those of most confidence, to say how many of the answers are wrong.
COVERAGES = (0.25, 0.5, 0.75)
COSTS = ("build, passages/s", "search p50 / p95", "answer p50 / p95", "first answer", "memory")
Results = Mapping[str, Mapping[str, Result]]


def report(found: Results) -> str:
    """Return the section of the README: quality and cost of everyone on every pool."""
    when = f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}, Python {platform.python_version()}"
    parts = [f"{when}.", _versions(found)]
    for pool, results in found.items():
        count = len(next(iter(results.values())).scores)
        parts += [f"### {pool}: {count} questions", _ranking(results), _answers(results), _costs(results)]
    return "\n\n".join(parts)


def _versions(found: Results) -> str:
    used: dict[str, str] = {}
    for results in found.values():
        for result in results.values():
            used |= result.costs.get("versions", {})
    return "Peers: " + ", ".join(f"{name} {number}" for name, number in sorted(used.items())) + "."


def _ranking(results: Mapping[str, Result]) -> str:
    """Return a row for each system; what it does not change by refusing less or more is said once."""
    lines = [f"| | {' | '.join(RANKS)} |", f"|---|{'---|' * len(RANKS)}"]
    seen: list[Sequence[float | None]] = []
    for name, result in results.items():
        values = [row[metric] for row in result.scores for metric in RANKS]
        if values not in seen or ", " not in name:
            lines.append(f"| {name} | {' | '.join(_cell(result.interval(metric)) for metric in RANKS)} |")
        seen.append(values)
    return "\n".join(lines)


def _answers(results: Mapping[str, Result]) -> str:
    risks = [f"wrong at {share:.0%}" for share in COVERAGES]
    heads = ["answer in quote", "answered", "right of the answered", *risks, "AURC"]
    lines = [f"| | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
    for name, result in results.items():
        if _reads(result):
            cells = [_cell(result.interval(metric)) for metric in ANSWERS]
            cells += [_share(result.risk(share)) for share in COVERAGES]
            area = result.aurc()
            lines.append(f"| {name} | {' | '.join(cells)} | {'–' if area is None else f'{area:.3f}'} |")
    refused = [row for row in results["Youju"].scores if not row["answered"]]
    near = sum(bool(row["near"]) for row in refused)
    lines += [
        "",
        f"Of the {len(refused)} that Youju refuses {near} show a passage with the answer as possibly related (可能相关).",
    ]
    return "\n".join(lines)


def _reads(result: Result) -> bool:
    return any(row["answer_in_quote"] is not None for row in result.scores)


def _share(one: float | None) -> str:
    return "–" if one is None else f"{one * 100:.1f}"


def _cell(one: Interval | None) -> str:
    if one is None:
        return "–"
    return f"{one.value * 100:.1f} [{one.low * 100:.1f}, {one.high * 100:.1f}]"


def _costs(results: Mapping[str, Result]) -> str:
    lines = [f"| processor time | {' | '.join(COSTS)} |", f"|---|{'---|' * len(COSTS)}"]
    for name, result in results.items():
        if ", " not in name:
            lines.append(f"| {name} | {' | '.join(_cost(result))} |")
    return "\n".join(lines)


def _cost(result: Result) -> Sequence[str]:
    costs = result.costs
    sample, first = costs["build_sample"], costs["cold"]
    return (
        f"{sample['passages'] / sample['cpu']:.1f}",
        _quantiles(costs["search_ms_cpu"]),
        _quantiles(costs["answer_ms_cpu"]) if _reads(result) else "–",
        f"{first['cpu']:.1f} s",
        f"{costs['resident_with_reader_mb']:.0f} MB",
    )


def _quantiles(milliseconds: Sequence[float]) -> str:
    middle, late = np.percentile(milliseconds, (50, 95))
    return f"{middle:.0f} / {late:.0f} ms"


def plot(found: Results, metric: str = "hit@1") -> str:
    """Return an SVG of a metric: a row a system, its interval as a line, a block a pool."""
    parts, y = [], 24
    for pool, results in found.items():
        parts.append(f'<text x="8" y="{y}" font-weight="bold">{pool}: {metric}, %</text>')
        for name, result in results.items():
            if ", " not in name or name.endswith("our models"):
                y += 20
                parts.append(
                    f'<text x="8" y="{y}">{name}</text>' + _bar(result.interval(metric), y - 4, name)
                )
        y += 34
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="660"'
    style = (
        '<style>text{font:13px sans-serif;fill:#222}</style><rect width="100%" height="100%" fill="#fff"/>'
    )
    return f'{head} height="{y}">{style}{"".join(parts)}</svg>\n'


def _bar(one: Interval | None, y: int, name: str) -> str:
    if one is None:
        return ""
    low, middle, high = (220 + 380 * share for share in (one.low, one.value, one.high))
    color = "#c0392b" if name == "Youju" else "#4a6785"
    line = f'<line x1="{low:.0f}" x2="{high:.0f}" y1="{y}" y2="{y}" stroke="{color}" stroke-width="3"/>'
    return (
        f'{line}<circle cx="{middle:.0f}" cy="{y}" r="5" fill="{color}"/>'
        f'<text x="612" y="{y + 4}">{one.value * 100:.1f}</text>'
    )


def write(said: str, found: Results) -> None:
    """Put the tables between their marks in the README, and the plot beside it."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n\n{said}\n\n{END}{after}", encoding="utf-8")
    PLOT.write_text(plot(found), encoding="utf-8")
