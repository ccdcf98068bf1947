"""Lines → runs that read as one: in raw newspaper text a break may stand anywhere, also inside a word.

When a column ends there is an empty line in the middle of the sentence, and pictures cut in. So every break between two
lines is decided by a few signs that are added up: did the line fill its column, how does it end, how does the next
one begin, what stands between them. The weights hold together: change them only with `python -m benchmarks.wraps`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_letters

from rag.budget import spend
from rag.ingest.cleaning.lines import INDENT, Column, Line, close_up, display_width, first_word
from rag.text.words import words

__all__ = ["Run", "join_headline", "join_lines", "within_word"]

# A line that ends with one of these is not at the end of anything; one that starts so belongs to the line above.
OPEN_ENDS = "，、：,:（(《〈“‘「『【—-·"
NO_STARTS = "，。、；：？！”’）》〉」』】,.;:?!)%％℃"
LATIN = frozenset(ascii_letters)
# What a mark adds to the quotations and brackets that are open.
DEPTH = dict(zip("“”（）《》「」()『』【】", 7 * (1, -1), strict=True))

# A full line never leaves more room than this (display columns), whatever its neighbours do.
MOST_GIVE = 6
# Headings are shorter than this many characters.
LONG_HEADING = 40

_paired = re.compile("[“”（）《》「」()『』【】]")
_clause = re.compile("[，。；！？]")
# 近年来，… 据悉，… 同日，…: when or on whose word, then much more. Headings balance their halves.
_adverb = re.compile(r"[^，。！？；：、]{1,9}，(?=.{8})")


# 随着…, 记者从…, 据…: no heading begins so; none ends with a word that needs another.
_opening = re.compile(
    "记者(?:[从在了获]|\\d)|随着|据(?:了解|悉|介绍|统计|新华社|[^，。]{0,8}(?:报道|消息|媒体))|近年来|近日|日前|目前|截至|[去今]年[底初]，"
)
_needs_more = re.compile("(?<![温缓平总饱柔谦参目])(?:[和与及或从把被将向于]|但是|以及|包括)$")

# The opening of many a first sentence, after which no heading goes on.
_date_first = re.compile(r"(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:[上下]午|晚|凌晨)?，")


@dataclass(frozen=True, slots=True)
class Run:
    """Lines that read as one paragraph, heading or caption."""

    lines: tuple[Line, ...]
    column: Column | None = None

    @property
    def text(self) -> str:
        """The lines as one line."""
        if len(self.lines) == 1:
            return self.lines[0].text
        glued = zip(self.words(), [*self.glue(), ""], strict=True)
        return "".join(word + glue for word, glue in glued)

    @property
    def a_sentence(self) -> bool:
        """Say whether the run is a sentence or several, not a heading."""
        opened = Opened()
        for line in self.lines:
            opened = opened.after(line.text)
        return self.lines[-1].finished or opened.a_sentence

    def words(self) -> list[str]:
        """Return the text of each line; in a wrapped paragraph spaces between Chinese characters are filling."""
        return [close_up(line.text) if len(self.lines) > 1 else line.text for line in self.lines]

    def glue(self) -> list[str]:
        """Return what stands between the lines: nothing, or a space between two Latin words."""
        return [
            " " if above.text[-1] in LATIN and below.text[0] in LATIN else ""
            for above, below in pairwise(self.lines)
        ]


def join_lines(lines: Sequence[Line], columns: Sequence[Column | None]) -> list[Run]:
    """Return the lines in order, joined where one reads on in the next; `columns` are those of the lines."""
    habits = Habits.of(lines, columns)
    found: list[Run] = []
    first, opened = 0, Opened()
    for at, line in enumerate(lines):
        spend()
        if at > first and not reads_on(_break(lines, columns, at, opened), habits):
            found.append(Run(tuple(lines[first:at]), columns[first]))
            first, opened = at, Opened()
        opened = opened.after(line.text)
    return [*found, Run(tuple(lines[first:]), columns[first])] if lines else []


def join_headline(lines: Sequence[Line], column: Column | None) -> list[Run]:
    """Return the lines of a headline, joined where one reads on in the next; `column` is that of the text below.

    A line reads on if a word, quotation or bracket does, if it fills the column, or if it is as long as another line
    that reads on: then it was broken at a width of its own. Other lines are headlines of their own (title, subtitle).
    """
    pairs = list(pairwise(lines))
    opened, sure = Opened(), []
    for above, below in pairs:
        opened = opened.after(above.text)
        sure.append(_must_read_on(above.text, below.text, opened.depth) or _fills(column, above, below))
    own = [
        Column(display_width(above.text), False)
        for (above, _), joins in zip(pairs, sure, strict=True)
        if joins
    ]
    found = [[lines[0]]]
    for (above, below), joins in zip(pairs, sure, strict=True):
        if joins or any(_fills(width, above, below) for width in own):
            found[-1].append(below)
        else:
            found.append([below])
    return [Run(tuple(run)) for run in found]


def _must_read_on(above: str, below: str, depth: int) -> bool:
    return depth > 0 or above[-1] in OPEN_ENDS or below[0] in NO_STARTS or within_word(above, below)


def _fills(column: Column | None, above: Line, below: Line) -> bool:
    """Say whether the headline's line leaves no room for a word; where it ended a space may have stood."""
    if column is None or not column.holds(above.text) or not column.holds(below.text):
        return False
    return column.size - column.width(above.text) < column.width(first_word(below.text)) + (" " in below.text)


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
        depth = self.depth + sum(DEPTH[mark] for mark in _paired.findall(line))
        return Opened(
            self.lines + 1,
            self.chars + len(line),
            max(depth, 0),
            self.clauses or _clause.search(line) is not None,
            self.adverb or (self.lines == 0 and _adverb.match(line) is not None),
        )

    @property
    def wordy(self) -> bool:
        """Say whether this is more than a heading would say."""
        return self.clauses or self.chars > LONG_HEADING

    @property
    def a_sentence(self) -> bool:
        """Say whether this is the beginning of a sentence rather than a heading."""
        return self.clauses and (self.adverb or self.chars >= LONG_HEADING)


