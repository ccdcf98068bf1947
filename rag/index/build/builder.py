"""Build the index: read files, embed what is new, publish the next generation."""

import errno
import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path

import numpy as np

from rag.index.catalogue import source_path
from rag.index.build.corrections import link_corrections
from rag.index.build.changes import SEEDS, Found, find_moved, guard_prune, recipe_of, roots_of, survey
from rag.index.connection import Connection, read_meta, transaction, write_meta
from rag.index.database import DATABASE, index_empty
from rag.errors import IndexMismatch, StoreError
from rag.ingest.files import FileState, Pick
from rag.index.build.intake import Intake, embedding_text
from rag.index.opened import opened_to_write
from rag.index.place import Place
from rag.index.build.publish import Change, prune_unpublished, publish
from rag.records import Embedder, FloatArray
from rag.index.build.removal import is_under, recorded_paths, remembered_as, restore_under
from rag.index.build.reprints import group_reprints

__all__ = ["BuildReport", "Progress", "build", "remove"]

# Passages between two commits: about two seconds of embedding are lost when the process is killed.
CHUNK = 64
# A disk with fewer bytes left than this is full.
LEAST_FREE = 1_000_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build has come: `stage` is "reading" (in kB), "embedding" (in passages) or "indexing".

    While it reads, `file` of `files` are read: one large file is no less work than many small ones.
    """

    stage: str
    done: int
    total: int
    file: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: articles by what became of them, passages embedded, what was refused (source, reason)."""

    generation: int
    articles: int
    articles_added: int
    articles_updated: int
    articles_removed: int
    articles_unchanged: int
    passages: int
    refused: tuple[tuple[str, str], ...]
    seconds: float
    moved: tuple[str, ...] = ()
    """files that are read under another name now"""
    vanished: tuple[str, ...] = ()
    """files that are no longer there; their articles stay until a build prunes them"""
    read: int = 0
    """files below the named paths that hold an article, whether this build read them or an earlier one"""


