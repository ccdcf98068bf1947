"""Words that stand below one another in columns without lines between them → the cells of a table."""

import statistics
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise

from rag.ingest.grid import Box as Place
from rag.ingest.grid import Grid, head_rows
from rag.ingest.pdf.drawings import Box
from rag.ingest.pdf.glyphs import Fragment

__all__ = ["Row", "align", "cell_words", "levels", "read_rows"]

# Words whose middles differ by less than this (in type sizes) stand on one level.
SAME_LEVEL = 0.5
# Words on several levels overlap by more than this share of their size where they are of one row of so many lines.
OVERLAP = 0.1
MOST_LINES = 5
# A level nearer to another than this share of the usual distance of rows goes on in a cell of it.
WRAPPED = 0.8
# Columns leave at least so much between them (in type sizes).
LEAST_GAP = 0.8
# No more rows than this are looked at for such heads.
MOST_HEADS = 3
# A head over several columns stands over the middle of their words, at most so far from it (in type sizes).
OFF_MIDDLE = 1.0
# Words reach into a column by at least this (in type sizes).
REACHES = 0.5
# A line below a head over several columns follows it so near (in type sizes).
NEAR_LINE = 1.2


@dataclass(slots=True)
class Row:
    """The words of a row, and the height of its middle; `between` are those that stand midway to the next row."""

    words: list[Fragment]
    middle: float
    between: list[Fragment] = field(default_factory=list)


def _middle(one: Fragment) -> float:
    """Return the height of the middle of a word."""
    return (one.box.top + one.box.bottom) / 2


def levels(words: Sequence[Fragment]) -> list[Row]:
    """Return the words level by level, from top to bottom.

    Words at the height of two lines of the cell beside them overlap with both: they are of one level.
    """
    found: list[Row] = []
    for one in sorted(words, key=_middle):
        if found and _middle(one) - found[-1].middle < SAME_LEVEL * one.size:
            found[-1].words.append(one)
        else:
            found.append(Row([one], _middle(one)))
    joined: list[list[Row]] = []
    for row in found:
        if joined and _overlaps(joined[-1], row):
            joined[-1].append(row)
        else:
            joined.append([row])
    return [part for rows in joined for part in _as_one(rows)]


def _overlaps(rows: Sequence[Row], row: Row) -> bool:
    bottom = max(one.box.bottom for one in rows[-1].words)
    return bottom - min(one.box.top for one in row.words) > OVERLAP * row.words[0].size


def _as_one(rows: list[Row]) -> list[Row]:
    """Return levels that overlap as one, unless several have words side by side or a whole column hangs together."""
    if not 1 < len(rows) <= MOST_LINES or sum(len(row.words) > 1 for row in rows) > 1:
        return rows
    words = [one for row in rows for one in row.words]
    return [Row(words, statistics.fmean(row.middle for row in rows))]


def read_rows(words: Sequence[Fragment], *, single: bool = False) -> list[Row]:
    """Return the rows of a table: its levels, those that go on in a cell of another as part of that one.

    With `single` all words are of one row.
    """
    found = levels(words)
    if single and found:
        return [Row(list(words), statistics.fmean(row.middle for row in found))]
    celled = [row for row in found if len(row.words) > 1]
    pitches = [below.middle - above.middle for above, below in pairwise(celled)]
    near = WRAPPED * min(pitches, default=0.0)
    rows: list[Row] = [
        row for row in found if len(row.words) > 1 or not any(_near(row, one, near) for one in celled)
    ]
    for row in found:
        if not any(row is one for one in rows):
            _take_in(row, rows)
    return rows


def _near(row: Row, other: Row, near: float) -> bool:
    return abs(row.middle - other.middle) < near


