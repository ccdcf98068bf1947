"""Questions with what is expected of them, read from files; a row that cannot be asked is named, the rest goes on."""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from rag.errors import EvalError
from rag.evaluation.formats import RawRow, raw_rows

__all__ = ["BadRow", "Question", "Questions", "questions_digest", "read_questions", "sample"]

YES = {"true", "1", "yes", "y", "是", "t"}
NO = {"false", "0", "no", "n", "否", "f"}


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what is expected: any of `answers`, or one string of every group of `answer_groups`.

    `article_ids` are the gold articles by id, external id or end of path. `qualifiers` must all be quoted with the
    answer. `turns` are the earlier questions of the dialogue. `question_date` (ISO or "") is what 去年 refers to.
    `silver` says that the gold articles were only guessed. `context` is the gold article's text where the file has it.
    `draft` says that a program wrote it and nobody has read it.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    answerable: bool = True
    article_ids: tuple[str, ...] = ()
    answer_groups: tuple[tuple[str, ...], ...] = ()
    qualifiers: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    question_date: str = ""
    type: str = ""
    silver: bool = False
    title: str = ""
    context: str = ""
    draft: bool = False


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be asked and why; `line` is 0 when it is the whole file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}" if self.line else self.reason


@dataclass(frozen=True, slots=True)
class Questions:
    """What question files hold: `questions` in order, `bad` the rows that cannot be asked."""

    questions: tuple[Question, ...]
    bad: tuple[BadRow, ...]


class _Fault(Exception):
    """Raised inside this module when a row cannot be asked; its text completes "the row …"."""


def read_questions(paths: Sequence[Path]) -> Questions:
    """Read question files; raises EvalError if no row at all can be asked."""
    questions: dict[str, Question] = {}
    bad: list[BadRow] = []
    for path in paths:
        found = _read_file(path, bad)
        taken = set(questions)
        for question in found:
            unique = f"{path.stem}#{question.id}" if question.id in taken else question.id
            questions[unique] = replace(question, id=unique)
    if not questions:
        raise EvalError(f"There is nothing to ask: {bad[0] if bad else 'no question file was named'}")
    return Questions(tuple(questions.values()), tuple(bad))


def sample(questions: Sequence[Question], limit: int, seed: int) -> list[Question]:
    """Return `limit` of the questions in their order, drawn by `seed`; all of them if there are no more or limit is 0."""
    if not 0 < limit < len(questions):
        return list(questions)
    chosen = sorted(random.Random(seed).sample(range(len(questions)), limit))
    return [questions[i] for i in chosen]


def questions_digest(questions: Sequence[Question]) -> str:
    """Return 16 hex digits over everything that is asked and expected, in order."""
    asked = [asdict(question) for question in questions]
    for one in asked:
        del one["draft"]  # reading a question changes nothing in it
    text = json.dumps(asked, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read_file(path: Path, bad: list[BadRow]) -> list[Question]:
    lines: dict[str, int] = {}
    found = []
    try:
        for raw in raw_rows(path):
            try:
                question = _question(raw, path)
                if question.id in lines:
                    raise _Fault(f"has the id {question.id!r} of line {lines[question.id]}")
            except _Fault as fault:
                bad.append(BadRow(path.name, raw.line, str(fault)))
                continue
            lines[question.id] = raw.line
            found.append(question)
    except EvalError as error:
        bad.append(BadRow(path.name, 0, str(error)))
    return found


def _question(raw: RawRow, path: Path) -> Question:
    if raw.fault:
        raise _Fault(raw.fault)
    row = raw.fields
    turns = _texts(row, "turns")
    question = turns[-1] if turns else _text(row, "question")
    if not question:
        raise _Fault("has no question")
    answers, groups = _answers(row), _groups(row)
    return Question(
        id=_text(row, "id") or f"{path.stem}-{raw.line}",
        question=question,
        answers=answers,
        answerable=_answerable(row, bool(answers or groups)),
        article_ids=_texts(row, "article_ids") or _texts(row, "articles"),
        answer_groups=groups,
        qualifiers=_texts(row, "qualifiers"),
        turns=turns[:-1],
        question_date=_day(row),
        type=_text(row, "type") or _text(row, "kind") or _text(row, "qtype"),
        silver=_flag(row, "silver", False),
        title=_text(row, "title"),
        context=_text(row, "context"),
        draft=_flag(row, "draft", False),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Fault(f"its {name} cannot be read as text: {_shown(value)}")
    return str(value).strip()


def _texts(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a field as texts; one text alone counts as a list of one."""
    value = row.get(name)
    items = value if isinstance(value, list | tuple) else [] if value is None else [value]
    return tuple(text for item in items if (text := _text({name: _unwrapped(item)}, name)))


def _unwrapped(item: object) -> object:
    """Return the text of {"text": …} as SQuAD writes answers and {"question": …} as a dialogue does."""
    if not isinstance(item, dict):
        return item
    return item.get("text", item.get("question", item))


def _answers(row: Mapping[str, Any]) -> tuple[str, ...]:
    value = row.get("answers", row.get("answer"))
    if isinstance(value, dict) and isinstance(value.get("text"), list):
        value = value["text"]
    return tuple(dict.fromkeys(_texts({"answers": value}, "answers")))


def _groups(row: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    value = row.get("answer_groups") or []
    if not isinstance(value, list):
        raise _Fault(f"has answer_groups that are no list: {_shown(value)}")
    groups = (_texts({"answer_groups": group}, "answer_groups") for group in value)
    return tuple(group for group in groups if group)


def _answerable(row: Mapping[str, Any], answered: bool) -> bool:
    if "answerable" not in row and not answered:
        raise _Fault("has no answers: give some, or answerable = false")
    return _flag(row, "answerable", True)


def _flag(row: Mapping[str, Any], name: str, default: bool) -> bool:
    value = row.get(name)
    if value is None:
        return default
    word = str(value).strip().lower()
    if word not in YES | NO:
        raise _Fault(f"has {name} = {_shown(value)}: write true or false")
    return word in YES


def _day(row: Mapping[str, Any]) -> str:
    value = _text(row, "question_date")[:10]
    try:
        return date.fromisoformat(value.replace("/", "-")).isoformat() if value else ""
    except ValueError:
        raise _Fault(f"has the question_date {value!r}: write YYYY-MM-DD") from None


def _shown(value: object) -> str:
    return repr(value)[:40]
