"""Question files as rows of fields: JSONL, CSV and the JSON of CMRC and SQuAD, each row with its line."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import EvalError, IngestError
from rag.ingest.packages.spreadsheet import sheet_rows

__all__ = ["RawRow", "raw_rows"]

SEPARATOR = "|"
"""Between the answers in a cell of CSV; between the groups of `answer_groups` stands a semicolon."""
LISTS = ("answers", "article_ids", "articles", "qualifiers", "turns")
HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(("编号", "序号", "qid", "question_id"), "id"),
    **dict.fromkeys(("问题", "提问", "问句", "query", "user_input", "input", "prompt"), "question"),
    **dict.fromkeys(
        (
            "答案",
            "标准答案",
            "参考答案",
            "正确答案",
            "回答",
            "answer",
            "ground_truth",
            "ground_truths",
            "reference",
            "references",
            "reference_answer",
            "expected",
            "expected_output",
            "expected_answer",
            "__expected",
        ),
        "answers",
    ),
    **dict.fromkeys(("可回答", "是否可回答", "has_answer"), "answerable"),
    **dict.fromkeys(("文章", "文章编号", "articles", "reference_context_ids"), "article_ids"),
    "限定": "qualifiers",
    "草稿": "draft",
    **dict.fromkeys(("日期", "提问日期"), "question_date"),
    **dict.fromkeys(("类型", "kind", "qtype"), "type"),
}
"""What other tools (ragas, promptfoo, deepeval, tables of a newsroom) call the fields, by lower-case heading."""
PLAIN = (
    "id",
    "question",
    "answers",
    "answerable",
    "article_ids",
    "answer_groups",
    "qualifiers",
    "question_date",
    "turns",
    "type",
    "draft",
)
_assertion = re.compile(r"(i?contains|i?equals|starts-with)\s*:\s*", re.IGNORECASE)
_other_assertion = re.compile(
    r"(?:not-)?(?:javascript|python|llm-rubric|similar|regex|is-json|contains-(?:any|all|json)|rouge-n|levenshtein|webhook|factuality|fn|file)\s*:"
)


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row of a question file; `line` counts from 1 (questions, in JSON). `fault` says why it has no fields."""

    line: int
    fields: Mapping[str, Any]
    fault: str = ""


def raw_rows(path: Path) -> Iterator[RawRow]:
    """Yield the rows of a question file; raises EvalError, at the first `next`, if it is no such file."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise EvalError(f"{path} is no question file: known are {' '.join(sorted(READERS))}.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvalError(f"{path} cannot be read: {error.strerror}.") from None
    if not content.strip(b" \t\r\n\xef\xbb\xbf"):
        raise EvalError(f"{path} is empty.")
    yield from (replace(row, fields=_named(row.fields)) for row in reader(path, content))


def _named(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields under our names; of two that mean the same the one that has ours."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        ours = _column(name)
        if ours == name or ours not in fields:
            found.setdefault(ours, value)
    return found


def _json_lines(path: Path, content: bytes) -> Iterator[RawRow]:
    """Read one object a line; split by bytes, because U+2028 in a question ends no line."""
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if raw.strip():
            yield _json_line(number, raw)


def _json_line(number: int, raw: bytes) -> RawRow:
    try:
        fields = json.loads(_decoded(raw))
    except (ValueError, RecursionError):
        return RawRow(number, {}, "is not JSON")
    return RawRow(number, fields) if isinstance(fields, dict) else RawRow(number, {}, "is no JSON object")


def _decoded(content: bytes) -> str:
    """Decode UTF-8 with or without a mark, else what a Chinese Excel writes; raises UnicodeDecodeError."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _text(path: Path, content: bytes) -> str:
    try:
        return _decoded(content)
    except UnicodeDecodeError:
        raise EvalError(f"{path} is neither UTF-8 nor GBK: save it as CSV UTF-8.") from None


def _csv(path: Path, content: bytes) -> Iterator[RawRow]:
    """Read a table with a header; a cell may hold line ends."""
    text = _text(path, content)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    header = _header(path, next(rows))
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield RawRow(line, {}, f"is no CSV: {error}")
            continue
        if any(cell.strip() for cell in cells):
            yield _csv_row(line, header, cells)


def _delimiter(text: str) -> str:
    """Return what stands between the names of the header most often: Excel writes ; or a tab in some places."""
    header = text.split("\n", 1)[0]
    return max(",;\t", key=header.count)


def _header(path: Path, cells: Sequence[str]) -> list[str]:
    """Return the names of the columns; raises EvalError that says which are known where none holds the questions."""
    header = [_column(name) for name in cells]
    if not {"question", "turns"} & set(header):
        said = ", ".join(cell.strip() for cell in cells if cell.strip())[:200]
        raise EvalError(
            f"{path} has no column with the questions; its columns are {said}. Known are {', '.join(PLAIN)}, and for them "
            f"{', '.join(HEADINGS)}."
        )
    return header


