"""Tables of a PDF page without lines down: three-line tables between rules, and words aligned by white space alone."""

import re
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.ingest.grid import Grid, is_table
from rag.ingest.pdf.alignment import Row, align, levels, read_rows
from rag.ingest.pdf.drawings import Box
from rag.ingest.pdf.glyphs import Fragment

__all__ = ["Area", "aligned_areas", "between_rules"]

# Rules whose ends lie within so many points are those of one table, if they are as long as this.
SAME_ENDS = 3.0
SHORTEST_RULE = 80.0
# More rules than this of one length are a form or a drawing.
MOST_RULES = 200
# Words of a row leave so much between them (in type sizes), and its rows no more than that.
CELL_SPACE = 1.0
WIDEST_LEADING = 2.5
SAME_SIZE = 0.15
# Without rules a table has at least so many rows.
FEWEST_ROWS = 3
# Cells of a table without rules are short in the middle of all.
USUAL_WORDS = 12
# Running text has a mark in so many characters, and lines longer than this.
PROSE_MARK = 40
PROSE_LINE = 6.0
# Words alone are a table in so many columns and rows, all of them full, if one column's words are so much longer.
FEWEST_COLUMNS = 3
ENOUGH_ROWS = 4
DIFFERENT = 1.5
# The share of the cells of a column that have figures where it is one of figures.
FIGURES = 0.5

_mark = re.compile("[，。；？！](?!$)|。$")
_digit = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Area:
    """The words of a table with its cells."""

    words: tuple[Fragment, ...]
    grid: Grid


def between_rules(lines: Iterable[Box], words: Sequence[Fragment]) -> Iterator[Area]:
    """Yield the tables between rules of one length."""
    for rules in _same_ends(lines):
        bands = [[one for one in words if _inside(one, above, below)] for above, below in pairwise(rules)]
        for first, end in _runs(bands):
            if area := _ruled_area(bands[first:end], rules[first : end + 1], lines):
                yield area


def _same_ends(lines: Iterable[Box]) -> Iterator[list[Box]]:
    """Yield the rules that begin and end at the same places, from top to bottom, two of one height as one."""
    groups: list[list[Box]] = []
    for line in sorted(lines, key=lambda line: line.top):
        if line.width < max(SHORTEST_RULE, line.height):
            continue
        group = next(
            (
                one
                for one in groups
                if abs(one[0].left - line.left) < SAME_ENDS and abs(one[0].right - line.right) < SAME_ENDS
            ),
            None,
        )
        if group is None:
            groups.append([line])
        elif line.top - group[-1].top > SAME_ENDS:
            group.append(line)
    yield from (group for group in groups if 1 < len(group) <= MOST_RULES)


def _inside(one: Fragment, above: Box, below: Box) -> bool:
    middle = (one.box.top + one.box.bottom) / 2
    return (
        above.top < middle < below.top
        and one.box.left > above.left - SAME_ENDS
        and one.box.right < above.right + SAME_ENDS
    )


def _runs(bands: Sequence[Sequence[Fragment]]) -> Iterator[tuple[int, int]]:
    """Yield the first and the end of bands below one another that have cells; one alone that begins at the left parts them."""
    kinds = [_celled(band) for band in bands]
    for at in range(1, len(bands) - 1):
        if not kinds[at] and len(bands[at]) == 1 and kinds[at - 1] and _celled(bands[at + 1]):
            kinds[at] = abs(bands[at][0].box.left - min(one.box.left for one in bands[at - 1])) < SAME_ENDS
    first = None
    for at, celled in enumerate([*kinds, False]):
        if celled and first is None:
            first = at
        elif not celled and first is not None:
            yield first, at
            first = None


def _celled(band: Sequence[Fragment]) -> bool:
    found = levels(band)
    return bool(found) and 2 * sum(_has_cells(row) for row in found) >= len(found)