def build(
    paths: Sequence[Path],
    index: Path | Place,
    embedder: Embedder,
    *,
    rebuild: bool = False,
    restore: bool = False,
    prune: bool = False,
    force: bool = False,
    drop: Sequence[Path] = (),
    readmit: Sequence[str] = (),
    pick: Pick | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> BuildReport:
    """Take the files of `paths` into the index; without paths the recorded ones again, or seeds/ at the very first.

    Only what changed is read and embedded; readers see the old index until it has finished. `rebuild` makes all anew,
    `restore` takes back what was removed, `readmit` these ids; `prune` removes the articles of files that are gone (see
    `guard_prune`), without it those of `drop` go.
    """
    began, tell = time.perf_counter(), progress or (lambda _: None)
    index = (place := Place.of(index)).folder
    with _writer(place, anew=rebuild) as connection:
        epoch = _begin(connection, index, embedder, rebuild)
        intake = Intake(connection, index, *recipe_of(embedder, epoch))
        restore_under(connection, index, paths, every=restore, idents=readmit)
        roots = _roots(connection, index, paths, rebuild)
        found = survey(connection, index, roots, pick or Pick(), force=prune and force)
        guard_prune(found, force=force or not prune)
        missing = _read(intake, connection, roots, found, tell)
        intake.abbreviate()
        prune_unpublished(connection, intake.recipe)
        count = _embed(connection, embedder, tell)
        group_reprints(connection)
        link_corrections(connection)
        moved = find_moved(connection, found.vanished)
        gone = found.vanished if prune else _gone(found, index, moved, drop)
        change = _publish(connection, place, embedder, epoch, gone, tell)
        report = _report(connection, change, count, found, missing, time.perf_counter() - began, moved, gone)
        return _keep(connection, report)


def _keep(connection: Connection, report: BuildReport) -> BuildReport:
    """Keep the report for readers of the index; return it."""
    with transaction(connection):
        write_meta(connection, "report", json.dumps(asdict(report), ensure_ascii=False))
        connection.publish()
    return report


def remove(targets: Sequence[str], index: Path | Place) -> Change:
    """Take out articles by id, external id, path or path#line; builds skip them from now on (see `restore`).

    Raises ArticleUnknown if the index holds nothing of a name; then nothing is removed.
    """
    place = Place.of(index)
    index = place.folder
    if not place.database and not (index / DATABASE).is_file():
        raise index_empty(index)
    with _writer(place) as connection:
        found = [remembered_as(connection, index, target) for target in targets]
        with transaction(connection):
            connection.executemany("INSERT INTO removed VALUES (?, ?) ON CONFLICT DO NOTHING", found)
        removed = [value for kind, value in found if kind == "path"]
        vanished = [
            path for path in recorded_paths(connection) if any(is_under(path, value) for value in removed)
        ]
        return publish(connection, place, {}, vanished)


@contextmanager
def _writer(place: Place, *, anew: bool = False) -> Iterator[Connection]:
    """Open the index for writing; raises StoreError where it cannot be written."""
    try:
        with opened_to_write(place, anew=anew) as connection:
            yield connection
    except (sqlite3.OperationalError, OSError) as error:
        raise _not_written(place.folder, error) from None


def _not_written(index: Path, error: sqlite3.OperationalError | OSError) -> StoreError:
    """Return in one sentence why the index could not be written; it is as it was before."""
    full = "full" in str(error) or (
        isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    )
    with suppress(OSError):
        # SQLite names what it could not do rather than why.
        full = full or shutil.disk_usage(index).free < LEAST_FREE
    if full:
        return StoreError(
            f"The disk of the index {index} is full; the index is as it was: free some space and build again.",
            "索引所在的磁盘已满，索引未改动。",
        )
    return StoreError(
        f"The index {index} cannot be written ({error}); it is as it was: check the permissions of its folder.",
        "索引无法写入，索引未改动。",
    )


def _begin(connection: Connection, index: Path, embedder: Embedder, rebuild: bool) -> str:
    """Return the epoch to build in: a new one for a rebuild, that of a rebuild that was broken off if there is one."""
    name, epoch = read_meta(connection, "embedder", embedder.name), int(read_meta(connection, "epoch", "0"))
    if rebuild:
        return str(epoch + 1)
    if name != embedder.name:
        raise IndexMismatch(
            f"The index {index} was made with the embedder {name!r}, not {embedder.name!r}: "
            f"make it anew with `python -m rag build --rebuild --index {index}`.",
            "索引是用另一个向量模型建立的，请重新建立索引。",
        )
    return str(epoch)


def _roots(connection: Connection, index: Path, paths: Sequence[Path], rebuild: bool) -> list[Path]:
    """Return the paths to read: those given, else (and for a rebuild also) the recorded ones, else seeds/."""
    recorded = roots_of(connection, index)
    with transaction(connection):
        connection.executemany(
            "INSERT INTO roots VALUES (?) ON CONFLICT DO NOTHING",
            [(source_path(path, index),) for path in paths if path.exists()],
        )
    given = list(paths) + (recorded if rebuild or not paths else [])
    return given or [SEEDS]


def _read(
    intake: Intake,
    connection: Connection,
    roots: Sequence[Path],
    found: Found,
    tell: Callable[[Progress], None],
) -> list[tuple[str, str]]:
    """Read the files that were found; return what could not be read and the roots that are not there, with reasons."""
    skipped = [value for (value,) in connection.execute("SELECT value FROM removed WHERE kind = 'path'")]
    files = {
        name: state
        for name, state in found.files.items()
        if not any(is_under(name, value) for value in skipped)
    }
    intake.discard(files)
    refused = [name for name in files if not _is_writable(name)]
    _take(intake, [state for name, state in files.items() if name not in refused], tell)
    unreadable = [
        *((name, "its name is not UTF-8") for name in refused),
        *found.closed.items(),
        *found.refused.items(),
        *_not_read(connection, intake.index, roots, skipped),
    ]
    return [(name.encode(errors="backslashreplace").decode(), reason) for name, reason in unreadable]


def _take(intake: Intake, files: Sequence[FileState], tell: Callable[[Progress], None]) -> None:
    """Read files; one that vanishes meanwhile is left to the next build."""
    total = sum(state.size for state in files)
    for at, (state, end) in enumerate(
        zip(files, accumulate(state.size for state in files), strict=True), start=1
    ):
        told = partial(Progress, "reading", total=total // 1000, files=len(files))
        heard = partial(_tell_bytes, tell, partial(told, file=at - 1), end - state.size, state.size)
        heard(0)
        with suppress(FileNotFoundError):
            intake.take(state, heard)
        tell(told(end // 1000, file=at))


def _count_read(connection: Connection, found: Found) -> int:
    query = (
        "SELECT count(DISTINCT path) FROM files JOIN sources USING (file) "
        f"WHERE born IS NOT NULL AND gone IS NULL AND path IN {connection.names()}"
    )
    names = [name for name in found.files if _is_writable(name)]
    return int(connection.execute(query, (json.dumps(names),)).fetchone()[0])


def _tell_bytes(
    tell: Callable[[Progress], None],
    told: Callable[[int], Progress],
    before: int,
    size: int,
    characters: int,
) -> None:
    """Tell how much has been read; a Chinese character is three bytes."""
    tell(told((before + min(size, 3 * characters)) // 1000))


def _is_writable(name: str) -> bool:
    """Tell whether SQLite can hold a file name: those that are no UTF-8 come with halves of surrogate pairs."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


def _not_read(
    connection: Connection, index: Path, roots: Sequence[Path], skipped: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the roots that are not there, single files of the index apart, and those that were removed."""
    known = recorded_paths(connection)
    names = [(source_path(root, index), root.exists()) for root in roots]
    missing = [
        (name, "there is no such file or folder") for name, found in names if not found and name not in known
    ]
    removed = [name for name, found in names if found and any(is_under(name, value) for value in skipped)]
    return missing + [(name, "it was removed; --restore takes it in again") for name in removed]


def _embed(connection: Connection, embedder: Embedder, tell: Callable[[Progress], None]) -> int:
    """Make the missing vectors, the longest texts first: texts of a length share a batch without padding."""
    rows = connection.execute(
        "SELECT vector, min(passage) FROM vectors JOIN passages USING (vector) JOIN articles USING (article) "
        "WHERE value IS NULL GROUP BY vector ORDER BY max(\"end\" - start + length(title)) DESC, vector"
    ).fetchall()
    for at in range(0, len(rows), CHUNK):
        tell(Progress("embedding", at, len(rows)))
        some = rows[at : at + CHUNK]
        vectors = embedder.embed(_texts(connection, [passage for _, passage in some]), kind="passage")
        with transaction(connection):
            connection.put_vectors(
                [(number, blob) for (number, _), blob in zip(some, _blobs(vectors), strict=True)]
            )
    tell(Progress("embedding", len(rows), len(rows)))
    return len(rows)


def _gone(found: Found, index: Path, moved: Sequence[str], drop: Sequence[Path]) -> Sequence[str]:
    """Return the vanished files whose articles go without pruning: those read elsewhere, and those of `drop`."""
    known = {*moved, *(source_path(path, index) for path in drop)}
    return [path for path in found.vanished if path in known]


def _publish(
    connection: Connection,
    place: Place,
    embedder: Embedder,
    epoch: str,
    vanished: Sequence[str],
    tell: Callable[[Progress], None],
) -> Change:
    meta = {"embedder": embedder.name, "dim": str(embedder.dim), "epoch": epoch}
    tell(Progress("indexing", 0, 1))
    change = publish(connection, place, meta, vanished)
    tell(Progress("indexing", 1, 1))
    return change


def _texts(connection: Connection, passages: Sequence[int]) -> list[str]:
    found = {
        row[0]: embedding_text(*row[1:])
        for row in connection.execute(
            "SELECT passage, title, coalesce(substr(text, heading_start + 1, heading_end - heading_start), ''), "
            "substr(text, start + 1, \"end\" - start) FROM passages JOIN articles USING (article) "
            f"WHERE passage IN {connection.numbers()}",
            (json.dumps(list(passages)),),
        )
    }
    return [found[number] for number in passages]


def _blobs(vectors: FloatArray) -> list[bytes]:
    assert np.isfinite(vectors).all()
    return [row.tobytes() for row in vectors.astype(np.float16)]


def _report(
    connection: Connection,
    change: Change,
    passages: int,
    found: Found,
    missing: list[tuple[str, str]],
    seconds: float,
    moved: Sequence[str],
    gone: Sequence[str],
) -> BuildReport:
    refused = connection.execute(
        "SELECT path || CASE line WHEN 0 THEN '' ELSE '#' || line END, reason FROM refusals JOIN files USING (file) "
        "WHERE born IS NOT NULL AND gone IS NULL ORDER BY path, line"
    ).fetchall()
    return BuildReport(
        generation=change.generation,
        articles=change.added + change.updated + change.unchanged,
        articles_added=change.added,
        articles_updated=change.updated,
        articles_removed=change.removed,
        articles_unchanged=change.unchanged,
        passages=passages,
        refused=(*missing, *refused),
        seconds=seconds,
        moved=tuple(moved),
        vanished=tuple(path for path in found.vanished if path not in gone),
        read=_count_read(connection, found),
    )
