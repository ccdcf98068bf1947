"""The ruled tables of a PDF page: lines that cross in a grid, and the words between them row by row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.ingest.pdf.drawings import Box
from rag.ingest.pdf.glyphs import Fragment

__all__ = ["Table", "find_tables"]

# Lines that meet or go on within so many points are one.
TOUCH = 3.0
# A grid has at least two rows, so three lines across, and two lines down, for its outer sides may be left open.
LEAST_ACROSS = 3
LEAST_DOWN = 2
# More lines than this are a drawing.
MOST_LINES = 600
# What stands in the cells of a table: boxes of running text are none.
LONGEST_CELL = 200
USUAL_CELL = 40


@dataclass(frozen=True, slots=True)
class Table:
    """A table: a line for each of its rows, the cells parted by tabulators."""

    rows: tuple[Fragment, ...]
    box: Box


def find_tables(lines: Sequence[Box], fragments: Sequence[Fragment]) -> tuple[list[Table], list[Fragment]]:
    """Return the tables whose grid was drawn with `lines`, and the fragments outside of them."""
    tables: list[Table] = []
    left = list(fragments)
    for across, down in _grids(lines):
        box = _around([*across, *down])
        inside = [one for one in left if box.holds(one.box, TOUCH)]
        if table := _table(box, across, down, inside):
            tables.append(table)
            taken = {id(one) for one in inside}
            left = [one for one in left if id(one) not in taken]
    return tables, left


def _grids(lines: Sequence[Box]) -> list[tuple[list[Box], list[Box]]]:
    """Return the lines across and down of each set that hangs together."""
    across = _merged([line for line in lines if line.width >= line.height], level=True)
    down = _merged([line for line in lines if line.width < line.height], level=False)
    if len(across) < LEAST_ACROSS or len(down) < LEAST_DOWN or len(across) + len(down) > MOST_LINES:
        return []
    everything = [*across, *down]
    group = list(range(len(everything)))

    def root(at: int) -> int:
        while group[at] != at:
            group[at] = at = group[group[at]]
        return at

    for i, one in enumerate(across):
        for j, other in enumerate(down, len(across)):
            if one.beside(other) > -TOUCH and one.level(other) > -TOUCH:
                group[root(j)] = root(i)
    found: dict[int, tuple[list[Box], list[Box]]] = {}
    for at, line in enumerate(everything):
        found.setdefault(root(at), ([], []))[at >= len(across)].append(line)
    return [
        (one, other) for one, other in found.values() if len(one) >= LEAST_ACROSS and len(other) >= LEAST_DOWN
    ]


def _merged(lines: Iterable[Box], *, level: bool) -> list[Box]:
    """Join the pieces of one line that were drawn cell by cell."""

    def place(line: Box) -> float:
        return (line.top + line.bottom) / 2 if level else (line.left + line.right) / 2

    def begin(line: Box) -> float:
        return line.left if level else line.top

    levels: list[list[Box]] = []
    for line in sorted(lines, key=place):
        if levels and place(line) - place(levels[-1][-1]) < 1:
            levels[-1].append(line)
        else:
            levels.append([line])
    merged: list[Box] = []
    for pieces in levels:
        pieces.sort(key=begin)
        joined = [pieces[0]]
        for piece in pieces[1:]:
            end = joined[-1].right if level else joined[-1].bottom
            if begin(piece) - end < TOUCH:
                joined[-1] = joined[-1].around(piece)
            else:
                joined.append(piece)
        merged += joined
    return merged


def _table(box: Box, across: Sequence[Box], down: Sequence[Box], inside: Sequence[Fragment]) -> Table | None:
    """Return what stands in a grid row by row, None if it is no table."""
    edges = _edges([(line.top + line.bottom) / 2 for line in across])
    sides = _edges([box.left, *((line.left + line.right) / 2 for line in down), box.right])
    rows: list[Fragment] = []
    lengths: list[int] = []
    several = 0
    for top, bottom in pairwise(edges):
        row = [one for one in inside if top <= (one.box.top + one.box.bottom) / 2 < bottom]
        cells = [words for left, right in pairwise(sides) if (words := _cell(row, left, right))]
        if cells:
            lengths += map(len, cells)
            several += len(cells) > 1
            size = max(one.size for one in row)
            rows.append(Fragment("\t".join(cells), Box(box.left, top, box.right, bottom), size))
    usual = sorted(lengths)[len(lengths) // 2] if lengths else 0
    if several < 2 or max(lengths) > LONGEST_CELL or usual > USUAL_CELL:
        return None
    return Table(tuple(rows), _around([row.box for row in rows]))


def _edges(places: Iterable[float]) -> list[float]:
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > TOUCH:
            found.append(place)
    return found


def _cell(row: Sequence[Fragment], left: float, right: float) -> str:
    """Return the words between two sides, from top to bottom."""
    cell = [one for one in row if left <= (one.box.left + one.box.right) / 2 < right]
    words = ""
    for one in sorted(cell, key=lambda one: (round(one.box.top), one.box.left)):
        latin = words[-1:].isascii() and one.text[:1].isascii()
        words += (" " if words and latin else "") + one.text
    return words


def _around(boxes: Sequence[Box]) -> Box:
    box = boxes[0]
    for other in boxes[1:]:
        box = box.around(other)
    return box
