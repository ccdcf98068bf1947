"""An index opened to be written, and its folder brought up to date to be read, whichever kind it is."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path

from rag.errors import DatabaseAway, SettingError, StoreError
from rag.index.connection import Connection
from rag.index.database import DATABASE, connect_writer
from rag.index.lock import writing
from rag.index.place import Place

__all__ = ["need_postgres", "newest", "opened_to_write"]

_log = logging.getLogger("youju.store")


@contextmanager
def opened_to_write(place: Place, *, anew: bool = False) -> Iterator[Connection]:
    """Lock and open an index; a file that cannot be used is put aside if the index is made `anew` anyway.

    Raises IndexLocked while another process writes, of a shared index on whatever machine, DatabaseAway, StoreError.
    """
    if place.database:
        need_postgres()
        from rag.index.shared.postgres import writer_of

        with writer_of(place) as shared:
            yield shared
        return
    place.folder.mkdir(parents=True, exist_ok=True)
    with writing(place.folder), closing(_connect(place.folder, anew)) as connection:
        yield connection


def newest(place: Place, *, patient: bool = True) -> Path:
    """Return the folder to read, of a shared index after it was brought up to date.

    Where the database is away and the folder holds a copy that copy is read, unless not `patient`: then DatabaseAway is
    raised.
    """
    if place.database:
        need_postgres()
        from rag.index.shared.replica import follow

        try:
            follow(place)
        except DatabaseAway as error:
            if not patient or not (place.folder / DATABASE).is_file():
                raise
            _log.warning("%s Until then the copy in %s is read.", error, place.folder)
    return place.folder


def need_postgres() -> None:
    """Raise SettingError where the packages for a shared index are not installed."""
    try:
        for name in ("psycopg", "psycopg_pool", "pgvector", "alembic"):
            import_module(name)
    except ImportError as error:
        raise SettingError(
            f"RAG_DATABASE needs packages that are not installed ({error.name}): pip install 'youju[postgres]'."
        ) from None


def _connect(index: Path, anew: bool) -> Connection:
    try:
        return connect_writer(index)
    except StoreError:
        if not anew:
            raise
    (index / DATABASE).replace(index / f"{DATABASE}.damaged")
    for suffix in ("-wal", "-shm"):
        (index / f"{DATABASE}{suffix}").unlink(missing_ok=True)
    return connect_writer(index)
