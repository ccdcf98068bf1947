"""The tables of facts of a web page, taken out before its main text is looked for and put back as rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree, html

from rag.ingest.extract import Extract
from rag.ingest.grid import Box, Grid, arrange, is_table
from rag.ingest.sheet import Sheet
from rag.ingest.web.page_lines import SIGNS

__all__ = ["SetOut", "set_out"]

MOST_TABLES = 200
MOST_LINKED = 0.5
# Elements of a cell that begin a line.
LINES = frozenset(("p", "div", "br", "li"))
_between_han = re.compile(r"(?<=[\u3001-\u9fff\uff00-\uffef])[^\S\n]*+\n\s*+(?=[\u3001-\u9fff\uff00-\uffef])")


@dataclass(frozen=True, slots=True)
class SetOut:
    """The tables of a page with their captions; in its text each stands between two signs, with its number."""

    sign: str
    tables: tuple[tuple[str, Grid], ...]

    def extract(self, text: str, **fields: Any) -> Extract:
        """Return the text with the rows of the tables in their places."""
        if not self.tables:
            return Extract(text, **fields)
        sheet = Sheet()
        for line in text.split("\n"):
            for number, words in self._pieces(line):
                if number is None:
                    sheet.add(words)
                else:
                    caption, grid = self.tables[number]
                    if caption:
                        sheet.add(caption)
                    sheet.add_table(grid)
        return sheet.extract(**fields)

    def plain(self, text: str) -> str:
        """Return the text with the words of its tables as they are, without signs."""
        if not self.tables:
            return text
        return "".join(
            words.lstrip("0123456789 ") if at % 2 else words for at, words in enumerate(text.split(self.sign))
        )

    def _pieces(self, line: str) -> Iterator[tuple[int | None, str]]:
        """Yield the words outside of tables, and the numbers of those that the line holds."""
        for at, piece in enumerate(line.split(self.sign)):
            number = piece.split(" ", 1)[0]
            if at % 2 and number.isascii() and number.isdigit() and int(number) < len(self.tables):
                yield int(number), ""
            elif piece.strip() or not at:
                yield None, piece


def set_out(tree: Any) -> SetOut:
    """Put a paragraph with the words of each table of facts in its place, and return the tables.

    Tables that lay out the page, hold others or are mostly links stay as they are.
    """
    said = str(tree.text_content())
    sign = next((chr(code) for code in SIGNS if chr(code) not in said), "")
    found: list[tuple[str, Grid]] = []
    for table in list(tree.iter("table"))[: MOST_TABLES if sign else 0]:
        if table.find(".//table") is not None or table.getparent() is None or _is_linked(table):
            continue
        grid = _grid(table)
        if not is_table(grid):
            continue
        caption = table.find(".//caption")
        title = "" if caption is None else _said(caption)
        paragraph = html.Element("p")
        words = " ".join(box.text for box in grid.boxes if box.text)
        paragraph.text = f"{sign}{len(found)} {title} {words}{sign}"
        paragraph.tail = table.tail
        table.getparent().replace(table, paragraph)
        found.append((title, grid))
    return SetOut(sign, tuple(found))


def _is_linked(table: Any) -> bool:
    linked = sum(len(str(link.text_content()).strip()) for link in table.iter("a"))
    return linked > MOST_LINKED * len("".join(str(table.text_content()).split()))


def _grid(table: Any) -> Grid:
    rows: list[list[Box]] = []
    heads = 0
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        in_head = row.getparent().tag == "thead" or (cells and all(cell.tag == "th" for cell in cells))
        heads += bool(in_head) and heads == len(rows)
        rows.append([_box(cell) for cell in cells])
    return Grid(arrange(rows).boxes, heads)


def _box(cell: Any) -> Box:
    return Box(_said(cell), 0, 0, _spanned(cell, "rowspan"), _spanned(cell, "colspan"))


def _spanned(cell: Any, name: str) -> int:
    said = str(cell.get(name, "")).strip()
    return max(1, int(said)) if said.isascii() and said.isdigit() and len(said) < 4 else 1


def _said(cell: Any) -> str:
    """Return the words of a cell on one line; where Chinese was broken over lines nothing stands between."""
    words: list[str] = []
    for event, part in etree.iterwalk(cell, events=("start", "end")):
        named = isinstance(part.tag, str)
        if event == "start" and named:
            words.append("\n" if part.tag in LINES else "")
            words.append((part.text or "").replace("\n", " "))
        elif event == "end" and part is not cell:
            words.append("\n" if named and part.tag in LINES else "")
            words.append((part.tail or "").replace("\n", " "))
    return " ".join(_between_han.sub("", "".join(words)).split())