@dataclass(frozen=True, slots=True)
class Break:
    """The end of a line: what stands around it."""

    above: Line
    below: Line
    column: Column | None
    next_column: Column | None
    room: int
    """what is left of the column after the line and the first word below; negative where the line was full"""
    next_room: int
    number: int
    """how many lines of the text are above"""
    opened: Opened

    @property
    def lone(self) -> bool:
        """Say whether there is one line above that could be a heading."""
        return self.opened.lines == 1 and not self.opened.wordy

    @property
    def first(self) -> bool:
        """Say whether the line above begins the text."""
        return self.number == 1


def _break(lines: Sequence[Line], columns: Sequence[Column | None], at: int, opened: Opened) -> Break:
    return Break(
        lines[at - 1],
        lines[at],
        columns[at - 1],
        columns[at],
        _room(lines, columns, at - 1),
        _room(lines, columns, at),
        at,
        opened,
    )


def _room(lines: Sequence[Line], columns: Sequence[Column | None], at: int) -> int:
    column = columns[at]
    if column is None:
        return 0
    below = lines[at + 1].text if at + 1 < len(lines) else ""
    return column.room(lines[at], below)


@dataclass(frozen=True, slots=True)
class Habits:
    """How one text sets its paragraphs off, and how much room its full lines leave."""

    blank_lines: bool = False
    """paragraphs are set off by blank lines"""
    indents: bool = False
    """paragraphs begin with white space"""
    short_starts: bool = False
    """paragraphs began with white space that was lost: their first line is short"""
    split_columns: bool = False
    """blank lines stand in the middle of sentences too"""
    give: int = 0
    """room (display columns) that full lines leave, nine in ten no more"""

    @classmethod
    def of(cls, lines: Sequence[Line], columns: Sequence[Column | None]) -> "Habits":
        """Look at the breaks after finished lines and at the others."""
        rooms = [_room(lines, columns, at) for at in range(len(lines))]
        starts = [at for at in range(1, len(lines)) if lines[at - 1].finished]
        inside = [at for at in range(1, len(lines)) if not lines[at - 1].finished]
        near = sorted(
            rooms[at] for at in inside if columns[at] and rooms[at] <= MOST_GIVE and not lines[at].finished
        )
        sure = [at for at in starts if lines[at].gap or rooms[at - 1] > INDENT]
        firsts = [rooms[at] for at in sure if columns[at] and not lines[at].finished]
        few = sum(line.indent > 1 for line in lines) * 2 < len(lines)
        return cls(
            blank_lines=sum(lines[at].gap > 0 for at in starts) * 3 >= len(starts) > 0,
            indents=few and sum(lines[at].indent > 1 for at in starts) * 3 >= len(starts) > 0,
            short_starts=sum(room >= 0 for room in firsts) * 3 >= 2 * len(firsts) > 2,
            split_columns=any(
                lines[at].gap and not lines[at].cut_in and "，" in lines[at - 1].text for at in inside
            ),
            give=max(near[len(near) * 9 // 10] + 1, 0) if near else 0,
        )


def reads_on(at: Break, habits: Habits) -> bool:
    """Weigh the signs that a sentence goes on over a break."""
    signs = (
        _by_width(at, habits),
        _by_ending(at),
        _by_start(at, habits),
        _by_gap(at, habits),
    )
    return sum(signs) > 0


def _by_width(at: Break, habits: Habits) -> float:
    """Say whether the line was broken because its column was full."""
    if at.column is None or at.next_column is None:
        return 0.0 if at.opened.a_sentence else -4.0
    if at.column.holds(at.above.text) != at.column.holds(at.below.text):
        return -4.0
    moved = -2.0 if at.below.gap and at.column != at.next_column else 0.0
    lost = at.column.indent if at.opened.lines == 1 else 0
    if at.room < (lost if habits.short_starts else 0):
        return 2.0 + moved
    return 0.5 + moved if at.room - lost < habits.give else -4.0


def _by_ending(at: Break) -> float:
    if at.opened.depth:
        return 5.0
    if at.above.finished:
        return -3.0
    if at.above.text[-1] in OPEN_ENDS:
        return 3.0
    if at.opened.a_sentence:
        return 4.0
    return 2.0 if at.opened.wordy else 0.0


def _by_start(at: Break, habits: Habits) -> float:
    if at.below.text[0] in NO_STARTS:
        return 5.0
    if at.lone and at.below.gap and _date_first.match(at.below.text):
        return -3.0  # 11月16日，… opens a paragraph below a heading
    if habits.indents:
        return -5.0 if at.below.indent > 1 else 1.5 if at.above.finished else 2.5
    if habits.short_starts and at.next_column and not at.below.finished:
        return 2.5 if at.next_room < 0 else -2.0
    return 0.0


def _by_gap(at: Break, habits: Habits) -> float:
    """Weigh blank lines: after a line that could be a heading they count more, unless a word goes on."""
    if not at.below.gap:
        return 2.5 if habits.blank_lines else 1.5
    if at.below.cut_in:
        return -1.0 if at.above.finished else 0.0
    weight = -float(min(at.below.gap, 2))
    if at.first and not at.opened.clauses:
        return weight - 5.0
    if at.lone:
        weight += 4.0 if _opening.match(at.above.text) or _needs_more.search(at.above.text) else 0.0
        weight -= 0.5 if habits.split_columns else 2.5
        weight -= 1.5 if at.above.gap > habits.blank_lines else 0.0
        weight += 4.0 if within_word(at.above.text, at.below.text) else 0.0
    return weight


def within_word(above: str, below: str) -> bool:
    """Say whether the break is inside a word: 创 | 新优势."""
    across = above[-1] + below[0]
    return any(across in word for word in words(above[-3:] + below[:3]))
