"""Pictures of pages → printed lines, as `rapidocr` recognises them: an extra that is imported where a scan is met."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rag.budget import uncounted
from rag.errors import IngestError
from rag.ingest.pdf.drawings import Box
from rag.ingest.pdf.glyphs import Fragment, Sheet
from rag.ingest.pdf.straighten import around_ink, gutter, smaller, straightened

__all__ = ["INSTALL", "can_recognise", "recognise", "rendered"]

INSTALL = 'pip install "youju[ocr]"'
# A page is rendered with so many pixels a point, and its longer side with no fewer and no more than these: print of
# 10 points is 20 pixels high, and a page takes seconds.
SCALE = 2.0
SHORTEST_SIDE, LONGEST_SIDE = 2000, 3000
# Lines recognised less surely (0 to 1) are mostly no letters: they are listed and not read.
LEAST_SURE = 0.5
# Type so much larger than that of most lines is looked for on a smaller picture.
LARGE, SMALLER = 1.5, 3
# A line of large type was found whole if it lacks no more than this (in heights), less than a character.
MOST_MISSED = 0.5
# A line that reaches so far (in its heights) into the one beside it has characters of that one.
BLEED = 0.4
# A line runs through no more columns.
MOST_COLUMNS = 10
# A line of at least so many type sizes tells the size of its type by its width.
LONG_LINE = 6.0
# The size of a shorter one is that of the text unless it differs by more than this share.
SHORT_LINE = 0.2
# Sizes of type that differ by less than this share were printed as one.
ONE_SIZE = 0.12
# The sizes of type of a picture are put at so many points, those of usual print: nothing else says how large it was.
USUAL_SIZE = 10.0
# Marks that print ink only in the half of their square.
HALF = frozenset("，。、；：！？）》」』”’）】")


def can_recognise() -> bool:
    """Say whether the extra is installed; nothing is imported."""
    return find_spec("rapidocr") is not None


@cache
def _engine() -> Any:
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    found = {task: next(iter(sorted(models.glob(f"*_{task}_*.onnx"))), None) for task in ("det", "rec")}
    if None in found.values():
        raise IngestError(
            f"{models} lacks the models of rapidocr, which come with it: install it anew ({INSTALL})."
        )
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Global.text_score": 0.0,
            "Global.max_side_len": 2 * LONGEST_SIDE,
            # A path given is taken as it is; without one the library might look for its models on the network.
            "Det.model_path": str(found["det"]),
            "Rec.model_path": str(found["rec"]),
        }
    )


def rendered(page: Any) -> Any:
    """Return the picture of a page of pypdfium2, `(height, width, 3)` bytes in the order blue, green, red."""
    longer = max(page.get_size())
    scale = min(LONGEST_SIDE, max(SHORTEST_SIDE, SCALE * longer)) / longer
    return page.render(scale=scale, rev_byteorder=False).to_numpy()[:, :, :3]


def recognise(picture: Any, number: int, width: float | None = None) -> Sheet:
    """Recognise the lines of a picture of page `number`; `width` is that of the page in points where it is known."""
    with uncounted():
        picture = straightened(picture)
        lines = [one for one in _lines(picture) if one[1]]
    unsure = tuple(words for _, words, sure in lines if sure < LEAST_SURE)
    placed = _placed([(box, words) for box, words, sure in lines if sure >= LEAST_SURE], picture.shape)
    body = statistics.median(one.size for one in placed) if placed else USUAL_SIZE
    points = width / picture.shape[1] if width else USUAL_SIZE / body
    fragments = tuple(Fragment(one.text, _scaled(one.box, points), one.size * points) for one in placed)
    height, wide = picture.shape[0] * points, picture.shape[1] * points
    return Sheet(number, wide, height, fragments, recognised=True, unsure=unsure)


Corners = list[tuple[float, float]]
Line = tuple[Corners, str, float]


def _lines(picture: Any) -> list[Line]:
    """Return the corners, words and certainty of the lines of a picture.

    What is printed large is looked for on a smaller picture: the models know characters of usual size. A line that
    was found across columns is read in its parts.
    """
    found = _engine()(picture, use_det=True, use_cls=False, use_rec=True)
    boxes = [] if found.boxes is None else [[(float(x), float(y)) for x, y in box] for box in found.boxes]
    lines: list[Line] = [
        (box, " ".join(words.split()), float(sure))
        for box, words, sure in zip(boxes, found.txts or (), found.scores or (), strict=True)
    ]
    lines = _with_large(picture, lines)
    placed = [_around(box) for box, _, _ in lines]
    read: list[Line] = []
    for line, box in zip(lines, placed, strict=True):
        end = _end(box, placed)
        if box.right - end > BLEED * box.height:
            line = _read_part(picture, replace(box, right=end))
        parts = [_around(line[0])]
        while len(parts) < MOST_COLUMNS and (at := gutter(picture, parts[-1], placed)) is not None:
            parts[-1:] = [replace(parts[-1], right=at[0]), replace(parts[-1], left=at[1])]
        read += [line] if len(parts) == 1 else [_read_part(picture, part) for part in parts]
    return [_fitted(picture, line) for line in read]


def _end(line: Box, lines: Sequence[Box]) -> float:
    """Return where a line ends that reaches into the one right of it."""
    begun = (
        other.left
        for other in lines
        if other.level(line) > 0.5 * line.height
        and other.right > line.right
        and 0 < line.right - other.left < 3 * line.height
        and other.left > line.left + 3 * line.height
    )
    return min(begun, default=line.right)


def _fitted(picture: Any, line: Line) -> Line:
    """Return a line in the box of its ink: those that are found reach into the column beside them."""
    box = _around(line[0])
    fitted = around_ink(picture, box)
    return line if fitted == box else (_corners(fitted), line[1], line[2])


def _with_large(picture: Any, lines: list[Line]) -> list[Line]:
    """Return the lines with those of large type as they are found on a smaller picture."""
    if not lines:
        return lines
    placed = [_around(corners) for corners, _, _ in lines]
    small = _engine()(smaller(picture, SMALLER), use_det=True, use_cls=False, use_rec=False)
    boxes = [] if small.boxes is None else [_around(SMALLER * box) for box in small.boxes]
    usual = statistics.median(box.height for box in boxes) if boxes else 0.0
    large = [box for box in boxes if box.height > LARGE * usual and not _is_found(box, placed)]
    kept = [
        line
        for line, box in zip(lines, placed, strict=True)
        if not any(_share(box, one) > 0.5 for one in large)
    ]
    return [*kept, *(_read_part(picture, around_ink(picture, box)) for box in large)]


def _is_found(box: Box, lines: Sequence[Box]) -> bool:
    """Say whether what is taken for a line of large type was found whole, or is several lines below one another."""
    inside = [line for line in lines if _share(line, box) > 0.5]
    height = statistics.median(line.height for line in inside) if inside else box.height
    if height < 0.65 * box.height:
        middles = [(line.top + line.bottom) / 2 for line in inside]
        usual = statistics.median(line.height for line in lines)
        # Parts of one line of large type lie side by side, and are lower than the box on the smaller picture, too.
        if height < LARGE * usual or max(middles) - min(middles) > 0.5 * height:
            return True
    missed = min(MOST_MISSED * box.height, 0.08 * box.width)
    return any(line.beside(box) > box.width - missed and line.level(box) > 0.7 * box.height for line in lines)


def _share(one: Box, other: Box) -> float:
    """Return the share of a box that lies in another."""
    shared = max(0.0, one.beside(other)) * max(0.0, one.level(other))
    return shared / max(1.0, one.width * one.height)


def _around(corners: Sequence[tuple[float, float]]) -> Box:
    xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _read_part(picture: Any, box: Box) -> Line:
    """Recognise the one line in a part of a picture."""
    import numpy as np

    top, left = max(0, int(box.top)), max(0, int(box.left))
    part = np.ascontiguousarray(picture[top : int(box.bottom) + 1, left : int(box.right) + 1])
    found = _engine()(part, use_det=False, use_cls=False, use_rec=True)
    words, sure = (found.txts or ("",))[0], (found.scores or (0.0,))[0]
    return _corners(box), " ".join(words.split()), float(sure)


def _corners(box: Box) -> Corners:
    return [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]


def _placed(lines: Sequence[tuple[list[tuple[float, float]], str]], shape: Sequence[int]) -> list[Fragment]:
    """Return the lines upright, in pixels, with the sizes of their type."""
    turned = _turned([box for box, _ in lines], shape)
    sizes = _sizes([(box.width, box.height, words) for box, (_, words) in zip(turned, lines, strict=True)])
    return [
        Fragment(words, Box(box.left, middle - 0.5 * size, box.right, middle + 0.5 * size), size)
        for box, (_, words), size in zip(turned, lines, sizes, strict=True)
        for middle in ((box.top + box.bottom) / 2,)
    ]


def _turned(boxes: Sequence[list[tuple[float, float]]], shape: Sequence[int]) -> list[Box]:
    """Return the boxes of lines as they would be on a page that lies straight."""
    long = sorted(boxes, key=lambda box: box[0][0] - box[1][0])[: max(1, len(boxes) // 2)]
    angle = statistics.median(math.atan2(b[1][1] - b[0][1], b[1][0] - b[0][0]) for b in long) if long else 0.0
    cos, sin = math.cos(-angle), math.sin(-angle)
    x0, y0 = shape[1] / 2, shape[0] / 2
    found = []
    for box in boxes:
        points = [
            (x0 + (x - x0) * cos - (y - y0) * sin, y0 + (x - x0) * sin + (y - y0) * cos) for x, y in box
        ]
        left, right = (points[0][0] + points[3][0]) / 2, (points[1][0] + points[2][0]) / 2
        top, bottom = (points[0][1] + points[1][1]) / 2, (points[2][1] + points[3][1]) / 2
        found.append(Box(left, top, right, bottom))
    return found


def _sizes(lines: Sequence[tuple[float, float, str]]) -> list[float]:
    """Return the size of type of each line (width, height, words): by its width, and its height where it is short."""
    by_width = [
        width / advance if (advance := _advance(words)) >= LONG_LINE else 0.0 for width, _, words in lines
    ]
    ratios = [height / size for (_, height, _), size in zip(lines, by_width, strict=True) if size]
    ratio = statistics.median(ratios) if ratios else 1.1
    sizes = []
    for (_, height, _), size in zip(lines, by_width, strict=True):
        by_height = height / ratio
        sizes.append(size if size and 0.8 < size / by_height < 1.2 else by_height)
    usual = statistics.median(size for size in by_width if size) if ratios else 0.0
    # The box around the last few characters of a paragraph says little of their size.
    short = [
        _advance(words) < LONG_LINE and abs(size - usual) < SHORT_LINE * usual
        for size, (_, _, words) in zip(sizes, lines, strict=True)
    ]
    sizes = [usual if one else size for size, one in zip(sizes, short, strict=True)]
    return _as_one(sizes, [len(words) for _, _, words in lines])


def _advance(words: str) -> float:
    """Return how many type sizes the ink of a line is wide."""
    return sum(0.5 if char.isascii() else 1.0 for char in words) - 0.5 * (words[-1] in HALF)


def _as_one(sizes: Sequence[float], weights: Sequence[int]) -> list[float]:
    """Return the sizes with those that hardly differ made the same, the one of most characters first."""
    settled = list(sizes)
    open_ = set(range(len(sizes)))
    while open_:
        middle = _densest([(sizes[at], weights[at]) for at in open_])
        near = {at for at in open_ if abs(sizes[at] - middle) <= ONE_SIZE * middle}
        for at in near:
            settled[at] = middle
        open_ -= near
    return settled


def _densest(sizes: Iterable[tuple[float, int]]) -> float:
    """Return the size around which most characters are."""
    ordered = sorted(sizes)
    best, most = ordered[0][0], -1
    for middle in {round(size, 1): size for size, _ in ordered}.values():
        count = sum(weight for size, weight in ordered if abs(size - middle) <= 0.5 * ONE_SIZE * middle)
        if count > most:
            best, most = middle, count
    near = [
        size for size, weight in ordered for _ in range(weight) if abs(size - best) <= 0.5 * ONE_SIZE * best
    ]
    return statistics.median(near)


def _scaled(box: Box, points: float) -> Box:
    return Box(box.left * points, box.top * points, box.right * points, box.bottom * points)
