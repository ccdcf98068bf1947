"""What editors look through: refused questions that were kept, what was dealt with, and rows for an evaluation."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.errors import StoreError
from rag.index.connection import Connection
from rag.index.state import State, tables_of
from rag.records import Answer

__all__ = ["Inbox", "Unanswered"]

DATABASE = "desk.db"
SCHEMA = """
CREATE TABLE IF NOT EXISTS unanswered (
    id TEXT PRIMARY KEY, question TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL, count INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY, at TEXT NOT NULL, by TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rows (id TEXT PRIMARY KEY, row TEXT NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL);
"""
MOST = 5_000
"""Refused questions that are kept: the ones asked last."""
NOT_REFUSED = ("courtesy", "overview")
"""Reasons of what is told without an answer being missing."""

_log = logging.getLogger("youju.desk")


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that was refused `count` times, last at `at` (UTC), with the message it got; nothing tells by whom."""

    ident: str
    question: str
    reason: str
    at: str
    count: int


class Inbox:
    """What is kept in `state`: the file `desk.db`, which is made with the first entry, or tables of all servers."""

    def __init__(self, state: Path | State) -> None:
        self._tables = tables_of(State.of(state), DATABASE, SCHEMA, "unanswered")

    def keep(self, answer: Answer) -> None:
        """Keep the question of a refusal as it was understood; that it cannot be kept is logged and nobody's answer."""
        if answer.refusal is None or answer.refusal.reason in NOT_REFUSED:
            return
        question = answer.understood_as or answer.question
        ident = f"refused-{sha256(question.encode('utf-8', 'replace')).hexdigest()[:16]}"
        try:
            with self._open() as connection:
                connection.execute(
                    "INSERT INTO unanswered VALUES (?, ?, ?, ?, 1) ON CONFLICT (id) DO UPDATE SET "
                    "reason = excluded.reason, at = excluded.at, count = unanswered.count + 1",
                    (ident, question, answer.refusal.message, _now()),
                )
                connection.execute(
                    "DELETE FROM unanswered WHERE id IN (SELECT id FROM unanswered ORDER BY at DESC, id LIMIT 1000000000 OFFSET ?)",
                    (MOST,),
                )
        except StoreError as error:
            _log.warning("%s", error)

    def unanswered(self) -> list[Unanswered]:
        """Return what waits to be looked at, most asked first."""
        query = (
            "SELECT id, question, reason, at, count FROM unanswered WHERE id NOT IN (SELECT id FROM handled) "
            "ORDER BY count DESC, at DESC"
        )
        return [Unanswered(*row) for row in self._read(query)]

    def handled(self) -> set[str]:
        """Return the ids of what was dealt with."""
        return {row[0] for row in self._read("SELECT id FROM handled")}

    def handle(self, ident: str, by: str, row: Mapping[str, Any] | None = None) -> None:
        """Note that something was dealt with, with the row for an evaluation that came of it."""
        with self._open() as connection:
            connection.execute(
                "INSERT INTO handled VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET at = excluded.at, by = excluded.by",
                (ident, _now(), by),
            )
            if row is not None:
                text = json.dumps(row, ensure_ascii=False)
                connection.execute(
                    "INSERT INTO rows VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (id) DO UPDATE SET row = excluded.row, at = excluded.at, by = excluded.by",
                    (ident, text, _now(), by),
                )

    def take_back(self, ident: str) -> None:
        """Take a row out; what it came of waits again."""
        with self._open() as connection:
            connection.execute("DELETE FROM rows WHERE id = ?", (ident,))
            connection.execute("DELETE FROM handled WHERE id = ?", (ident,))

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows for an evaluation, oldest first."""
        return [json.loads(row[0]) for row in self._read("SELECT row FROM rows ORDER BY at, id")]

    def copy_to(self, other: "Inbox") -> int:
        """Give `other` everything; return how many rows that are."""
        count = 0
        for table, width in (("unanswered", 5), ("handled", 3), ("rows", 4)):
            rows = self._read(f"SELECT * FROM {table}")
            count += len(rows)
            if rows:
                marks = ", ".join("?" * width)
                with other._open() as connection:
                    connection.executemany(
                        f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT DO NOTHING", rows
                    )
        return count

    def _read(self, query: str) -> list[Any]:
        if not self._tables.exists():
            return []
        with self._open() as connection:
            return connection.execute(query).fetchall()

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        try:
            with self._tables.transaction() as connection:
                yield connection
        except self._tables.faults as error:
            raise StoreError(f"{self._tables} cannot be used: {error}.", "没有存上，请告诉管理员。") from None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
