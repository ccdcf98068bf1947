"""Lines for scripts: one JSON object a line in UTF-8, whatever the locale, and questions read from a pipe."""

import io
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self, TextIO

from rag.errors import RagError
from rag.request import Request, read_ask, read_json, read_request

__all__ = ["RowOutput", "error_json", "json_line", "read_line", "read_lines", "spread", "use_utf8"]

# Line ends to some readers but not to others: escaped, so that one object is one line for all of them.
LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_line_ends = re.compile("|".join(LINE_ENDS))


def use_utf8() -> None:
    """Read and write UTF-8 whatever the locale says; what cannot be written is escaped."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                encoding="utf-8", errors="replace" if stream is sys.stdin else "backslashreplace"
            )


def json_line(data: Mapping[str, Any]) -> str:
    """Return `data` as one line of JSON."""
    return _line_ends.sub(lambda match: LINE_ENDS[match.group()], json.dumps(data, ensure_ascii=False))


def error_json(question: str, error: RagError) -> Mapping[str, Any]:
    """Return what stands in the place of an Answer for a question that cannot be asked."""
    return {"question": question, "error": {"code": error.code, "message": error.message}}


def read_lines(stream: Iterable[str]) -> Iterator[str]:
    """Yield lines split at line feeds alone: U+2028 inside a question ends nothing."""
    for line in stream:
        yield line.rstrip("\r\n").lstrip("\ufeff")


def read_line(line: str, options: Mapping[str, str | int]) -> Request:
    """Return what a line asks: the question alone, or the body of POST /api/ask if it begins with {."""
    if line.lstrip().startswith("{"):
        return read_ask({**options, **read_json(line.encode())})
    return read_request({"question": line, **options})


class RowOutput:
    """What --json names: a file, stdout for -, nothing. A file is opened at the first row: it may be being resumed."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stream: TextIO | None = sys.stdout if path == Path("-") else None

    def write(self, row: Mapping[str, Any]) -> None:
        """Write a row as one line at once."""
        if self._path is not None and self._stream is None:
            self._stream = self._path.open("w", encoding="utf-8")
        if self._stream is not None:
            self._stream.write(json_line(row) + "\n")
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None and self._stream is not sys.stdout:
            self._stream.close()


def spread(args: Iterable[str], option: str) -> list[str]:
    """Write an option before each of the words that follow it, up to the next option."""
    found: list[str] = []
    current = ""
    for word in args:
        if current == option and not word.startswith("-") and found[-1] != option:
            found.append(option)
        current = word if word.startswith("-") else current
        found.append(word)
    return found
