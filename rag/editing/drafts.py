"""Files that wait to be taken in: each in a folder of its own below `state`, until it is accepted or dropped."""

import json
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from rag.editing.file_names import file_name
from rag.editing.inspection import Inspection
from rag.errors import EditError, TooLarge
from rag.index.private_files import make_private

__all__ = ["MAX_FILE", "MAX_FILES", "Draft", "Drafts", "Upload"]

MAX_FILE = 32_000_000
"""Bytes of one file; larger ones are for the command line."""
MAX_FILES = 50
"""Files that may wait at once."""
MAX_WAITING = 500_000_000
"""Bytes that may wait at once."""
LEAST_FREE = 200_000_000
"""Bytes that uploads leave free on the disk: the index must be written, too."""
ABOUT, FOUND = "about.json", "found.json"
_ident = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that waits; `by` brought it at `at` (UTC), `inspection` is None until it was looked at."""

    ident: str
    name: str
    size: int
    at: str
    by: str
    path: Path
    inspection: Inspection | None = None


class Upload:
    """A file on its way; it waits once it is `done`, and leaves nothing behind if that does not happen."""

    def __init__(self, drafts: "Drafts", name: str, by: str) -> None:
        self.ident = secrets.token_hex(8)
        self.name = name
        self._drafts = drafts
        self._by = by
        self._size = 0
        self._folder = drafts.folder / f".{self.ident}"
        make_private(self._folder)
        self._file: IO[bytes] = (self._folder / name).open("xb")

    def write(self, part: bytes) -> None:
        """Add bytes; raises TooLarge beyond MAX_FILE."""
        self._size += len(part)
        if self._size > MAX_FILE:
            raise TooLarge(
                f"{self.name} has more than {MAX_FILE // 1_000_000} MB: put it into a folder and run `youju build`.",
                f"“{self.name}”超过 {MAX_FILE // 1_000_000} MB：请放进报道文件夹，用 youju build 收录。",
            )
        self._file.write(part)

    def done(self) -> str:
        """Let the file wait and return the id of its draft."""
        self._file.close()
        if not self._size:
            raise EditError(f"{self.name} is empty.", f"“{self.name}”是空的。")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        about = {"name": self.name, "at": now, "by": self._by}
        (self._folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")
        self._folder.rename(self._drafts.folder / self.ident)
        return self.ident

    def close(self) -> None:
        """Remove what did not become a draft."""
        self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class Drafts:
    """The folder of files that wait; it is made with the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, told: str, by: str) -> Upload:
        """Begin to take a file that its sender calls `told`.

        Raises EditError where its kind cannot be read, too much waits or the disk is full or not writable.
        """
        name = file_name(told)
        waiting = list(self.all())
        if len(waiting) >= MAX_FILES or sum(draft.size for draft in waiting) > MAX_WAITING:
            raise EditError(
                f"{len(waiting)} files wait already: accept or drop some first.",
                f"已有 {len(waiting)} 个文件等待收录：请先收录或丢弃一些。",
            )
        try:
            make_private(self.folder)
            full = shutil.disk_usage(self.folder).free < LEAST_FREE
            upload = None if full else Upload(self, name, by)
        except OSError as error:
            raise EditError(
                f"{self.folder} cannot be written ({error.strerror}): check RAG_STATE.",
                "文件没有存上：服务器的状态文件夹不能写入，请告诉管理员（RAG_STATE）。",
            ) from None
        if upload is None:
            raise EditError(
                f"The disk of {self.folder} is nearly full: free some space.",
                "服务器的磁盘快满了，请告诉管理员。",
            )
        return upload

    def all(self) -> Iterator[Draft]:
        """Yield what waits, oldest first."""
        names = (path.name for path in self.folder.glob("*") if _ident.fullmatch(path.name))
        found = [draft for name in names if (draft := self._read(name)) is not None]
        yield from sorted(found, key=lambda draft: (draft.at, draft.ident))

    def find(self, ident: str) -> Draft:
        """Return a draft; raises EditError where none has this id."""
        draft = self._read(ident) if _ident.fullmatch(ident) else None
        if draft is None:
            raise _unknown(ident)
        return draft

    def keep(self, draft: Draft, inspection: Inspection) -> None:
        """Keep what was found in a file, for as long as it waits."""
        with suppress(FileNotFoundError):  # dropped meanwhile
            fresh = draft.path.with_name(f"{FOUND}.part")
            fresh.write_text(json.dumps(inspection.to_json(), ensure_ascii=False), encoding="utf-8")
            fresh.replace(draft.path.with_name(FOUND))

    def drop(self, ident: str) -> None:
        """Delete a draft and its file, if that still lies there: it was never an article of ours."""
        if not _ident.fullmatch(ident) or not (self.folder / ident).is_dir():
            raise _unknown(ident)
        shutil.rmtree(self.folder / ident, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what uploads left that broke off with the process."""
        for path in self.folder.glob(".*"):
            shutil.rmtree(path, ignore_errors=True)

    def _read(self, ident: str) -> Draft | None:
        folder = self.folder / ident
        try:
            about = json.loads((folder / ABOUT).read_bytes())
            path = folder / about["name"]
            found = folder / FOUND
            inspection = Inspection.from_json(json.loads(found.read_bytes())) if found.is_file() else None
            return Draft(
                ident, about["name"], path.stat().st_size, about["at"], about["by"], path, inspection
            )
        except (OSError, ValueError, LookupError, TypeError):
            return None


def _unknown(ident: str) -> EditError:
    return EditError(
        f"No file waits under {ident[:40]!r}: it was accepted or dropped.",
        "这个文件已经收录或丢弃了，请刷新页面。",
    )
