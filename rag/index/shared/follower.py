"""A shared index followed while a server runs: its copy is brought up to date as soon as something is published."""

import logging
import sqlite3
import threading
import time
from dataclasses import dataclass

from rag.errors import DatabaseAway, IndexEmpty, IndexLocked, RagError
from rag.index.opened import need_postgres
from rag.index.place import Place

__all__ = ["Follower", "Reach"]

EACH = 2.0
"""Seconds between two looks where the database tells of nothing: what it told may have been lost."""
AGAIN = 1.0
"""Seconds between two tries to reach a database that is away."""

_log = logging.getLogger("youju.store")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a database answers, and since when that is so (seconds since 1970)."""

    up: bool
    since: float


class Follower:
    """Follows one place in a thread of its own; of an index in a folder there is nothing to follow."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._reach = Reach(True, time.time())
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def reach(self) -> Reach | None:
        """Whether the database answers; None where there is none."""
        return self._reach if self.place.database else None

    def demand(self) -> None:
        """Raise DatabaseAway where nothing can be written because the database is away."""
        if self.place.database and not self._reach.up:
            raise DatabaseAway(f"{self.place} does not answer since {time.ctime(self._reach.since)}.")

    def start(self) -> None:
        """Begin to follow."""
        if self.place.database and self._thread is None:
            need_postgres()
            self._thread = threading.Thread(target=self._follow, name="following", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop, once a copy in the making is whole."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(EACH + AGAIN)

    def _follow(self) -> None:
        from rag.index.shared.postgres import CHANNEL, connect, raised
        from rag.index.shared.replica import follow

        while not self._stop.is_set():
            try:
                with connect(self.place) as connection, raised(self.place):
                    connection.execute(f"LISTEN {CHANNEL}")
                    while not self._stop.is_set():
                        try:
                            follow(self.place, upstream=connection)
                        except (IndexEmpty, IndexLocked) as error:
                            _log.info("%s", error)
                        self._note(True)
                        for _ in connection.notifies(timeout=EACH, stop_after=1):
                            pass
            except (RagError, OSError, sqlite3.Error) as error:  # away, or the disk of the copy is full
                self._note(False, error)
            self._stop.wait(AGAIN)

    def _note(self, up: bool, error: Exception | None = None) -> None:
        if up != self._reach.up:
            _log.warning("%s", error if error else f"{self.place} answers again.")
            self._reach = Reach(up, time.time())
