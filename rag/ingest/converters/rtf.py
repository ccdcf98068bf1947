"""RTF files → words, as a word processor shows them: paragraphs, rows of tables, notes; no hidden text."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from rag.errors import IngestError
from rag.ingest.extract import Extract
from rag.ingest.grid import Box, Grid, arrange
from rag.ingest.raised import lowered, raised
from rag.ingest.sheet import Sheet
from rag.records import Drop

__all__ = ["read_rtf"]

# Characters by the number of a font's character set, and by the code page of the whole file.
CHARSETS = {
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    204: "cp1251",
    238: "cp1250",
}
PAGES = {936: "gb18030", 950: "big5", 932: "cp932", 949: "cp949", 65001: "utf-8", 54936: "gb18030"}
# No file nests groups so deep.
DEEPEST = 500
# Groups whose words are not of the text.
# fmt: off
SILENT = frozenset([
    "fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "pict",
    "object", "objdata", "themedata", "colorschememapping", "latentstyles", "datastore", "xmlnstbl", "filetbl",
    "fldinst", "bkmkstart", "bkmkend", "mmathPr", "pgptbl",
])
# fmt: on
# Those that are words of the file but not of its text.
ASIDE = {
    "header": "header",
    "headerl": "header",
    "headerr": "header",
    "headerf": "header",
    "footer": "footer",
    "footerl": "footer",
    "footerr": "footer",
    "footerf": "footer",
    "annotation": "comment",
    "atnid": "comment",
    "atnauthor": "comment",
    "info": "description of the file",
}  # fmt: skip
# Groups marked as ones that old programs skip (\*), and are text all the same.
STARRED = frozenset(["shptxt", "shpinst", "footnote"])
OFF_LINE = {"super": raised, "sub": lowered}
SIGNS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "column": "\n", "nestrow": " ", "nestcell": " ",
    "tab": "\t", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
    "emspace": " ", "enspace": " ",
}  # fmt: skip

# The beginning of a row of a table, the end of a cell and of a row: signs that no text has.
BEGIN, CELL, ROW = "\x1d", "\x1f", "\x1e"
_unsigned = str.maketrans({BEGIN: "", CELL: " ", ROW: " "})
SIGNS |= {"trowd": BEGIN, "cell": CELL, "row": ROW}

_token = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n]{1,4096})|[\r\n]+|\\",
    re.DOTALL,
)


@dataclass(slots=True)
class _Group:
    """What holds inside a pair of braces."""

    silent: bool = False
    aside: str = ""
    font: int = -1
    hidden: bool = False
    deleted: bool = False
    skip: int = 1
    shift: str = ""


class _Reader:
    """Walks through the file once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._group = _Group()
        self._stack: list[_Group] = []
        self._fonts: dict[int, str] = {}
        self._page = "cp1252"
        self._bytes = bytearray()
        self._left = 0  # characters that stand for the one before, for programs without Unicode
        self._in_fonts = False
        self._star = False
        self._high = ""
        self.text: list[str] = []
        self.aside: dict[str, list[str]] = {}

    def read(self, content: bytes) -> None:
        at = 0
        while found := _token.match(content, at):
            at = found.end()
            word, number, code, sign, brace, plain = found.groups()
            if word is not None:
                if word == b"bin":
                    at += max(0, int(number or 0))
                self._control(word.decode("ascii"), number)
            elif code is not None:
                self._byte(bytes((int(code, 16),)))
            elif sign is not None:
                self._sign(sign)
            elif brace is not None:
                self._brace(brace)
            elif plain is not None:
                self._star = False
                self._byte(plain)
        self._flush()

    def _byte(self, found: bytes) -> None:
        while self._left and found:
            self._left -= 1
            found = found[1:]
        self._bytes += found

    def _flush(self) -> None:
        """Write the bytes that were met as characters."""
        if self._bytes:
            charset = self._fonts.get(self._group.font, self._page)
            self._write(self._bytes.decode(charset, "replace"))
            self._bytes.clear()

    def _write(self, words: str) -> None:
        group = self._group
        if group.silent or self._in_fonts:
            return
        words = OFF_LINE[group.shift](words) if group.shift else words
        if group.hidden or group.deleted or group.aside:
            rule = group.aside or ("deleted text" if group.deleted else "hidden text")
            self.aside.setdefault(rule, []).append(words.translate(_unsigned))
        else:
            self.text.append(words)

    def _sign(self, sign: bytes) -> None:
        if sign in b"{}\\":
            self._byte(sign)
            return
        self._flush()
        if sign == b"*":
            self._star = True
        elif said := {b"~": " ", b"_": "-", b"\n": "\n", b"\r": "\n"}.get(sign):
            self._write(said)

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._left, self._star = 0, False
        if brace == b"{":
            if len(self._stack) >= DEEPEST:
                raise IngestError(
                    f"{self._path} has groups nested more than {DEEPEST} deep: it is no article."
                )
            self._stack.append(self._group)
            self._group = replace(self._group)
        elif self._stack:
            if self._group.aside and not self._stack[-1].aside:
                self._write("\n")
            self._group = self._stack.pop()
            self._in_fonts = self._in_fonts and self._group.silent

    def _control(self, word: str, digits: bytes | None) -> None:
        number = int(digits) if digits else None
        if word == "u" and number is not None:
            self._flush()
            self._unicode(number % 65536)
            self._left = self._group.skip
            return
        self._flush()
        self._left = 0
        star, self._star = self._star, False
        if word in SIGNS:
            self._write(SIGNS[word])
        elif word in SILENT or (star and word not in STARRED and word not in ASIDE):
            self._group.silent = True
            self._in_fonts = word == "fonttbl" or self._in_fonts
        elif word in ASIDE:
            self._group.aside = ASIDE[word]
        else:
            self._property(word, number)

    def _property(self, word: str, number: int | None) -> None:
        if word == "ansicpg":
            self._page = PAGES.get(number or 0, f"cp{number}" if number in range(1250, 1259) else "cp1252")
        elif word == "f" and number is not None:
            self._group.font = number
        elif word == "fcharset" and self._in_fonts:
            self._fonts[self._group.font] = CHARSETS.get(number or 0, self._page)
        elif word == "v":
            self._group.hidden = number != 0
        elif word == "deleted":
            self._group.deleted = number != 0
        elif word in OFF_LINE:
            self._group.shift = word if number != 0 else ""
        elif word in ("plain", "nosupersub"):
            self._group.hidden = self._group.hidden and word != "plain"
            self._group.deleted = self._group.deleted and word != "plain"
            self._group.shift = ""
        elif word == "uc":
            self._group.skip = min(number or 0, 8)

    def _unicode(self, code: int) -> None:
        """Write a character by its number; two halves of a pair stand one after the other."""
        if 0xD800 <= code < 0xDC00:
            self._high = chr(code)
            return
        pair = self._high + chr(code)
        self._high = ""
        self._write(pair.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def read_rtf(path: Path, content: bytes) -> Extract:
    """Read the text; heads and feet of pages, comments and hidden text are listed as left out."""
    if not content.lstrip()[:5] == b"{\\rtf":
        raise IngestError(f"{path} is not an RTF file: look at it in a word processor and save it anew.")
    reader = _Reader(path)
    reader.read(content)
    sheet = Sheet()
    rows: list[list[Box]] = []
    for piece in "".join(reader.text).replace("\0", "").split(ROW):
        above, row = _parted(piece)
        if above.strip() or row is None:
            _add_rows(sheet, rows)
            for line in above.split("\n"):
                sheet.add(line.strip())
        if row is not None:
            rows.append(row)
    drops = tuple(
        Drop(words, rule) for rule, parts in reader.aside.items() if (words := "".join(parts).strip())
    )
    return sheet.extract(drops=drops)


def _parted(piece: str) -> tuple[str, list[Box] | None]:
    """Return the text above a row, and the cells of the row, None where there is none."""
    words, ends, _ = piece.rpartition(CELL)
    if not ends:
        return piece.translate(_unsigned), None
    above, begins, row = words.partition(BEGIN)
    if not begins:  # the rows of old programs begin with their first cell
        above, begins, row = words.rpartition("\n") if "\n" in words.partition(CELL)[0] else ("", "", words)
    return above, [Box(" ".join(cell.translate(_unsigned).split())) for cell in row.split(CELL)]


def _add_rows(sheet: Sheet, rows: list[list[Box]]) -> None:
    if rows:
        sheet.add_table(Grid(arrange(rows).boxes))
        rows.clear()
