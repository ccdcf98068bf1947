"""PDF pages → what is drawn on them: frames, pictures and upright lines, as boxes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

__all__ = ["Box", "read_drawings", "rule_between"]

# A line is thinner than this (points).
THICKEST_RULE = 3.0
# A frame is larger than this (points) in both directions and smaller than this share of the page.
SMALLEST_FRAME = 40.0
LARGEST_FRAME = 0.8
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


def read_drawings(page: Any) -> tuple[tuple[Box, ...], ...]:
    """Return the frames drawn around something, the pictures, and the upright lines."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    frames: list[Box] = []
    pictures: list[Box] = []
    upright: list[Box] = []
    level: list[Box] = []
    for drawn in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE)):
        left, bottom, right, top = drawn.get_bounds()
        box = Box(left, height - top, right, height - bottom)
        if drawn.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures.append(box)
        elif box.width < THICKEST_RULE and box.height > SMALLEST_FRAME:
            upright.append(box)
        elif box.height < THICKEST_RULE and box.width > SMALLEST_FRAME:
            level.append(box)
        elif min(box.width, box.height) > SMALLEST_FRAME:
            frames.append(box)
    frames += _framed(upright, level)
    frames = [box for box in frames if box.width * box.height < LARGEST_FRAME * width * height]
    sides = [Box(x, box.top, x, box.bottom) for box in frames for x in (box.left, box.right)]
    return tuple(dict.fromkeys(frames)), tuple(dict.fromkeys(pictures)), (*upright, *sides)


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
