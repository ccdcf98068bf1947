"""The folder of articles that programs pushed: one file for each id of theirs, named after it."""

import filecmp
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from rag.editing.file_names import file_name
from rag.errors import EditError
from rag.ingest.sidecar import SIDECAR, is_sidecar

__all__ = ["MAX_ID", "Pushed", "checked_id"]

MAX_ID = 200
"""Characters of an id."""
SHOWN = 60
"""Bytes of the id that its file shows: readers see the path as the source of a quote."""
DIGITS = 12
_plain = re.compile(r"[^\w.-]+")
_control = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")


def checked_id(value: object) -> str:
    """Return the id that a program gives an article; raises EditError for what is none."""
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_ID or _control.search(value):
        raise EditError(
            f"id is no text of 1 to {MAX_ID} characters on one line.", f"id 应为 1 到 {MAX_ID} 字的一行文字。"
        )
    return value.strip()


class Pushed:
    """The folder; it is made with the first file. An id has at most one file, in a folder of a hundred others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, ident: str, suffix: str) -> Path:
        """Return where the file of an id lies, or would."""
        digest = hashlib.sha256(ident.encode()).hexdigest()
        shown = _plain.sub("_", ident).encode()[:SHOWN].decode(errors="ignore")
        return self.folder / digest[:2] / file_name(f"{shown}-{digest[:DIGITS]}{suffix}")

    def find(self, ident: str) -> Path | None:
        """Return the file of an id."""
        place = self.place(ident, ".txt")
        beside = place.parent.glob(f"{_literal(place.stem)}.*")
        return next((path for path in beside if path.stem == place.stem and not is_sidecar(path)), None)

    def take(self, source: Path, ident: str, said: Mapping[str, str]) -> tuple[Path, Path | None]:
        """Put a file in the place of what the id had, with a sidecar of what is `said`; return it and a path that is free now.

        A file that is no longer where it was has been taken before.
        """
        place, before = self.place(ident, source.suffix.lower()), self.find(ident)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if source.exists():
                _write(_sidecar(place), said)
                source.replace(place)
            if before is not None and before != place:
                self._delete(before)
        except OSError as error:
            raise _not_written(self.folder, error) from None
        return place, before if before != place else None

    @staticmethod
    def is_same(source: Path, held: Path, said: Mapping[str, str]) -> bool:
        """Tell whether a file says what the one that is there does, and is described alike."""
        beside = _sidecar(held)
        known = json.loads(beside.read_bytes()) if beside.exists() else {}
        return (
            source.exists()
            and source.suffix == held.suffix
            and known == dict(said)
            and filecmp.cmp(source, held, shallow=False)
        )

    def drop(self, ident: str) -> Path | None:
        """Delete the file of an id; return where it was, None if there was none."""
        path = self.find(ident)
        if path is not None:
            try:
                self._delete(path)
            except OSError as error:
                raise _not_written(self.folder, error) from None
        return path

    @staticmethod
    def _delete(path: Path) -> None:
        path.unlink(missing_ok=True)
        _sidecar(path).unlink(missing_ok=True)


def _literal(name: str) -> str:
    return "".join(f"[{one}]" if one in "*?[" else one for one in name)


def _sidecar(path: Path) -> Path:
    return path.with_name(f"{path.name}{SIDECAR}")


def _write(path: Path, said: Mapping[str, str]) -> None:
    """Write a sidecar as a whole, or take away the one that is there."""
    if not said:
        path.unlink(missing_ok=True)
        return
    fresh = path.with_name(f".{path.name}.part")
    fresh.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(path)


def _not_written(folder: Path, error: OSError) -> EditError:
    return EditError(
        f"{folder} cannot be written ({error.strerror}): make it writable or name another with RAG_ADDED.",
        "存放报道的文件夹不能写入，请告诉管理员（RAG_ADDED）。",
    )
