"""What readers say of answers: kept once each in `state/`, and written out as questions to evaluate with."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from rag.errors import AskError, Conflict, StoreError, TooOften
from rag.index.connection import Connection
from rag.index.state import State, tables_of
from rag.request import MAX_PUBLISHER, MAX_QUESTION, MAX_TURNS
from rag.server.security.keys import KeyStore

__all__ = ["Feedback", "FeedbackStore", "Verdict", "evaluation_rows", "kept_answer", "read_feedback"]

DATABASE = "feedback.db"
SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, verdict TEXT NOT NULL, comment TEXT NOT NULL, expected TEXT NOT NULL,
    question TEXT NOT NULL, understood_as TEXT NOT NULL, turns TEXT NOT NULL, filters TEXT NOT NULL,
    today TEXT NOT NULL, generation INTEGER NOT NULL, answer TEXT NOT NULL
)
"""
COLUMNS = "id, at, verdict, comment, expected, question, understood_as, turns, filters, today, generation, answer, given, signed_user"
# Came later: an entry from before them is nobody's to change, and no answer is known to be behind it.
ADDED = {
    "feedback.owner": "TEXT NOT NULL DEFAULT ''",
    "feedback.visitor": "TEXT NOT NULL DEFAULT ''",
    "feedback.given": "INTEGER NOT NULL DEFAULT 0",
    "feedback.signed_user": "TEXT NOT NULL DEFAULT ''",
}

Verdict = Literal["accurate", "inaccurate", "wrong_citation"]
VERDICTS: tuple[Verdict, ...] = ("accurate", "inaccurate", "wrong_citation")
MAX_ID, MAX_COMMENT, MAX_EXPECTED = 64, 2_000, 500
MAX_ANSWER = 16_000
"""Characters of an answer as JSON, of which only `kept_answer` is kept: five quotes at their longest are a quarter."""
MAX_DAY = 200
"""Entries one visitor may add within 24 hours: more than one reads in a day."""
MAX_BYTES = 64_000_000
"""Size of the file: some 30,000 entries. Beyond that nothing is added, so that readers cannot fill the disk."""
ANSWER_FIELDS = ("refused", "refusal", "confidence", "answer", "text", "as_of")
CITATION_FIELDS = ("article_id", "title", "start", "end", "quote")


