"""PDF pages → what is drawn on them: frames, pictures and lines, as boxes."""

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

__all__ = ["Box", "Drawings", "read_drawings", "rule_between"]

# A line is thinner than this (points).
THICKEST_RULE = 3.0
# A frame is larger than this (points) in both directions and smaller than this share of the page.
SMALLEST_FRAME = 40.0
LARGEST_FRAME = 0.8
# A line of a table is longer than this (points); a drawing of more pieces is no table.
SHORTEST_LINE = 6.0
MOST_SEGMENTS = 4000
# The lines of a frame meet within so many points.
CORNER = 3.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in points; the upper left corner of the page is 0, 0."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """The width in points."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """The height in points."""
        return self.bottom - self.top

    def beside(self, other: "Box") -> float:
        """Return how wide a strip both boxes share when looked at from above; negative if there is a gap."""
        return min(self.right, other.right) - max(self.left, other.left)

    def level(self, other: "Box") -> float:
        """Return how high a strip both boxes share when looked at from the side; negative if there is a gap."""
        return min(self.bottom, other.bottom) - max(self.top, other.top)

    def holds(self, other: "Box", give: float = 2.0) -> bool:
        """Say whether `other` lies inside, `give` points apart."""
        return (
            self.left - give <= other.left
            and other.right <= self.right + give
            and self.top - give <= other.top
            and other.bottom <= self.bottom + give
        )

    def around(self, other: "Box") -> "Box":
        """Return the smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Drawings:
    """The frames drawn around something, the pictures, the long upright lines, and all straight lines."""

    frames: tuple[Box, ...]
    pictures: tuple[Box, ...]
    rules: tuple[Box, ...]
    lines: tuple[Box, ...]


def read_drawings(page: Any) -> Drawings:
    """Return what is drawn on a page of pypdfium2."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    frames: list[Box] = []
    pictures: list[Box] = []
    lines: list[Box] = []
    for drawn in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE)):
        left, bottom, right, top = drawn.get_bounds()
        box = Box(left, height - top, right, height - bottom)
        if drawn.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures.append(box)
        elif min(box.width, box.height) < THICKEST_RULE:
            lines.append(box)
        else:
            lines += _sides(drawn, height)
            if min(box.width, box.height) > SMALLEST_FRAME:
                frames.append(box)
    upright = [box for box in lines if box.width < THICKEST_RULE and box.height > SMALLEST_FRAME]
    level = [box for box in lines if box.height < THICKEST_RULE and box.width > SMALLEST_FRAME]
    frames += _framed(upright, level)
    frames = [box for box in frames if box.width * box.height < LARGEST_FRAME * width * height]
    sides = [Box(x, box.top, x, box.bottom) for box in frames for x in (box.left, box.right)]
    lines = [box for box in lines if max(box.width, box.height) > SHORTEST_LINE]
    return Drawings(
        tuple(dict.fromkeys(frames)),
        tuple(dict.fromkeys(pictures)),
        (*upright, *sides),
        tuple(dict.fromkeys(lines)),
    )


def _sides(drawn: Any, height: float) -> Iterator[Box]:
    """Yield the straight lines across and down of one drawing: a whole table may be one."""
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFPath_CountSegments(drawn.raw)
    if not 1 < count <= MOST_SEGMENTS:
        return
    matrix = drawn.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    last: tuple[float, float] | None = None
    for at in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(drawn.raw, at)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        here = matrix.on_point(x.value, y.value)
        if last is not None and pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_LINETO:
            box = Box(
                min(last[0], here[0]),
                height - max(last[1], here[1]),
                max(last[0], here[0]),
                height - min(last[1], here[1]),
            )
            if min(box.width, box.height) < 1:
                yield box
        last = here


def _framed(upright: Sequence[Box], level: Sequence[Box]) -> Iterator[Box]:
    """Yield the frames that were drawn as four lines."""
    for left, right in permutations(upright, 2):
        if right.left - left.right < SMALLEST_FRAME or not _same_ends(
            left.top, left.bottom, right.top, right.bottom
        ):
            continue
        ends = [line.top for line in level if _same_ends(line.left, line.right, left.left, right.right)]
        if any(abs(end - left.top) < CORNER for end in ends) and any(
            abs(end - left.bottom) < CORNER for end in ends
        ):
            yield left.around(right)


def _same_ends(one: float, other: float, first: float, second: float) -> bool:
    return abs(one - first) < CORNER and abs(other - second) < CORNER


def rule_between(rules: Iterable[Box], left: Box, right: Box) -> bool:
    """Say whether an upright line was drawn between two boxes side by side."""
    return any(
        left.right - 1 <= (rule.left + rule.right) / 2 <= right.left + 1
        and rule.level(left.around(right)) > 0.5 * min(left.height, right.height)
        for rule in rules
    )
