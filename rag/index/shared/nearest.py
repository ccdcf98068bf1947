"""The vectors of a shared index, searched by the database (pgvector, HNSW) where a machine's memory does not hold them.

What is found is of the generation that the machine's copy has, however far the database is.
"""

import atexit
import json
import threading
from collections.abc import Mapping
from contextlib import closing
from typing import Any, TypeAlias

import numpy as np
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from psycopg_pool import ConnectionPool

from rag.errors import StoreError
from rag.index.dense import Ids
from rag.index.place import Place
from rag.index.shared.postgres import PATIENCE, connect, raised
from rag.index.shared.replica import vector_bytes
from rag.records import FloatArray

__all__ = ["Nearest", "index_vectors"]

LOCK = 4_917_003
"""The advisory lock of whoever makes the index of vectors."""
# Neighbours that HNSW keeps in hand while it looks, and links of each vector. Of the 100 nearest among 90,000 vectors drawn
# from real ones 16 links find .964 with a breadth of 400 and .983 with 600, 24 links .988, .9945 and with 800 .998; among
# 300,000 these with 800 find .980. Making the index takes as long with 16 as with 24
# (`python -m benchmarks.cluster dense`: run it again before you change one of them). pgvector takes no more than 1,000.
BREADTH = 1000
LINKS, CONSTRUCTION = 24, 128
# So many times what is asked for is looked at first: some vectors are of no passage of this generation.
FIRST_LOOK = 2
MOST_LOOKED = 20_000
# A filter that lets fewer through is searched by itself, one vector after the other.
FEW = 20_000
MEMORY = "1GB"
"""What making the index may take; above that PostgreSQL makes it more slowly."""
MOST = 8
WAIT = 2.0
SOME = HalfVector([0])

_Pool: TypeAlias = "ConnectionPool[psycopg.Connection[Any]]"
_pools: dict[str, _Pool] = {}
_lock = threading.Lock()

VISIBLE = "articles.born <= %(at)s AND (articles.gone IS NULL OR articles.gone > %(at)s)"
# The numbers of a copy are those of the database only where the copy is of its past.
KNOWN = "EXISTS (SELECT 1 FROM moments WHERE id = %(moment)s::uuid)"


def index_vectors(place: Place, dim: int) -> None:
    """Make the index of vectors of this width where there is none: minutes for some hundred thousand."""
    with closing(connect(place)) as connection, raised(place):
        if connection.execute("SELECT to_regclass(%s)", (_name(dim),)).fetchone() != (None,):
            return
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        connection.execute(f"SET maintenance_work_mem = '{MEMORY}'")
        connection.execute(
            f"CREATE INDEX IF NOT EXISTS {_name(dim)} ON vectors USING hnsw ((value::halfvec({dim})) halfvec_ip_ops) "
            f"WITH (m = {LINKS}, ef_construction = {CONSTRUCTION}) WHERE vector_dims(value) = {dim}"
        )


def _name(dim: int) -> str:
    return f"vectors_near_{int(dim)}"


