"""The lock of an index: one process writes at a time."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rag.errors import IndexLocked

__all__ = ["writing"]

# The byte that is locked lies far behind the number that is written: Windows keeps others from reading locked bytes.
LOCKED_BYTE = 1 << 20


@contextmanager
def writing(index: Path) -> Iterator[None]:
    """Hold the writer's lock of the folder `index`, or raise IndexLocked at once if another process has it.

    The operating system lets go of the lock when the process ends, however it ends: nothing stale is left.
    """
    with (index / "write.lock").open("a+", encoding="ascii") as file:
        try:
            _lock(file)
        except OSError:
            raise IndexLocked(
                f"Another process{_holder(file)} is writing to the index {index}: wait until it has finished.",
                "另一个进程正在更新索引，请稍候再试。",
            ) from None
        try:
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
        finally:
            _unlock(file)


def _holder(file: IO[str]) -> str:
    file.seek(0)
    pid = file.read(20)
    return f" ({pid})" if pid.isdigit() else ""


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _unlock(file: IO[str]) -> None:
        file.seek(LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
