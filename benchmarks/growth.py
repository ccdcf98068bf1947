"""What `benchmarks.scale` measured at several sizes, as a Markdown table and a plot."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["growth", "plot", "write"]

HERE = Path(__file__).resolve().parent
README, PLOT = HERE / "README.md", HERE / "growth.svg"
BEGIN, END = "<!-- growth:begin -->", "<!-- growth:end -->"
HEADS = (
    "articles",
    "passages",
    "build, s of the processor",
    "its peak",
    "on disk",
    "question without reading, p50 / p95",
    "with reading, p50 / p95",
    "first answer of a new process",
    "resident",
)
# What is drawn: name, unit, and how it is taken from a size.
CURVES: Sequence[tuple[str, str, Callable[[Mapping[str, Any]], float]]] = (
    ("a question without reading, p50", "ms", lambda row: float(row["without_reading_ms"]["wall_p50"])),
    ("a question with reading, p50", "ms", lambda row: float(row["with_reading_ms"]["wall_p50"])),
    ("first answer of a new process", "s", lambda row: float(row["first"]["wall"])),
    ("resident while answering", "MB", lambda row: float(row["resident_mb"])),
    ("on disk", "MB", lambda row: float(row["disk_mb"])),
    ("build besides the encoder, processor", "s", lambda row: float(row["build_cpu_s"])),
)
WIDTH, HEIGHT, LEFT, GAP = 250, 130, 60, 70


def growth(results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what was built and asked at each size, smallest first."""
    sizes = sorted(int(found[1]) for name in results if (found := re.fullmatch(r"ask (\d+)", name)))
    return [
        {**results[f"build {size}"], **results[f"ask {size}"]} for size in sizes if f"build {size}" in results
    ]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a line a size."""
    lines = [f"| {' | '.join(HEADS)} |", f"|{'---|' * len(HEADS)}"]
    for row in rows:
        without, reading = row["without_reading_ms"], row["with_reading_ms"]
        cells = (
            f"{row['articles']:,}",
            f"{row['passages']:,}",
            f"{row['build_cpu_s']}",
            f"{row['build_peak_mb']:,} MB",
            f"{row['disk_mb']:,} MB",
            f"{without['wall_p50']:.0f} / {without['wall_p95']:.0f} ms",
            f"{reading['wall_p50']:.0f} / {reading['wall_p95']:.0f} ms",
            f"{row['first']['wall']:.1f} s",
            f"{row['resident_mb']} MB",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def plot(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return an SVG with a panel for each of CURVES: articles to the right by powers of ten, the value up from 0."""
    parts = []
    for number, (name, unit, value) in enumerate(CURVES):
        left = LEFT + (number % 2) * (WIDTH + LEFT + GAP)
        top = 52 + (number // 2) * (HEIGHT + GAP)
        parts.append(_panel([(row["articles"], value(row)) for row in rows], f"{name}, {unit}", left, top))
    width, height = 2 * (WIDTH + LEFT) + 2 * GAP, 20 + math.ceil(len(CURVES) / 2) * (HEIGHT + GAP)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    style = "<style>text{font:12px sans-serif;fill:#222}</style>"
    return f'{head}{style}<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'


def _panel(points: Sequence[tuple[int, float]], title: str, left: int, top: int) -> str:
    most = max(value for _, value in points) or 1.0
    first, last = math.log10(points[0][0]), math.log10(points[-1][0])
    placed = [
        (
            left + WIDTH * (math.log10(size) - first) / ((last - first) or 1.0),
            top + HEIGHT * (1 - value / most),
            size,
            value,
        )
        for size, value in points
    ]
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y, _, _ in placed)
    axis = f"M{left} {top} V{top + HEIGHT} H{left + WIDTH}"
    marks = "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="#c0392b"/><text x="{x:.0f}" y="{y - 8:.0f}" text-anchor="middle">{value:,.4g}</text>'
        f'<text x="{x:.0f}" y="{top + HEIGHT + 16}" text-anchor="middle">{size:,}</text>'
        for x, y, size, value in placed
    )
    return (
        f'<text x="{left}" y="{top - 28}" font-weight="bold">{title}</text><path d="{axis}" fill="none" stroke="#999"/>'
        f'<polyline points="{line}" fill="none" stroke="#4a6785" stroke-width="2"/>{marks}'
    )


def write(rows: Sequence[Mapping[str, Any]]) -> None:
    """Put the table between its marks in the README, and the plot beside it."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    README.write_text(f"{before}{BEGIN}\n\n{table(rows)}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    PLOT.write_text(plot(rows), encoding="utf-8")
