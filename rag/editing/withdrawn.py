"""What was withdrawn: for each time an entry that says what, and the files that were moved away; nothing is deleted."""

import json
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.errors import EditError
from rag.index.private_files import make_private

__all__ = ["Told", "Withdrawal", "Withdrawn"]

ENTRY = "entry.json"
_ident = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Told:
    """An article as lists show it."""

    ident: str
    title: str
    publisher: str
    published: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Articles that `by` withdrew at `at` (UTC): with an added file, whose path there is `file`, or only in the index."""

    ident: str
    at: str
    by: str
    articles: tuple[Told, ...]
    file: str = ""


class Withdrawn:
    """The folder of entries; it is made with the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, articles: Sequence[Told], file: str, by: str) -> Withdrawal:
        """Write an entry before anything is moved; raises EditError where that cannot be."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        entry = Withdrawal(secrets.token_hex(8), now, by, tuple(articles), file)
        try:
            make_private(self.folder)
            make_private(self.place(entry))
            text = json.dumps(asdict(entry), ensure_ascii=False, indent=1)
            (self.place(entry) / ENTRY).write_text(text, encoding="utf-8")
        except OSError as error:
            raise EditError(
                f"{self.folder} cannot be written ({error.strerror}): check RAG_STATE.",
                "没有撤下：服务器的状态文件夹不能写入，请告诉管理员（RAG_STATE）。",
            ) from None
        return entry

    def place(self, entry: Withdrawal) -> Path:
        """Return the folder of an entry, where its files lie."""
        return self.folder / entry.ident

    def all(self) -> Iterator[Withdrawal]:
        """Yield the entries, the latest first."""
        names = (path.name for path in self.folder.glob("*") if _ident.fullmatch(path.name))
        found = [entry for name in names if (entry := self._read(name)) is not None]
        yield from sorted(found, key=lambda entry: (entry.at, entry.ident), reverse=True)

    def find(self, ident: str) -> Withdrawal:
        """Return an entry; raises EditError where none has this id."""
        entry = self._read(ident) if _ident.fullmatch(ident) else None
        if entry is None:
            raise EditError(
                f"Nothing was withdrawn under {ident[:40]!r}: it was restored.", "已经恢复过了，请刷新页面。"
            )
        return entry

    def end(self, entry: Withdrawal) -> None:
        """Forget an entry whose articles are back; files that did not go back keep it."""
        place = self.place(entry)
        if [path.name for path in place.iterdir()] == [ENTRY]:
            shutil.rmtree(place)

    def _read(self, ident: str) -> Withdrawal | None:
        try:
            said = json.loads((self.folder / ident / ENTRY).read_bytes())
            articles = tuple(Told(**one) for one in said["articles"])
            return Withdrawal(ident, said["at"], said["by"], articles, said["file"])
        except (OSError, ValueError, LookupError, TypeError):
            return None
