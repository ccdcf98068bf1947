"""What became of the files of an index since they were read: new, changed, moved, vanished."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.index.catalogue import recorded_name, source_path
from rag.index.connection import Connection, read_meta
from rag.index.opened import newest
from rag.index.place import Place
from rag.index.database import Connections, connect_nothing
from rag.errors import IndexEmpty, IngestError
from rag.ingest.regular_file import is_linked, real_path
from rag.ingest.files import FileState, Pick, find_files
from rag.ingest.articles import RULES
from rag.index.build.intake import PASSAGES, Intake, file_digest
from rag.records import Embedder
from rag.index.build.removal import is_under, recorded_paths

__all__ = [
    "Found",
    "Preview",
    "find_moved",
    "guard_prune",
    "look",
    "recipe_of",
    "recorded_roots",
    "roots_of",
    "survey",
]

SEEDS = Path("seeds")

# More than this share of an archive does not vanish in a day: somebody unmounted a drive.
MOST_VANISHED = 0.2


@dataclass(frozen=True, slots=True)
class Found:
    """The files below some roots by their recorded names, and those recorded there before that are gone.

    `missing` are roots that are no longer there, `known` counts the recorded files below all roots. `closed` names
    what the system does not let us look at, with the reason: for all we know its files are still there. `refused`
    names links that lead out of a root and what is no file.
    """

    files: dict[str, FileState]
    vanished: tuple[str, ...]
    missing: tuple[str, ...]
    known: int
    closed: dict[str, str]
    refused: dict[str, str]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a build would do, by recorded names; `moved` are pairs of old and new name."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    moved: tuple[tuple[str, str], ...]
    vanished: tuple[str, ...]
    missing: tuple[str, ...]
    closed: dict[str, str]
    refused: dict[str, str]


def survey(
    connection: Connection, index: Path, roots: Sequence[Path], pick: Pick, *, force: bool = False
) -> Found:
    """Look at the files below `roots`; with `force` the files of a root that is gone have vanished too."""
    files: dict[str, FileState] = {}
    closed: dict[Path, str] = {}
    refused: dict[Path, str] = {}
    for root in roots:
        for state in find_files(root, index, pick, closed.__setitem__, refused.__setitem__):
            files.setdefault(recorded_name(state.path, index), state)
    recorded = recorded_paths(connection)
    base = real_path(index).parent
    unseen = [recorded_name(path, index) for path in closed]
    names = {source_path(root, index): root.exists() for root in roots}
    below = [path for path in recorded if any(is_under(path, name) for name in names)]
    missing = tuple(name for name, there in names.items() if not there and name not in recorded)
    lost = tuple(
        path
        for path in below
        if not any(is_under(path, name) for name in unseen)
        and not _is_file(base / path)
        and (force or not any(is_under(path, name) for name in missing))
    )
    # What builds took in that followed such links.
    every = [*names, *(source_path(root, index) for root in roots_of(connection, index))]
    beyond = [source_path(path, index) for path in refused]
    strays = tuple(
        path
        for path in recorded
        if any(is_under(path, name) for name in beyond) and not any(is_under(path, name) for name in every)
    )
    return Found(
        files,
        lost + strays,
        missing,
        len(below),
        {recorded_name(path, index): reason for path, reason in closed.items()},
        {recorded_name(path, index): reason for path, reason in refused.items()},
    )


def _is_file(path: Path) -> bool:
    """Tell whether a recorded file is where it was, and no link to somewhere else."""
    return path.is_file() and not is_linked(path)


def guard_prune(found: Found, *, force: bool) -> None:
    """Unless `force`, raise IngestError when so much is gone that a drive rather than the articles must have vanished."""
    if force:
        return
    if found.missing:
        raise IngestError(
            f"Nothing was removed: {found.missing[0]} is not there. Is its drive mounted? `--prune --force` removes its articles."
        )
    if len(found.vanished) > MOST_VANISHED * found.known:
        raise IngestError(
            f"Nothing was removed: {len(found.vanished)} of {found.known} files are gone, more than "
            f"{MOST_VANISHED:.0%}. If that is meant, add --force."
        )


def find_moved(connection: Connection, vanished: Sequence[str]) -> list[str]:
    """Return those of the vanished files whose bytes were read under another name."""
    query = (
        "SELECT 1 FROM files old JOIN files new ON new.sha256 = old.sha256 AND new.path != old.path "
        "WHERE old.path = ? AND old.born IS NOT NULL AND old.gone IS NULL AND old.sha256 != '' "
        "AND new.gone IS NULL AND new.whole "
        f"AND new.path NOT IN {connection.names()} LIMIT 1"
    )
    gone = json.dumps(list(vanished))
    return [path for path in vanished if connection.execute(query, (path, gone)).fetchone()]


def _preview(connection: Connection, intake: Intake, found: Found) -> Preview:
    """Tell what a build would do, without writing; only files as large as a vanished one are opened."""
    recorded = set(recorded_paths(connection))
    new = [name for name in found.files if name not in recorded]
    changed = [name for name, state in found.files.items() if name in recorded and not intake.knows(state)]
    old = {
        (size, digest): path
        for path, size, digest in connection.execute(
            "SELECT path, size, sha256 FROM files WHERE born IS NOT NULL AND gone IS NULL"
        )
        if path in found.vanished
    }
    sizes = {size for size, _ in old}
    moved = {
        name: old[key]
        for name in new
        if (state := found.files[name]).size in sizes
        and (key := (state.size, file_digest(state.path))) in old
    }
    return Preview(
        tuple(name for name in new if name not in moved),
        tuple(changed),
        len(found.files) - len(new) - len(changed),
        tuple((before, name) for name, before in moved.items()),
        tuple(path for path in found.vanished if path not in moved.values()),
        found.missing,
        found.closed,
        found.refused,
    )


def look(paths: Sequence[Path], index: Path | Place, embedder: Embedder, *, pick: Pick | None = None) -> Preview:
    """Tell what `build` would do with the same arguments, and write nothing."""
    place = Place.of(index)
    connections = Connections(place.folder)
    try:
        connection = _newest(place, connections)
        intake = Intake(connection, place.folder, *recipe_of(embedder, read_meta(connection, "epoch", "0")))
        roots = list(paths) or roots_of(connection, place.folder) or [SEEDS]
        return _preview(connection, intake, survey(connection, place.folder, roots, pick or Pick()))
    finally:
        connections.close()


def _newest(place: Place, connections: Connections) -> Connection:
    try:
        newest(place)
        return connections.get()
    except IndexEmpty:
        return connect_nothing()


def recorded_roots(index: Path | Place) -> list[Path]:
    """Return the paths that were built into the index, seeds/ if there are none."""
    index = newest(Place.of(index))
    connections = Connections(index)
    try:
        return roots_of(connections.get(), index) or [SEEDS]
    finally:
        connections.close()


def roots_of(connection: Connection, index: Path) -> list[Path]:
    """Return the paths that were built into the index."""
    base = real_path(index).parent
    return [base / path for (path,) in connection.execute("SELECT path FROM roots ORDER BY path")]


def recipe_of(embedder: Embedder, epoch: str) -> tuple[str, str]:
    """Return what makes passages of a file and what makes vectors of a text, as an index records them."""
    model = f"{embedder.name}:{epoch}"
    return f"{RULES}.{PASSAGES}:{model}", model
