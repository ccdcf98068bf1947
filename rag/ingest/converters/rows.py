"""Files of many articles → the words of each: one a line of JSONL, one an object of JSON, one a row of CSV."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice, zip_longest
from pathlib import Path
from typing import Any

from rag.errors import IngestError
from rag.ingest.converters.fact_rows import MOST_FACTS, read_facts
from rag.ingest.converters.row_fields import field_of, is_article_list, read_row
from rag.ingest.extract import (
    LARGEST_TEXT,
    LONGEST_LINE,
    Entry,
    Extract,
    Fault,
    Found,
    decode,
    open_text,
    read_content,
)
from rag.ingest.regular_file import open_file
from rag.records import BlockKind

__all__ = ["Row", "read_csv", "read_json", "read_jsonl", "read_table"]

# A row with its number and its cells, those at the end that are empty left out or not.
Row = tuple[int, list[str]]
# Above the headings may stand what the list is called; below them, so many rows tell whether they are articles.
MOST_ABOVE = 8
SAMPLE_ROWS = 20
# A list may lie so deep in an object: {"data": {"list": [...]}}.
DEEPEST_LIST = 4


def read_jsonl(path: Path) -> Iterator[Entry]:
    """Yield the article of each line that is not blank, or what is wrong with the line."""
    if (listed := _listed(path)) is not None:
        yield from _articles(path, listed)
        return
    empty = True
    for number, raw in _raw_lines(path):
        if raw is None:
            empty = False
            yield Fault(
                number, f"{path}#{number} is longer than {LONGEST_LINE // 1_000_000} MB: no article is."
            )
        elif raw.strip(b" \t\r\n\xef\xbb\xbf"):
            empty = False
            try:
                row = _loaded(raw, f"{path}#{number}")
            except IngestError as error:
                yield Fault(number, str(error))
            else:
                yield from _entries(number, row, f"{path}#{number}")
    if empty:
        raise IngestError(f"{path} is empty.")


def read_json(path: Path) -> Iterator[Entry]:
    """Yield the articles of a JSON file: those of the list in it, or the one that it is; also of JSONL misnamed."""
    content = read_content(path)
    try:
        value = json.loads(decode(content, path))
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            yield from read_jsonl(path)
            return
        raise IngestError(f"{path} is not JSON: {error}.") from None
    listed = _find_list(value, 0)
    if listed is not None:
        yield from _articles(path, listed)
    elif isinstance(value, dict):
        read = read_row(value, str(path))
        yield from (Fault(None, reason) for reason in read.unread)
        yield Found(None, read.extract)
    else:
        raise IngestError(f'{path} is not a JSON object with the field "text", nor a list of them.')


def _listed(path: Path) -> list[Any] | None:
    """Return the rows of a file of lines that is a JSON array all the same, None for one that is not."""
    with open_file(path) as file:
        if not file.read(64).lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"["):
            return None
    try:
        value = json.loads(decode(read_content(path), path))
    except (ValueError, RecursionError, IngestError):
        return None
    return value if isinstance(value, list) and any(isinstance(row, dict) for row in value) else None


def _find_list(value: Any, depth: int) -> list[Any] | None:
    """Return the list of articles in a value: itself, or the longest list of objects inside that is no text."""
    if isinstance(value, list):
        return value if any(isinstance(row, dict) for row in value) else None
    if not isinstance(value, dict) or depth >= DEEPEST_LIST or is_article_list(value, (value,)):
        return None
    found = [listed for inner in value.values() if (listed := _find_list(inner, depth + 1))]
    return max(found, key=len, default=None)


def _articles(path: Path, rows: Sequence[Any]) -> Iterator[Entry]:
    """Yield the articles of a JSON list, numbered from 1."""
    for number, row in enumerate(rows, 1):
        yield from _entries(number, row, f"{path}#{number}")


def _entries(number: int, row: Any, where: str) -> Iterator[Entry]:
    """Yield the article of a row, and what in the row was not understood."""
    try:
        if not isinstance(row, dict):
            raise IngestError(f'{where} is not a JSON object with the field "text".')
        read = read_row(row, where)
    except IngestError as error:
        yield Fault(number, str(error))
        return
    yield Found(number, read.extract)
    yield from (Fault(number, reason) for reason in read.unread)


def _raw_lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines, split at line feeds only, one at a time; None for one that is too long."""
    try:
        with open_file(path) as file:
            number = 0
            while raw := file.readline(LONGEST_LINE):
                number += 1
                if len(raw) < LONGEST_LINE or raw.endswith(b"\n"):
                    yield number, raw
                    continue
                while raw and not raw.endswith(b"\n"):
                    raw = file.readline(LONGEST_LINE)
                yield number, None
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None


