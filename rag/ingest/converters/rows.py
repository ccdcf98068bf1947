"""Files of many articles → the words of each: one a line of JSONL, one a row of CSV."""

import csv
import json
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from rag.errors import IngestError
from rag.ingest.cleaning.credits_and_captions import read_date
from rag.ingest.converters.fact_rows import MOST_FACTS, read_facts
from rag.ingest.extract import LONGEST_LINE, Entry, Extract, Fault, Found, decode, open_text
from rag.ingest.regular_file import open_file

__all__ = ["read_csv", "read_jsonl"]

# The names a field may have, best first; those of CSV are looked up without case and white space.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "正文", "内容", "content", "body", "文章内容", "新闻内容", "全文"),
    "title": ("title", "标题", "題目", "题目", "標題", "headline", "新闻标题"),
    "date": (
        "date",
        "日期",
        "published",
        "发布时间",
        "发布日期",
        "时间",
        "發布時間",
        "見報日期",
        "见报日期",
        "time",
        "pubdate",
        "publish_date",
    ),
    "publisher": ("publisher", "媒体", "报纸", "報紙", "媒體"),
    "source": ("source", "来源", "來源", "出处"),
    "author": ("author", "作者", "记者", "記者", "authors"),
    "url": ("url", "链接", "鏈接", "連結", "网址", "link"),
    "id": ("id", "编号", "編號", "稿件编号"),
}


def read_jsonl(path: Path) -> Iterator[Entry]:
    """Yield the article of each line that is not blank, or what is wrong with the line."""
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
                yield Found(number, _read_row(f"{path}#{number}", raw))
            except IngestError as error:
                yield Fault(number, str(error))
    if empty:
        raise IngestError(f"{path} is empty.")


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


def _read_row(where: str, raw: bytes) -> Extract:
    """Read one line of JSONL; raises IngestError naming the line and what is wrong with it."""
    try:
        row = json.loads(decode(raw, where))
    except (ValueError, RecursionError) as error:
        raise IngestError(f"{where} is not JSON: {error}.") from None
    if not isinstance(row, dict):
        raise IngestError(f'{where} is not a JSON object with the field "text".')
    return _extract(row, where)


def _extract(row: Mapping[str, Any], where: str) -> Extract:
    said = {name: _field(row, name, where) for name in FIELDS}
    if not any(map(str.isalnum, said["text"])):
        raise IngestError(f'{where} has no words in its field "text".')
    return Extract(
        said["text"],
        title=" ".join(said["title"].split()),
        publisher=said["publisher"] or said["source"],
        author=said["author"],
        published=read_date(said["date"]),
        url=said["url"],
        external_id=said["id"],
    )


def _field(row: Mapping[str, Any], name: str, where: str) -> str:
    """Return a field as text; raises IngestError when it is anything else."""
    value = next((row[key] for key in FIELDS[name] if row.get(key) is not None), None)
    if value is None:
        return ""
    if name == "author" and isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = " ".join(value)
    if not isinstance(value, str) and (name == "text" or type(value) is not int):
        raise IngestError(f'{where}: the field "{name}" is not a string but {type(value).__name__}.')
    text = str(value)
    if "\0" in text or not _has_bytes(text):
        raise IngestError(f'{where}: the field "{name}" holds a NUL character or half a surrogate pair.')
    return text if name == "text" else text.strip()


def _has_bytes(text: str) -> bool:
    """Say whether UTF-8 can write the text: half a surrogate pair it cannot."""
    try:
        return bool(text.encode() or True)
    except UnicodeEncodeError:
        return False


def read_csv(path: Path) -> Iterator[Entry]:
    """Yield the article of each row below the header, numbered by the line on which it begins.

    Rows of facts, of which none is a text, are one article with a table.
    """
    with open_text(path) as lines:
        try:
            rows = _csv_rows(lines, path)
            _, head = next(rows, (0, []))
            names = [_name(cell) for cell in head]
            if not names:
                raise IngestError(f"{path} is empty.")
            below: list[tuple[int, list[str]]] = []
            if not (FIELDS.keys() - {"text"}).intersection(names):
                below = list(islice(rows, MOST_FACTS))
                if table := read_facts(path.stem, [head, *(row for _, row in below)]):
                    yield Found(None, table)
                    return
            if "text" not in names:
                raise IngestError(f"{path} has no column text or 正文 in its first line.")
            for number, row in chain(below, rows):
                yield _csv_article(f"{path}#{number}", number, names, row)
        except csv.Error as error:
            raise IngestError(f"{path} is not CSV: {error}.") from None


def _csv_article(where: str, number: int, names: list[str], row: list[str]) -> Entry:
    try:
        if len(row) != len(names):
            raise IngestError(f"{where} has {len(row)} fields, the first line {len(names)}.")
        return Found(number, _extract(dict(zip(names[::-1], row[::-1], strict=True)), where))
    except IngestError as error:
        return Fault(number, str(error))


def _csv_rows(lines: Iterator[str], path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank with the line on which each begins."""
    csv.field_size_limit(LONGEST_LINE)
    first = next(lines, "")
    parted = "\t" if path.suffix.lower() == ".tsv" or first.count("\t") > first.count(",") else ","
    parted = ";" if first.count(";") > first.count(parted) else parted
    found = csv.reader(_again(first, lines), delimiter=parted)
    begins = 1
    for row in found:
        if any(cell.strip() for cell in row):
            yield begins, row
        begins = found.line_num + 1


def _again(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _name(cell: str) -> str:
    """Return the field that a column holds, the heading itself if it is none."""
    plain = "".join(cell.split()).lower()
    return next((name for name, names in FIELDS.items() if plain in names), plain)
