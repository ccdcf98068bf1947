"""The copy that a machine has of a shared index: a folder like any other, brought up to what the database has published.

Only rows that changed are fetched, those of one snapshot, and they appear in the copy in one transaction together with
the files derived from them: readers of the folder see one generation after the other, as they see a builder's.

A copy remembers the moment (`rag.index.migrations.moments`) that it is of. A database that does not know it has another
past, as one put back from an older dump: then its numbers prove nothing, and the copy is made anew.
"""

import json
import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import psycopg

from rag.errors import IndexLocked
from rag.index.connection import read_meta, transaction, write_meta
from rag.index.database import SqliteConnection, connect_writer, index_empty
from rag.index.derived import derive, forget, visible_ids
from rag.index.lock import writing
from rag.index.place import Place
from rag.index.shared.migrate import prepare
from rag.index.shared.postgres import connect, raised
from rag.index.shared.tables import READ, Table

__all__ = ["Followed", "follow", "followed", "vector_bytes"]

BATCH = 2_000
"""Rows fetched and written at a time."""
GRACE = 120
"""Seconds that a copy keeps what was deleted: no question takes as long."""
PATIENCE = 60.0
"""Seconds to wait for another process of this machine that brings the same folder up to date."""

_log = logging.getLogger("youju.store")


@dataclass(frozen=True, slots=True)
class Followed:
    """How far a copy is: of which database, up to which publication, moment and revision of its rows."""

    database: str = ""
    lineage: str = ""
    published: str = ""
    """the moment of the newest publication"""
    moment: str = ""
    """the last one, of a build that has yet to publish or did not finish"""
    revision: int = 0


def followed(connection: SqliteConnection) -> Followed:
    """Return how far a copy is."""
    if not connection.has_table("replica"):
        return Followed()
    said = dict(connection.execute("SELECT name, value FROM replica").fetchall())
    return Followed(
        said.get("database", ""),
        said.get("lineage", ""),
        said.get("published", ""),
        said.get("moment", ""),
        int(said.get("revision", 0)),
    )


def follow(place: Place, *, upstream: psycopg.Connection[Any] | None = None) -> bool:
    """Bring the copy up to what the database has published; tell whether there was anything.

    Raises DatabaseAway, IndexEmpty where nothing was ever built there, IndexLocked if another process of this machine
    is at it for long.
    """
    if upstream is None:
        with closing(connect(place)) as opened:
            return follow(place, upstream=opened)
    with raised(place):
        prepare(upstream, place.database, str(place))
        now = _upstream(upstream)
    if not now.published:
        raise index_empty(place.folder)
    place.folder.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with writing(place.folder), closing(connect_writer(place.folder, replica=True)) as copy:
                return _catch_up(place, copy, upstream, now)
        except IndexLocked:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _upstream(connection: psycopg.Connection[Any]) -> Followed:
    rows = connection.execute(
        "SELECT name, value FROM meta WHERE name IN ('database', 'lineage', 'published') UNION ALL "
        "SELECT 'moment', id::text FROM (SELECT id FROM moments ORDER BY revision DESC LIMIT 1) AS last"
    )
    said = dict(rows.fetchall())
    return Followed(said["database"], said.get("lineage", ""), said.get("published", ""), said["moment"])


def _catch_up(place: Place, copy: SqliteConnection, upstream: psycopg.Connection[Any], now: Followed) -> bool:
    at = followed(copy)
    if (at.database, at.lineage, at.published) == (now.database, now.lineage, now.published):
        return False
    with raised(place), upstream.transaction():
        upstream.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        now = _upstream(upstream)
        anew = not _knows(upstream, at, now) or _has_forgotten(upstream, at)
        if anew and at.database:
            _log.warning("%s has another past than the copy in %s: it is made anew.", place, place.folder)
        with transaction(copy):
            old = int(read_meta(copy, "generation", "0"))
            held = visible_ids(copy, old)
            if anew:
                _empty(copy)
            revision = _pull(copy, upstream, 0 if anew else at.revision, place.local_vectors)
            _remember(copy, replace(now, revision=revision))
            if anew:  # row numbers mean other rows now: what readers remember of them must go
                write_meta(copy, "lineage", secrets.token_hex(8))
            new = int(read_meta(copy, "generation", "0"))
            if new != old or anew:
                derive(copy, place.folder, new, 0 if anew else old, held, dense=place.local_vectors)
    forget(place.folder, (old, new))
    return True


def _knows(upstream: psycopg.Connection[Any], at: Followed, now: Followed) -> bool:
    """Tell whether what the database is now came of what the copy is of."""
    if not at.moment or (at.database, at.lineage) != (now.database, now.lineage):
        return False
    return upstream.execute("SELECT 1 FROM moments WHERE id = %s::uuid", (at.moment,)).fetchone() is not None