def _loaded(raw: bytes, where: str) -> Any:
    """Return the value of one line; raises IngestError naming the line and what is wrong with it."""
    try:
        return json.loads(decode(raw, where))
    except (ValueError, RecursionError) as error:
        raise IngestError(f"{where} is not JSON: {error}.") from None


def read_csv(path: Path) -> Iterator[Entry]:
    """Yield the article of each row below the header, numbered by the line on which it begins."""
    with open_text(path) as lines:
        try:
            yield from read_table(_csv_rows(lines, path), str(path), path.stem)
        except csv.Error as error:
            raise IngestError(f"{path} is not CSV: {error}.") from None


def read_table(rows: Iterator[Row], where: str, name: str, *, ragged: bool = False) -> Iterator[Entry]:
    """Yield the articles of a list, one a row, numbered as the rows are; any other table, called `name`, is one article.

    In a `ragged` one, rows may have fewer cells than there are headings, or more.
    """
    above = list(islice(rows, MOST_ABOVE + SAMPLE_ROWS))
    if not above:
        raise IngestError(f"{where} is empty.")
    at = _header(above, ragged)
    if at is None:
        some = [*above, *islice(rows, MOST_FACTS)]
        facts = read_facts(name, [cells for _, cells in some])
        yield Found(None, facts or _whole_table(chain(some, rows), where, name))
        return
    heads = above[at][1]
    for number, cells in above[:at]:
        yield Fault(
            number, f"{where}#{number} stands above the headings and is not read: {' '.join(cells)[:200]}."
        )
    for number, cells in chain(above[at + 1 :], rows):
        row = _row(heads, cells, ragged)
        if row is None:
            yield Fault(number, f"{where}#{number} has {len(cells)} fields, the first line {len(heads)}.")
        else:
            yield from _entries(number, row, f"{where}#{number}")


def _whole_table(rows: Iterable[Row], where: str, name: str) -> Extract:
    """Return a table as text: a line for each row, its cells parted by tabulators."""
    lines: list[str] = []
    length = 0
    for _, cells in rows:
        lines.append("\t".join(words for cell in cells if (words := " ".join(cell.split()))))
        length += len(lines[-1]) + 1
        if length > LARGEST_TEXT // 4:
            raise IngestError(
                f"{where} is a table of more than {LARGEST_TEXT // 4_000_000} million characters and no list of articles: "
                "name its columns (标题, 正文, 日期, 来源) or split it."
            )
    offsets = accumulate((len(line) + 1 for line in lines), initial=0)
    kinds = tuple((offset, BlockKind.BODY) for offset, line in zip(offsets, lines, strict=False) if line)
    return Extract("\n".join(lines), title=name, kinds=kinds, rules={"title": "name of the table"})


def _header(rows: Sequence[Row], ragged: bool) -> int | None:
    """Return which row has the headings of a list of articles: two of them, or one that stands alone in the first."""
    for at, (_, cells) in enumerate(rows[:MOST_ABOVE]):
        known = sum(field_of(cell) is not None for cell in cells)
        below = [row for _, one in rows[at + 1 : at + 1 + SAMPLE_ROWS] if (row := _row(cells, one, ragged))]
        if known > (at > 0) and is_article_list(cells, below):
            return at
    return None


def _row(heads: Sequence[str], cells: Sequence[str], ragged: bool) -> dict[str, str] | None:
    """Return the cells by their headings, those of the same name numbered; None when there are more or fewer."""
    if len(cells) != len(heads) and not ragged:
        return None
    row: dict[str, str] = {}
    for at, (head, cell) in enumerate(zip_longest(heads, cells, fillvalue=""), 1):
        name = head.strip() or f"column {at}"
        row[f"{name} {at}" if name in row else name] = cell
    return row


def _csv_rows(lines: Iterator[str], path: Path) -> Iterator[Row]:
    """Yield the rows that are not blank with the line on which each begins."""
    csv.field_size_limit(LONGEST_LINE)
    first = next(lines, "")
    parted = "\t" if path.suffix.lower() == ".tsv" or first.count("\t") > first.count(",") else ","
    parted = ";" if first.count(";") > first.count(parted) else parted
    found = csv.reader(chain((first,), lines), delimiter=parted)
    begins = 1
    for row in found:
        if any(cell.strip() for cell in row):
            yield begins, row
        begins = found.line_num + 1