def _has_cells(row: Row) -> bool:
    """Tell whether words of a level stand apart as cells do."""
    words = sorted(row.words, key=lambda one: one.box.left)
    return any(right.box.left - left.box.right > CELL_SPACE * right.size for left, right in pairwise(words))


def _ruled_area(
    bands: Sequence[Sequence[Fragment]], rules: Sequence[Box], lines: Iterable[Box]
) -> Area | None:
    counts = [len(levels(band)) for band in bands]
    single = len(bands) > FEWEST_ROWS and statistics.median(counts[1:]) == 1
    rows: list[Row] = []
    heads = 0
    for number, band in enumerate(bands):
        rows += read_rows(band, single=single)
        heads = len(rows) if number == 0 and len(bands) > 1 else heads
    shorter = [line for line in lines if rules[0].top < line.top < rules[-1].top and line.width > line.height]
    shorter = [line for line in shorter if line.width < rules[0].width - SAME_ENDS]
    grid = align(rows, heads, shorter)
    words = tuple(one for band in bands for one in band)
    return Area(words, grid) if is_table(grid) and len(_prose(grid)) < 2 else None


def aligned_areas(words: Sequence[Fragment]) -> Iterator[Area]:
    """Yield the tables that white space alone sets apart: short words and figures, nothing that reads on."""
    run: list[Row] = []
    for row in levels(words):
        size = row.words[0].size
        near = not run or (
            row.words[0].box.top - max(one.box.bottom for one in run[-1].words) < WIDEST_LEADING * size
            and abs(size - run[-1].words[0].size) < SAME_SIZE * size
        )
        if near and (_has_cells(row) or (run and _has_cells(run[-1]))):
            run.append(row)
            continue
        yield from _aligned(run)
        run = [row] if _has_cells(row) else []
    yield from _aligned(run)


def _aligned(run: list[Row]) -> Iterator[Area]:
    while run and not _has_cells(run[-1]):
        run = run[:-1]
    if sum(map(_has_cells, run)) < FEWEST_ROWS:
        return
    words = tuple(one for row in run for one in row.words)
    if _reads_on([one.text for one in words]):
        return
    grid = align(read_rows(words))
    lengths = sorted(len(box.text) for box in grid.boxes)
    short = lengths[len(lengths) // 2] <= USUAL_WORDS
    if short and is_table(grid) and not _prose(grid) and (_has_figures(grid) or _tells_of(grid)):
        yield Area(words, grid)


def _prose(grid: Grid) -> list[int]:
    """Return the columns whose words read on."""
    columns = [[box.text for box in grid.boxes if box.column == column] for column in range(grid.width)]
    return [at for at, said in enumerate(columns) if _reads_on(said)]


def _reads_on(said: Sequence[str]) -> bool:
    """Tell whether lines are of running text: of some length, with marks between clauses."""
    length = sum(map(len, said))
    marks = sum(len(_mark.findall(line)) for line in said)
    return length > PROSE_LINE * len(said) and marks * PROSE_MARK > length


def _has_figures(grid: Grid) -> bool:
    """Tell whether a column beside the first is one of figures."""
    return any(
        len(said) >= FEWEST_ROWS - 1 and sum(map(bool, map(_digit.search, said))) >= FIGURES * len(said)
        for column in range(1, grid.width)
        if (said := [box.text for box in grid.boxes if box.column == column])
    )


def _tells_of(grid: Grid) -> bool:
    """Tell whether columns of words alone are of different things: names in rows and columns are a list."""
    columns = [[box.text for box in grid.boxes if box.column == column] for column in range(grid.width)]
    if (
        grid.width < FEWEST_COLUMNS
        or {len(said) for said in columns} != {grid.height}
        or grid.height < ENOUGH_ROWS
    ):
        return False
    lengths = [statistics.fmean(map(len, said[1:])) for said in columns]
    return max(lengths) >= DIFFERENT * min(lengths)
