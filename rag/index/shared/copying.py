"""An index copied between a folder and a PostgreSQL, and compared row by row."""

import hashlib
import secrets
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from pgvector import HalfVector

from rag.errors import StoreError
from rag.index.connection import read_meta, transaction, write_meta
from rag.index.database import DATABASE, SqliteConnection, connect, connect_writer, index_empty
from rag.index.derived import derive
from rag.index.lock import writing
from rag.index.place import Place
from rag.index.shared.postgres import connect as connect_shared
from rag.index.shared.postgres import raised, writer_of
from rag.index.shared.replica import vector_bytes
from rag.index.shared.tables import ONLY_BUILDS, READ, Table

__all__ = ["Copied", "copy_out", "copy_over", "digest"]

BATCH = 2_000
OWN = ("database", "published", "forgotten", "lineage")
"""What the table `meta` says of the place itself."""
BOOLS = {("files", "whole"), ("corrections", "denied")}
Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: rows of each table, all compared; the generation they are now."""

    generation: int
    rows: dict[str, int]


def copy_over(source: Path, target: Place) -> Copied:
    """Copy the index in the folder `source` into a database that holds no index yet.

    Raises StoreError where it holds one, or where what arrived is not what was sent; then it is as it was.
    """
    if not (source / DATABASE).is_file():
        raise index_empty(source)
    with _snapshot(source / DATABASE) as old, writer_of(target) as shared:
        if old.has_table("replica"):
            raise StoreError(f"The folder {source} holds the copy of a shared index: copy from the database.")
        if read_meta(shared, "generation", "0") != "0":
            raise StoreError(f"{target} holds an index already: name a database that holds none.")
        tables = [table for table in (*READ, *ONLY_BUILDS) if old.has_table(table.name)]
        with raised(target), transaction(shared):
            rows = {table.name: _send(table, old, shared.raw) for table in tables}
            write_meta(shared, "lineage", secrets.token_hex(8))
            shared.publish()
        shared.execute("ANALYZE")
        return Copied(int(read_meta(shared, "generation", "0")), rows)


def copy_out(source: Place, target: Path) -> Copied:
    """Copy a shared index into the folder `target`, which holds none.

    Raises StoreError where the folder holds one, or where what arrived is not what was sent; then none is there.
    """
    if (target / DATABASE).exists():
        raise StoreError(f"The folder {target} holds an index already: name another.")
    part = target / "part"
    target.mkdir(parents=True, exist_ok=True)
    try:
        with writing(target), closing(connect_shared(source)) as upstream, raised(source):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            with upstream.transaction(), closing(connect_writer(part)) as new:
                upstream.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                rows = {table.name: _receive(table, new, upstream) for table in (*READ, *ONLY_BUILDS)}
                generation = int(read_meta(new, "generation", "0"))
                if not generation:
                    raise index_empty(target)
                with transaction(new):
                    write_meta(new, "lineage", secrets.token_hex(8))
                    derive(new, target, generation, 0)
                new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (part / DATABASE).replace(target / DATABASE)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Copied(generation, rows)


def digest(rows: Iterable[Sequence[Any]]) -> tuple[int, str]:
    """Return how many rows there are, and the SHA-256 of them in their order."""
    found, count = hashlib.sha256(), 0
    for row in rows:
        found.update(repr(tuple(int(value) if isinstance(value, bool) else value for value in row)).encode())
        count += 1
    return count, found.hexdigest()


@contextmanager
def _snapshot(path: Path) -> Iterator[SqliteConnection]:
    """Open a file to read it as it is now, whoever writes to it."""
    try:
        with closing(connect(path)) as connection:
            connection.execute("PRAGMA query_only = 1")
            connection.execute("BEGIN")
            yield connection
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read ({error}).") from None


def _local(connection: SqliteConnection, table: Table) -> Rows:
    """Yield the rows of a table of a file, in the order of their keys."""
    columns = ", ".join(table.local(column) for column in table.columns)
    order = ", ".join(table.local(column) for column in table.key)
    yield from connection.execute(f"SELECT {columns} FROM {table.name} {_apart(table)} ORDER BY {order}")


def _apart(table: Table) -> str:
    """Return the condition that leaves out what a table says of the place itself."""
    return f"WHERE name NOT IN {OWN}" if table.name == "meta" else ""


def _remote(upstream: psycopg.Connection[Any], table: Table) -> Rows:
    """Yield the rows of a table of the database as a file has them, in the order of their keys."""
    columns = ", ".join("halfvec_send(value)" if _is_vector(table, c) else f'"{c}"' for c in table.columns)
    order = ", ".join(f'"{column}"' for column in table.key)
    at = table.columns.index("value") if table.name == "vectors" else None
    with psycopg.ServerCursor(upstream, f"all_{table.name}") as cursor:
        cursor.itersize = BATCH
        cursor.execute(f"SELECT {columns} FROM {table.name} {_apart(table)} ORDER BY {order}", binary=True)
        for row in cursor:
            if at is None or row[at] is None:
                yield row
            else:
                yield (*row[:at], vector_bytes(row[at]), *row[at + 1 :])


def _is_vector(table: Table, column: str) -> bool:
    return (table.name, column) == ("vectors", "value")


def _send(table: Table, old: SqliteConnection, upstream: psycopg.Connection[Any]) -> int:
    """Write rows into a table of the database and compare; return how many."""
    kinds = dict(
        psycopg.ClientCursor(upstream)
        .execute(
            "SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = %s "
            "AND table_schema = ANY(current_schemas(false))",
            (table.name,),
        )
        .fetchall()
    )
    columns = ", ".join(f'"{column}"' for column in table.columns)
    with psycopg.ClientCursor(upstream) as cursor:
        if table.name == "meta":
            cursor.execute(f"DELETE FROM meta {_apart(table)}")
        with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types([kinds[column] for column in table.columns])
            for row in _local(old, table):
                copy.write_row([_sent(table, c, v) for c, v in zip(table.columns, row, strict=True)])
        if len(table.key) == 1 and kinds[table.key[0]] == "int8":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), greatest((SELECT max(x) FROM "
                f'(SELECT "{table.key[0]}" AS x FROM {table.name}) AS held), 1)) '
                "WHERE pg_get_serial_sequence(%s, %s) IS NOT NULL",
                (table.name, table.key[0]) * 2,
            )
    return _compared(table, digest(_local(old, table)), digest(_remote(upstream, table)))


def _sent(table: Table, column: str, value: Any) -> Any:
    if value is None:
        return None
    if _is_vector(table, column):
        return HalfVector(np.frombuffer(value, np.float16))
    return bool(value) if (table.name, column) in BOOLS else value


def _compared(table: Table, sent: tuple[int, str], arrived: tuple[int, str]) -> int:
    if sent != arrived:
        raise StoreError(
            f"What arrived of the table {table.name} is not what was sent ({sent[0]} rows, {arrived[0]} arrived)."
        )
    return sent[0]


def _receive(table: Table, new: SqliteConnection, upstream: psycopg.Connection[Any]) -> int:
    columns = ", ".join(table.local(column) for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    with transaction(new):
        new.executemany(
            f"INSERT OR REPLACE INTO {table.name} ({columns}) VALUES ({marks})", _remote(upstream, table)
        )
    return _compared(table, digest(_remote(upstream, table)), digest(_local(new, table)))
