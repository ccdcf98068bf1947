"""Cells in rows and columns, whatever file they come from: where each stands, and what is a table of facts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

__all__ = ["Box", "Grid", "arrange", "head_rows", "is_table", "lays_out", "refine", "with_sections"]

# A cell that says it spans more is taken for one of so many columns or rows: Word has no wider table.
MOST_SPANNED = 63
# What stands in the cells of a table of facts: a page laid out by a table has paragraphs in them.
LONGEST_CELL = 200
USUAL_CELL = 40
LEAST_FILLED = 0.4

_figure = re.compile(r"[+\-−–±]?[\d,，.]*\d[%％‰]?|[—–\-/]+|…+")
_year = re.compile(r"(?:19|20)\d\d(?:年|/\d\d|-\d\d)?|\d{1,2}月(?:份)?|\d{1,2}日")


@dataclass(frozen=True, slots=True)
class Box:
    """A cell: its words and the rows and columns, counted from 0, that it covers. `inner` is a table inside it."""

    text: str
    row: int = 0
    column: int = 0
    rows: int = 1
    columns: int = 1
    inner: "Grid | None" = None


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a table in reading order; those without words are there, too. `heads` counts the rows at its head."""

    boxes: tuple[Box, ...]
    heads: int = 0

    @property
    def height(self) -> int:
        """The number of rows."""
        return max((box.row + box.rows for box in self.boxes), default=0)

    @property
    def width(self) -> int:
        """The number of columns."""
        return max((box.column + box.columns for box in self.boxes), default=0)

    def lines(self) -> Iterator[tuple[Box, ...]]:
        """Yield the cells with words that begin in one row, row by row; a row without any is left out."""
        for _, row in groupby((box for box in self.boxes if box.text), key=lambda box: box.row):
            yield tuple(row)


def arrange(rows: Sequence[Sequence[Box]]) -> Grid:
    """Return the cells of `rows` at their places: each in the first column that no cell from above covers.

    `column` of a cell given is how many columns are left out before it.
    """
    covered: dict[int, int] = {}  # column → first row in which it is free
    placed: list[Box] = []
    for number, row in enumerate(rows):
        at = 0
        for box in row:
            at += box.column
            while covered.get(at, 0) > number:
                at += 1
            rows_, columns = min(box.rows, len(rows) - number), min(max(box.columns, 1), MOST_SPANNED)
            placed.append(replace(box, row=number, column=at, rows=max(rows_, 1), columns=columns))
            covered.update((at + i, number + max(rows_, 1)) for i in range(columns))
            at += columns
    return Grid(tuple(placed))


def with_sections(rows: Sequence[Sequence[str]]) -> Grid:
    """Return rows of a format without merged cells; a line with a word in its first cell alone stands over all columns."""
    width = max(map(len, rows), default=0)
    several = sum(sum(map(bool, row)) > 1 for row in rows) > 1
    return arrange(
        [
            [Box(row[0], columns=width)]
            if several and row and row[0] and not any(row[1:])
            else [Box(text) for text in row]
            for row in rows
        ]
    )


def refine(grid: Grid) -> Grid:
    """Return the grid with the rows and columns of the tables inside its cells in the place of those cells."""
    if not any(box.inner for box in grid.boxes):
        return grid
    inner = {box: refine(box.inner) for box in grid.boxes if box.inner is not None}
    columns = _sizes([(box.column, box.columns, one.width) for box, one in inner.items()], grid.width)
    rows = _sizes(
        [(box.row, box.rows, one.height + bool(box.text)) for box, one in inner.items()], grid.height
    )
    found = [part for box in grid.boxes for part in _refined(box, inner, rows, columns)]
    return Grid(tuple(sorted(found, key=lambda box: (box.row, box.column))), rows[grid.heads])


def _refined(
    box: Box, inner: Mapping[Box, Grid], rows: Sequence[int], columns: Sequence[int]
) -> Iterator[Box]:
    top, left = rows[box.row], columns[box.column]
    height, width = rows[box.row + box.rows] - top, columns[box.column + box.columns] - left
    held = inner.get(box)
    if held is None:
        yield Box(box.text, top, left, height, width)
        return
    if box.text:
        yield Box(box.text, top, left, 1, width)
        top += 1
    for one in held.boxes:
        yield replace(one, row=top + one.row, column=left + one.column)


def _sizes(needed: Sequence[tuple[int, int, int]], count: int) -> list[int]:
    """Return where each row or column begins when what stands in (first, number) needs so much; the end comes last."""
    sizes = [1] * count
    for first, number, size in sorted(needed, key=lambda one: one[1]):
        sizes[first] += max(0, size - sum(sizes[first : first + number]))
    return [0, *accumulate(sizes)]


def lays_out(grid: Grid) -> bool:
    """Tell whether a table has no columns, or words as long as paragraphs: it lays out a page."""
    return grid.width < 2 or max((len(box.text) for box in grid.boxes), default=0) > LONGEST_CELL


def is_table(grid: Grid) -> bool:
    """Tell whether the cells are facts in rows and columns; what lays out a page has long words or one cell a row."""
    said = [len(box.text) for box in grid.boxes if box.text]
    if grid.height < 2 or grid.width < 2 or len(said) < 3:
        return False
    several = sum(len(row) > 1 for row in grid.lines())
    filled = sum(box.rows * box.columns for box in grid.boxes if box.text) / (grid.height * grid.width)
    middle = sorted(said)[len(said) // 2]
    return (
        several >= 2 and filled >= LEAST_FILLED and middle <= USUAL_CELL and _short(said, 0.9) <= LONGEST_CELL
    )


def _short(lengths: Sequence[int], share: float) -> int:
    return sorted(lengths)[int(share * (len(lengths) - 1))]


def head_rows(grid: Grid, declared: int = 0) -> int:
    """Return how many rows at the top name what stands below; `declared` are those the file says so of.

    A title over all columns is one of them; a head over several columns has a row below that names each. There is
    none where the first row has figures where the others have them.
    """
    rows: list[list[Box]] = [[] for _ in range(grid.height)]
    for box in grid.boxes:
        rows[box.row].append(box)
    at = 0
    while at < grid.height and _is_title(rows[at], grid.width):
        at += 1
    if at >= grid.height:
        return 0
    if declared > at:
        return min(declared, grid.height - 1)
    if _is_data(rows, at):
        return at
    end = at + 1
    while end < grid.height and _goes_on(rows[at:end], end):
        end += 1
    return end if end < grid.height else at


def _is_title(row: Sequence[Box], width: int) -> bool:
    said = [box for box in row if box.text]
    return len(row) > 0 and (not said or (len(said) == 1 and said[0].columns == width))


def _goes_on(above: Sequence[Sequence[Box]], row: int) -> bool:
    """Tell whether a row still is of the head: a cell of the head reaches into it, or one that stands over it is parted there."""
    cells = [box for line in above for box in line if box.text]
    reaches = any(box.row + box.rows > row for box in cells)
    parted = any(box.columns > 1 and box.row + box.rows == row for box in cells)
    return reaches or parted


def _is_data(rows: Sequence[Sequence[Box]], at: int) -> bool:
    """Tell whether the row has figures, years apart, in columns where the rows below have them, too."""
    figures = [box.column for box in rows[at] if _figure.fullmatch(box.text)]
    if not figures or any(_year.fullmatch(box.text) for box in rows[at]):
        return False
    below = {box.column for row in rows[at + 1 :] for box in row if _figure.fullmatch(box.text)}
    return any(column in below for column in figures)
