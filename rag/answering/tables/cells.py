"""Candidates that are cells of tables, with the row, head and caption that are quoted with them."""

import re
from collections.abc import Iterator, Sequence

from rag.answering.tables.sheet import Sheet
from rag.query.analysis import AnswerType, Query
from rag.records import Candidate, Cell, Fact, Hit, Span, Table
from rag.text.annotation import annotate
from rag.text.time_words import clocks

__all__ = ["cell_candidates", "cell_said"]

LONGEST_LINE = 160
LONGEST_HEAD = 100
_numbered = re.compile(r"附?表\s?[\d一二三四五六七八九十]")


def cell_candidates(query: Query, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """Yield the cells that answer `query` in the tables of `hits`, passages of rows; a table is looked at once."""
    seen: set[tuple[str, int]] = set()
    for hit in hits:
        article = hit.passage.article
        table = _table_of(hit)
        if table is None or (article.id, table.span.start) in seen:
            continue
        seen.add((article.id, table.span.start))
        sheet = Sheet(query, article, table)
        for choice in sheet.choices():
            span = Span(choice.cell.start, choice.cell.end)
            fact = _fact(sheet, choice.cell)
            yield Candidate(hit, span, choice.certain, _fits(sheet, choice.cell, fact), choice.certain, fact)


def _table_of(hit: Hit) -> Table | None:
    at = hit.passage.start
    return next((t for t in hit.passage.article.tables if t.span.start <= at < t.span.end), None)


def cell_said(candidate: Candidate, fact: Fact) -> str:
    """Return what a cell says in the words of its heads: “北岭镇”“产量（吨）”：13450吨."""
    text = candidate.hit.passage.article.text
    heads = "".join(f"“{text[span.start : span.end]}”" for span in fact.labels)
    return f"{heads}：{candidate.text}"


def _fits(sheet: Sheet, cell: Cell, fact: Fact) -> bool:
    """Tell whether a cell has the form that is asked for."""
    said = f"{sheet.said(cell)}{fact.unit}"
    if sheet.query.type is AnswerType.TIME and _asks_the_hour(sheet.query):
        return bool(clocks(said))
    if sheet.query.type is AnswerType.TIME:
        return bool(annotate(said).whens()) or any(mark in said for mark in "周年月日时点:：")
    return sheet.query.type is not AnswerType.NUMBER or sheet.is_amount(said)


def _asks_the_hour(query: Query) -> bool:
    return query.asked is not None and "点" in query.text[query.asked.start : query.asked.end]


def _fact(sheet: Sheet, cell: Cell) -> Fact:
    """Return what a cell says: its row, the heads that name it, the unit that belongs to it."""
    line = sheet.table.line(cell)
    labels = [c for c in sheet.row_of(cell) if c is not cell and sheet.names_row(c, cell)]
    heads = sheet.heads(cell)
    section = sheet.section(cell)
    far = [
        Span(c.start, c.end)
        for c in (*labels, *([section] if section else []))
        if not line.start <= c.start < line.end
    ]
    if len(line) > LONGEST_LINE:
        line = Span(cell.start, cell.end)
        far += [Span(c.start, c.end) for c in labels]
    above = [*_above(sheet, heads), *far]
    caption = sheet.table.caption
    another = section is not None and _numbered.match(sheet.said(section))
    if caption is not None and len(caption) <= LONGEST_LINE and not another:
        above.insert(0, caption)
    named = [Span(c.start, c.end) for c in (*labels, *heads[::-1])]
    return Fact(line, tuple(named), tuple(dict.fromkeys(above)), sheet.unit(cell))


def _above(sheet: Sheet, heads: Sequence[Cell]) -> Iterator[Span]:
    """Yield the lines of the head, of a long one the heads of the column alone."""
    for row in range(sheet.table.heads):
        cells = [c for c in sheet.table.cells if c.row == row]
        if not cells:
            continue
        line = Span(cells[0].start, cells[-1].end)
        if len(line) <= LONGEST_HEAD:
            yield line
        else:
            yield from (Span(c.start, c.end) for c in cells if c in heads)
