"""What readers say of answers: kept once each in `state/`, and written out as questions to evaluate with."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from rag.errors import AskError, StoreError
from rag.request import MAX_ANSWER, MAX_PUBLISHER, MAX_QUESTION, MAX_TURNS

__all__ = ["Feedback", "FeedbackStore", "Verdict", "evaluation_rows", "read_feedback"]

DATABASE = "feedback.db"
SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, verdict TEXT NOT NULL, comment TEXT NOT NULL, expected TEXT NOT NULL,
    question TEXT NOT NULL, understood_as TEXT NOT NULL, turns TEXT NOT NULL, filters TEXT NOT NULL,
    today TEXT NOT NULL, generation INTEGER NOT NULL, answer TEXT NOT NULL
)
"""
COLUMNS = (
    "id, at, verdict, comment, expected, question, understood_as, turns, filters, today, generation, answer"
)

Verdict = Literal["accurate", "inaccurate", "wrong_citation"]
VERDICTS: tuple[Verdict, ...] = ("accurate", "inaccurate", "wrong_citation")
MAX_ID, MAX_COMMENT, MAX_EXPECTED = 64, 2_000, 500


@dataclass(frozen=True, slots=True)
class Feedback:
    """A reader's verdict on one answer; `id` is the answer's on the page, so that saying it twice counts once.

    `turns` are the earlier questions of the conversation, `expected` what the reader says is right, `answer` the
    Answer as JSON, `at` the time in UTC.
    """

    id: str
    verdict: Verdict
    question: str
    generation: int
    answer: Mapping[str, Any]
    understood_as: str = ""
    comment: str = ""
    expected: str = ""
    turns: tuple[str, ...] = ()
    filters: Mapping[str, str] | None = None
    today: str = ""
    at: str = ""


class FeedbackStore:
    """The file of feedback in the folder `state`; it is made with the first entry."""

    def __init__(self, state: Path) -> None:
        self.path = state / DATABASE

    def save(self, entry: Feedback) -> None:
        """Keep `entry`; one with the same id takes its place.

        Raises StoreError where the folder cannot be written.
        """
        values = (
            entry.id,
            entry.at or datetime.now(UTC).isoformat(timespec="seconds"),
            entry.verdict,
            entry.comment,
            entry.expected,
            entry.question,
            entry.understood_as,
            _dumps(entry.turns),
            _dumps(entry.filters or {}),
            entry.today,
            entry.generation,
            _dumps(entry.answer),
        )
        marks = ", ".join("?" * len(values))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as connection:
                connection.execute(f"INSERT OR REPLACE INTO feedback ({COLUMNS}) VALUES ({marks})", values)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"{self.path} cannot be written: {error}.", "意见没有存上，请告诉管理员。"
            ) from None

    def entries(self) -> Iterator[Feedback]:
        """Yield what was said, oldest first; nothing where nothing was."""
        if not self.path.exists():
            return
        with self._open() as connection:
            rows = connection.execute(f"SELECT {COLUMNS} FROM feedback ORDER BY at, id").fetchall()
        for ident, at, verdict, comment, expected, question, understood, *rest in rows:
            turns, filters, today, generation, answer = rest
            yield Feedback(
                id=ident,
                at=at,
                verdict=verdict,
                comment=comment,
                expected=expected,
                question=question,
                understood_as=understood,
                turns=tuple(json.loads(turns)),
                filters=json.loads(filters),
                today=today,
                generation=generation,
                answer=json.loads(answer),
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=5)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(SCHEMA)
            with connection:
                yield connection
        finally:
            connection.close()


def read_feedback(fields: Mapping[str, Any]) -> Feedback:
    """Check the body of POST /api/feedback; unknown fields are ignored.

    Raises AskError that names the field.
    """
    verdict = next((one for one in VERDICTS if one == fields.get("verdict")), None)
    if verdict is None:
        raise AskError(
            f"verdict is {fields.get('verdict')!r}, none of {', '.join(VERDICTS)}.",
            "verdict 不是可用的评价。",
        )
    answer, turns, filters = fields.get("answer", {}), fields.get("turns", []), fields.get("filters", {})
    generation = fields.get("generation", 0)
    if not isinstance(answer, dict) or not isinstance(turns, list) or not isinstance(filters, dict):
        raise AskError(
            "answer and filters are objects, turns is a list.", "answer、filters 或 turns 的格式不对。"
        )
    if isinstance(generation, bool) or not isinstance(generation, int) or not 0 <= generation < 1 << 62:
        raise AskError(f"generation is no number: {generation!r}.", "generation 应为整数。")
    return Feedback(
        id=_text(fields, "id", MAX_ID, required=True),
        verdict=verdict,
        question=_text(fields, "question", MAX_QUESTION, required=True),
        generation=generation,
        answer=answer,
        understood_as=_text(fields, "understood_as", MAX_ANSWER),
        comment=_text(fields, "comment", MAX_COMMENT),
        expected=_text(fields, "expected", MAX_EXPECTED),
        turns=tuple(_text({"turns": turn}, "turns", MAX_QUESTION) for turn in turns[-MAX_TURNS:]),
        filters={
            name: _text(filters, name, MAX_PUBLISHER)
            for name in ("since", "until", "publisher")
            if filters.get(name)
        },
        today=_day(_text(fields, "today", 40)),
    )


def evaluation_rows(entries: Iterable[Feedback], *, everything: bool = False) -> Iterator[dict[str, Any]]:
    """Yield feedback as rows of a question file; see `rag/evaluation/README.md`.

    An accurate answer is its own expected one; an inaccurate one is a row only if the reader said what is right
    (`everything`: also without answers, to be filled in by hand).
    """
    for entry in entries:
        row = _row(entry)
        if everything or row["answers"] or row["answerable"] is False:
            yield row


def _row(entry: Feedback) -> dict[str, Any]:
    answer = entry.answer
    said = str(answer.get("answer") or "")
    refused = bool(answer.get("refused"))
    fits = entry.verdict == "accurate"
    cited = [c for c in answer.get("citations") or () if isinstance(c, dict)]
    return {
        "id": f"feedback-{entry.id}",
        "question": entry.question,
        "answers": [entry.expected]
        if entry.expected
        else [said]
        if said and entry.verdict != "inaccurate"
        else [],
        "answerable": not (fits and refused and not entry.expected),
        "article_ids": list(dict.fromkeys(str(c.get("article_id")) for c in cited)) if fits else [],
        "turns": [*entry.turns, entry.question] if entry.turns else [],
        "question_date": entry.today,
        "type": entry.verdict,
        "comment": entry.comment,
        "generation": entry.generation,
    }


def _text(fields: Mapping[str, Any], name: str, longest: int, *, required: bool = False) -> str:
    value = fields.get(name) or ""
    if not isinstance(value, str) or len(value) > longest or any("\ud800" <= c <= "\udfff" for c in value):
        raise AskError(
            f"{name} is no text of up to {longest:,} characters.", f"{name} 应为 {longest} 字以内的文字。"
        )
    if required and not value.strip():
        raise AskError(f"{name} is empty.", f"缺少 {name}。")
    return value.strip()


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat() if value else ""
    except ValueError:
        raise AskError(
            f"today is no date: {value!r}; write YYYY-MM-DD.", "today 应写成 YYYY-MM-DD。"
        ) from None


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
