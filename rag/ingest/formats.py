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
from rag.ingest.converters.markdown import read_markdown
from rag.ingest.converters.office import read_office
from rag.ingest.converters.rows import read_csv, read_jsonl
from rag.ingest.extract import LARGEST_TEXT, Entry, Extract, Reader, decode, whole
from rag.ingest.pdf.converter import read_pdf
from rag.ingest.word.converter import read_docx

__all__ = ["READERS", "SUFFIXES", "read_file"]


def _read_text(path: Path, content: bytes) -> Extract:
    return Extract(decode(content, path))


def _read_markdown(path: Path, content: bytes) -> Extract:
    return read_markdown(decode(content, path))


READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".doc": whole(read_office),
    ".docx": whole(read_docx),
    ".htm": whole(read_html),
    ".html": whole(read_html),
    ".jsonl": read_jsonl,
    ".md": whole(_read_markdown, LARGEST_TEXT),
    ".pdf": read_pdf,
    ".rtf": whole(read_office),
    ".shtml": whole(read_html),
    ".tsv": read_csv,
    ".txt": whole(_read_text, LARGEST_TEXT),
    ".wps": whole(read_office),
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
