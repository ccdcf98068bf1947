"""The lines of raw newspaper text, and how wide the column is in which each was printed.

Nothing here knows about one newspaper: a column is found from the widths of lines that stand together.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

__all__ = [
    "REMEMBERED",
    "Column",
    "Line",
    "close_up",
    "display_width",
    "find_columns",
    "first_word",
    "main_column",
    "read_lines",
    "unjustify",
]

ENDERS = "。！？!?…；;"
CLOSERS = "”’」』）)】》〉\"'"

# Lines wider than this (display columns) are never part of a printed column.
WIDEST = 160
# Column widths tried for one text: the commonest ones.
MOST_WIDTHS = 24
FEW_LINES = 8
# Lines remembered while they are measured: the same ones return, in every unit and in every column.
REMEMBERED = 256
# A paragraph's first line may be this many display columns short: its indent was lost.
INDENT = 4

# What a line costs (about −log of its probability) in a column, and outside of any. Set as a whole: change them
# only with `python -m benchmarks.wraps`.
COST_FULL = 1.2
COST_INDENTED = 2.6
COST_SHORT = 5.0
COST_OVER = 8.0
COST_LOOSE = 4.4
COST_UNFINISHED = 1.6
COST_LOOSE_WIDE = 2.0
COST_NEW_COLUMN = 12.0

_unit = re.compile(
    r"[“‘《（「『【〈(]*(?:[A-Za-z0-9][\w.,%+\-/]*|.)[，。、；：？！”’》）」』】,.%℃]*", re.ASCII
)
_between_han = re.compile(r"(?<=[^\x00-\xff]) (?=[^\x00-\xff])")
_beside_han = re.compile(r"(?<=[^\x00-\xff]) | (?=[^\x00-\xff])")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its text without outer spaces, and where that stands in the source.

    `gap` counts the blank lines above it, `indent` the display columns of white space in front of it, `cut_in` says
    that something else (a caption) stands between it and the text above.
    """

    text: str
    start: int
    end: int
    gap: int = 0
    indent: int = 0
    cut_in: bool = False

    @property
    def finished(self) -> bool:
        """Say whether the line ends as a sentence does."""
        return _is_finished(self.text)


@lru_cache(REMEMBERED)
def _is_finished(text: str) -> bool:
    return text.rstrip(CLOSERS)[-1:] in ENDERS or text[-1] in ENDERS


