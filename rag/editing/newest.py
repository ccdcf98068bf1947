"""The index as it is now, whichever process wrote it: its lists, and the wait until it can be written."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from rag.errors import IndexLocked
from rag.index.catalogue import Catalogue
from rag.index.connection import read_meta
from rag.index.database import Connections
from rag.index.opened import newest
from rag.index.place import Place

__all__ = ["newest_lists", "patiently"]

T = TypeVar("T")
PAUSE = 1.0
"""Seconds between two tries."""


@contextmanager
def newest_lists(index: Path | Place) -> Iterator[Catalogue]:
    """Read the lists of the newest generation."""
    connections = Connections(newest(Place.of(index)))
    try:
        connection = connections.get()
        yield Catalogue(connection, int(read_meta(connection, "generation", "0")))
    finally:
        connections.close()


def patiently(work: Callable[[], T], told: Callable[[bool], None], patience: float) -> T:
    """Do `work` when no other process writes to the index any more; raises IndexLocked after `patience` seconds.

    `told` hears before each try that it works, and after each in vain that the index is locked.
    """
    end = time.monotonic() + patience
    while True:
        told(False)
        try:
            return work()
        except IndexLocked:
            if time.monotonic() > end:
                raise
        told(True)
        time.sleep(PAUSE)
