"""The text of an extract while a reader writes it down, line by line, with its tables."""

from typing import Any

from rag.ingest.extract import Extract
from rag.ingest.grid import LONGEST_CELL, Grid, refine
from rag.records import BlockKind

__all__ = ["Sheet"]


class Sheet:
    """Lines, some of which are joined to no other, and the rows of tables."""

    def __init__(self) -> None:
        self.length = 0
        self._lines: list[str] = []
        self._apart: list[tuple[int, BlockKind]] = []

    def add(self, text: str, apart: BlockKind | None = None) -> None:
        """Add a line; one of which it is known what it is stands `apart`: it is joined to no other."""
        if apart is not None:
            self._apart.append((self.length + len(text) - len(text.lstrip()), apart))
        self._lines.append(text)
        self.length += len(text) + 1

    def add_table(self, grid: Grid) -> None:
        """Add the rows of a table, a line each; cells that lay out a page are lines of their own."""
        grid = refine(grid)
        if grid.width < 2 or max((len(box.text) for box in grid.boxes), default=0) > LONGEST_CELL:
            for box in grid.boxes:
                self.add(box.text)
            return
        for row in grid.lines():
            self.add("\t".join(box.text for box in row), BlockKind.BODY)

    def extract(self, **fields: Any) -> Extract:
        """Return what was written, with what else is known of it."""
        return Extract("\n".join(self._lines), apart=tuple(self._apart), **fields)
