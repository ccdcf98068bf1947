"""The text of an extract while a reader writes it down, line by line, with its tables."""

from typing import Any

from rag.ingest.extract import Extract
from rag.ingest.grid import Grid, head_rows, lays_out, refine
from rag.records import BlockKind, Cell, Table

__all__ = ["CELL_GAP", "Sheet"]

# What stands between two cells of a row: no word of a cell has it.
CELL_GAP = "\t"


class Sheet:
    """Lines, some of which are joined to no other, and the rows of tables."""

    def __init__(self) -> None:
        self.length = 0
        self._lines: list[str] = []
        self._apart: list[tuple[int, BlockKind]] = []
        self._tables: list[Table] = []

    def add(self, text: str, apart: BlockKind | None = None) -> None:
        """Add a line; one of which it is known what it is stands `apart`: it is joined to no other."""
        if apart is not None:
            self._apart.append((self.length + len(text) - len(text.lstrip()), apart))
        self._lines.append(text)
        self.length += len(text) + 1

    def add_table(self, grid: Grid) -> None:
        """Add the rows of a table, a line each; cells that lay out a page are lines of their own."""
        grid = refine(grid)
        if lays_out(grid):
            for box in grid.boxes:
                self.add(box.text)
            return
        cells: list[Cell] = []
        for row in grid.lines():
            at = self.length
            for box in row:
                cells.append(Cell(at, at + len(box.text), box.row, box.column, box.rows, box.columns))
                at += len(box.text) + len(CELL_GAP)
            self.add(CELL_GAP.join(box.text for box in row), BlockKind.ROW)
        if cells:
            self._tables.append(Table(tuple(cells), head_rows(grid, grid.heads)))

    def extract(self, **fields: Any) -> Extract:
        """Return what was written, with what else is known of it."""
        return Extract("\n".join(self._lines), apart=tuple(self._apart), tables=tuple(self._tables), **fields)
