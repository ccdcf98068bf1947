"""Where servers keep what people leave with them: files of a folder, or tables that several servers share."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rag.config import Settings
from rag.index.connection import Connection, transaction
from rag.index.database import connect
from rag.index.opened import need_postgres
from rag.index.place import Place
from rag.index.private_files import create_private, tighten

__all__ = ["State", "Tables", "state_of", "tables_of"]

PATIENCE = 5.0
"""Seconds to wait for another process that writes to a file."""


@dataclass(frozen=True, slots=True)
class State:
    """The folder, and the address of the PostgreSQL that keeps the tables of all servers, "" for files of the folder."""

    folder: Path
    database: str = field(default="", repr=False)

    @classmethod
    def of(cls, state: "Path | State") -> "State":
        """Return the state; a folder alone keeps everything itself."""
        return state if isinstance(state, State) else cls(state)


class Tables(Protocol):
    """Tables that belong together; `str()` is what messages call them."""

    @property
    def faults(self) -> tuple[type[Exception], ...]:
        """What a transaction raises where files cannot be used; a database raises DatabaseAway."""
        ...

    @property
    def shared(self) -> bool:
        """Whether several servers keep this together."""
        ...

    def exists(self) -> bool:
        """Tell whether anything can be there."""
        ...

    def size(self, connection: Connection, /) -> int:
        """Return the bytes that they take."""
        ...

    def transaction(self) -> AbstractContextManager[Connection]:
        """Commit what the block writes, all of it or nothing."""
        ...


class _FileTables:
    """Tables in a file of SQLite, which is made with the first entry."""

    faults: tuple[type[Exception], ...] = (OSError, sqlite3.Error)
    shared = False

    def __init__(self, path: Path, schema: str, added: Mapping[str, str]) -> None:
        self.path = path
        self._schema = schema
        self._added = added
        tighten(path)

    def __str__(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        return self.path.exists()

    def size(self, _: Connection) -> int:
        return self.path.stat().st_size

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open the file for one transaction; its columns are those of this version afterwards."""
        create_private(self.path)
        with closing(connect(self.path, patience=PATIENCE)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(self._schema)
            with transaction(connection):
                for column, kind in self._added.items():
                    table, _, name = column.partition(".")
                    there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
                    if name not in there:
                        connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
                yield connection


def tables_of(
    state: State, file: str, schema: str, table: str, added: Mapping[str, str] | None = None
) -> Tables:
    """Return tables, in a file of the folder made by `schema`, or those of the database, of which `table` is the largest.

    `added` are columns that came later, as table.column, with their kinds.
    """
    if not state.database:
        return _FileTables(state.folder / file, schema, added or {})
    need_postgres()
    from rag.index.shared.pool import SharedTables

    return SharedTables(Place(state.folder, state.database), table)


def state_of(settings: Settings) -> State:
    """Return where the settings have things kept."""
    return State(settings.state, settings.database)
