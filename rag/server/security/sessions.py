"""Who is signed in: a browser holds a random text, `state/sessions.db` its digest; signing out deletes that."""

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

from rag.errors import AccessError
from rag.index.private_files import create_private, tighten

__all__ = ["SessionStore"]

DATABASE = "sessions.db"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS sessions (digest TEXT PRIMARY KEY, key TEXT NOT NULL, until INTEGER NOT NULL)"
)
MOST = 1_000
"""Sessions of one key: beyond that the ones that end first are ended, so that signing in fills no disk."""


class SessionStore:
    """The file of sessions in the folder `state`; it is made when the first person signs in.

    A copied cookie opens nothing once its session is ended, in a server that was started anew neither.
    """

    def __init__(self, state: Path) -> None:
        self.path = state / DATABASE
        tighten(state, self.path)

    def begin(self, key: str, until: int) -> str:
        """Begin a session of the key with the digest `key` and return its text, which is kept nowhere."""
        text = secrets.token_urlsafe(32)
        with self._open() as connection:
            connection.execute("DELETE FROM sessions WHERE until <= ?", (int(time.time()),))
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?)", (_digest(text), key, until))
            connection.execute(
                "DELETE FROM sessions WHERE digest IN "
                "(SELECT digest FROM sessions WHERE key = ? ORDER BY until DESC, rowid DESC LIMIT -1 OFFSET ?)",
                (key, MOST),
            )
        return text

    def find(self, text: str) -> str:
        """Return the digest of the key that began the session, "" if there is none or it has ended."""
        if not self.path.exists():
            return ""
        query = "SELECT key FROM sessions WHERE digest = ? AND until > ?"
        with self._open() as connection:
            row = connection.execute(query, (_digest(text), int(time.time()))).fetchone()
        return str(row[0]) if row else ""

    def end(self, text: str) -> None:
        """End a session; one that is not known is none."""
        if self.path.exists():
            with self._open() as connection:
                connection.execute("DELETE FROM sessions WHERE digest = ?", (_digest(text),))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file and commit; raises AccessError where that cannot be."""
        try:
            create_private(self.path)
            with closing(sqlite3.connect(self.path, timeout=2)) as connection:
                connection.execute(SCHEMA)
                with connection:
                    yield connection
        except (OSError, sqlite3.Error) as error:
            raise AccessError(
                f"{self.path} cannot be used: {error}.", "登录状态无法读取，请告诉管理员。"
            ) from None


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()
