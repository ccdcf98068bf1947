"""Who is signed in: a browser holds a random text, `state/sessions.db` its digest; signing out deletes that."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from rag.errors import AccessError, DatabaseAway
from rag.index.connection import Connection
from rag.index.private_files import tighten
from rag.index.state import State, tables_of

__all__ = ["SessionStore"]

DATABASE = "sessions.db"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS sessions (digest TEXT PRIMARY KEY, key TEXT NOT NULL, until INTEGER NOT NULL)"
)
MOST = 1_000
"""Sessions of one key: beyond that the ones that end first are ended, so that signing in fills no disk."""


FRESH = 2.0
"""Seconds for which what a database said of a session is taken as still so."""
REMEMBERED = 10_000
"""Sessions that are remembered, for when the database is away."""


class SessionStore:
    """The sessions in `state`: a file that is made when the first person signs in, or a table of all servers.

    A copied cookie opens nothing once its session is ended, in a server that was started anew neither.
    """

    def __init__(self, state: Path | State) -> None:
        at = State.of(state)
        tighten(at.folder)
        self._tables = tables_of(at, DATABASE, SCHEMA, "sessions")
        self._known: dict[str, tuple[float, str, int]] = {}
        """of shared sessions by digest: when that was asked, whose it is, until when"""

    def begin(self, key: str, until: int) -> str:
        """Begin a session of the key with the digest `key` and return its text, which is kept nowhere."""
        text = secrets.token_urlsafe(32)
        with self._open() as connection:
            connection.execute("DELETE FROM sessions WHERE until <= ?", (int(time.time()),))
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?)", (_digest(text), key, until))
            connection.execute(
                "DELETE FROM sessions WHERE digest IN (SELECT digest FROM sessions WHERE key = ? "
                "ORDER BY until DESC, CASE digest WHEN ? THEN 0 ELSE 1 END LIMIT 1000000000 OFFSET ?)",
                (key, _digest(text), MOST),
            )
        return text

    def find(self, text: str) -> str:
        """Return the digest of the key that began the session, "" if there is none or it has ended."""
        if not self._tables.exists():
            return ""
        digest = _digest(text)
        return self._find_shared(digest) if self._tables.shared else self._find(digest)[0]

    def end(self, text: str) -> None:
        """End a session; one that is not known is none."""
        if self._tables.exists():
            self._known.pop(_digest(text), None)
            with self._open() as connection:
                connection.execute("DELETE FROM sessions WHERE digest = ?", (_digest(text),))

    def _find(self, digest: str) -> tuple[str, int]:
        query = "SELECT key, until FROM sessions WHERE digest = ? AND until > ?"
        with self._open() as connection:
            row = connection.execute(query, (digest, int(time.time()))).fetchone()
        return (str(row[0]), int(row[1])) if row else ("", 0)

    def _find_shared(self, digest: str) -> str:
        """Ask the database at most every FRESH seconds; while it is away who was signed in stays so."""
        asked, key, until = self._known.get(digest, (-FRESH, "", 0))
        if time.monotonic() - asked > FRESH:
            try:
                key, until = self._find(digest)
            except DatabaseAway:
                if not key:
                    raise
            else:
                self._known.pop(digest, None)
                self._known[digest] = (time.monotonic(), key, until)
                while len(self._known) > REMEMBERED:
                    del self._known[next(iter(self._known))]
        return key if until > time.time() else ""

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        """Open the tables and commit; raises AccessError where that cannot be."""
        try:
            with self._tables.transaction() as connection:
                yield connection
        except self._tables.faults as error:
            raise AccessError(
                f"{self._tables} cannot be used: {error}.", "登录状态无法读取，请告诉管理员。"
            ) from None


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()
