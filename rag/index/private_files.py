"""Files that their owner alone may read: what the state folder and backups hold."""

import os
import stat
from contextlib import suppress
from pathlib import Path

__all__ = ["FILE_MODE", "FOLDER_MODE", "create_private", "make_private", "tighten"]

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_private(folder: Path) -> None:
    """Make a folder that its owner alone may enter; one that is there already is tightened.

    Raises OSError where it cannot be made.
    """
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    tighten(folder)


def tighten(*paths: Path) -> None:
    """Take every right to these files and folders from all but their owner.

    What is not there or another's stays as it is, and so does a folder like /tmp, which is everybody's.
    """
    for path in paths:
        with suppress(OSError):
            found = path.stat()
            mode = FOLDER_MODE if stat.S_ISDIR(found.st_mode) else FILE_MODE
            now = stat.S_IMODE(found.st_mode)
            if now & ~mode and not now & stat.S_ISVTX:
                path.chmod(now & mode)


def create_private(path: Path, content: bytes = b"") -> None:
    """Write a file that its owner alone may read; one that is there already stays, tightened."""
    make_private(path.parent)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        tighten(path)
        return
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
