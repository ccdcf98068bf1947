"""Bytes → the words of one source, with what the file itself says of them: the common ground of all readers."""

import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from rag.errors import IngestError
from rag.ingest.encoding import decode, find_encoding
from rag.ingest.regular_file import open_file
from rag.records import BlockKind, Drop, Table

__all__ = [
    "LARGEST_TEXT",
    "LONGEST_LINE",
    "Entry",
    "Extract",
    "Fault",
    "Found",
    "Reader",
    "decode",
    "open_text",
    "read_content",
    "whole",
]

# A file of one article is not larger than this (bytes): it is refused before it is read.
LARGEST_FILE = 64_000_000
# Text without pictures is much smaller; a line of a file of many articles too.
LARGEST_TEXT = 16_000_000
LONGEST_LINE = 16_000_000
# Enough of a file to know its encoding.
SAMPLE = 200_000


@dataclass(frozen=True, slots=True)
class Extract:
    """The words of one article's source; "" for what the file does not say of it.

    `text` is what is cleaned, `source` what quotes are checked against ("" if it is the same). `cuts` are the
    offsets in `text` where markup was taken out, `drops` that markup, `pages` the offsets where pages begin. `kinds`
    are offsets of lines in `text` where the reader knows what each line is; then none is joined to another. `apart` are those
    of single lines that are joined to no other: items of a list, rows of a table. `tables` are the cells of the rows among
    them. `rules` names the rule that found a field, "metadata" where it says nothing.
    """

    text: str
    title: str = ""
    publisher: str = ""
    author: str = ""
    published: str = ""
    url: str = ""
    external_id: str = ""
    edition: str = ""
    source: str = ""
    cuts: tuple[int, ...] = ()
    drops: tuple[Drop, ...] = ()
    pages: tuple[int, ...] = ()
    kinds: tuple[tuple[int, BlockKind], ...] = ()
    apart: tuple[tuple[int, BlockKind], ...] = ()
    tables: tuple[Table, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """An article of a file; `line` is its line or number, None in a file that holds one."""

    line: int | None
    extract: Extract


@dataclass(frozen=True, slots=True)
class Fault:
    """What in a file could not be read (`line` None: something in the whole file), and why in one sentence."""

    line: int | None
    reason: str


Entry = Found | Fault
Reader = Callable[[Path], Iterator[Entry]]


def whole(read: Callable[[Path, bytes], Extract], largest: int = LARGEST_FILE) -> Reader:
    """Make a reader of files that hold one article, of at most so many bytes, from a function of path and content."""

    def reader(path: Path) -> Iterator[Entry]:
        extract = read(path, read_content(path, largest))
        if not any(map(str.isalnum, extract.text)):
            raise IngestError(f"{path} has no text in it.")
        yield Found(None, extract)

    return reader


def read_content(path: Path, largest: int = LARGEST_FILE) -> bytes:
    """Return the bytes of a file; raises IngestError when there are none, or too many for an article."""
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            content = file.read(largest + 1) if size <= largest else b""
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None
    if (size := max(size, len(content))) > largest:  # it may be growing
        raise IngestError(
            f"{path} has {size // 1_000_000} MB: no article of its kind is larger than {largest // 1_000_000} MB."
        )
    if not content.strip():
        raise IngestError(f"{path} is empty.")
    return content


@contextmanager
def open_text(path: Path) -> Iterator[Iterator[str]]:
    """Open a text file of any size to read its lines one at a time."""
    try:
        with open_file(path) as file:
            sample = file.read(SAMPLE)
            if not sample.strip():
                raise IngestError(f"{path} is empty.")
            encoding = find_encoding(sample.rpartition(b"\n")[0] or sample, path).name
            file.seek(0)
            with io.TextIOWrapper(file, encoding=encoding, newline="") as lines:
                yield _short_lines(lines, path)
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise IngestError(f"{path} is not the same encoding throughout; save it as UTF-8.") from None


def _short_lines(file: IO[str], path: Path) -> Iterator[str]:
    """Yield the lines; raises IngestError at one that is longer than any article."""
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise IngestError(
                f"{path} has a line of more than {LONGEST_LINE // 1_000_000} MB: no article is so long."
            )
        yield line
