"""Which answers this server gave: what is said of others is no evidence of anything."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from hashlib import sha256
from typing import Any

from rag.errors import DatabaseAway
from rag.index.state import State, Tables, tables_of
from rag.records import Answer
from rag.request import Request
from rag.server.feedback import Feedback, kept_answer

__all__ = ["Given"]

REMEMBERED = 10_000
"""Answers: about a megabyte, and a few days of a newsroom. Those of before a start are not known."""


KEPT = "30 days"
"""For so long the digests that servers keep together."""


class Given:
    """The digests of the answers that were given, with their questions; the oldest is forgotten first.

    With a database in `state` an answer of one server is known to all.
    """

    def __init__(self, state: State | None = None, most: int = REMEMBERED) -> None:
        self._most = most
        shared = state is not None and state.database
        self._tables = tables_of(state, "", "", "given") if state and shared else None
        self._kept = 0
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def remember(self, request: Request, answer: Answer) -> None:
        """Keep that `answer` was given."""
        today = request.today.isoformat() if request.today else ""
        digest = _digest(request.question, today, answer.to_json())
        self._digests[digest] = None
        self._digests.move_to_end(digest)
        while len(self._digests) > self._most:
            self._digests.popitem(last=False)
        if self._tables is not None:
            self._share(self._tables, digest)

    def has(self, entry: Feedback) -> bool:
        """Tell whether the answer that is judged was given to the question it is said to answer."""
        days = {entry.today} | ({""} if entry.today == date.today().isoformat() else set())
        digests = [_digest(entry.question, day, entry.answer) for day in days]
        if any(digest in self._digests for digest in digests):
            return True
        if self._tables is None:
            return False
        with self._tables.transaction() as connection:
            query = "SELECT 1 FROM given WHERE digest = ?"
            return any(connection.execute(query, (digest,)).fetchone() for digest in digests)

    def _share(self, tables: Tables, digest: bytes) -> None:
        """Keep a digest for all servers; where the database is away it is this one's alone."""
        with suppress(DatabaseAway), tables.transaction() as connection:
            connection.execute("INSERT INTO given (digest) VALUES (?) ON CONFLICT DO NOTHING", (digest,))
            self._kept += 1
            if self._kept % REMEMBERED == 0:
                connection.execute(f"DELETE FROM given WHERE at < now() - interval '{KEPT}'")


def _digest(question: str, today: str, answer: Mapping[str, Any]) -> bytes:
    kept = kept_answer(answer)
    kept.pop("confidence", None)  # a browser writes 1.0 as 1
    said = [question, today, kept]
    return sha256(json.dumps(said, sort_keys=True).encode()).digest()[:16]