@dataclass(frozen=True, slots=True)
class Column:
    """A width that lines were broken at: `size` in display columns, or in characters when `by_char`."""

    size: int
    by_char: bool

    @property
    def indent(self) -> int:
        """The width a paragraph's first line may have lost with its indent."""
        return INDENT // 2 if self.by_char else INDENT

    @property
    def hang(self) -> int:
        """The width of a mark that may stand outside the column."""
        return 1 if self.by_char else 2

    def width(self, text: str) -> int:
        """Measure `text` in this column's unit."""
        return len(text) if self.by_char else display_width(text)

    def holds(self, text: str) -> bool:
        """Say whether `text` fits into the column."""
        return self.width(close_up(text)) <= self.size * 1.15 + self.hang

    def measure(self, line: Line) -> int:
        """Measure a line with its indent and without the spaces that fill it."""
        indent = line.indent if line.indent <= 2 * INDENT else 0
        return self.width(close_up(line.text)) + (indent // 2 if self.by_char else indent)

    def room(self, line: Line, below: str) -> int:
        """Return what is left of the column after `line` and the first word of the text `below` it.

        Negative: the line was full, the word did not fit. Positive: somebody ended the line on purpose.
        """
        return self.size - self.measure(line) - self.width(first_word(below))


@lru_cache(REMEMBERED)
def display_width(text: str) -> int:
    """Count display columns: one for an ASCII character, two for any other."""
    return 2 * len(text) - len(text.encode("ascii", "ignore"))


@lru_cache(REMEMBERED)
def first_word(text: str) -> str:
    """Return what cannot be broken at the start of a line: a Latin word or number or one character, with its marks."""
    found = _unit.match(text)
    return found.group() if found else text[:1]


def read_lines(text: str, base: int = 0) -> list[Line]:
    """Return the lines of `text` that are not blank; `base` is added to their offsets."""
    lines: list[Line] = []
    gap = 0
    for raw in text.splitlines(keepends=True):
        body = raw.strip()
        if body:
            indent = len(raw) - len(raw.lstrip())
            start = base + indent
            columns = display_width(raw[:indent])
            lines.append(Line(unjustify(body), start, start + len(body), gap, columns))
            gap = 0
        else:
            gap += 1
        base += len(raw)
    return lines


def unjustify(text: str) -> str:
    """Collapse white space, and take it out between characters that were spaced to fill a line.

    >>> unjustify("中 心 9 个 ，算 力 总 规 模 超")
    '中心9个，算力总规模超'
    >>> unjustify("再上新 成都塑造新优势")
    '再上新 成都塑造新优势'
    """
    words = text.split()
    if len(words) == 1:
        return words[0]
    joined = " ".join(words)
    spaced_out = len(words) >= 4 and len(joined) < 3 * len(words) and not joined.isascii()
    return _beside_han.sub("", joined) if spaced_out else joined


@lru_cache(REMEMBERED)
def close_up(text: str) -> str:
    """Take out every space between two Chinese characters: in a wrapped line it only fills the column."""
    return _between_han.sub("", text)


def find_columns(lines: Sequence[Line]) -> list[Column | None]:
    """Return the column each line was broken at, None for lines that were not wrapped.

    The cheapest labelling (Viterbi): a line costs little where it fills its column, more where it is short, most
    where it does not fit, and each change of column costs something. Linear in the number of lines.
    """
    if sum(not line.finished for line in lines) < 2:
        return [None] * len(lines)
    finished = np.array([line.finished for line in lines])
    widths = {by_char: _widths(Column(0, by_char), lines) for by_char in (False, True)}
    columns: list[Column | None] = [None]
    for by_char, (width, _) in widths.items():
        columns += _candidates(width, by_char)
    wrapped = [_costs(column, *widths[column.by_char], finished) for column in columns if column]
    costs = np.stack([_loose_costs(lines), *wrapped])
    return [columns[state] for state in _cheapest_path(costs.T)]


def main_column(columns: Sequence[Column | None]) -> Column | None:
    """Return the column of most lines that were wrapped, None without any."""
    common = Counter(column for column in columns if column).most_common(1)
    return common[0][0] if common else None


def _candidates(widths: npt.NDArray[np.int64], by_char: bool) -> list[Column]:
    """Return the widths that several lines share; of a short text all widths."""
    counts = Counter(width for width in widths.tolist() if 4 <= width <= WIDEST)
    few = len(widths) <= FEW_LINES
    common = [width for width, count in counts.most_common(MOST_WIDTHS) if count > 1 or few]
    return [Column(width, by_char) for width in sorted(common)]


def _loose_costs(lines: Sequence[Line]) -> npt.NDArray[np.float64]:
    wide = np.array([display_width(line.text) > WIDEST for line in lines])
    unfinished = np.array([not line.finished for line in lines])
    return np.where(wide, COST_LOOSE_WIDE, COST_LOOSE) + COST_UNFINISHED * unfinished


def _widths(unit: Column, lines: Sequence[Line]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the width of each line, and that of the first word below it, in the unit of a column of any size."""
    words = (unit.width(first_word(line.text)) for line in lines[1:])
    return np.array([unit.measure(line) for line in lines]), np.array([*words, 0])


def _costs(
    column: Column,
    width: npt.NDArray[np.int64],
    word: npt.NDArray[np.int64],
    finished: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float64]:
    """Return what each line costs if it was broken at `column`."""
    slack = column.size - width
    full = COST_FULL + 0.15 * np.abs(slack) + COST_UNFINISHED * finished
    short = COST_SHORT + COST_UNFINISHED * ~finished
    indented = np.where(slack - word < column.indent, COST_INDENTED + 0.15 * np.abs(slack), short)
    cost = np.where(slack < word, full, indented)
    cost = np.minimum(cost, np.where(slack >= 0, short, cost))
    return np.where(slack < -column.hang, COST_OVER, cost)


def _cheapest_path(costs: npt.NDArray[np.float64]) -> list[int]:
    """Return the state of each row on the cheapest path through `costs`, (rows, states)."""
    total = costs[0].copy()
    total[1:] += COST_NEW_COLUMN / 2
    came_from = np.empty(costs.shape, dtype=np.int32)
    stay = np.arange(costs.shape[1])
    for row in range(1, len(costs)):
        best = int(total.argmin())
        moved = total[best] + COST_NEW_COLUMN
        came_from[row] = np.where(total <= moved, stay, best)
        total = np.minimum(total, moved) + costs[row]
    path = [int(total.argmin())]
    for row in range(len(costs) - 1, 0, -1):
        path.append(int(came_from[row, path[-1]]))
    return path[::-1]
