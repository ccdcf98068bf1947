"""Printed lines → the blocks of a page: lines of one column and one size of type, with nothing between them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.ingest.grid import Grid
from rag.ingest.pdf.drawings import Box, rule_between
from rag.ingest.pdf.glyphs import Fragment, Sheet

__all__ = ["Block", "Paragraph", "find_blocks", "paragraphs"]

# Two sizes of type that differ by less than this share are the same.
SAME_SIZE = 0.08
# Lines of a block leave no more between them than this (in type sizes).
WIDEST_LEADING = 1.1
# A first line begins so much further right (in type sizes).
LEAST_INDENT = 1.2
MOST_INDENT = 4.5
# Parts of one line may be so far apart (in type sizes) unless a column begins there.
WIDEST_SPACE = 2.5
# How far (in type sizes) a line's neighbours are looked for.
NEAR = 15.0
# A line that ends so far (in type sizes) from the right edge was ended on purpose.
SHORT = 1.5
# An item that leaves so large a share of the column empty is the heading of what follows.
HEADED = 0.3
# An item of a list begins a line of its own.
_item = re.compile(
    r"[（(]?[一二三四五六七八九十]{1,3}[、)）]|[（(]?\d{1,2}[)）、]|\d{1,2}[.．](?!\d)|第[一二三四五六七八九十]{1,3}[条章节]"
)
FINISHED = "。！？!?…；;”’」』）)》】"
BEFORE_ITEM = f"{FINISHED}：:"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines below one another, in one column; `grid` are the cells where it is a table."""

    lines: tuple[Fragment, ...]
    box: Box
    size: float
    page: int
    grid: Grid | None = None

    @property
    def text(self) -> str:
        """The words of all lines."""
        return "".join(line.text for line in self.lines)

    @property
    def finished(self) -> bool:
        """Say whether the last line ends as a paragraph does: with a full stop, or well before the edge."""
        last = self.lines[-1]
        return last.text[-1] in FINISHED or self.edge - last.box.right > SHORT * self.size

    @property
    def edge(self) -> float:
        """Where full lines end; some may stand out a little."""
        rights = sorted(line.box.right for line in self.lines)
        return rights[-1 - len(rights) // 5]

    def indented(self, at: int) -> bool:
        """Say whether line `at` begins further right than the column."""
        shift = self.lines[at].box.left - self.box.left
        return LEAST_INDENT * self.size <= shift <= MOST_INDENT * self.size


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that read on; `opens` tells that the first one begins a paragraph for sure, not only a block."""

    lines: tuple[Fragment, ...]
    opens: bool


def find_blocks(sheet: Sheet, fragments: Iterable[Fragment]) -> list[Block]:
    """Return the blocks of a page from top to bottom."""
    lines = _joined(sorted(fragments, key=lambda line: (line.box.top, line.box.left)), sheet.rules)
    grown: list[list[Fragment]] = []
    block_of: dict[int, int] = {}
    for at, line in enumerate(lines):
        above = max(
            (_above(lines, at, box) for box in (line.box, _widened(line))),
            key=lambda found: lines[found[0]].box.bottom if found else float("-inf"),
        )
        numbers = {block_of[i] for i in above}
        if len(numbers) == 1 and _continues(grown[(number := numbers.pop())], lines, at):
            grown[number].append(line)
            block_of[at] = number
        else:
            block_of[at] = len(grown)
            grown.append([line])
    return [_block(block, sheet.number) for block in grown]


def _block(lines: Sequence[Fragment], page: int) -> Block:
    box = lines[0].box
    for line in lines[1:]:
        box = box.around(line.box)
    return Block(tuple(lines), box, max(line.size for line in lines), page)


def _same_size(one: float, other: float) -> bool:
    return abs(one - other) <= SAME_SIZE * max(one, other)


def _joined(lines: Sequence[Fragment], rules: Sequence[Box]) -> list[Fragment]:
    """Join the parts of a line that was set with wide spaces, but not the lines of two columns."""
    joined: list[Fragment] = []
    for line in lines:
        left = next(
            (
                i
                for i in range(len(joined) - 1, -1, -1)
                if _one_line(joined[i], line, lines) and not rule_between(rules, joined[i].box, line.box)
            ),
            None,
        )
        if left is None:
            joined.append(line)
        else:
            whole = joined[left]
            box = whole.box.around(line.box)
            joined[left] = Fragment(f"{whole.text} {line.text}", box, whole.size)
    return joined


def _one_line(left: Fragment, right: Fragment, lines: Sequence[Fragment]) -> bool:
    """Say whether `right` goes on where `left` ends: no column begins there and no gutter runs between."""
    if abs(left.box.bottom - right.box.bottom) > 0.25 * left.size or not _same_size(left.size, right.size):
        return False
    gap = right.box.left - left.box.right
    if not 0 <= gap < WIDEST_SPACE * left.size or _begins_column(right, lines):
        return False
    strip = Box(
        left.box.right,
        left.box.top - NEAR / 4 * left.size,
        right.box.left,
        left.box.bottom + NEAR / 4 * left.size,
    )
    crossing = any(
        line.box.left < strip.left - 1 and line.box.right > strip.right + 1 and line.box.level(strip) > 0
        for line in lines
        if line is not left and line is not right and line.size <= left.size * (1 + SAME_SIZE)
    )
    return (crossing or gap < left.size) and not _gutter_below(left, right, lines)


def _gutter_below(left: Fragment, right: Fragment, lines: Sequence[Fragment]) -> bool:
    """Say whether right below two parts a column of text begins between them."""
    begun = [
        line
        for line in lines
        if line.size <= right.size * (1 + SAME_SIZE)
        and 0 < line.box.top - right.box.top < NEAR / 2 * right.size
        and left.box.right < line.box.left <= right.box.left + 1
    ]
    return any(abs(one.box.left - other.box.left) < 1 for one, other in pairwise(begun))


def _begins_column(line: Fragment, lines: Sequence[Fragment]) -> bool:
    """Say whether other lines nearby begin at the same place."""
    near = [
        other
        for other in lines
        if other is not line
        and abs(other.box.left - line.box.left) < 0.35 * min(other.size, line.size)
        and abs(other.box.top - line.box.top) < NEAR * line.size
    ]
    return len(near) > 1


def _widened(line: Fragment) -> Box:
    """Return the place of a line as if it were a few characters longer: the line above may be indented by more."""
    return replace(line.box, right=max(line.box.right, line.box.left + (MOST_INDENT + 1) * line.size))


def _above(lines: Sequence[Fragment], at: int, box: Box) -> list[int]:
    """Return the lines right above the place of line `at`, those side by side on one level."""
    line = lines[at]
    found: list[int] = []
    for i in range(at - 1, -1, -1):
        other = lines[i]
        if line.box.top - other.box.bottom > NEAR * line.size:
            break
        over = other.box.bottom <= line.box.top + 0.5 * min(line.size, other.size)
        if over and box.beside(other.box) > 0.2 * min(line.size, other.size):
            nearest = lines[found[0]].box.bottom if found else other.box.bottom
            if other.box.bottom > nearest + 0.3 * line.size:
                found = [i]
            elif other.box.bottom > nearest - 0.5 * line.size:
                found.append(i)
    return found


def _continues(block: Sequence[Fragment], lines: Sequence[Fragment], at: int) -> bool:
    """Say whether line `at` is the next line of the block above it."""
    line, last = lines[at], block[-1]
    size = line.size
    if not _same_size(size, last.size) or line.box.top - last.box.bottom > WIDEST_LEADING * size:
        return False
    left, right = min(one.box.left for one in block), max(one.box.right for one in block)
    shift = line.box.left - left
    outdented = -MOST_INDENT * size <= shift < 0  # every line so far began a paragraph
    if not (-0.4 * size <= shift <= MOST_INDENT * size or outdented):
        return _centred(line.box, Box(left, 0, right, 0), size)
    return not any(
        other.box.left > line.box.right
        and other.box.left < right - size
        and other.box.level(line.box) > 0.5 * size
        for other in lines[max(0, at - 40) : at + 40]
        if other is not line and not _same_line_part(other, line)
    )


def _centred(line: Box, column: Box, size: float) -> bool:
    return abs((line.left + line.right) / 2 - (column.left + column.right) / 2) < 0.6 * size


def _same_line_part(other: Fragment, line: Fragment) -> bool:
    """Say whether a part to the right is so far away that a table or a tabulator put it there."""
    return other.box.left - line.box.right > 12 * line.size


def _heads(above: Fragment, below: Block) -> bool:
    """Say whether a line is an item that leaves much of the column empty, the heading of what stands below."""
    room = below.edge - above.box.right
    return _item.match(above.text) is not None and room > HEADED * (below.edge - below.box.left)


def paragraphs(block: Block) -> list[Paragraph]:
    """Return the paragraphs of a block of text."""
    found: list[list[Fragment]] = [[block.lines[0]]]
    opens = [block.indented(0)]
    indents = any(block.indented(at) for at in range(len(block.lines)))
    for at, (above, below) in enumerate(pairwise(block.lines), 1):
        short = block.edge - above.box.right > SHORT * block.size
        ended = above.text[-1] in FINISHED and short and not indents
        item = _item.match(below.text) is not None and (short or above.text[-1] in BEFORE_ITEM)
        if block.indented(at) or ended or item or _heads(above, block):
            found.append([below])
            opens.append(True)
        else:
            found[-1].append(below)
    return [Paragraph(tuple(lines), sure) for lines, sure in zip(found, opens, strict=True)]
