"""What was taken out of an index: remembered by name, so that builds skip it until it is restored."""

from collections.abc import Sequence
from pathlib import Path

from rag.index.catalogue import source_path
from rag.index.connection import Connection
from rag.errors import ArticleUnknown

__all__ = ["is_under", "recorded_paths", "remembered_as", "restore_under"]


LONGEST_LINE = 12
"""Digits that the number of a line may have."""


def remembered_as(connection: Connection, index: Path, target: str) -> tuple[str, str]:
    """Return the kind and the value under which a removal is remembered."""
    for kind, column in (("article", "id"), ("external", "external_id")):
        if connection.execute(
            f"SELECT 1 FROM sources WHERE {column} = ? AND {column} != ''", (target,)
        ).fetchone():
            return kind, target
    name, _, line = target.rpartition("#")
    row = connection.execute(
        "SELECT id FROM sources JOIN files USING (file) WHERE path = ? AND line = ? AND born IS NOT NULL AND gone IS NULL",
        (source_path(Path(name), index), int(line) if line.isdecimal() and len(line) < LONGEST_LINE else -1),
    ).fetchone()
    if row:
        return "article", row[0]
    path = source_path(Path(target), index)
    if any(is_under(recorded, path) for recorded in recorded_paths(connection)):
        return "path", path
    raise ArticleUnknown(f"The index holds no article and no file {target!r}.", "索引里没有这篇报道或文件。")


def restore_under(
    connection: Connection,
    index: Path,
    paths: Sequence[Path],
    *,
    every: bool,
    idents: Sequence[str] = (),
) -> None:
    """Forget removals: of the articles of these ids and external ids, and with `every` all, or those under `paths`."""
    connection.executemany(
        "DELETE FROM removed WHERE kind != 'path' AND (value = ?1 "
        "OR (kind = 'external' AND value IN (SELECT external_id FROM sources WHERE id = ?1)))",
        [(one,) for one in idents],
    )
    if not every:
        return
    if not paths:
        connection.execute("DELETE FROM removed")
        return
    names = [source_path(path, index) for path in paths]
    for kind, value in connection.execute("SELECT kind, value FROM removed").fetchall():
        held = [value] if kind == "path" else _paths_of(connection, value)
        if any(is_under(path, name) for path in held for name in names):
            connection.execute("DELETE FROM removed WHERE (kind, value) = (?, ?)", (kind, value))


def _paths_of(connection: Connection, name: str) -> list[str]:
    """Return the files that hold an article of this id or external id."""
    query = "SELECT path FROM files JOIN sources USING (file) WHERE id = ?1 OR external_id = ?1"
    return [path for (path,) in connection.execute(query, (name,))]


def recorded_paths(connection: Connection) -> list[str]:
    """Return the paths of the files that the newest generation holds."""
    query = "SELECT path FROM files WHERE born IS NOT NULL AND gone IS NULL"
    return [path for (path,) in connection.execute(query)]


def is_under(path: str, folder: str) -> bool:
    """Tell whether a recorded path is `folder` or lies in it."""
    return path == folder or path.startswith(f"{folder}/")
