"""PDF pages → printed lines: words with their place and size."""

import ctypes
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from rag.errors import IngestError
from rag.ingest.pdf.drawings import Box, read_drawings, rule_between
from rag.ingest.raised import lowered, raised

__all__ = ["Fragment", "Sheet", "read_sheet"]

# A full page of small print has about 20,000.
MOST_CHARACTERS = 200_000
# What PDFium gives for a hyphen at a line's end and for characters without a code.
UNREADABLE = frozenset((0x0, 0x2, 0xFFFE, 0xFFFF))
# Radicals that some fonts name instead of the character of the same look: 214 of them, in the order of the list.
RADICALS = 0x2F00
LAST_RADICAL = 0x2FD5
# A wider gap than this (in type sizes) ends a fragment: a column, or a space that was set without a character.
WIDEST_GAP = 0.7
# Where several lines begin at one place (points), so small a gap (in type sizes) parts columns.
SAME_PLACE = 0.5
LEAST_GUTTER = 0.15
# Blanks wider than this (in type sizes) inside a line part columns too.
WIDEST_BLANK = 1.6
# Characters nearer than this (in type sizes) belong together whatever stands around them.
TIGHT = 0.35
# Lines of text that begin so near below a gap in larger type (in its sizes), at least two of them, show a gutter there.
BELOW = 7.0
LARGER = 1.12
# Characters whose baselines differ by less (in type sizes) stand on one line.
SAME_LINE = 0.25
# Smaller type than this share of its neighbour's, so far (in its sizes) above or below the line, is an exponent or index.
SMALL = 0.8
LEAST_UP, LEAST_DOWN = 0.15, 0.05
# Gaps (in type sizes) that are blanks, and those of a line that is not stretched.
LEAST_BLANK = 0.2
# Programs put a quarter of a character between Chinese and Latin ones by themselves: no blank.
LEAST_MIXED = 0.4
SOLID = 0.08
# The share of a type's size above the baseline.
ASCENT = 0.88


