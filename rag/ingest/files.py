"""The files below the paths that are named: what is there, what it looked like when it was last read."""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from rag.ingest.regular_file import real_name, real_path
from rag.ingest.sidecar import is_sidecar, sidecar_of

__all__ = ["FileState", "Pick", "find_files"]

# What programs leave beside the files they write, and systems in every folder.
LEFTOVERS = ("~$*", ".*", "*.tmp", "*.part", "*.partial", "*.crdownload", "*~", "thumbs.db", "desktop.ini")
OUTSIDE = "this link leads out of the folder: what it leads to is not read"
SPECIAL = "this is no regular file but a pipe, a device or a socket"


@dataclass(frozen=True, slots=True)
class FileState:
    """A file and what tells that it changed: size and time, its own and those of its sidecar ("" without one)."""

    path: Path
    size: int
    mtime_ns: int
    sidecar: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """Which files of a folder are taken: patterns for names or relative paths, and files that are not complete yet."""

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    waiting: frozenset[Path] = field(default_factory=frozenset)

    def takes(self, relative: str) -> bool:
        """Say whether a file below a root is taken."""
        names = (relative, relative.rpartition("/")[2])
        wanted = not self.include or any(fnmatch(name, pattern) for pattern in self.include for name in names)
        return wanted and not any(fnmatch(name, pattern) for pattern in self.exclude for name in names)


Told = Callable[[Path, str], object]


def find_files(
    root: Path, index: Path, pick: Pick | None = None, closed: Told | None = None, refused: Told | None = None
) -> Iterator[FileState]:
    """Yield the files of a folder (or the file itself) by real names; hidden ones, leftovers, the index are left out.

    A root that is a link is its owner's choice; a link below it is followed as far as it stays below it. `refused`
    hears of the others and of what is no file, `closed` of what the system does not let us look at, and why.
    """
    pick, root = pick or Pick(), real_name(root)
    closed = closed or (lambda path, reason: None)
    walk = _Walk(root, real_path(root), real_path(index), pick, closed, refused or closed)
    if root.is_dir():
        yield from _walk(root, "", walk)
    elif root.is_file():
        if root not in pick.waiting:
            yield _state(root, root.stat())
    elif root.exists():
        walk.refused(root, SPECIAL)


@dataclass(frozen=True, slots=True)
class _Walk:
    """What stays the same on the way through a folder, and the folders entered."""

    root: Path
    real_root: Path
    index: Path
    pick: Pick
    closed: Told
    refused: Told
    entered: set[tuple[int, int]] = field(default_factory=set)

    def takes(self, path: Path, relative: str) -> bool:
        return self.pick.takes(relative) and not is_sidecar(path) and path not in self.pick.waiting

    def place(self, path: Path) -> str | None:
        """Return where below the root a folder or link really is, None if it is not below it."""
        real = real_path(path)
        return real.relative_to(self.real_root).as_posix() if real.is_relative_to(self.real_root) else None


def _walk(folder: Path, below: str, walk: _Walk) -> Iterator[FileState]:
    for entry in _entries(folder, walk):
        path, relative = folder / entry.name, f"{below}{entry.name}"
        try:
            state = entry.stat(follow_symlinks=False)
            # Windows has folders that lead elsewhere and are no links to Python: every folder is looked at.
            if not stat.S_ISREG(state.st_mode):
                if is_sidecar(path) and not stat.S_ISDIR(state.st_mode):
                    continue  # where it leads out, the article beside it is refused
                place = walk.place(path)
                if place is None:
                    walk.refused(path, OUTSIDE)
                    continue
                path, relative = walk.root / place, place
                state = path.stat()
            yield from _look(path, relative, state, walk)
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno != errno.ELOOP:  # a link that leads to itself is no file
                walk.closed(path, f"this file cannot be looked at: {error.strerror}")


def _look(path: Path, relative: str, state: os.stat_result, walk: _Walk) -> Iterator[FileState]:
    """Yield a file, or those of a folder; `path` is a real name below the root."""
    if stat.S_ISDIR(state.st_mode):
        if real_path(path) != walk.index:
            yield from _walk(path, f"{relative}/", walk)
    elif walk.takes(path, relative):
        if stat.S_ISREG(state.st_mode):
            yield _state(path, state)
        else:
            walk.refused(path, SPECIAL)


def _entries(folder: Path, walk: _Walk) -> list[os.DirEntry[str]]:
    """Return what lies in a folder, sorted, without leftovers; nothing the second time."""
    try:
        state = folder.stat()
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
    except OSError as error:
        walk.closed(folder, f"this folder cannot be read: {error.strerror}")
        return []
    if (state.st_dev, state.st_ino) in walk.entered:
        return []
    walk.entered.add((state.st_dev, state.st_ino))
    return [e for e in entries if not any(fnmatch(e.name.lower(), pattern) for pattern in LEFTOVERS)]


def _state(path: Path, state: os.stat_result) -> FileState:
    beside = sidecar_of(path)
    stamp = f"{(found := beside.stat()).st_size}:{found.st_mtime_ns}" if beside else ""
    return FileState(path, state.st_size, state.st_mtime_ns, stamp)