def _column(name: str) -> str:
    name = name.strip().lower()
    return HEADINGS.get(name, name)


def _sheets(path: Path, content: bytes) -> Iterator[RawRow]:
    """Read the sheets of an Excel file that have a column of questions; one that has none is another table."""
    try:
        sheets = [(title, rows) for title, rows in sheet_rows(path) if rows]
    except IngestError as error:
        raise EvalError(str(error)) from None
    if not sheets:
        raise EvalError(f"{path} is empty.")
    asked = [rows for _, rows in sheets if {"question", "turns"} & {_column(cell) for cell in rows[0][1]}]
    if not asked:
        _header(path, sheets[0][1][0][1])
    for (_, heads), *rows in asked:
        header = [_column(name) for name in heads]
        for number, cells in rows:
            yield _csv_row(number, header, cells)


def _csv_row(line: int, header: Sequence[str], cells: Sequence[str]) -> RawRow:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        return RawRow(line, {}, f"has {len(cells)} cells under {len(header)} names: quote cells with commas")
    given = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    fields: dict[str, Any] = {name: cell for name, cell in given.items() if cell}
    if fault := _without_assertion(fields):
        return RawRow(line, {}, fault)
    for name in LISTS:
        if name in fields:
            fields[name] = _items(fields[name])
    if "answer_groups" in fields:
        fields["answer_groups"] = [_items(group) for group in fields["answer_groups"].split(";")]
    return RawRow(line, fields)


def _without_assertion(fields: dict[str, Any]) -> str:
    """Take the kind of comparison from before an expected answer, as promptfoo writes it; return what is wrong with it."""
    said = str(fields.get("answers", ""))
    if _other_assertion.match(said):
        return f"expects {said[:40]!r}, which is no answer: write equals: or contains: and the words"
    if found := _assertion.match(said):
        fields["answers"] = said[found.end() :]
    return ""


def _items(cell: str) -> list[str]:
    return [item.strip() for item in cell.split(SEPARATOR) if item.strip()]


def _json(path: Path, content: bytes) -> Iterator[RawRow]:
    """Read the JSON of SQuAD or CMRC; a .json file that holds one object a line is read as such."""
    try:
        data = json.loads(_text(path, content))
    except (ValueError, RecursionError):
        yield from _json_lines(path, content)
        return
    stories = data.get("data") if isinstance(data, dict) else data
    if not isinstance(stories, list):
        raise EvalError(f"{path} is neither SQuAD nor CMRC JSON: it has no list of articles.")
    rows = [row for story in stories for row in _story(story)]
    if not rows:
        raise EvalError(
            f"{path} holds no question: a list has them as question and answer, SQuAD and CMRC JSON under qas."
        )
    yield from (RawRow(number, fields, fault) for number, (fields, fault) in enumerate(rows, start=1))


Fields = tuple[Mapping[str, Any], str]


def _story(story: object) -> Iterator[Fields]:
    """Yield the questions of one article; CMRC's older files have the paragraph and the article in one."""
    if not isinstance(story, dict):
        yield {}, "stands in no JSON object"
        return
    if "qas" not in story and {"question", "turns"} & {_column(name) for name in story}:
        yield story, ""
        return
    paragraphs = story.get("paragraphs", [story])
    for number, paragraph in enumerate(paragraphs if isinstance(paragraphs, list) else [], start=1):
        if isinstance(paragraph, dict):
            yield from _paragraph(paragraph, str(story.get("title") or ""), number)
        else:
            yield {}, "stands in a paragraph that is no JSON object"


def _paragraph(paragraph: Mapping[str, Any], title: str, number: int) -> Iterator[Fields]:
    text = paragraph.get("context", paragraph.get("context_text"))
    if not isinstance(text, str):
        yield {}, "has no context"
        return
    given = paragraph.get("id", paragraph.get("context_id"))
    article = str(given) if given else f"{title or text[:20]}-{number}"
    qas = paragraph.get("qas")
    for row in qas if isinstance(qas, list) else []:
        yield (_squad(row, article, title, text), "") if isinstance(row, dict) else ({}, "is no JSON object")


def _squad(row: Mapping[str, Any], article: str, title: str, text: str) -> Mapping[str, Any]:
    return {
        "id": row.get("id", row.get("query_id")),
        "question": row.get("question", row.get("query_text")),
        "answers": row.get("answers"),
        "answerable": not row.get("is_impossible", False),
        "article_ids": [article],
        "title": title,
        "context": text,
    }


READERS: dict[str, Callable[[Path, bytes], Iterator[RawRow]]] = {
    ".csv": _csv,
    ".json": _json,
    ".jsonl": _json_lines,
    ".xlsx": _sheets,
}
