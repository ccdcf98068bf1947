"""The files below the paths that are named: what is there, what it looked like when it was last read."""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from rag.ingest.sidecar import is_sidecar, sidecar_of

__all__ = ["FileState", "Pick", "find_files"]

# What programs leave beside the files they write, and systems in every folder.
LEFTOVERS = ("~$*", ".*", "*.tmp", "*.part", "*.partial", "*.crdownload", "*~", "thumbs.db", "desktop.ini")


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


def find_files(
    root: Path, index: Path, pick: Pick | None = None, closed: Callable[[Path, str], object] | None = None
) -> Iterator[FileState]:
    """Yield the files of a folder (or the file itself), sorted; hidden ones, leftovers and the index are left out.

    Linked folders are entered once, so a link that leads back ends nothing. `closed` hears of each folder or file that
    the system does not let us look at, and why.
    """
    pick = pick or Pick()
    if not root.is_dir():
        if root.is_file() and root not in pick.waiting:
            yield _state(root, root.stat())
        return
    yield from _walk(root, "", _Walk(index.resolve(), pick, closed or (lambda path, reason: None)))


@dataclass(frozen=True, slots=True)
class _Walk:
    """What stays the same on the way through a folder, and the folders entered."""

    index: Path
    pick: Pick
    closed: Callable[[Path, str], object]
    entered: set[tuple[int, int]] = field(default_factory=set)

    def takes(self, path: Path, relative: str) -> bool:
        return self.pick.takes(relative) and not is_sidecar(path) and path not in self.pick.waiting


def _walk(folder: Path, below: str, walk: _Walk) -> Iterator[FileState]:
    for entry in _entries(folder, walk):
        path, relative = folder / entry.name, f"{below}{entry.name}"
        try:
            if entry.is_dir():
                if path.resolve() != walk.index:
                    yield from _walk(path, f"{relative}/", walk)
            elif entry.is_file() and walk.takes(path, relative):
                yield _state(path, entry.stat())
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno != errno.ELOOP:  # a link that leads to itself is no file
                walk.closed(path, f"this file cannot be looked at: {error.strerror}")


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
