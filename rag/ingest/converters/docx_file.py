"""Word files → words: paragraphs in order, a table row is one line."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from rag.errors import IngestError
from rag.ingest.extract import Extract

__all__ = ["read_docx"]

# What a file unpacks to, and the words of it: more bytes than this are no article but would fill the memory.
LARGEST_UNPACKED = 200_000_000
LARGEST_WORDS = 30_000_000
# Chinese packs to a third or a quarter. Words that pack to less than this share were written by nobody, and a short
# file of them would be read for minutes; so many characters are read in any case.
MOST_PACKED = 10
ANY_LENGTH = 700_000
# Word has no table of more columns.
MOST_COLUMNS = 63
# What a damaged package makes zipfile, lxml and python-docx raise, besides python-docx's own errors.
DAMAGED = (BadZipFile, zlib.error, EOFError, LookupError, ValueError, SyntaxError, AttributeError, TypeError)

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SIGNS = {f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}ptab": "\t", f"{_W}noBreakHyphen": "-"}


def read_docx(path: Path, content: bytes) -> Extract:
    """Read paragraphs and tables; a paragraph in the style “Title” is the title."""
    import docx
    from docx.exceptions import PythonDocxError

    try:
        packed = _refuse_bomb(path, content)
        document = docx.Document(BytesIO(content))
        body, styles = document.element.body, document.styles.element
        titles = _title_styles(styles)
    # zipfile raises RuntimeError for a password, NotImplementedError (one of them) for an unknown way of packing.
    except (*DAMAGED, RuntimeError, PythonDocxError):
        raise IngestError(f"{path} is not a Word file (.docx), or it is damaged.") from None
    for part in (body, styles):
        if part.getroottree().docinfo.internalDTD is not None:
            raise IngestError(f"{path} declares entities of its own (<!DOCTYPE>): no Word program does.")
    lines, length = [], 0
    for line in _lines(body):
        lines.append(line)
        length += len(line)
        if length > max(ANY_LENGTH, MOST_PACKED * packed):
            raise IngestError(
                f"{path} unpacks to more than {length // 100_000 / 10} million characters: no article is so large."
            )
    title = next((_text(part) for part in body if part.tag == f"{_W}p" and _style(part) in titles), "")
    return Extract("\n".join(lines), title=" ".join(title.split()))


def _refuse_bomb(path: Path, content: bytes) -> int:
    """Raise IngestError when the file unpacks to more than an article can have; unpacking ends at the size it names.

    Returns the bytes that the largest part has when it is packed.
    """
    with ZipFile(BytesIO(content)) as archive:
        parts = archive.infolist()
    sizes = {part.filename: part.file_size for part in parts}
    words = max((size for name, size in sizes.items() if name.endswith((".xml", ".rels"))), default=0)
    if sum(sizes.values()) > LARGEST_UNPACKED or words > LARGEST_WORDS:
        raise IngestError(f"{path} unpacks to {sum(sizes.values()) // 1_000_000} MB: no article is so large.")
    return max((part.compress_size for part in parts if part.filename.endswith(".xml")), default=0)


def _title_styles(styles: Any) -> set[str]:
    """Return the ids of the styles for titles: Word calls them Title in every language."""
    found: dict[str, bool] = {}
    for style in styles.iterchildren(f"{_W}style"):
        name = style.find(f"{_W}name")
        is_title = name is not None and name.get(f"{_W}val") == "Title"
        of_paragraphs = style.get(f"{_W}type", "paragraph") == "paragraph"
        found.setdefault(style.get(f"{_W}styleId", ""), is_title and of_paragraphs)
    return {ident for ident, is_title in found.items() if is_title}


def _style(paragraph: Any) -> str:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return "" if style is None else style.get(f"{_W}val", "")


def _lines(body: Any) -> Iterator[str]:
    for part in body.iterchildren(f"{_W}p", f"{_W}tbl"):
        if part.tag == f"{_W}p":
            yield _text(part)
        else:
            yield from _rows(part)


def _text(paragraph: Any) -> str:
    """Return the words of a paragraph's runs and links."""
    return "".join(
        _run(run)
        for part in paragraph.iterchildren(f"{_W}r", f"{_W}hyperlink")
        for run in ((part,) if part.tag == f"{_W}r" else part.iterchildren(f"{_W}r"))
    )


def _run(run: Any) -> str:
    words: list[str] = []
    for sign in run:
        if sign.tag == f"{_W}t":
            # A comment of XML may stand between the words.
            words += [sign.text or "", *(child.tail or "" for child in sign)]
        elif sign.tag == f"{_W}br":
            words.append("\n" if sign.get(f"{_W}type", "textWrapping") == "textWrapping" else "")
        else:
            words.append(_SIGNS.get(sign.tag, ""))
    return "".join(words)


def _rows(table: Any) -> Iterator[str]:
    """Yield the rows; a cell over several columns or rows is said in each of them."""
    above: dict[int, tuple[str, int]] = {}
    for row in table.iterchildren(f"{_W}tr"):
        at = _number(row, "trPr", "gridBefore", 0)
        cells: list[str] = []
        here: dict[int, tuple[str, int]] = {}
        for cell in row.iterchildren(f"{_W}tc"):
            words = "\n".join(map(_text, cell.iterchildren(f"{_W}p")))
            span = min(_number(cell, "tcPr", "gridSpan", 1), MOST_COLUMNS)
            here[at] = above.get(at, (words, span)) if _continues(cell) else (words, span)
            cells += [here[at][0]] * here[at][1]
            at += span
        above = here
        yield " ".join(cells)


def _continues(cell: Any) -> bool:
    merged = cell.find(f"{_W}tcPr/{_W}vMerge")
    return merged is not None and merged.get(f"{_W}val", "continue") == "continue"


def _number(part: Any, properties: str, name: str, default: int) -> int:
    """Return a number among the properties of a row or cell, the default where there is none that can be read."""
    found = part.find(f"{_W}{properties}/{_W}{name}")
    value = "" if found is None else found.get(f"{_W}val", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else default
