"""The folder of added articles: files below `YYYY-MM/`, each with what an editor said of it in a sidecar."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from rag.editing.file_names import free_name
from rag.editing.inspection import FIELDS
from rag.errors import EditError
from rag.ingest.sidecar import SIDECAR, is_sidecar

__all__ = ["MAX_FIELD", "Added", "checked_fields"]

MAX_FIELD = 300
"""Characters of a title or a name."""


def checked_fields(said: Mapping[str, object]) -> dict[str, str]:
    """Return what an editor says of an article, of FIELDS those that are not empty; raises EditError for what is none."""
    found = {}
    for name in FIELDS:
        value = said.get(name) or ""
        if (
            not isinstance(value, str)
            or len(value) > MAX_FIELD
            or any("\ud800" <= c <= "\udfff" for c in value)
        ):
            raise EditError(
                f"{name} is no text of up to {MAX_FIELD} characters.",
                f"{name} 应为 {MAX_FIELD} 字以内的文字。",
            )
        if value := " ".join(value.split()):
            found[name] = value
    if day := found.get("published"):
        try:
            found["published"] = date.fromisoformat(day).isoformat()
        except ValueError:
            raise EditError(
                f"published is no date: {day[:40]!r}; write YYYY-MM-DD.",
                "日期请写成 YYYY-MM-DD，例如 2024-11-12。",
            ) from None
    return found


class Added:
    """The folder; it is made with the first file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, source: Path, name: str, said: Mapping[str, str]) -> Path:
        """Move a file here with a sidecar of what is `said`; return its path, which appears whole or not at all."""
        with self._writing():
            month = self.folder / datetime.now(UTC).strftime("%Y-%m")
            month.mkdir(parents=True, exist_ok=True)
            path = month / free_name(month, name)
            if said:
                self._sidecar(path).write_text(
                    json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8"
                )
            try:
                _move(source, path)
            except OSError:
                self._sidecar(path).unlink(missing_ok=True)
                raise
        return path

    def put_back(self, path: Path, source: Path) -> None:
        """Undo `take`: move the file to where it came from."""
        with self._writing():
            _move(path, source)
            self._sidecar(path).unlink(missing_ok=True)

    def move_out(self, path: Path, folder: Path) -> None:
        """Move a file and its sidecar into `folder`."""
        with self._writing():
            for one in (path, self._sidecar(path)):
                if one.is_file():
                    _move(one, folder / one.name)

    def move_in(self, folder: Path, name: str, relative: str) -> Path:
        """Move a file and its sidecar from `folder` to where they were, or beside it where another lies there now."""
        with self._writing():
            target = self.folder / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            path = target.with_name(free_name(target.parent, target.name))
            if (beside := folder / f"{name}{SIDECAR}").is_file():
                _move(beside, self._sidecar(path))
            _move(folder / name, path)
        return path

    def files(self) -> Iterator[Path]:
        """Yield the files, the latest first; links and what programs leave are none."""
        found = [
            path
            for path in self.folder.glob("*/*")
            if not path.name.startswith(".")
            and not is_sidecar(path)
            and path.is_file()
            and not _is_linked(path)
        ]
        yield from sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)

    def find(self, relative: str) -> Path:
        """Return a file by its path below the folder; raises EditError for anything that is not one of `files`."""
        found = next((path for path in self.files() if self.relative(path) == relative), None)
        if found is None:
            raise EditError(
                f"No added file is called {relative[:200]!r}.", "没有这个添加的文件，请刷新页面。"
            )
        return found

    def relative(self, path: Path) -> str:
        """Return the path of a file below the folder."""
        return path.relative_to(self.folder).as_posix()

    @staticmethod
    def _sidecar(path: Path) -> Path:
        return path.with_name(f"{path.name}{SIDECAR}")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EditError(
                f"{self.folder} cannot be written ({error.strerror}): make it writable or name another with RAG_ADDED.",
                "存放报道的文件夹不能写入，请告诉管理员（RAG_ADDED）。",
            ) from None


def _is_linked(path: Path) -> bool:
    """Tell whether a file or the folder of its month is a link."""
    return path.is_symlink() or path.parent.is_symlink()


def _move(source: Path, target: Path) -> None:
    """Move a file, also to another disk; under its own name it is there whole or not at all."""
    fresh = target.with_name(f".{target.name}.part")
    shutil.move(source, fresh)
    fresh.rename(target)
