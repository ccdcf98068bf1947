"""Excel files (.xlsx) → articles: a row each where the headings are those of a list of articles, else a sheet each."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from rag.errors import IngestError
from rag.ingest.converters.rows import Row, read_table
from rag.ingest.extract import Entry, Fault, Found, read_content
from rag.ingest.packages.zip_package import Package, open_package
from rag.ingest.raised import lowered, raised
from rag.ingest.word.embedded import drawn_words
from rag.records import Drop

__all__ = ["read_spreadsheet", "sheet_rows"]

KIND = "an Excel file (.xlsx)"
# Excel has no sheet of more rows; cells beyond this column belong to no list that people read.
MOST_COLUMNS = 400
# What a damaged file makes openpyxl raise.
BROKEN = (BadZipFile, LookupError, ValueError, SyntaxError, TypeError, AttributeError, EOFError)

# The parts beside the sheets whose words are listed.
BESIDE = {
    "xl/comments": "comment",
    "xl/threadedComments/": "comment",
    "xl/charts/": "chart",
    "xl/drawings/drawing": "text box",
}
_head_or_foot = re.compile(rb"<(?:odd|even|first)(?:Header|Footer)>([^<]*)</")
# Where the words of a head stand, in which type, and what the program writes there itself.
_placing = re.compile(r'&(?:"[^"]*"|K[\dA-F]{6}|\d+|[A-Z])')
_SHIFTS = {"superscript": raised, "subscript": lowered}
_decimals = re.compile(r"0(?:\.(0{1,10}))?(?=[^0.#]|$)")


def read_spreadsheet(path: Path) -> Iterator[Entry]:
    """Yield the articles of all sheets, numbered by their rows, those of one sheet going on from those before."""
    content = read_content(path)
    with open_package(path, content, KIND) as package:
        drops = tuple(_beside(package))
    try:
        for entry in _entries(path, content):
            if isinstance(entry, Found) and drops:
                entry = Found(entry.line, replace(entry.extract, drops=(*entry.extract.drops, *drops)))
                drops = ()
            yield entry
    except BROKEN:
        raise IngestError(f"{path} is not {KIND}, or it is damaged or locked with a password.") from None


def sheet_rows(path: Path) -> Iterator[tuple[str, list[Row]]]:
    """Yield the name and the rows that say something of each visible sheet of a file that is no list of articles.

    Raises IngestError where it cannot be read.
    """
    content = read_content(path)
    with open_package(path, content, KIND):  # its limits hold for whatever is in it
        pass
    try:
        for sheet in _visible(content)[0]:
            yield sheet.title, list(_Counted(sheet, 0))
    except BROKEN:
        raise IngestError(f"{path} is not {KIND}, or it is damaged or locked with a password.") from None


def _visible(content: bytes) -> tuple[list[Any], list[str]]:
    """Return the sheets that are shown, and the names of those that are hidden."""
    import openpyxl

    book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, rich_text=True)
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return shown, [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]


def _beside(package: Package) -> Iterator[Drop]:
    """Yield what stands beside the cells of the sheets: comments, charts, text boxes, heads and feet of pages."""
    for name in sorted(package.names):
        rule = next((rule for start, rule in BESIDE.items() if name.startswith(start)), "")
        if rule and name.endswith(".xml"):
            said = "\n".join(filter(None, drawn_words(package.xml(name))))
            if said.strip():
                yield Drop(said, rule)
        elif name.startswith("xl/worksheets/sheet"):
            page = package.read(name).rpartition(b"</sheetData>")[2]
            for words in _head_or_foot.findall(page):
                said = _placing.sub(" ", html.unescape(words.decode(errors="replace"))).strip()
                if said:
                    yield Drop(said, "running head")


def _entries(path: Path, content: bytes) -> Iterator[Entry]:
    sheets, hidden = _visible(content)
    for title in hidden:
        yield Fault(None, f"{path}: the sheet {title!r} is hidden and is not read.")
    last, empty = 0, True
    for sheet in sheets:
        counted = _Counted(sheet, last)
        where = f"{path} ({sheet.title})" if len(sheets) > 1 else str(path)
        name = path.stem if sheet.title.lower().startswith("sheet") or len(sheets) == 1 else sheet.title
        rows = iter(counted)
        if (first := next(rows, None)) is None:
            continue
        empty = False
        for entry in read_table(_again(first, rows), where, name, ragged=True):
            if isinstance(entry, Found) and entry.line is None and len(sheets) > 1:
                entry = Found(first[0], entry.extract)
            yield entry
        last = counted.last
    if empty:
        raise IngestError(f"{path} is empty.")


class _Counted:
    """The rows of a sheet that say something, numbered on from `last`."""

    def __init__(self, sheet: Any, last: int) -> None:
        self._sheet = sheet
        self._begin = last
        self.last = last

    def __iter__(self) -> Iterator[Row]:
        self._sheet.reset_dimensions()  # what a file says of its size may be wrong
        for number, row in enumerate(self._sheet.iter_rows(max_col=MOST_COLUMNS), self._begin + 1):
            cells = [_shown(cell) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                self.last = number
                yield number, cells


def _again(first: Row, rows: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rows


def _shown(cell: Any) -> str:
    """Return the words of a cell as the sheet shows them: dates as dates, shares in per cent, no digits of rounding."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "")
    words = value if isinstance(value, str) else "".join(map(_run, value))
    return words.replace("_x000D_", "").strip()


def _run(run: Any) -> str:
    """Return the words of a piece of a cell that is set in several types; digits above the line say so."""
    if isinstance(run, str):
        return run
    shift = _SHIFTS.get(str(run.font.vertAlign) if run.font else "")
    return shift(run.text) if shift else str(run.text)


def _number(value: float, form: str) -> str:
    form = form.partition(";")[0]
    percent = "%" in form and '"' not in form
    found = _decimals.search(form)
    value = value * 100 if percent else value
    if found and form.lower() != "general":
        said = f"{value:.{len(found[1] or '')}f}"
    else:
        said = str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.12g}"
    return f"{said}%" if percent else said
