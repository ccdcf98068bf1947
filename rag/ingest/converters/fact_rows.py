"""Rows of facts → one article that is a table: what a spreadsheet of figures holds."""

from collections.abc import Sequence

from rag.ingest.extract import Extract
from rag.ingest.grid import is_table, with_sections
from rag.ingest.sheet import Sheet

__all__ = ["MOST_FACTS", "read_facts"]

# A table of more rows is no article; so many are looked at to see whether there are more.
LONGEST_TABLE = 2000
MOST_FACTS = LONGEST_TABLE + 1
# A remark or two may be sentences; rows of sentences are texts.
MOST_SENTENCES = 2


def read_facts(title: str, rows: Sequence[Sequence[str]]) -> Extract | None:
    """Return a table under `title`, None where the rows are no facts with heads, or too many.

    Lines above or below the table that have one cell are its caption and its notes.
    """
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    first = next((at for at, row in enumerate(cells) if _said(row) > 1), 0)
    end = next((at + 1 for at in range(len(cells) - 1, -1, -1) if _said(cells[at]) > 1), 0)
    grid = with_sections(cells[first:end])
    sentences = sum("。" in text for row in cells[first:end] for text in row)
    if len(rows) > LONGEST_TABLE or not is_table(grid) or sentences > MOST_SENTENCES:
        return None
    sheet = Sheet()
    for row in cells[:first]:
        sheet.add(next(filter(None, row), ""))
    sheet.add_table(grid)
    for row in cells[end:]:
        sheet.add(next(filter(None, row), ""))
    return sheet.extract(title=title)


def _said(row: Sequence[str]) -> int:
    return sum(map(bool, row))
