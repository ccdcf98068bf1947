"""The tables of an extract, found again in the article that was made of it."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from rag.records import Block, BlockKind, Cell, Span, Table

__all__ = ["place_tables", "table_rows"]

# A line above a table that belongs to it is no longer than this, and there are no more of them.
LONGEST_CAPTION = 60
MOST_CAPTIONS = 2

_caption = re.compile(r"^[（(]?(?:附?表|单位|计量单位)\s?[\d一二三四五六七八九十:：\-—]|单位[:：]")


def place_tables(
    tables: Sequence[Table], moved: int, text: str, blocks: Sequence[Block], origins: Sequence[int]
) -> Iterator[Table]:
    """Yield the tables with the offsets of `text`; `origins` are those at which its blocks begin in the extract.

    `moved` is how far the extract's own text stands behind them. A row that was left out leaves its cells out.
    """
    rows = [(origin, at) for at, origin in enumerate(origins) if blocks[at].kind is BlockKind.ROW]
    rows.sort()
    starts = [origin for origin, _ in rows]
    for table in tables:
        cells: list[Cell] = []
        for cell in table.cells:
            found = bisect_right(starts, cell.start + moved) - 1
            block = blocks[rows[found][1]] if found >= 0 else None
            if block is not None and (start := block.start + cell.start + moved - starts[found]) < block.end:
                cells.append(replace(cell, start=start, end=start + cell.end - cell.start))
        if cells:
            yield replace(table, cells=tuple(cells), caption=_caption_of(text, blocks, cells[0].start))


def _caption_of(text: str, blocks: Sequence[Block], start: int) -> Span | None:
    """Return the lines right above a table that name it or its unit: short ones that state nothing."""
    at = next(i for i, block in enumerate(blocks) if block.start == start)
    first = at
    while first and at - first < MOST_CAPTIONS and _names(text, blocks[first - 1]):
        first -= 1
    return Span(blocks[first].start, blocks[at - 1].end) if first < at else None


def _names(text: str, block: Block) -> bool:
    said = text[block.start : block.end]
    if (
        block.kind not in (BlockKind.BODY, BlockKind.HEADING, BlockKind.CAPTION)
        or len(said) > LONGEST_CAPTION
    ):
        return False
    # 学历：本科 states a thing of its own; 办公时间： only leads to what follows.
    return _caption.search(said) is not None or not set(said.rstrip("：:")) & set("。！？；，：:")


def table_rows(table: Table, text: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a table of `text`, each as its cells in order, without white space."""
    for _, row in groupby(table.cells, key=lambda cell: cell.row):
        yield tuple("".join(text[cell.start : cell.end].split()) for cell in row)