@dataclass(frozen=True, slots=True)
class Feedback:
    """A reader's verdict on one answer; `id` is the answer's on the page, so that saying it twice counts once.

    `turns` are the earlier questions of the conversation, `expected` what the reader says is right, `answer` what
    `kept_answer` keeps of the Answer, `at` the time in UTC. `given` tells whether this server gave this answer to this
    question: what is said of any other is the reader's invention. `user` is the reader, where the site around has signed a name.
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
    given: bool = False
    user: str = ""


class FeedbackStore:
    """The feedback in `state`: a file that is made with the first entry, or a table of all servers."""

    def __init__(self, state: Path | State) -> None:
        self._tables = tables_of(State.of(state), DATABASE, SCHEMA, "feedback", ADDED)
        self._keys = KeyStore(state)

    def save(self, entry: Feedback, visitor: str = "", token: str = "") -> None:
        """Keep `entry`; one with the same id takes its place if it is the same person's.

        That is whoever knows the `token` that came with the first, or where none came the same `visitor`.
        Raises Conflict if it is another's, TooOften if a visitor has added MAX_DAY in a day, StoreError where the folder
        cannot be written or the file is full.
        """
        values = _values(entry)
        marks = ", ".join("?" * (len(values) + 2))
        try:
            who = self._keys.sign("visitor", visitor) if visitor else ""
            owner = self._keys.sign("feedback", token) if token else who
            with self._tables.transaction() as connection:
                self._admit(connection, entry.id, owner, who)
                connection.execute("DELETE FROM feedback WHERE id = ?", (entry.id,))
                connection.execute(
                    f"INSERT INTO feedback ({COLUMNS}, owner, visitor) VALUES ({marks})",
                    (*values, owner, who),
                )
        except self._tables.faults as error:
            raise StoreError(
                f"{self._tables} cannot be written: {error}.", "意见没有存上，请告诉管理员。"
            ) from None

    def _admit(self, connection: Connection, ident: str, owner: str, visitor: str) -> None:
        """Raise what `save` raises if an entry may not be written."""
        row = connection.execute("SELECT owner FROM feedback WHERE id = ?", (ident,)).fetchone()
        if row and row[0] != owner:
            raise Conflict(
                f"The feedback {ident!r} is another visitor's.", "这条意见是别人提交的，不能改动。"
            )
        if self._tables.size(connection) > MAX_BYTES:
            raise StoreError(
                f"{self._tables} has more than {MAX_BYTES // 1_000_000} MB: export it and put it aside.",
                "意见已存满，请告诉管理员。",
            )
        since = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
        query = "SELECT count(*) FROM feedback WHERE visitor = ? AND at > ?"
        if not row and visitor and connection.execute(query, (visitor, since)).fetchone()[0] >= MAX_DAY:
            raise TooOften(
                f"A visitor has left {MAX_DAY} entries in 24 hours.",
                f"今天已提交 {MAX_DAY} 条意见，请明天再来。",
            )

    def copy_to(self, other: "FeedbackStore") -> int:
        """Give `other` the entries, with whose they are; return how many."""
        if not self._tables.exists():
            return 0
        columns = f"{COLUMNS}, owner, visitor"
        with self._tables.transaction() as connection:
            rows = connection.execute(f"SELECT {columns} FROM feedback").fetchall()
        marks = ", ".join("?" * len(columns.split(", ")))
        with other._tables.transaction() as connection:
            connection.executemany(
                f"INSERT INTO feedback ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows
            )
        return len(rows)

    def entries(self) -> Iterator[Feedback]:
        """Yield what was said, oldest first; nothing where nothing was."""
        if not self._tables.exists():
            return
        with self._tables.transaction() as connection:
            rows = connection.execute(f"SELECT {COLUMNS} FROM feedback ORDER BY at, id").fetchall()
        for ident, at, verdict, comment, expected, question, understood, *rest in rows:
            turns, filters, today, generation, answer, given, user = rest
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
                given=bool(given),
                user=user,
            )


def _values(entry: Feedback) -> tuple[str | int, ...]:
    """Return the values of COLUMNS."""
    return (
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
        int(entry.given),
        entry.user,
    )


def kept_answer(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of an Answer as JSON: what was said and where it was quoted."""
    cited = answer.get("citations")
    citations = [one for one in cited if isinstance(one, dict)] if isinstance(cited, list | tuple) else []
    kept = {name: answer[name] for name in ANSWER_FIELDS if name in answer}
    return kept | {
        "citations": [{name: one[name] for name in CITATION_FIELDS if name in one} for one in citations]
    }


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
        answer=_answer(answer),
        understood_as=_text(fields, "understood_as", 4 * MAX_QUESTION),
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


def _answer(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of an answer that a reader sends."""
    kept = kept_answer(fields)
    try:
        fits = len(_dumps(kept).encode().decode()) <= MAX_ANSWER
    except (UnicodeEncodeError, RecursionError):
        fits = False
    if not fits:
        raise AskError("answer is not one of ours.", f"answer 应为服务器给出的回答，{MAX_ANSWER} 字以内。")
    return kept


def evaluation_rows(entries: Iterable[Feedback], *, everything: bool = False) -> Iterator[dict[str, Any]]:
    """Yield feedback as rows of a question file; see `rag/evaluation/README.md`.

    An accurate answer is its own expected one; an inaccurate one is a row only if the reader said what is right. What
    is said of an answer that this server did not give is no row (`everything`: these too, marked by `given`, and those
    without answers, to be filled in by hand).
    """
    for entry in entries:
        row = _row(entry)
        if everything or (entry.given and (row["answers"] or row["answerable"] is False)):
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
        "given": entry.given,
        "user": entry.user,
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