def _take_in(loose: Row, rows: Sequence[Row]) -> None:
    """Add words that stand between rows to the nearest; what stands midway belongs to both if it can."""
    above = max((row for row in rows if row.middle < loose.middle), key=lambda row: row.middle, default=None)
    below = min((row for row in rows if row.middle >= loose.middle), key=lambda row: row.middle, default=None)
    if above is None or below is None:
        (above or below or loose).words.extend(loose.words)
        return
    shift = (loose.middle - above.middle) - (below.middle - loose.middle)
    beside = [one for row in (above, below) for one in row.words if one.box.beside(loose.words[0].box) > 0]
    if abs(shift) < 0.3 * (below.middle - above.middle) and not beside:
        above.between.extend(loose.words)
    else:
        (above if shift < 0 else below).words.extend(loose.words)


def align(rows: Sequence[Row], heads: int = 0, lines: Sequence[Box] = ()) -> Grid:
    """Return the cells of rows; `heads` are those above a line, `lines` those drawn below heads over several columns."""
    words = [one for row in rows for one in (*row.words, *row.between)]
    size = statistics.median(one.size for one in words)
    sides = _sides(rows)
    found: dict[tuple[int, int], list[Fragment]] = {}
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for number, row in enumerate(rows):
        for one in (*row.words, *row.between):
            first, last = _columns(one, sides, size, lines if number < max(heads, 1) else ())
            if first == last and number < MOST_HEADS and number + 1 < len(rows):
                first, last = _over(one, row, rows[number + 1], sides) or (first, last)
            while last > first and any(_holds(other, sides, last) for other in row.words if other is not one):
                last -= 1
            found.setdefault((number, first), []).append(one)
            height, width = spans.get((number, first), (1, 1))
            spans[number, first] = 1 + (one in row.between or height > 1), max(width, last - first + 1)
    boxes = [
        Place(cell_words(cell), *at, min(spans[at][0], len(rows) - at[0]), spans[at][1])
        for at, cell in sorted(found.items())
    ]
    return _filled(_sections(boxes, len(sides) - 1), len(rows), heads)


def cell_words(cell: Sequence[Fragment]) -> str:
    """Return the words of a cell, from top to bottom."""
    said = ""
    for one in sorted(cell, key=lambda one: (round(one.box.top), one.box.left)):
        latin = said[-1:].isascii() and one.text[:1].isascii()
        said += (" " if said and latin else "") + one.text
    return said


def _sides(rows: Sequence[Row]) -> list[float]:
    """Return where columns begin and end: in the strips that no row with as many words as most reaches across.

    What stands in no row beside its neighbour is of the same column: a head in the middle over words at the left.
    """
    held = [[*row.words, *row.between] for row in rows]
    usual = statistics.median_low([len(words) for words in held if len(words) > 1] or [1])
    words = sorted(
        ((one, number) for number, words in enumerate(held) if len(words) >= usual for one in words),
        key=lambda pair: pair[0].box.left,
    )
    strips: list[tuple[float, float, set[int]]] = []
    for one, number in words:
        left, right, numbers = strips.pop() if strips else (one.box.left, one.box.left, set())
        if one.box.left - right > LEAST_GAP * one.size:
            strips.append((left, right, numbers))
            left, right, numbers = one.box.left, one.box.right, set()
        strips.append((left, max(right, one.box.right), numbers | {number}))
    columns = [strips[0]]
    for left, right, numbers in strips[1:]:
        if numbers & columns[-1][2]:
            columns.append((left, right, numbers))
        else:
            columns[-1] = columns[-1][0], right, columns[-1][2] | numbers
    between = [(one[1] + other[0]) / 2 for one, other in pairwise(columns)]
    return [columns[0][0], *between, columns[-1][1]]


def _columns(one: Fragment, sides: Sequence[float], size: float, lines: Sequence[Box]) -> tuple[int, int]:
    """Return the first and last column that words stand in, or that the line right below them covers."""
    box = one.box
    for line in lines:
        if (
            line.left <= (box.left + box.right) / 2 <= line.right
            and 0 <= line.top - _middle(one) < NEAR_LINE * size
        ):
            box = line
    last = len(sides) - 2
    reached = [
        at
        for at, (left, right) in enumerate(pairwise(sides))
        if min(box.right, right) - max(box.left, left)
        > (0.5 * (right - left) if box is not one.box else min(REACHES * size, 0.5 * box.width))
    ]
    if not reached:
        return (0, 0) if box.right <= sides[0] else (last, last)
    return reached[0], reached[-1]


