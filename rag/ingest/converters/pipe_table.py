"""Tables of Markdown: where their cells stand, and what parts them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.ingest.sheet import CELL_GAP

__all__ = ["PipeTable", "find_tables"]

# The line below the head: |---|:--:|
_rule = re.compile(r"[ \t]{0,3}+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+){0,62}+\|?[ \t]*+\r?")
_bar = re.compile(r"[ \t]{0,40}(?<!\\)\|[ \t]*")
_line = re.compile(r"[^\n]*+\n?")


@dataclass(frozen=True, slots=True)
class PipeTable:
    """A table between two offsets of a text; `rows` are its cells with words as (start, end, column), its head first.

    `marks` are the spans that part the cells, with what stands in their place, in order.
    """

    start: int
    end: int
    rows: tuple[tuple[tuple[int, int, int], ...], ...]
    marks: tuple[tuple[int, int, str], ...]


def find_tables(text: str, begin: int = 0) -> Iterator[PipeTable]:
    """Yield the tables behind offset `begin`: a line with bars, a rule of as many columns below it, lines with bars."""
    lines = [found.span() for found in _line.finditer(text, begin) if found[0]]
    at = 0
    while at + 1 < len(lines):
        first, last = lines[at + 1]
        if "|" not in text[slice(*lines[at])] or "|" not in text[first:last]:
            at += 1
            continue
        if not _rule.fullmatch(text[first:last].rstrip("\n")):
            at += 1
            continue
        end = at + 2
        while end < len(lines) and "|" in text[slice(*lines[end])]:
            end += 1
        yield _table(text, lines[at:end])
        at = end


def _table(text: str, lines: list[tuple[int, int]]) -> PipeTable:
    rows: list[tuple[tuple[int, int, int], ...]] = []
    marks: list[tuple[int, int, str]] = []
    for number, (start, end) in enumerate(lines):
        stop = start + len(text[start:end].rstrip())
        if number == 1:
            marks.append((start, stop, ""))
            continue
        cells, bars = _cells(text, start, stop)
        rows.append(tuple(cell for cell in cells if cell[0] < cell[1]))
        marks += bars
    return PipeTable(lines[0][0], lines[-1][1], tuple(rows), tuple(marks))


def _cells(text: str, start: int, end: int) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, str]]]:
    """Return the cells of a line and what parts them; a bar at either end only frames it."""
    cells: list[tuple[int, int, int]] = []
    marks: list[tuple[int, int, str]] = []
    at = start + len(text[start:end]) - len(text[start:end].lstrip())
    bars = [found.span() for found in _bar.finditer(text, start, end)]
    if bars and bars[0][0] <= at:
        marks.append((start, bars[0][1], ""))
        at, bars = bars[0][1], bars[1:]
    elif at > start:
        marks.append((start, at, ""))
    for column, (first, last) in enumerate(bars):
        cells.append((at, first, column))
        marks.append((first, last, CELL_GAP if last < end else ""))
        at = last
    if at < end:
        cells.append((at, end, len(bars)))
    return cells, marks