@dataclass(frozen=True, slots=True)
class Fragment:
    """Characters that stand side by side on one line; `size` is that of the type, in points."""

    text: str
    box: Box
    size: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed on a page, `number` from 1; `unreadable` counts the characters without a code."""

    number: int
    width: float
    height: float
    fragments: tuple[Fragment, ...]
    frames: tuple[Box, ...] = ()
    pictures: tuple[Box, ...] = ()
    rules: tuple[Box, ...] = ()
    """upright lines, the sides of frames among them"""
    unreadable: int = 0
    upright: int = 0
    """how many characters stand below one another or are turned"""
    lines: tuple[Box, ...] = ()
    """all straight lines across and down"""
    recognised: bool = False
    """whether the words were recognised on a picture"""
    unsure: tuple[str, ...] = ()
    """lines that were recognised too uncertainly to be read"""

    @property
    def characters(self) -> int:
        """The number of characters that can be read."""
        return sum(len(fragment.text) for fragment in self.fragments)


@dataclass(frozen=True, slots=True)
class _Glyph:
    char: str
    box: Box
    base: float
    size: float


def read_sheet(page: Any, number: int) -> Sheet:
    """Read a page of pypdfium2.

    Raises IngestError, with what is said of the page, for one with more characters than a newspaper prints.
    """
    width, height = page.get_size()
    glyphs, unreadable = _glyphs(page, height)
    upright = sum(_below(above, below) for above, below in pairwise(glyphs))
    drawn = read_drawings(page)
    fragments = tuple(_fragments(glyphs, drawn.rules))
    return Sheet(
        number,
        width,
        height,
        fragments,
        drawn.frames,
        drawn.pictures,
        drawn.rules,
        unreadable,
        upright,
        drawn.lines,
    )


def _glyphs(page: Any, height: float) -> tuple[list[_Glyph], int]:
    """Return the characters of a page in the order of the file, and how many have no code."""
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    box, matrix, x, y = pdfium.FS_RECTF(), pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    found: list[_Glyph] = []
    unreadable = 0
    if (count := text.count_chars()) > MOST_CHARACTERS:
        text.close()
        raise IngestError(f"has {count} characters, more than {MOST_CHARACTERS}")
    for at in range(count):
        if pdfium.FPDFText_IsGenerated(text, at) == 1:
            continue
        code = pdfium.FPDFText_GetUnicode(text, at)
        if code in UNREADABLE or 0xE000 <= code <= 0xF8FF or code == 0xFFFD:
            unreadable += code != 0x2
            continue
        pdfium.FPDFText_GetLooseCharBox(text, at, box)
        pdfium.FPDFText_GetCharOrigin(text, at, x, y)
        place = Box(box.left, height - box.top, box.right, height - box.bottom)
        pdfium.FPDFText_GetMatrix(text, at, matrix)
        size = pdfium.FPDFText_GetFontSize(text, at) * math.hypot(matrix.c, matrix.d)
        found.append(_Glyph(_char(code), place, height - y.value, size if size > 0 else place.height))
    text.close()
    return found, unreadable


def _char(code: int) -> str:
    """Return the character of a code, a radical as the character it looks like."""
    if RADICALS <= code <= LAST_RADICAL:
        import unicodedata

        return unicodedata.normalize("NFKC", chr(code))
    return chr(code) if not 0xD800 <= code <= 0xDFFF else "\ufffd"


def _below(above: _Glyph, below: _Glyph) -> bool:
    """Say whether a character stands right below the one before it, as in vertical lines."""
    down, side = below.base - above.base, abs(below.box.left - above.box.left)
    same = above.char > "\u2e7f" and below.char > "\u2e7f" and abs(above.size - below.size) < 0.5
    return same and side < 0.3 * above.size and 0.7 * above.size < down < 1.6 * above.size


def _fragments(glyphs: Sequence[_Glyph], rules: Sequence[Box]) -> Iterator[Fragment]:
    """Yield the runs of the file, joined where one stands right after another, whatever their order in the file."""
    runs: list[list[_Glyph]] = []
    for glyph in glyphs:
        glyph = _set_off(runs[-1][-1], glyph) if runs else glyph
        if runs and _goes_on(runs[-1][-1], glyph, WIDEST_GAP):
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    starts = _starts(runs)
    parts = [part for run in runs for part in _parted(run, starts)]
    close = [run for line in _levels(parts) for run in _chained(line, starts, TIGHT, lambda *_: False)]
    starts = _starts(close)

    def parted(left: _Glyph, right: _Glyph) -> bool:
        return rule_between(rules, left.box, right.box) or _gutter_below(left, right, close)

    for line in _levels(close):
        for run in _chained(line, starts, WIDEST_GAP, parted):
            yield from _written(run)


def _set_off(left: _Glyph, glyph: _Glyph) -> _Glyph:
    """Return a small digit beside a larger character, above or below its line, as the character that says so."""
    gap, up = glyph.box.left - left.box.right, left.base - glyph.base
    if glyph.size > SMALL * left.size or not -0.6 * left.size < gap < TIGHT * left.size:
        return glyph
    char = glyph.char
    if LEAST_UP * left.size < up < left.size:
        char = raised(char)
    elif LEAST_DOWN * left.size < -up < 0.5 * left.size:
        char = lowered(char)
    return glyph if char == glyph.char else replace(glyph, char=char, base=left.base, size=left.size)


def _starts(runs: Iterable[Sequence[_Glyph]]) -> Counter[int]:
    """Count the runs that begin at each place."""
    return Counter(_place(run[0]) for run in runs if len(run) > 3)


def _chained(
    line: Sequence[list[_Glyph]],
    starts: Mapping[int, int],
    widest: float,
    parted: Callable[[_Glyph, _Glyph], bool],
) -> list[list[_Glyph]]:
    """Join the runs of one line that stand near each other, unless a column begins between them."""
    joined = [line[0]]
    for run in line[1:]:
        left, right = joined[-1][-1], run[0]
        near = _goes_on(left, right, widest) and not _begins_column(right, starts)
        if near and not (right.box.left - left.box.right > TIGHT * right.size and parted(left, right)):
            joined[-1] = joined[-1] + run
        else:
            joined.append(run)
    return joined


def _goes_on(left: _Glyph, right: _Glyph, widest: float) -> bool:
    size = max(left.size, right.size)
    gap = right.box.left - left.box.right
    return abs(left.base - right.base) < SAME_LINE * size and -0.6 * size < gap < widest * size


def _gutter_below(left: _Glyph, right: _Glyph, runs: Iterable[Sequence[_Glyph]]) -> bool:
    """Say whether right below two characters of larger type a column of text begins between them."""
    begun = Counter(
        _place(run[0])
        for run in runs
        if len(run) > 3
        and run[0].size * LARGER < right.size
        and 0 < run[0].base - right.base < BELOW * right.size
        and left.box.right < run[0].box.left <= right.box.left + 1
    )
    return any(count > 1 for count in begun.values())


def _place(glyph: _Glyph) -> int:
    return round(glyph.box.left / SAME_PLACE)


def _parted(run: list[_Glyph], starts: Mapping[int, int]) -> Iterator[list[_Glyph]]:
    """Yield the parts of a run that was written on over the gap between two columns."""
    begun = 0
    for at in range(1, len(run)):
        gap = run[at].box.left - run[at - 1].box.right
        if gap > LEAST_GUTTER * run[at].size and _begins_column(run[at], starts):
            yield run[begun:at]
            begun = at
    yield run[begun:]


def _begins_column(glyph: _Glyph, starts: Mapping[int, int]) -> bool:
    """Say whether several runs begin at the same place as a character."""
    place = _place(glyph)
    return sum(starts.get(near, 0) for near in (place - 1, place, place + 1)) > 2


def _levels(runs: Sequence[list[_Glyph]]) -> Iterator[list[list[_Glyph]]]:
    """Yield the runs that share a baseline and a size, from left to right, from top to bottom."""
    levels: dict[tuple[int, int], list[list[_Glyph]]] = defaultdict(list)
    last: tuple[float, float] | None = None
    key = (0, 0)
    for run in sorted(runs, key=lambda run: (run[0].base, run[0].box.left)):
        base, size = run[0].base, run[0].size
        if last is None or base - last[0] >= SAME_LINE * min(size, last[1]):
            key, last = (key[0] + 1, 0), (base, size)
        levels[key].append(run)
    for level in levels.values():
        yield sorted(level, key=lambda run: run[0].box.left)


def _written(run: Sequence[_Glyph]) -> Iterator[Fragment]:
    """Yield a run without outer blanks, in several parts where a wide blank stands inside."""
    part: list[_Glyph] = []
    blank: list[_Glyph] = []
    for glyph in run:
        if glyph.char.isspace():
            blank.append(glyph)
            continue
        if part and blank:
            if blank[-1].box.right - blank[0].box.left > WIDEST_BLANK * glyph.size:
                yield _fragment(part)
                part = []
            else:
                part += blank
        part.append(glyph)
        blank = []
    if part:
        yield _fragment(part)


def _fragment(part: Sequence[_Glyph]) -> Fragment:
    size = statistics.median(glyph.size for glyph in part if not glyph.char.isspace())
    base = statistics.median(glyph.base for glyph in part)
    right = max(glyph.box.right for glyph in part)
    box = Box(part[0].box.left, base - ASCENT * size, right, base + (1 - ASCENT) * size)
    return Fragment(_words(part, size), box, size)


def _words(part: Sequence[_Glyph], size: float) -> str:
    """Write down the characters; a gap is a blank between Latin words, and in a line that is not stretched."""
    gaps = [right.box.left - left.box.right for left, right in pairwise(part)]
    set_solid = not gaps or statistics.median(gaps) < SOLID * size
    text = [part[0].char]
    for (left, right), gap in zip(pairwise(part), gaps, strict=True):
        blank = " " in (left.char, right.char) or left.char.isspace() or right.char.isspace()
        latin = left.char.isascii() and right.char.isascii()
        mixed = left.char.isascii() != right.char.isascii()
        least = LEAST_MIXED if mixed else LEAST_BLANK
        if not blank and gap > least * size and (latin or set_solid):
            text.append(" ")
        text.append(" " if right.char.isspace() else right.char)
    return "".join(text)
