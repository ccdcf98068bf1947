"""Open what was found below a folder: by its real name, so that no link leads out, and nothing but a regular file."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

from rag.errors import IngestError

__all__ = ["is_linked", "open_file", "real_name", "real_path", "stat_file"]

# Flags that some systems lack are 0 there. Without O_NONBLOCK a pipe that took a file's place is waited for for ever.
_FILE = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
# A folder that may be entered but not listed is passed through with O_PATH (Linux).
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
# What a system says of a link where O_NOFOLLOW allows none: as the file, as a folder, on FreeBSD.
_LINK = (errno.ELOOP, errno.ENOTDIR, errno.EMLINK)


def real_path(path: Path) -> Path:
    """Return the absolute path with every link resolved; a link that leads to itself stays."""
    return Path(os.path.realpath(path))


def is_linked(path: Path) -> bool:
    """Tell whether a path is a link or lies behind one."""
    return os.path.realpath(path) != os.path.abspath(path)  # noqa: PTH100 (resolve() follows links)


def real_name(path: Path) -> Path:
    """Return a path that somebody named as it is, or resolved where links lie on the way: that is their own choice."""
    return real_path(path) if is_linked(path) else path


def stat_file(path: Path) -> os.stat_result:
    """Return size and time of a regular file; raises IngestError for what `open_file` would not open."""
    if is_linked(path):
        raise _link(path)
    state = path.stat(follow_symlinks=False)
    if not stat.S_ISREG(state.st_mode):
        raise _special(path)
    return state


def open_file(path: Path) -> BufferedReader:
    """Open a regular file to read its bytes; `path` is a real name (see `real_name`).

    Each folder on the way is opened in the one above it, so a link that takes the place of any of them after the
    folder was listed leads nowhere. Raises IngestError for a link and for pipes, devices and sockets, else OSError.
    """
    try:
        handle = _walk(path) if os.open in os.supports_dir_fd else _open(path)
    except OSError as error:
        if error.errno in _LINK and is_linked(path):
            raise _link(path) from None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise _special(path)
    return os.fdopen(handle, "rb")


def _walk(path: Path) -> int:
    """Open a file through the folders of its path, none of which may be a link."""
    *folders, name = path.parts
    at = os.open(folders.pop(0) if path.is_absolute() else ".", _FOLDER)
    try:
        for part in folders:
            below = os.open(part, _FOLDER, dir_fd=at)
            os.close(at)
            at = below
        found = os.stat(name, dir_fd=at, follow_symlinks=False)
        # To open a device may already do something.
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
            raise _special(path)
        return os.open(name, _FILE, dir_fd=at)
    finally:
        os.close(at)


def _open(path: Path) -> int:
    """Open a file where folders cannot be opened (Windows): the check and the opening are two steps there."""
    stat_file(path)
    return os.open(path, _FILE)


def _link(path: Path) -> IngestError:
    return IngestError(f"{path} is a link or lies behind one: it is not followed; name what it leads to.")


def _special(path: Path) -> IngestError:
    return IngestError(f"{path} is no regular file but a folder, a pipe, a device or a socket.")
