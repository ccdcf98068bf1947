"""The step from one generation to the next: one transaction, all of it or nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.index.connection import Connection, read_meta, transaction, write_meta
from rag.index.derived import VISIBLE, derive, forget
from rag.index.place import Place

__all__ = ["Change", "prune_unpublished", "publish"]

# Ids that a file of the coming generation holds and nobody removed.
WANTED = """
SELECT s.id FROM sources s JOIN files f USING (file)
WHERE f.born IS NOT NULL AND f.gone IS NULL
AND s.id NOT IN (SELECT value FROM removed WHERE kind = 'article')
AND s.external_id NOT IN (SELECT value FROM removed WHERE kind = 'external')
"""
LENGTHS = ("word_count", "bigram_count", "title_count", "heading_count")


@dataclass(frozen=True, slots=True)
class Change:
    """What a publication did, in articles."""

    generation: int
    added: int
    updated: int
    removed: int
    unchanged: int


def publish(
    connection: Connection, place: Place, meta: Mapping[str, str], vanished: Sequence[str] = ()
) -> Change:
    """Make visible what was taken in, leave out what has gone, and move the generation if that changes anything.

    `meta` is written with it; `vanished` are recorded paths that are no longer there. The files of a generation of a
    shared index are made by each machine for itself.
    """
    old = int(read_meta(connection, "generation", "0"))
    if not place.database:
        forget(place.folder, (old - 1, old))
    with transaction(connection):
        moved = _move_files(connection, old + 1, vanished)
        change = _move_articles(connection, old + 1)
        for name, value in meta.items():
            write_meta(connection, name, value)
        if moved or change.added or change.updated or change.removed or not old:
            _count(connection, old + 1)
            write_meta(connection, "generation", str(old + 1))
            if not place.database:
                derive(connection, place.folder, old + 1, old)
        else:
            change = Change(old, 0, 0, 0, change.unchanged)
        _prune(connection, old)
        connection.publish()
    return change


def prune_unpublished(connection: Connection, recipe: str) -> None:
    """Delete what builds that did not finish took in and this one, of `recipe`, has no use for."""
    with transaction(connection):
        _delete(
            connection,
            f"SELECT article FROM articles WHERE born IS NULL AND (recipe != {_quoted(recipe)} OR id NOT IN "
            "(SELECT id FROM sources JOIN files USING (file) WHERE gone IS NULL))",
        )
        connection.execute("DELETE FROM articles WHERE born IS NULL AND passages IS NULL")


def _move_files(connection: Connection, new: int, vanished: Sequence[str]) -> bool:
    """Replace the rows of files that were read again; tell whether any row has changed."""
    gone = connection.execute(
        f"UPDATE files SET gone = ? WHERE born IS NOT NULL AND gone IS NULL AND (path IN {connection.names()} "
        "OR path IN (SELECT path FROM files WHERE born IS NULL AND whole))",
        (new, json.dumps(list(vanished))),
    )
    born = connection.execute("UPDATE files SET born = ? WHERE born IS NULL AND whole", (new,))
    return gone.rowcount + born.rowcount > 0


def _move_articles(connection: Connection, new: int) -> Change:
    """Show the newest version of every wanted article and nothing else."""
    connection.execute("DROP TABLE IF EXISTS chosen")
    connection.execute(
        "CREATE TEMP TABLE chosen AS SELECT max(article) AS article, id FROM articles "
        f"WHERE passages IS NOT NULL AND id IN ({WANTED}) GROUP BY id"
    )
    live = "born IS NOT NULL AND gone IS NULL"
    was = _ids(connection, f"SELECT id FROM articles WHERE {live}")
    now = _ids(connection, "SELECT id FROM chosen")
    superseded = _superseded(connection, was - now)
    connection.execute(
        f"UPDATE articles SET gone = ?, fate = 'removed' WHERE {live} AND article NOT IN (SELECT article FROM chosen)",
        (new,),
    )
    connection.execute(
        f"UPDATE articles SET fate = 'superseded' WHERE gone = ? AND id IN {connection.names()}",
        (new, json.dumps(sorted(superseded | now))),
    )
    connection.execute(
        f"UPDATE articles SET born = ?, gone = NULL, fate = '' WHERE NOT ({live}) "
        "AND article IN (SELECT article FROM chosen)",
        (new,),
    )
    updated = min(len(superseded), len(now - was))
    return Change(new, len(now - was) - updated, updated, len(was - now) - updated, len(now & was))


def _superseded(connection: Connection, lost: set[str]) -> set[str]:
    """Return those of the articles lost whose file is still there, and which nobody removed: it has changed."""
    return lost & _ids(
        connection,
        "SELECT s.id FROM sources s JOIN files f USING (file) WHERE f.path IN (SELECT path FROM files "
        "WHERE born IS NOT NULL AND gone IS NULL) AND s.id NOT IN (SELECT value FROM removed WHERE kind = 'article') "
        "AND s.external_id NOT IN (SELECT value FROM removed WHERE kind = 'external')",
    )


def _count(connection: Connection, new: int) -> None:
    """Record the counts of the generation, and the mean number of terms of each field."""
    # Not avg(): PostgreSQL's is a decimal, and a mean that differs in its last bit moves scores.
    means = ", ".join(
        f"coalesce(CAST(sum({name}) AS DOUBLE PRECISION) / nullif(count(*), 0), 0)" for name in LENGTHS
    )
    connection.execute("DELETE FROM generations WHERE generation = ?", (new,))
    connection.execute(
        f"INSERT INTO generations SELECT ?, (SELECT COUNT(*) FROM articles WHERE {VISIBLE}), COUNT(*), {means} "
        f"FROM terms JOIN passages USING (passage) JOIN articles USING (article) WHERE {VISIBLE}",
        (new, new, new, new, new),
    )


def _prune(connection: Connection, old: int) -> None:
    """Delete what only readers of generations before `old` could see; texts stay, so that an old id still resolves."""
    _delete(connection, f"SELECT article FROM articles WHERE gone <= {old} AND passages IS NOT NULL")
    connection.execute(
        "DELETE FROM sources WHERE file IN (SELECT file FROM files WHERE gone <= ?) "
        "AND id IN (SELECT id FROM articles WHERE born IS NOT NULL AND gone IS NULL)",
        (old,),
    )
    connection.execute("DELETE FROM files WHERE gone <= ? AND file NOT IN (SELECT file FROM sources)", (old,))
    connection.execute("DELETE FROM refusals WHERE file NOT IN (SELECT file FROM files)")
    connection.execute("DELETE FROM generations WHERE generation < ?", (old - 1,))


def _delete(connection: Connection, articles: str) -> None:
    """Delete the passages of the articles that a query names, and vectors that no passage has any more."""
    passages = f"SELECT passage FROM passages WHERE article IN ({articles})"
    connection.execute("DROP TABLE IF EXISTS unused")
    connection.execute(
        f"CREATE TEMP TABLE unused AS SELECT DISTINCT vector FROM passages WHERE article IN ({articles})"
    )
    connection.execute(f"DELETE FROM terms WHERE passage IN ({passages})")
    deleted = connection.execute(f"DELETE FROM passages WHERE article IN ({articles})").rowcount
    connection.execute(f"DELETE FROM abbreviations WHERE article IN ({articles})")
    connection.execute(f"UPDATE articles SET passages = NULL WHERE article IN ({articles})")
    if deleted:
        connection.execute(
            "DELETE FROM vectors WHERE vector IN (SELECT vector FROM unused) "
            "AND NOT EXISTS (SELECT 1 FROM passages WHERE passages.vector = vectors.vector)"
        )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _ids(connection: Connection, query: str) -> set[str]:
    return {row[0] for row in connection.execute(query)}
