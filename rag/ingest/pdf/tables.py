"""The tables of a PDF page: lines that cross in a grid, and the words between them cell by cell."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.ingest.grid import Box as Place
from rag.ingest.grid import Grid, is_table
from rag.ingest.pdf.alignment import Row, cell_words, levels
from rag.ingest.pdf.drawings import Box
from rag.ingest.pdf.glyphs import Fragment
from rag.ingest.pdf.open_tables import aligned_areas, between_rules

__all__ = ["Table", "find_tables"]

# Lines that meet or go on within so many points are one.
TOUCH = 3.0
# A grid has at least two rows, so three lines across, and two lines down, for its outer sides may be left open.
LEAST_ACROSS = 3
LEAST_DOWN = 2
# More lines than this are a drawing.
MOST_LINES = 600


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its cells, where it stands, and the size of its type in points."""

    grid: Grid
    box: Box
    size: float


def find_tables(lines: Sequence[Box], fragments: Sequence[Fragment]) -> tuple[list[Table], list[Fragment]]:
    """Return the tables of a page, and the fragments outside of them.

    Grids drawn with `lines` come first, then what stands between rules across, then what white space sets apart.
    """
    tables: list[Table] = []
    left = list(fragments)
    for across, down in _grids(lines):
        inside = [one for one in left if _around([*across, *down]).holds(one.box, TOUCH)]
        grid = _ruled(across, down, inside) if inside else None
        if grid is not None and is_table(grid):
            left = _add(tables, grid, inside, left)
    for area in list(between_rules(lines, left)):
        if {id(one) for one in area.words} <= {id(one) for one in left}:
            left = _add(tables, area.grid, area.words, left)
    for area in list(aligned_areas(left)):
        left = _add(tables, area.grid, area.words, left)
    return tables, left


def _add(
    tables: list[Table], grid: Grid, words: Sequence[Fragment], left: Sequence[Fragment]
) -> list[Fragment]:
    """Add a table and return the fragments that are not of it."""
    tables.append(Table(grid, _around([one.box for one in words]), max(one.size for one in words)))
    taken = {id(one) for one in words}
    return [one for one in left if id(one) not in taken]


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


def _ruled(across: Sequence[Box], down: Sequence[Box], inside: Sequence[Fragment]) -> Grid | None:
    """Return the cells of a grid; those between which no line was drawn are one."""
    box = _around([*across, *down])
    drawn = _edges([(line.top + line.bottom) / 2 for line in across])
    sides = _edges([box.left, *((line.left + line.right) / 2 for line in down), box.right])
    edges = sorted({*drawn, *_between_levels(drawn, sides, inside)})
    cells: dict[tuple[int, int], list[Fragment]] = defaultdict(list)
    for one in inside:
        row = bisect_right(edges, (one.box.top + one.box.bottom) / 2) - 1
        column = bisect_right(sides, (one.box.left + one.box.right) / 2) - 1
        cells[min(max(row, 0), len(edges) - 2), min(max(column, 0), len(sides) - 2)].append(one)
    grid = _Ruled(edges, sides, across, down, cells, frozenset(edges) - frozenset(drawn))
    return Grid(tuple(sorted(grid.places(), key=lambda place: (place.row, place.column))))


def _between_levels(
    edges: Sequence[float], sides: Sequence[float], inside: Sequence[Fragment]
) -> Iterator[float]:
    """Yield the heights that part rows without a line between them: every level has as many cells as the fullest."""
    for top, bottom in pairwise(edges):
        band = [one for one in inside if top <= (one.box.top + one.box.bottom) / 2 < bottom]
        found = levels(band)
        counts = {len(_filled(row, sides)) for row in found}
        if len(found) > 1 and min(counts) >= max(2, len(sides) - 2):
            yield from ((above.middle + below.middle) / 2 for above, below in pairwise(found))


def _filled(row: Row, sides: Sequence[float]) -> set[int]:
    return {bisect_right(sides, (one.box.left + one.box.right) / 2) for one in row.words}


@dataclass(frozen=True, slots=True)
class _Ruled:
    """Rows between `edges` and columns between `sides`, the lines drawn there, and the words in each."""

    edges: Sequence[float]
    sides: Sequence[float]
    across: Sequence[Box]
    down: Sequence[Box]
    cells: Mapping[tuple[int, int], Sequence[Fragment]]
    read_off: frozenset[float]
    """edges that no line shows but the words"""

    def places(self) -> Iterator[Place]:
        """Yield the cells with words."""
        left = {(row, column) for row in range(len(self.edges) - 1) for column in range(len(self.sides) - 1)}
        while left:
            part = self._one(min(left), left)
            left -= part
            top, first = min(row for row, _ in part), min(column for _, column in part)
            height = max(row for row, _ in part) - top + 1
            width = max(column for _, column in part) - first + 1
            if len(part) == height * width:
                if words := [one for at in sorted(part) for one in self.cells.get(at, ())]:
                    yield Place(cell_words(words), top, first, height, width)
            else:
                for at in part:
                    if words := list(self.cells.get(at, ())):
                        yield Place(cell_words(words), *at)

    def _one(self, begin: tuple[int, int], left: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Return what no line parts from a place."""
        found, todo = {begin}, [begin]
        while todo:
            row, column = todo.pop()
            for at, parted in (
                ((row, column + 1), self._line_right(row, column)),
                ((row, column - 1), self._line_right(row, column - 1)),
                ((row + 1, column), self._line_below(row, column)),
                ((row - 1, column), self._line_below(row - 1, column)),
            ):
                if not parted and at in left and at not in found:
                    found.add(at)
                    todo.append(at)
        return found

    def _line_right(self, row: int, column: int) -> bool:
        middle = (self.edges[row] + self.edges[row + 1]) / 2
        beside = [line for line in self.down if line.top - TOUCH <= middle <= line.bottom + TOUCH]
        if any(abs((line.left + line.right) / 2 - self.sides[column + 1]) <= TOUCH for line in beside):
            return True
        inner = any(self.sides[0] + TOUCH < line.left < self.sides[-1] - TOUCH for line in beside)
        # A row without any line down has its words below or above those of the others.
        return not inner and sum((row, at) in self.cells for at in range(len(self.sides) - 1)) > 1

    def _line_below(self, row: int, column: int) -> bool:
        edge = self.edges[row + 1]
        if edge in self.read_off:
            return True
        middle = (self.sides[column] + self.sides[column + 1]) / 2
        return any(
            abs((line.top + line.bottom) / 2 - edge) <= TOUCH
            and line.left - TOUCH <= middle <= line.right + TOUCH
            for line in self.across
        )


def _edges(places: Iterable[float]) -> list[float]:
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > TOUCH:
            found.append(place)
    return found


def _around(boxes: Sequence[Box]) -> Box:
    box = boxes[0]
    for other in boxes[1:]:
        box = box.around(other)
    return box
