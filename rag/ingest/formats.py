r"""Suffix → reader: what can be read.

To read another kind of file, write a function of its path and bytes that returns an `Extract`, and add a line:

    def read_srt(path: Path, content: bytes) -> Extract:
        lines = decode(content, path).splitlines()
        return Extract("\n".join(line for line in lines if not line.isdecimal() and "-->" not in line))

    READERS[".srt"] = whole(read_srt)

A file of many articles has a reader of its own that yields one `Found` for each (`rag.ingest.converters.rows`).
"""

from collections.abc import Iterator
from pathlib import Path

from rag.errors import IngestError
from rag.ingest.converters.html_page import read_html
from rag.ingest.converters.issue_text import in_items, read_markdown_file
from rag.ingest.converters.office import read_office
from rag.ingest.converters.rows import read_csv, read_json, read_jsonl
from rag.ingest.converters.rtf import read_rtf
from rag.ingest.converters.web_archive import read_web_archive
from rag.ingest.extract import LARGEST_TEXT, Entry, Extract, Reader, decode, whole
from rag.ingest.packages.archive import read_archive
from rag.ingest.packages.epub import read_epub
from rag.ingest.packages.slides import read_slides
from rag.ingest.packages.spreadsheet import read_spreadsheet
from rag.ingest.pdf.converter import read_pdf, read_picture
from rag.ingest.word.converter import read_docx

__all__ = ["READERS", "SUFFIXES", "read_file"]


def _read_text(path: Path, content: bytes) -> Extract:
    return Extract(decode(content, path))


def _read_archive(path: Path) -> Iterator[Entry]:
    return read_archive(path, read_file)


READERS: dict[str, Reader] = {
    ".bmp": read_picture,
    ".csv": read_csv,
    ".doc": in_items(whole(read_office)),
    ".docx": in_items(whole(read_docx)),
    ".epub": read_epub,
    ".htm": in_items(whole(read_html)),
    ".html": in_items(whole(read_html)),
    ".jpeg": read_picture,
    ".jpg": read_picture,
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".md": read_markdown_file,
    ".mht": in_items(whole(read_web_archive)),
    ".mhtml": in_items(whole(read_web_archive)),
    ".ndjson": read_jsonl,
    ".pdf": read_pdf,
    ".png": read_picture,
    ".pptx": whole(read_slides),
    ".rtf": in_items(whole(read_rtf)),
    ".shtml": in_items(whole(read_html)),
    ".tif": read_picture,
    ".tiff": read_picture,
    ".tsv": read_csv,
    ".txt": in_items(whole(_read_text, LARGEST_TEXT)),
    ".wps": in_items(whole(read_office)),
    ".xlsm": read_spreadsheet,
    ".xlsx": read_spreadsheet,
    ".zip": _read_archive,
}
SUFFIXES = tuple(sorted(READERS))


def read_file(path: Path) -> Iterator[Entry]:
    """Yield the articles of a file and what in it cannot be read.

    Raises IngestError, at the first `next`, when nothing can be read.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        kind, known = path.suffix or "no suffix", " ".join(SUFFIXES)
        raise IngestError(f"{path} is of a kind that cannot be read ({kind}); known are {known}.")
    return reader(path)
