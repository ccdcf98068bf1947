"""Markdown → words: the markup is taken out, and listed; tables and items of lists stay what they are."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from rag.ingest.cleaning.credits_and_captions import read_date
from rag.ingest.converters.pipe_table import PipeTable, find_tables
from rag.ingest.extract import Extract
from rag.ingest.raised import lowered, raised
from rag.records import BlockKind, Cell, Drop, Table

__all__ = ["read_markdown"]

_front = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_field = re.compile(r"^(\w++)[ \t]*+:(.*)$", re.MULTILINE)
_title = re.compile(r"^#[ \t]++(.+)$", re.MULTILINE)
_markup = re.compile(
    r"<!--(?:(?!<!--).)*?-->"
    r"|^[ \t]{0,3}(?:#{1,6}[ \t]+|(?:>[ \t]?)+|[-*+][ \t]+|(?:```|~~~)[^\n]*$)"
    r"|^[ \t|:\-]{0,200}-{3}[ \t|:\-]{0,200}$"
    r"|!\[[^\[\]\n]{0,300}\]\([^()\n]{0,1000}\)"
    r"|(?<=\])\([^()\n]{0,1000}\)|\[(?=[^\[\]\n]{1,300}\]\()|(?<=[^\s(\[])\](?=\()"
    r"|(?<![0-9A-Za-z])\*{1,3}|\*{1,3}(?![0-9A-Za-z])|(?<!\w)_{1,2}(?=\S)|(?<=\S)_{1,2}(?!\w)|~~|`+|\\(?=[*_#\[\]`~])"
    r"|</?[a-zA-Z][^<>\n]{0,300}>|\|",
    re.MULTILINE | re.DOTALL,
)
# An item with nothing below it that goes on in it.
_item = re.compile(
    r"^[ \t]{0,12}(?:[-*+][ \t]+(?=\S)|(?=\d{1,3}[.)、][ \t]?\S))(?P<words>)[^\n]*+(?=\n[ \t]*(?:\r?\n|[-*+][ \t]|\d{1,3}[.)、])|\s*\Z)",
    re.MULTILINE,
)
# What stands for a piece of markup: a heading begins a paragraph, table cells stay apart.
APART = {"#": "\n", "|": " "}
# 10<sup>4</sup> is not 104 without its markup.
_off_line = re.compile(r"<(su[pb])>([^<>\n]{1,8})</\1>", re.IGNORECASE)
NAMES = {
    "title": "title",
    "date": "published",
    "published": "published",
    "author": "author",
    "source": "publisher",
    "publisher": "publisher",
    "url": "url",
}


def read_markdown(decoded: str) -> Extract:
    """Take the markup out of `decoded`; front matter gives title, date, author, publisher and url."""
    decoded = _off_line.sub(
        lambda found: (raised if found[1].lower() == "sup" else lowered)(found[2]), decoded
    )
    front = _front.match(decoded)
    begin = front.end() if front else 0
    said = {
        NAMES[name.lower()]: value.strip(" \t\r").strip("\"'")
        for name, value in _field.findall(front[1] if front else "")
        if name.lower() in NAMES
    }
    said["title"] = _markup.sub("", said.get("title", ""))
    said["published"] = read_date(said.get("published", ""))
    tables = [table for table in find_tables(decoded, begin) if any(table.rows)]
    written = _Written(decoded)
    for start, end, instead in _hidden(decoded, begin, tables):
        written.leave_out(start, end, instead)
    text = written.text()
    if not said.get("title") and (heading := _title.search(decoded, begin)):
        said["title"] = _markup.sub("", heading[1].rstrip(" \t\r#"))
    rows = [(written.place(row[0][0]), BlockKind.ROW) for table in tables for row in table.rows if row]
    items = [(written.place(at), BlockKind.BODY) for at in _items(decoded, begin)]
    return Extract(
        text,
        source=decoded,
        cuts=tuple(written.cuts),
        drops=tuple(written.drops),
        apart=(*rows, *items),
        tables=tuple(_placed(table, written) for table in tables),
        **said,
    )


class _Written:
    """The text without its markup, while that is taken out from the first to the last."""

    def __init__(self, decoded: str) -> None:
        self.cuts: list[int] = []
        self.drops: list[Drop] = []
        self._decoded = decoded
        self._pieces: list[str] = []
        self._ends: list[int] = []

    def leave_out(self, start: int, end: int, instead: str) -> None:
        """Leave out what stands between two offsets, with `instead` in its place."""
        at = self._ends[-1] if self._ends else 0
        self._pieces.append(self._decoded[at:start] + instead)
        self.cuts.append(len(self._pieces[-1]) + (self.cuts[-1] if self.cuts else 0))
        markup = self._decoded[start:end]
        self.drops.append(Drop(markup, "front matter" if start == 0 and _front.match(markup) else "markup"))
        self._ends.append(end)

    def text(self) -> str:
        """Return what is left."""
        return "".join(self._pieces) + self._decoded[self._ends[-1] if self._ends else 0 :]

    def place(self, at: int) -> int:
        """Return where in the text an offset of the decoded file stands that is not left out."""
        last = bisect_right(self._ends, at) - 1
        return at if last < 0 else self.cuts[last] + at - self._ends[last]


def _placed(table: PipeTable, written: _Written) -> Table:
    width = max(column for row in table.rows for _, _, column in row) + 1
    cells = (
        Cell(written.place(start), written.place(end), number, column, columns=width if len(row) == 1 else 1)
        for number, row in enumerate(table.rows)
        for start, end, column in row
    )
    return Table(tuple(cells), heads=1)


def _items(decoded: str, begin: int) -> Iterator[int]:
    """Yield where the words of items of lists begin that are no longer than their line."""
    for item in _item.finditer(decoded, begin):
        yield item.start("words")


def _hidden(decoded: str, begin: int, tables: Sequence[PipeTable]) -> Iterator[tuple[int, int, str]]:
    """Yield what is markup, with what stands in its place."""
    if begin:
        yield 0, begin, ""
    at = begin
    for table in tables:
        yield from _markup_of(decoded, at, table.start)
        at = table.start
        for start, end, instead in table.marks:
            yield from _markup_of(decoded, at, start)
            if end > start:
                yield start, end, instead
            at = end
    yield from _markup_of(decoded, at, len(decoded))


def _markup_of(decoded: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for found in _markup.finditer(decoded, start, end):
        yield *found.span(), APART.get(found[0].strip()[:1], "")
