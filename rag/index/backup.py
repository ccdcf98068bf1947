"""An index and what readers left, in one file and back again, while both are in use.

The file is a ZIP: `news.db` as SQLite copies it in one transaction, `aliases.txt`, and the files of the state folder.
What is derived from the database is made again. Putting it back writes into the database that servers have open, in
one transaction, under a newer generation: they follow as they follow a build.
"""

import secrets
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from rag.errors import StoreError
from rag.index.connection import read_meta, transaction, write_meta
from rag.index.database import DATABASE, SqliteConnection, check_schema, connect, connect_writer, index_empty
from rag.index.derived import VISIBLE, derive, forget
from rag.index.lock import writing
from rag.index.private_files import create_private, tighten

__all__ = ["Kept", "back_up", "put_back"]

STATE = "state/"
ALIASES = "aliases.txt"
# What zipfile raises for a file that is none of ours or was cut off: RuntimeError asks for a password.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, RuntimeError)
SESSIONS = "sessions.db"
"""Who is signed in now is nothing to keep: put back it would open again what somebody has signed out of."""
DRAFTS = "desk/drafts"
"""Files that wait to be accepted are no articles yet, and go while a backup is written."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds: articles of a generation, files beside them, bytes of the archive."""

    generation: int
    articles: int
    files: int
    bytes: int


def back_up(archive: Path, index: Path, state: Path) -> Kept:
    """Write the newest generation of `index` and the folder `state` into `archive`, whole or not at all.

    Raises IndexEmpty if nothing was built there, StoreError if the archive cannot be written or the index is the copy of
    a shared one.
    """
    if not (index / DATABASE).is_file():
        raise index_empty(index)
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=archive.parent, prefix=".youju-") as folder:
            made = Path(folder) / "made.zip"
            create_private(made)  # the state folder's keys and secret are in it
            kept = _write(made, Path(folder), index, state)
            made.replace(archive)
    except (OSError, sqlite3.Error) as error:
        # SQLite tells of a full disk, or of a folder that it may not write to, in words of its own.
        said = error.strerror if isinstance(error, OSError) else None
        raise StoreError(
            f"The backup {archive} cannot be written ({said or error}); nothing of it was left there.",
            "备份没有写成，没有留下不完整的文件。",
        ) from None
    return kept


def put_back(archive: Path, index: Path, state: Path) -> Kept:
    """Put what `archive` holds in the place of `index`; files of `state` that it holds are replaced, others stay.

    Raises StoreError if it is no backup or the index cannot be written, IndexLocked while a build runs.
    """
    try:
        index.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(archive) as packed, writing(index), TemporaryDirectory(dir=index) as folder:
            packed.extract(DATABASE, folder)
            with closing(_opened(Path(folder) / DATABASE, archive)) as copy:
                kept = _publish(copy, index)
            files = list(_put_files(packed, index, state))
    except (OSError, sqlite3.OperationalError) as error:
        said = error.strerror if isinstance(error, OSError) else None
        raise StoreError(f"The backup {archive} cannot be put back ({said or error}).") from None
    except (*DAMAGED, sqlite3.DatabaseError):
        raise StoreError(f"{archive} is no backup of an index, or it is damaged.") from None
    return Kept(*kept, len(files), archive.stat().st_size)


def _write(made: Path, folder: Path, index: Path, state: Path) -> Kept:
    database = folder / DATABASE
    _copy(index / DATABASE, database)
    with closing(_opened(database, index / DATABASE)) as copy:
        if copy.has_table("replica"):  # it lacks what only builds read
            raise StoreError(
                f"The folder {index} holds the copy of a shared index: back up the database, or copy it out with `youju copy`."
            )
        generation, articles = _counts(copy)
        if not generation:
            raise index_empty(index)
    files = 0
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(database, DATABASE)
        if (index / ALIASES).is_file():
            packed.write(index / ALIASES, ALIASES)
            files += 1
        for path in sorted(path for path in state.rglob("*") if path.is_file() and _is_kept(path, state)):
            files += _pack(packed, path, STATE + path.relative_to(state).as_posix(), folder)
    return Kept(generation, articles, files, made.stat().st_size)


def _is_kept(path: Path, state: Path) -> bool:
    return path.name != SESSIONS and not path.is_relative_to(state / DRAFTS)


def _pack(packed: zipfile.ZipFile, path: Path, name: str, folder: Path) -> int:
    """Pack a file of the state folder; a database as SQLite copies it, its log is in that copy."""
    if path.suffix == ".db":
        _copy(path, folder / "state.db")
        packed.write(folder / "state.db", name)
    elif not path.name.endswith((".db-wal", ".db-shm", ".db-journal")):
        packed.write(path, name)
    else:
        return 0
    return 1


def _copy(source: Path, target: Path) -> None:
    """Copy a database as it is between two transactions, whoever writes to it."""
    target.unlink(missing_ok=True)
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")  # one file, no log beside it


def _opened(path: Path, named: Path) -> SqliteConnection:
    """Open a copy of the database; `named` is what a complaint about its version is about."""
    connection = connect(path)
    check_schema(connection, named)
    return connection


def _counts(connection: SqliteConnection) -> tuple[int, int]:
    generation = int(read_meta(connection, "generation", "0"))
    query = f"SELECT count(*) FROM articles WHERE {VISIBLE}"
    return generation, int(connection.execute(query, (generation, generation)).fetchone()[0])


def _publish(copy: SqliteConnection, index: Path) -> tuple[int, int]:
    """Make the copy the newest generation of the index: nobody who reads it sees anything in between."""
    with closing(connect_writer(index)) as live:
        now = int(read_meta(live, "generation", "0"))
        then, articles = _counts(copy)
        new = max(now, then) + 1
        with transaction(copy):
            copy.execute("UPDATE generations SET generation = ? WHERE generation = ?", (new, then))
            copy.execute("DELETE FROM generations WHERE generation != ?", (new,))
            write_meta(copy, "generation", str(new))
            # Row numbers mean other rows now: what readers remember of them must go.
            write_meta(copy, "lineage", secrets.token_hex(8))
            derive(copy, index, new, 0)
        copy.backup(live)
    forget(index, (now, new))
    return new, articles


def _put_files(packed: zipfile.ZipFile, index: Path, state: Path) -> Iterator[Path]:
    """Write the other files of the archive; a name that leads out of the folders is not one of ours."""
    for entry in packed.infolist():
        name = PurePosixPath(entry.filename)
        if entry.filename == ALIASES:
            target = index / ALIASES
        elif entry.filename.startswith(STATE) and ".." not in name.parts:
            target = state / name.relative_to(STATE)
        else:
            continue
        yield _replace(target, packed.read(entry), private=entry.filename != ALIASES)


def _replace(target: Path, content: bytes, *, private: bool) -> Path:
    """Write a file whole; a database is written into, so that who has it open sees the new rows."""
    made = target.with_name(target.name + ".new")
    try:
        if private:
            made.unlink(missing_ok=True)
            create_private(made, content)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.write_bytes(content)
        if target.suffix == ".db" and target.is_file():
            with closing(sqlite3.connect(made)) as new, closing(sqlite3.connect(target)) as live:
                new.backup(live)
            tighten(target)
        else:
            made.replace(target)
    finally:
        with suppress(OSError):
            made.unlink(missing_ok=True)
    return target