def _has_forgotten(upstream: psycopg.Connection[Any], at: Followed) -> bool:
    """Tell whether the database no longer knows all that was deleted since."""
    row = upstream.execute("SELECT value FROM meta WHERE name = 'forgotten'").fetchone()
    return row is not None and int(row[0]) > at.revision


def _empty(copy: SqliteConnection) -> None:
    for table in READ:
        copy.execute(f"DELETE FROM {table.name}")
    copy.execute("DELETE FROM late")


def _remember(copy: SqliteConnection, at: Followed) -> None:
    said = {name: str(value) for name, value in asdict(at).items()}
    copy.executemany("INSERT OR REPLACE INTO replica VALUES (?, ?)", said.items())


def _pull(copy: SqliteConnection, upstream: psycopg.Connection[Any], since: int, vectors: bool) -> int:
    """Write what has changed after revision `since`; return the newest revision of it."""
    newest = _bury(copy, upstream, since)
    for table in READ:
        if vectors or table.name != "vectors":
            newest = max(newest, _pull_table(copy, upstream, table, since))
    return newest


def _bury(copy: SqliteConnection, upstream: psycopg.Connection[Any], since: int) -> int:
    """Delete what was deleted, some of it later; a row that came again afterwards comes with a newer revision."""
    newest, now = since, int(time.time())
    tables = {table.name: table for table in READ}
    due = copy.execute("SELECT relation, key FROM late WHERE due <= ?", (now,)).fetchall()
    for relation, key in due:
        _delete(copy, tables[relation], json.loads(key))
    copy.execute("DELETE FROM late WHERE due <= ?", (now,))
    if not since:
        row = upstream.execute("SELECT coalesce(max(revision), 0) FROM tombstones").fetchone()
        return int(row[0]) if row else 0
    rows = upstream.execute(
        "SELECT revision, relation, key FROM tombstones WHERE revision > %s ORDER BY revision", (since,)
    )
    for revision, relation, key in rows:
        if tables[relation].late:
            copy.execute("INSERT OR REPLACE INTO late VALUES (?, ?, ?)", (relation, key, now + GRACE))
        else:
            _delete(copy, tables[relation], json.loads(key))
        newest = revision
    return newest


def _delete(copy: SqliteConnection, table: Table, key: Sequence[object]) -> None:
    condition = " AND ".join(f"{table.local(column)} = ?" for column in table.key)
    copy.execute(f"DELETE FROM {table.name} WHERE {condition}", key)


def _pull_table(copy: SqliteConnection, upstream: psycopg.Connection[Any], table: Table, since: int) -> int:
    columns = ", ".join(table.local(column) for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    newest = since
    for rows in _changed(upstream, table, since):
        newest = max(newest, *(row[-1] for row in rows))
        copy.executemany(
            f"INSERT OR REPLACE INTO {table.name} ({columns}) VALUES ({marks})", [row[:-1] for row in rows]
        )
        if table.late:
            keys = [json.dumps(_key(table, row), ensure_ascii=False) for row in rows]
            copy.executemany(
                "DELETE FROM late WHERE relation = ? AND key = ?", [(table.name, k) for k in keys]
            )
    return newest


def _key(table: Table, row: Sequence[Any]) -> list[Any]:
    return [row[table.columns.index(column)] for column in table.key]


def _changed(upstream: psycopg.Connection[Any], table: Table, since: int) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows that changed, some at a time, each with its revision; the values of vectors as an index holds them."""
    # The digest of a vector's text is for builds alone; its number says as well that it is another's.
    sent = {"value": "halfvec_send(value)", "digest": "int8send(vector)"} if table.name == "vectors" else {}
    columns = ", ".join(sent.get(column, f'"{column}"') for column in table.columns)
    with upstream.cursor(name=f"copy_{table.name}", binary=True) as cursor:
        cursor.itersize = BATCH
        cursor.execute(f"SELECT {columns}, revision FROM {table.name} WHERE revision > %s", (since,))
        while rows := cursor.fetchmany(BATCH):
            yield [_with_bytes(row) for row in rows] if sent else rows


def _with_bytes(row: tuple[Any, ...]) -> tuple[Any, ...]:
    number, digest, value, revision = row
    return number, digest, None if value is None else vector_bytes(value), revision


def vector_bytes(sent: bytes) -> bytes:
    """Return the numbers of a halfvec as PostgreSQL sends it (a head of four bytes, then big-endian) little-endian."""
    return np.frombuffer(sent, ">f2", offset=4).astype("<f2").tobytes()
