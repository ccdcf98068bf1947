"""What the servers of a shared index keep together, in short transactions on pooled connections."""

import atexit
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg_pool import ConnectionPool

from rag.errors import DatabaseAway
from rag.index.connection import Connection, transaction
from rag.index.place import Place
from rag.index.shared.migrate import prepare
from rag.index.shared.postgres import PATIENCE, PostgresConnection, connect, raised

__all__ = ["SharedTables"]

MOST = 8
"""Connections of one process."""
WAIT = 0.5
"""Seconds to wait for one."""
SHORT = 0.05
"""Seconds to wait while the database is known to be away."""
RECONNECTING = 2.0
"""Seconds for which the pool tries to make a connection in place of one that broke."""
REST = 1.0
"""Seconds for which a database that did not answer is not asked again: meanwhile nobody waits for it."""
LONGEST = "3s"
"""What one query may take: these are small."""

_Pool: TypeAlias = "ConnectionPool[psycopg.Connection[Any]]"
_pools: dict[str, _Pool] = {}
_resting: dict[str, float] = {}
_lock = threading.Lock()


class SharedTables:
    """The tables of one database; each transaction raises DatabaseAway where it does not answer."""

    faults: tuple[type[Exception], ...] = ()

    def __init__(self, place: Place, table: str) -> None:
        self._place = place
        self._table = table

    def __str__(self) -> str:
        return str(self._place)

    @property
    def shared(self) -> bool:
        """Whether several servers keep this together."""
        return True

    def exists(self) -> bool:
        """Tell whether anything can be there."""
        return True

    def size(self, connection: Connection) -> int:
        """Return the bytes that the table takes."""
        row = connection.execute("SELECT pg_total_relation_size(to_regclass(?))", (self._table,)).fetchone()
        return int(row[0] or 0)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commit what the block writes, all of it or nothing."""
        url = self._place.database
        if time.monotonic() < _resting.get(url, 0.0):
            raise DatabaseAway(f"{self._place} does not answer.")
        try:
            with raised(self._place):
                pool = _pool(self._place)
                connection = _living(pool, SHORT if url in _resting else WAIT)
                _resting.pop(url, None)
                try:
                    writing = PostgresConnection(self._place, connection)
                    with transaction(writing):
                        yield writing
                finally:
                    pool.putconn(connection)
        except DatabaseAway:
            _resting[url] = time.monotonic() + REST
            raise


def _living(pool: _Pool, wait: float) -> psycopg.Connection[Any]:
    """Return a connection that works: those of before a restart of the database are given back, the pool makes others."""
    for _ in range(MOST):
        connection = pool.getconn(wait)
        try:
            connection.execute("SELECT 1")
        except psycopg.OperationalError:
            pool.putconn(connection)
        else:
            return connection
    return pool.getconn(wait)


def _pool(place: Place) -> _Pool:
    with _lock:
        if place.database not in _pools:
            with closing(connect(place)) as connection:
                prepare(connection, place.database, str(place))
            pool: _Pool = ConnectionPool(
                place.database,
                kwargs={
                    "autocommit": True,
                    "connect_timeout": PATIENCE,
                    "application_name": "youju",
                    "options": f"-c statement_timeout={LONGEST}",
                },
                min_size=1,
                max_size=MOST,
                timeout=WAIT,
                reconnect_timeout=RECONNECTING,
                open=True,
            )
            atexit.register(pool.close)
            _pools[place.database] = pool
        return _pools[place.database]
