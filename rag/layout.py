"""Lines of raw newspaper text: how wide their column is, and which of them read on.

A printed column breaks a line wherever it is full, inside words too, and when a column ends there is an empty line
in the middle of the sentence. Nothing here knows about one newspaper: a column is found from the widths of lines
that stand together, and every break between two lines is decided by a few signs that are added up.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_letters

import numpy as np
import numpy.typing as npt

__all__ = ["Column", "Line", "Run", "find_columns", "read_lines", "runs", "unjustify"]

ENDERS = "。！？!?…；;"
CLOSERS = "”’」』）)】》〉\"'"
# A line that ends with one of these is not at the end of anything; one that starts so belongs to the line above.
OPEN_ENDS = "，、：,:（(《〈“‘「『【—-·"
NO_STARTS = "，。、；：？！”’）》〉」』】,.;:?!)%％℃"
CLAUSE_MARKS = "，。；！？："
LATIN = frozenset(ascii_letters)
PAIRS = ("“”", "（）", "《》", "「」", "()", "『』", "【】")

# Lines wider than this (display columns) are never part of a printed column.
WIDEST = 160
# Column widths tried for one text: the commonest ones.
MOST_WIDTHS = 24
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

# A full line never leaves more room than this, whatever its neighbours do.
MOST_GIVE = 6
# Headings are shorter than this many characters.
LONG_HEADING = 40

_unit = re.compile(
    r"[“‘《（「『【〈(]*(?:[A-Za-z0-9][\w.,%+\-/]*|.)[，。、；：？！”’》）」』】,.%℃]*", re.ASCII
)
# A sentence that begins with when or on whose word; headings hardly ever do.
_adverb = re.compile(
    "(近年来?|近日|日前|目前|如今|此外|同时|与此同时|不仅如此|据\\w{1,8}|对此|其中|为此|例如|随着|随后|另外|记者"
    "|今年(以来)?|去年|昨日|今日|当天|当日|\\d{1,4}[年月]\\w{0,8}|\\d{1,2}日\\w{0,4}|截至\\w{1,10})，"
)
_between_han = re.compile(r"(?<=[^\x00-\xff]) (?=[^\x00-\xff])")
_beside_han = re.compile(r"(?<=[^\x00-\xff]) | (?=[^\x00-\xff])")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its text without outer spaces, and where that stands in the source.

    `gap` counts the blank lines above it, `indent` the display columns of white space in front of it.
    """

    text: str
    start: int
    end: int
    gap: int = 0
    indent: int = 0

    @property
    def finished(self) -> bool:
        """Say whether the line ends as a sentence does."""
        return self.text.rstrip(CLOSERS)[-1:] in ENDERS or self.text[-1] in ENDERS


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

    def room(self, line: str, below: str) -> int:
        """Return what is left of the column after `line` and the first word of the line `below` it.

        Negative: the line was full, the word did not fit. Positive: somebody ended the line on purpose.
        """
        return self.size - self.width(line) - self.width(first_word(below))


def display_width(text: str) -> int:
    """Count display columns: one for an ASCII character, two for any other."""
    return 2 * len(text) - len(text.encode("ascii", "ignore"))


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


def close_up(text: str) -> str:
    """Take out every space between two Chinese characters: in a wrapped line it only fills the column."""
    return _between_han.sub("", text)


def find_columns(lines: Sequence[Line]) -> list[Column | None]:
    """Return the column each line was broken at, None for lines that were not wrapped.

    The cheapest labelling (Viterbi): a line costs little where it fills its column, more where it is short, most
    where it does not fit, and each change of column costs something. Linear in the number of lines.
    """
    if sum(not line.finished for line in lines) < 3:
        return [None] * len(lines)
    texts = [close_up(line.text) for line in lines]
    columns: list[Column | None] = [None, *_candidates(texts)]
    costs = np.stack(
        [_loose_costs(lines), *(_costs(column, lines, texts) for column in columns[1:] if column)]
    )
    return [columns[state] for state in _cheapest_path(costs.T)]


def _candidates(texts: Sequence[str]) -> list[Column]:
    """Return the widths that several lines share, in both units."""
    found = []
    for by_char in (False, True):
        measure = Column(0, by_char).width
        counts = Counter(width for text in texts if 4 <= (width := measure(text)) <= WIDEST)
        common = [width for width, count in counts.most_common(MOST_WIDTHS) if count > 1]
        found += [Column(width, by_char) for width in sorted(common)]
    return found


def _loose_costs(lines: Sequence[Line]) -> npt.NDArray[np.float64]:
    wide = np.array([display_width(line.text) > WIDEST for line in lines])
    unfinished = np.array([not line.finished for line in lines])
    return np.where(wide, COST_LOOSE_WIDE, COST_LOOSE) + COST_UNFINISHED * unfinished


