"""Plots as inline SVG: two axes from 0 to 100 %, and a curve, points with intervals or bars between them.

Colours come from the page's style sheet, so that a plot follows light and dark; every plot has a title and says its
numbers in a description, and every mark says its own when pointed at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.render.escape import escape

__all__ = ["Bar", "Frame", "Point", "hits_svg", "percent", "reliability_svg", "risk_coverage_svg"]

WIDTH, HEIGHT = 420, 300
LEFT, RIGHT, TOP, BOTTOM = 50, 16, 20, 44
LARGEST_DOT = 9.0
SMALLEST_DOT = 3.0
# More steps than this are not seen at this size, and 10,000 questions would make the page heavy.
MOST_STEPS = 400


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a plot, its 95 % interval (`low` to `high`, both y), how many questions it is made of, and its words."""

    x: float
    y: float
    low: float = 0.0
    high: float = 0.0
    n: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A named share with its 95 % interval; all are fractions."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Frame:
    """The area between the axes; `top` is the fraction at the upper end of the y axis."""

    name: str
    x: str
    y: str
    top: float = 1.0

    def across(self, x: float) -> float:
        """Return the pixel of a fraction of the x axis."""
        return round(LEFT + x * (WIDTH - LEFT - RIGHT), 1)

    def up(self, y: float) -> float:
        """Return the pixel of a fraction on the y axis, cut off at the upper end."""
        return round(HEIGHT - BOTTOM - min(y / self.top, 1.0) * (HEIGHT - TOP - BOTTOM), 1)


def percent(fraction: float, digits: int = 1) -> str:
    """Return 0.125 as 12.5%."""
    return f"{fraction * 100:.{digits}f}%"


def risk_coverage_svg(points: Sequence[Point], at: Point | None) -> str:
    """Draw how many of the answers are wrong (y) when only the surest share (x) is answered; `at` is where we stand."""
    worst = max([point.y for point in points], default=0.0)
    frame = Frame("风险—覆盖曲线", "覆盖率（作答的题占全部）", "风险（答错的占已答）", _rounded_up(worst))
    kept = _thinned(points)
    said = "；".join(f"覆盖{percent(p.x, 0)}时风险{percent(p.y)}" for p in kept[:: max(1, len(kept) // 8)])
    return _svg(frame, said, [*_grid(frame), _curve(frame, kept), *([_here(frame, at)] if at else [])])


def reliability_svg(points: Sequence[Point]) -> str:
    """Draw how often answers of a confidence (x) are right (y); dots grow with their questions, the diagonal is ideal."""
    frame = Frame("校准图", "给出的把握", "实际答对")
    said = "；".join(f"把握约{percent(p.x, 0)}的{p.n}题答对{percent(p.y)}" for p in points)
    ideal = _line(frame, (0, 0), (1, 1), "ideal")
    most = max([point.n for point in points], default=1)
    return _svg(frame, said, [*_grid(frame), ideal, *(_dot(frame, point, most) for point in points)])


def hits_svg(bars: Sequence[Bar]) -> str:
    """Draw how often what is needed is among the first k (one bar each), intervals as whiskers."""
    frame = Frame("检索命中率", "前k位", "占可答的题")
    said = "；".join(f"前{bar.name}位{percent(bar.value)}" for bar in bars)
    width = 1 / max(1, len(bars))
    drawn = (_bar(frame, bar, (i + 0.5) * width, width * 0.6) for i, bar in enumerate(bars))
    return _svg(frame, said, [*_grid(frame, columns=False), *drawn])


def _rounded_up(worst: float) -> float:
    """Return the end of an axis that has room above `worst`: the next of 10, 20, … 100 %."""
    return min(1.0, (int(worst * 10) + 1) / 10)


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    step = -(-len(points) // MOST_STEPS)
    return points if step < 2 else [*points[::step], points[-1]]


def _svg(frame: Frame, said: str, parts: Sequence[str]) -> str:
    bottom, middle = HEIGHT - 6, (LEFT + WIDTH - RIGHT) / 2
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{escape(frame.name)}</title>'
        f"<desc>{escape(said)}</desc>{''.join(parts)}"
        f'<text class="label" x="{middle}" y="{bottom}" text-anchor="middle">{escape(frame.x)}</text>'
        f'<text class="label" transform="translate(13 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(frame.y)}</text></svg>'
    )


def _grid(frame: Frame, *, columns: bool = True) -> Iterator[str]:
    """Yield the lines and numbers of both axes."""
    for step in range(6):
        y = frame.top * step / 5
        yield _line(frame, (0, y), (1, y), "grid" if step else "axis")
        yield _text(LEFT - 7, frame.up(y) + 4, percent(y, 0), "end")
        if columns:
            yield _text(frame.across(step / 5), HEIGHT - BOTTOM + 18, percent(step / 5, 0), "middle")


def _line(frame: Frame, start: tuple[float, float], end: tuple[float, float], style: str) -> str:
    (x1, y1), (x2, y2) = start, end
    return (
        f'<line class="{style}" x1="{frame.across(x1)}" y1="{frame.up(y1)}" '
        f'x2="{frame.across(x2)}" y2="{frame.up(y2)}"/>'
    )


def _text(x: float, y: float, words: str, anchor: str, style: str = "tick") -> str:
    return f'<text class="{style}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def _curve(frame: Frame, points: Sequence[Point]) -> str:
    places = " ".join(f"{frame.across(p.x)},{frame.up(p.y)}" for p in points)
    return f'<polyline class="curve" points="{places}"/>'


def _here(frame: Frame, point: Point) -> str:
    x, y = frame.across(point.x), frame.up(point.y)
    left = point.x > 0.5
    label = _text(x - 11 if left else x + 11, y - 10, point.words, "end" if left else "start", "note")
    return f'<g><title>{escape(point.words)}</title><circle class="here" cx="{x}" cy="{y}" r="5"/>{label}</g>'


def _dot(frame: Frame, point: Point, most: int) -> str:
    radius = round(max(SMALLEST_DOT, LARGEST_DOT * (point.n / most) ** 0.5), 1)
    x = frame.across(point.x)
    return (
        f"<g><title>{escape(point.words)}</title>{_whisker(frame, point.x, point.low, point.high)}"
        f'<circle class="dot" cx="{x}" cy="{frame.up(point.y)}" r="{radius}"/></g>'
    )


def _whisker(frame: Frame, x: float, low: float, high: float) -> str:
    return _line(frame, (x, low), (x, high), "whisker")


def _bar(frame: Frame, bar: Bar, middle: float, width: float) -> str:
    x, top, end = frame.across(middle - width / 2), frame.up(bar.value), HEIGHT - BOTTOM
    wide, words = frame.across(middle + width / 2) - x, f"前{bar.name}位：{percent(bar.value)}"
    number = _text(x + wide / 2, frame.up(bar.high) - 7, percent(bar.value, 0), "middle", "small")
    return (
        f'<g><title>{escape(words)}</title><rect class="bar" x="{x}" y="{top}" width="{wide:.1f}" '
        f'height="{end - top:.1f}"/>{_whisker(frame, middle, bar.low, bar.high)}{number}'
        f"{_text(x + wide / 2, end + 18, bar.name, 'middle')}</g>"
    )
