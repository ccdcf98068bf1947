"""Connections to PostgreSQL: to write an index, as `rag.index.connection` has it, and to read what is new in it."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

import numpy as np
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector

from rag.errors import DatabaseAway, IndexLocked, StoreError
from rag.index.connection import Rows
from rag.index.place import Place
from rag.index.shared.marks import numbered
from rag.index.shared.migrate import prepare

__all__ = ["CHANNEL", "PostgresConnection", "away", "connect", "raised", "writer_of"]

CHANNEL = "youju"
"""Where a new generation is told of, and keys that changed."""
WRITER = 4_917_001
"""The advisory lock of the one that writes."""
PATIENCE = 5
"""Seconds that connecting may take."""
# What was deleted is told to copies for a month; one that slept longer is made anew. Of the moments before that the last
# one stays: it is that of all copies where nothing was written for longer.
FORGET = """
WITH old AS (DELETE FROM tombstones WHERE at < now() - interval '30 days' RETURNING revision)
INSERT INTO meta SELECT 'forgotten', max(revision)::text FROM old HAVING count(*) > 0
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
FORGET_MOMENTS = """
DELETE FROM moments WHERE revision < (SELECT max(revision) FROM moments WHERE at < now() - interval '30 days')
"""
# The id of the transaction that publishes. (What it changed before has left it.)
PUBLISHED = """
INSERT INTO meta SELECT 'published', id::text FROM moments ORDER BY revision DESC LIMIT 1
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
NOTICED = 1.0
"""Seconds after which the lock of a writer that was killed is free."""
# A list that a query excludes is a table in memory up to this size, and looked through for each row above it.
MEMORY = "256MB"


def away(place: Place, error: Exception) -> DatabaseAway:
    """Return the error of a database that does not answer."""
    said = " ".join(str(error).split()) or type(error).__name__
    return DatabaseAway(f"{place} does not answer ({said}).")


@contextmanager
def raised(place: Place) -> Iterator[None]:
    """Raise DatabaseAway where the connection breaks, StoreError where the database refuses."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise away(place, error) from None
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise StoreError(f"{place} refuses ({said}).") from error


def connect(place: Place, **options: Any) -> psycopg.Connection[Any]:
    """Open a connection whose queries are transactions of their own; raises DatabaseAway."""
    with raised(place):
        return psycopg.connect(
            place.database,
            autocommit=True,
            connect_timeout=PATIENCE,
            application_name="youju",
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            **options,
        )


class PostgresConnection:
    """A connection that writes to the tables of `rag.index.migrations`."""

    def __init__(self, place: Place, connection: psycopg.Connection[Any]) -> None:
        self.place = place
        self._connection = connection
        self._connection.cursor_factory = psycopg.RawCursor

    @property
    def raw(self) -> psycopg.Connection[Any]:
        """The connection itself."""
        return self._connection

    def execute(self, query: str, values: Sequence[object] = (), /) -> Rows:
        """Ask one query."""
        with raised(self.place):
            return self._connection.execute(numbered(query), values or None)

    def executemany(self, query: str, rows: Iterable[Sequence[object]], /) -> Rows:
        """Ask one query for each row of values."""
        with raised(self.place):
            cursor = self._connection.cursor()
            cursor.executemany(numbered(query), rows)
            return cursor

    def insert(self, query: str, values: Sequence[object], key: str) -> int:
        """Insert a row and return the number that its column `key` was given."""
        return int(self.execute(f"{query} RETURNING {key}", values).fetchone()[0])

    def begin(self) -> None:
        """Begin a transaction that writes."""
        self.execute("BEGIN")

    def has_table(self, name: str) -> bool:
        """Tell whether there is a table of this name."""
        return bool(self.execute("SELECT to_regclass(?) IS NOT NULL", (name,)).fetchone()[0])

    def numbers(self, mark: str = "?") -> str:
        """Return the subquery of the numbers in a value that is a list as JSON."""
        return f"(SELECT json_array_elements_text({mark}::json)::bigint)"

    def names(self, mark: str = "?") -> str:
        """Return the subquery of the texts in a value that is a list as JSON."""
        return f"(SELECT json_array_elements_text({mark}::json))"

    def put_vectors(self, vectors: Sequence[tuple[int, bytes]]) -> None:
        """Write the values of rows of `vectors`."""
        rows = [(HalfVector(np.frombuffer(value, np.float16)), number) for number, value in vectors]
        self.executemany("UPDATE vectors SET value = ? WHERE vector = ?", rows)

    def publish(self) -> None:
        """Tell the copies that there is something new, once it is committed."""
        self.execute(FORGET)
        self.execute(PUBLISHED)
        self.execute(FORGET_MOMENTS)
        self.execute(f"NOTIFY {CHANNEL}")

    def close(self) -> None:
        """Close it; what was not committed is lost, and the lock of the writer free."""
        with suppress(psycopg.Error):
            self._connection.close()


def _try_lock(connection: psycopg.Connection[Any]) -> bool:
    """Take the writer's lock, or that of one which was killed and whose server has yet to notice."""
    end = time.monotonic() + NOTICED
    while connection.execute("SELECT pg_try_advisory_lock(%s)", (WRITER,)).fetchone() != (True,):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def writer_of(place: Place) -> Iterator[PostgresConnection]:
    """Open the database for writing, with its tables, as the only one from whatever machine.

    Raises IndexLocked if another writes, DatabaseAway. The server lets go of the lock when the connection ends.
    """
    with closing(connect(place)) as connection:
        with raised(place):
            prepare(connection, place.database, str(place))
            register_vector(connection)
            held = _try_lock(connection)
        if not held:
            raise IndexLocked(
                f"Another machine is writing to {place}: wait until it has finished.",
                "另一台机器正在更新索引，请稍候再试。",
            )
        connection.execute(f"SET work_mem = '{MEMORY}'")
        yield PostgresConnection(place, connection)
