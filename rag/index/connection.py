"""What writing an index asks of a database: SQL that SQLite and PostgreSQL understand alike, and what they do not share.

Queries have `?` or `?1` for values; "end" is quoted, conflicts are resolved by ON CONFLICT. Whatever the two say in
different words is a method here, with one implementation in `rag.index.database` and one in `rag.index.shared`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Protocol

__all__ = ["Connection", "Rows", "read_meta", "transaction", "write_meta"]


class Rows(Protocol):
    """What a query gave."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""
        ...

    def fetchone(self) -> Any:
        """Return the next row, None after the last."""
        ...

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...

    def close(self) -> None:
        """Forget what was not read."""
        ...


class Connection(Protocol):
    """A connection that may write; outside of a transaction each query is one of its own."""

    def execute(self, query: str, values: Sequence[object] = ..., /) -> Rows:
        """Ask one query."""
        ...

    def executemany(self, query: str, rows: Iterable[Sequence[object]], /) -> Rows:
        """Ask one query for each row of values."""
        ...

    def insert(self, query: str, values: Sequence[object], key: str) -> int:
        """Insert a row and return the number that its column `key` was given."""
        ...

    def begin(self) -> None:
        """Begin a transaction that writes."""
        ...

    def has_table(self, name: str) -> bool:
        """Tell whether there is a table of this name."""
        ...

    def numbers(self, mark: str = "?") -> str:
        """Return the subquery of the numbers in a value that is a list as JSON."""
        ...

    def names(self, mark: str = "?") -> str:
        """Return the subquery of the texts in a value that is a list as JSON."""
        ...

    def put_vectors(self, vectors: Sequence[tuple[int, bytes]]) -> None:
        """Write the values of rows of `vectors`, each as its numbers of two bytes, little-endian."""
        ...

    def publish(self) -> None:
        """Tell whoever reads this index that there is something new, once what was written is committed."""
        ...

    def close(self) -> None:
        """Close it; what was not committed is lost."""
        ...


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Commit what the block writes, all of it or nothing."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


class _Asked(Protocol):
    """What can be asked, for reading too."""

    def execute(self, query: str, values: Sequence[object] = ..., /) -> Rows: ...


def read_meta(connection: _Asked, name: str, default: str = "") -> str:
    """Return a named value of the index, `default` if it was never written."""
    with closing(connection.execute("SELECT value FROM meta WHERE name = ?", (name,))) as rows:
        row = rows.fetchone()
    return default if row is None else str(row[0])


def write_meta(connection: Connection, name: str, value: str) -> None:
    """Write a named value of the index."""
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
