"""What became of the articles between two generations, whoever wrote them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.index.connection import read_meta
from rag.index.database import Connections
from rag.index.derived import VISIBLE
from rag.index.opened import newest
from rag.index.place import Place

__all__ = ["ChangedArticle", "Changes", "Position", "changes_since", "position_of"]


@dataclass(frozen=True, slots=True)
class Position:
    """How far an index is: its generation, and the lineage, which changes where its number may come again.

    So it does when a backup is put back, or a copy made anew because its database has another past.
    """

    lineage: str
    generation: int


@dataclass(frozen=True, slots=True)
class ChangedArticle:
    """An article that can be found now and could not before, or the other way round."""

    change: Literal["added", "removed"]
    article_id: str
    external_id: str
    title: str
    publisher: str
    published: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed up to a position; `articles` are the first of `total`."""

    now: Position
    total: int
    articles: tuple[ChangedArticle, ...]


def position_of(index: Path | Place) -> Position:
    """Return how far the index in a folder is; raises IndexEmpty where nothing was built."""
    connections = Connections(newest(Place.of(index)))
    try:
        connection = connections.get()
        return Position(read_meta(connection, "lineage"), int(read_meta(connection, "generation", "0")))
    finally:
        connections.close()


def changes_since(index: Path | Place, then: Position, most: int) -> Changes:
    """Return the changes since `then`, of the same lineage; at most `most` of them, what was removed first.

    An article whose text was replaced has another id: it is removed and added, under one external id.
    """
    connections = Connections(newest(Place.of(index)))
    try:
        connection = connections.get()
        connection.execute("BEGIN")  # one state of the file for both
        now = Position(read_meta(connection, "lineage"), int(read_meta(connection, "generation", "0")))
        at = {"then": then.generation, "now": now.generation}
        before, after = VISIBLE.replace("?", ":then"), VISIBLE.replace("?", ":now")
        columns = "id, max(external_id), title, publisher, published FROM articles"
        rows = connection.execute(
            f"SELECT 'removed', {columns} WHERE {before} AND id NOT IN (SELECT id FROM articles WHERE {after}) "
            f"GROUP BY id UNION ALL SELECT 'added', {columns} WHERE {after} AND id NOT IN "
            f"(SELECT id FROM articles WHERE {before}) GROUP BY id ORDER BY 1 DESC, 2",
            at,
        ).fetchall()
        return Changes(now, len(rows), tuple(ChangedArticle(*row) for row in rows[:most]))
    finally:
        connections.close()