def _costs(column: Column, lines: Sequence[Line], texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return what each line costs if it was broken at `column`."""
    width = np.array([column.width(text) for text in texts])
    word = np.array([column.width(first_word(text)) for text in [*texts[1:], ""]])
    slack = column.size - width
    finished = np.array([line.finished for line in lines])
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


@dataclass(frozen=True, slots=True)
class Run:
    """Lines that read as one paragraph, heading or caption."""

    lines: tuple[Line, ...]
    column: Column | None = None

    @property
    def text(self) -> str:
        """The lines as one line."""
        return "".join(word + glue for word, glue in zip(self.words(), [*self.glue(), ""], strict=True))

    def words(self) -> list[str]:
        """Return the text of each line; in a wrapped paragraph spaces between Chinese characters are filling."""
        return [close_up(line.text) if len(self.lines) > 1 else line.text for line in self.lines]

    @property
    def a_sentence(self) -> bool:
        """Say whether the run is a sentence or several, not a heading."""
        opened = Opened()
        for line in self.lines:
            opened = opened.after(line.text)
        return self.lines[-1].finished or opened.a_sentence

    def glue(self) -> list[str]:
        """Return what stands between the lines: nothing, or a space between two Latin words."""
        return [
            " " if above.text[-1] in LATIN and below.text[0] in LATIN else ""
            for above, below in pairwise(self.lines)
        ]


def runs(lines: Sequence[Line], columns: Sequence[Column | None]) -> list[Run]:
    """Return the lines in order, joined where one reads on in the next."""
    habits = Habits.of(lines, columns)
    found: list[Run] = []
    first, state = 0, Opened()
    for at, line in enumerate(lines):
        if at > first and not reads_on(lines[at - 1], line, columns[at - 1 : at + 1], state, habits):
            found.append(Run(tuple(lines[first:at]), columns[first]))
            first, state = at, Opened()
        state = state.after(line.text)
    return [*found, Run(tuple(lines[first:]), columns[first])] if lines else []


@dataclass(frozen=True, slots=True)
class Habits:
    """How one text sets its paragraphs off, and how much room its full lines may leave (display columns)."""

    blank_lines: bool
    indents: bool
    give: int

    @classmethod
    def of(cls, lines: Sequence[Line], columns: Sequence[Column | None]) -> "Habits":
        """Look at the lines that follow a finished line, and at the ends of the others."""
        starts = [below for above, below in pairwise(lines) if above.finished]
        blank = sum(line.gap > 0 for line in starts)
        indented = sum(line.indent > 1 for line in starts)
        few = sum(line.indent > 1 for line in lines) * 2 < len(lines)
        left = [
            column.room(close_up(above.text), below.text)
            for (above, below), column in zip(pairwise(lines), columns, strict=False)
            if column and not above.finished
        ]
        near = sorted(room for room in left if room <= MOST_GIVE)
        give = near[len(near) * 9 // 10] + 1 if near else 0
        return cls(blank * 3 >= len(starts) > 0, few and indented * 3 >= len(starts) > 0, max(give, 0))


@dataclass(frozen=True, slots=True)
class Opened:
    """What the lines of a run leave open: how many, their length, quotes and brackets, whether clauses ended."""

    lines: int = 0
    chars: int = 0
    depth: int = 0
    clauses: bool = False
    adverb: bool = False

    def after(self, line: str) -> "Opened":
        """Return the state after one more line."""
        depth = self.depth + sum(line.count(pair[0]) - line.count(pair[1]) for pair in PAIRS)
        return Opened(
            self.lines + 1,
            self.chars + len(line),
            max(depth, 0),
            self.clauses or any(mark in line for mark in CLAUSE_MARKS),
            self.adverb or (self.lines == 0 and _adverb.match(line) is not None),
        )

    @property
    def a_sentence(self) -> bool:
        """Say whether this is the beginning of a sentence rather than a heading."""
        return self.clauses and (self.adverb or self.chars >= LONG_HEADING)


def reads_on(
    above: Line, below: Line, columns: Sequence[Column | None], opened: Opened, habits: Habits
) -> bool:
    """Weigh the signs that the sentence of `above` goes on in `below`; `columns` are those of the two lines."""
    signs = (
        _by_width(above, below, columns, opened, habits),
        _by_ending(above, opened),
        _by_start(below, habits),
        _by_gap(below, opened, habits),
    )
    return sum(signs) > 0


def _by_width(
    above: Line, below: Line, columns: Sequence[Column | None], opened: Opened, habits: Habits
) -> float:
    """Say whether the line was broken because its column was full."""
    column, next_column = columns
    if column is None or next_column is None:
        return 0.0 if opened.a_sentence else -4.0
    if column.holds(above.text) != column.holds(below.text):
        return -4.0
    room = column.room(close_up(above.text), below.text)
    moved = -2.0 if below.gap and column != next_column else 0.0
    if room < 0:
        return 2.0 + moved
    if room - (column.indent if opened.lines == 1 else 0) < max(habits.give, 0):
        return 0.5 + moved
    return -4.0


def _by_ending(above: Line, opened: Opened) -> float:
    if above.finished and opened.depth == 0:
        return -3.0
    if opened.depth or above.text[-1] in OPEN_ENDS:
        return 3.0
    return 2.0 if opened.clauses else 0.0


def _by_start(below: Line, habits: Habits) -> float:
    if below.text[0] in NO_STARTS:
        return 5.0
    if habits.indents:
        return -5.0 if below.indent > 1 else 1.0
    return 0.0


def _by_gap(below: Line, opened: Opened, habits: Habits) -> float:
    if below.gap:
        lone = opened.lines == 1 and not opened.clauses
        return -float(min(below.gap, 2)) - (1.5 if lone else 0.0)
    return 2.5 if habits.blank_lines else 1.5