class Nearest:
    """The vectors of one generation; larger dot products are nearer.

    `moment` is that of the copy. Raises StoreError where the database does not know it: it was put back from an older
    dump, or is another one, and the copy has yet to be made anew.
    """

    is_exact = True
    """Whether its dot products are those of the vectors: what it misses it misses, but what it finds is exact."""

    def __init__(self, place: Place, generation: int, dim: int, moment: str) -> None:
        self._place = place
        self._dim = dim
        self._at = {"at": generation, "moment": moment or None}

    def search(self, vector: FloatArray, k: int, allowed: Ids | None = None) -> list[tuple[int, float]]:
        """Return the `k` nearest passage ids with their dot products, best first, only of `allowed` if given."""
        if k < 1 or (allowed is not None and not len(allowed)):
            return []
        looked = max(FIRST_LOOK * k, BREADTH // 2)
        while allowed is None or len(allowed) > FEW:
            rows, held = self._near(vector, looked)
            if allowed is not None:
                rows = [
                    row
                    for row, kept in zip(rows, np.isin([r[0] for r in rows], allowed), strict=True)
                    if kept
                ]
            if len(rows) >= k or held < looked:
                return self._exact(rows, vector)[:k]
            if looked >= MOST_LOOKED:
                break
            looked = min(MOST_LOOKED, looked * 4)
        return self._exact(self._each(vector, k, allowed), vector)[:k]

    def vectors(self, ids: Ids) -> FloatArray:
        """Return the vectors `(n, dim)` of passages in the order of `ids`; an unknown id raises StoreError."""
        query = (
            "SELECT passage, halfvec_send(value) FROM passages JOIN vectors USING (vector) "
            f"WHERE passage = ANY(%(ids)s) AND vector_dims(value) = %(dim)s AND {KNOWN}"
        )
        rows = self._rows(query, {"ids": ids.tolist(), "dim": self._dim})
        known = {row[0]: np.frombuffer(vector_bytes(row[1]), np.float16) for row in rows}
        try:
            found = [known[number] for number in ids.tolist()]
        except KeyError as error:
            raise StoreError(f"The index holds no passage {error} any more: ask again.") from None
        made: FloatArray = (
            np.stack(found).astype(np.float32) if found else np.empty((0, self._dim), np.float32)
        )
        return made

    def _near(self, vector: FloatArray, looked: int) -> tuple[list[tuple[int, bytes]], int]:
        """Return the passages of the `looked` nearest vectors, and how many vectors there were."""
        query = (
            f"WITH near AS MATERIALIZED (SELECT vector, value FROM vectors WHERE vector_dims(value) = {self._dim} "
            f"ORDER BY value::halfvec({self._dim}) <#> %(vector)s::halfvec({self._dim}) LIMIT %(looked)s) "
            "SELECT passage, halfvec_send(value), (SELECT count(*) FROM near) FROM near JOIN passages USING (vector) "
            f"JOIN articles USING (article) WHERE {VISIBLE} AND {KNOWN}"
        )
        rows = self._rows(query, {"vector": HalfVector(vector), "looked": looked})
        return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0

    def _each(self, vector: FloatArray, k: int, allowed: Ids | None) -> list[tuple[int, bytes]]:
        """Return the nearest after looking at every vector that is allowed."""
        among = (
            ""
            if allowed is None
            else "AND passage IN (SELECT json_array_elements_text(%(ids)s::json)::bigint) "
        )
        query = (
            "SELECT passage, halfvec_send(value) FROM passages JOIN vectors USING (vector) JOIN articles USING (article) "
            f"WHERE vector_dims(value) = {self._dim} {among}AND {VISIBLE} AND {KNOWN} "
            "ORDER BY (value <#> %(vector)s) + 0, passage LIMIT %(k)s"  # + 0: not by the index, which leaves out some
        )
        ids = "[]" if allowed is None else json.dumps(allowed.tolist())
        return self._rows(query, {"vector": HalfVector(vector), "ids": ids, "k": k})

    def _exact(self, rows: list[tuple[int, bytes]], vector: FloatArray) -> list[tuple[int, float]]:
        """Return passages with their dot products as an index in memory has them, best first."""
        if not rows:
            return []
        held = np.stack([np.frombuffer(vector_bytes(sent), np.float16) for _, sent in rows]).astype(
            np.float32
        )
        dots = (held @ np.asarray(vector, np.float32)).tolist()
        return sorted(zip((row[0] for row in rows), dots, strict=True), key=lambda pair: (-pair[1], pair[0]))

    def _rows(self, query: str, values: Mapping[str, object]) -> list[Any]:
        with raised(self._place), _pool(self._place).connection() as connection:
            rows = connection.execute(query, {**self._at, **values}, binary=True).fetchall()
            known = rows or connection.execute(f"SELECT {KNOWN}", self._at).fetchone() == (True,)
        if not known:
            raise StoreError(
                f"{self._place} was put back or exchanged: ask again when the copy of it is made anew."
            )
        return rows


def _pool(place: Place) -> _Pool:
    with _lock:
        if place.database not in _pools:
            pool: _Pool = ConnectionPool(
                place.database,
                kwargs={"autocommit": True, "connect_timeout": PATIENCE, "application_name": "youju"},
                min_size=1,
                max_size=MOST,
                timeout=WAIT,
                configure=_configure,
                check=_check,
                open=True,
            )
            atexit.register(pool.close)
            _pools[place.database] = pool
        return _pools[place.database]


def _check(connection: psycopg.Connection[Any]) -> None:
    """Close a connection that is of no more use, also as a dump put back has made its types anew, and raise."""
    try:
        connection.execute("SELECT %s", (SOME,))
    except psycopg.Error:
        connection.close()  # else the pool takes it back
        raise


def _configure(connection: psycopg.Connection[Any]) -> None:
    register_vector(connection)
    connection.execute(f"SET hnsw.ef_search = {BREADTH}")
    connection.execute("SET hnsw.iterative_scan = strict_order")
    connection.execute("SET jit = off")