def _over(one: Fragment, row: Row, below: Row, sides: Sequence[float]) -> tuple[int, int] | None:
    """Return the columns over the middle of which a head stands: more words are below it than beside it."""
    if len(row.words) >= len(below.words):
        return None
    centre = (one.box.left + one.box.right) / 2
    if any(
        abs((word.box.left + word.box.right) / 2 - centre) < OFF_MIDDLE * one.size for word in below.words
    ):
        return None
    at = {bisect_right(sides, (word.box.left + word.box.right) / 2) - 1: word for word in below.words}
    free = sorted(
        column
        for column in at
        if not any(_holds(other, sides, column) for other in row.words if other is not one)
    )
    fits = [
        (abs((at[first].box.left + at[last].box.right) / 2 - centre), first, last)
        for first, last in combinations(free, 2)
        if all(column in free for column in range(first, last + 1))
        and at[first].box.left < centre < at[last].box.right
    ]
    off, first, last = min(fits, default=(float("inf"), 0, 0))
    return (first, last) if off < OFF_MIDDLE * one.size else None


def _holds(one: Fragment, sides: Sequence[float], column: int) -> bool:
    return sides[column] <= (one.box.left + one.box.right) / 2 < sides[column + 1]


def _sections(boxes: Sequence[Place], width: int) -> list[Place]:
    """Let the only words of a row stand over all columns where they are in the first or reach over several."""
    counts = Counter(row for box in boxes for row in range(box.row, box.row + box.rows))
    return [
        replace(box, column=0, columns=width)
        if counts[box.row] == box.rows == 1 and (box.column == 0 or box.columns > 1)
        else box
        for box in boxes
    ]


def _filled(boxes: Sequence[Place], height: int, declared: int) -> Grid:
    """Return the grid with heads and keys that stand for several rows as high as these."""
    grid = Grid(tuple(boxes), declared)
    heads = head_rows(grid, declared)
    taken = {
        (row, column)
        for box in boxes
        for row in range(box.row, box.row + box.rows)
        for column in range(box.column, box.column + box.columns)
    }
    found = [_as_high_as_head(box, heads, taken) for box in boxes]
    keys = [box for box in found if box.column == 0 and box.row >= heads and box.columns == 1]
    second = [box.text for box in found if box.column == 1 and box.row >= heads]
    named = bool(second) and sum(any(map(str.isdigit, text)) for text in second) * 2 < len(second)
    reaches = dict(_reaches(keys, heads, height, taken) if named else ())
    found = [
        replace(box, row=reaches[box.row][0], rows=reaches[box.row][1])
        if box in keys and box.row in reaches
        else box
        for box in found
    ]
    return Grid(tuple(sorted(found, key=lambda box: (box.row, box.column))), declared)


def _as_high_as_head(box: Place, heads: int, taken: set[tuple[int, int]]) -> Place:
    """Return a cell of the head as high as the head where nothing stands above or below it."""
    if not box.row < heads or box.columns > 1:
        return box
    mine = range(box.row, box.row + box.rows)
    free = {row for row in range(heads) if row in mine or (row, box.column) not in taken}
    top = box.row
    while top - 1 in free:
        top -= 1
    bottom = box.row
    while bottom + 1 in free:
        bottom += 1
    return replace(box, row=top, rows=bottom - top + 1)


def _reaches(
    keys: Sequence[Place], heads: int, height: int, taken: set[tuple[int, int]]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the row of each key with the first row that it stands for and their number.

    Keys stand at the top of their rows, or in the middle where the first row has none.
    """
    rows = sorted(key.row for key in keys if key.rows == 1)
    if len(rows) != len(keys) or any((row, 0) in taken for row in range(heads, height) if row not in rows):
        return
    centred, begin = [], heads
    for row in rows:
        centred.append((row, (begin, 2 * row - begin - begin + 1)))
        begin = 2 * row - begin + 1
    if rows and rows[0] > heads:
        if begin == height:
            yield from centred
        return
    for row, end in pairwise([*rows, height]):
        yield row, (row, end - row)
