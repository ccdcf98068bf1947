"""What programs pushed, until it is in the index: jobs with their files below `state`, which outlive the process."""

import json
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from rag.errors import EditError
from rag.index.private_files import make_private

__all__ = ["Do", "Incoming", "Item", "PushJob", "Spool"]

KEPT = 1_000
"""Ended jobs that are remembered, the latest."""
LEAST_FREE = 200_000_000
"""Bytes that pushes leave free on the disk: the index must be written, too."""
JOB = "job.json"
_ident = re.compile("[0-9a-f]{16}")

Do = Literal["put", "delete"]
State = Literal["waiting", "locked", "working", "done", "failed"]
Became = Literal[
    "waiting", "added", "updated", "unchanged", "deleted", "unknown", "withdrawn", "refused", "superseded"
]


@dataclass(slots=True)
class Item:
    """One article of a push: `do` what with `ident`, by the spooled `file` and what is `said` of it; what `became` of it.

    `articles` are the ids it has in the index, `reason` says in English why it was refused.
    """

    do: Do
    ident: str
    file: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    became: Became = "waiting"
    articles: tuple[str, ...] = ()
    reason: str = ""


@dataclass(slots=True)
class PushJob:
    """A push: `at` is when it came (UTC), `by` whose it is; `error` and `message` say in English and Chinese why it failed."""

    ident: str
    at: str
    by: str
    items: list[Item]
    state: State = "waiting"
    stage: str = ""
    done: int = 0
    total: int = 0
    generation: int = 0
    error: str = ""
    message: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One article as it arrives: `content` is its file with the suffix `suffix`, None to delete what `ident` has."""

    ident: str
    content: bytes | Path | None = None
    suffix: str = ""
    said: Mapping[str, str] = field(default_factory=dict)


class Spool:
    """The folder of jobs; it is made with the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self) -> Path:
        """Return a new folder into which the files of a job are written before it is `add`ed.

        Raises EditError where nothing can be written.
        """
        folder = self.folder / f".{secrets.token_hex(8)}"
        try:
            make_private(self.folder)
            full = shutil.disk_usage(self.folder).free < LEAST_FREE
            if not full:
                make_private(folder)
        except OSError as error:
            raise EditError(
                f"{self.folder} cannot be written ({error.strerror}): check RAG_STATE.",
                "没有收下：服务器的状态文件夹不能写入，请告诉管理员（RAG_STATE）。",
            ) from None
        if full:
            raise EditError(
                f"The disk of {self.folder} is nearly full: free some space.",
                "服务器的磁盘快满了，请告诉管理员。",
            )
        return folder

    def add(self, folder: Path, incoming: Sequence[Incoming], by: str) -> PushJob:
        """Make a job of what `begin` gave; it is there whole or not at all."""
        items = [_item(folder, number, one) for number, one in enumerate(incoming)]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        job = PushJob(folder.name.removeprefix("."), now, by, items)
        _write(folder / JOB, job)
        folder.rename(self.folder / job.ident)
        return job

    def keep(self, job: PushJob) -> None:
        """Write down how far a job is; one that has ended needs its files no more."""
        folder = self.folder / job.ident
        with suppress(FileNotFoundError):
            _write(folder / JOB, job)
            if job.ended:
                for path in folder.iterdir():
                    if path.name != JOB:
                        path.unlink(missing_ok=True)

    def file(self, job: PushJob, item: Item) -> Path:
        """Return the spooled file of an item."""
        return self.folder / job.ident / item.file

    def read(self) -> Iterator[PushJob]:
        """Yield the jobs, oldest first; those beyond KEPT that have ended, and what broke off, are deleted."""
        for path in self.folder.glob(".*"):
            shutil.rmtree(path, ignore_errors=True)
        names = [path.name for path in self.folder.glob("*") if _ident.fullmatch(path.name)]
        found = sorted(filter(None, map(self._read, names)), key=lambda job: (job.at, job.ident))
        old = [job.ident for job in found if job.ended][:-KEPT]
        for job in found:
            if job.ident in old:
                self.forget(job)
            else:
                yield job

    def forget(self, job: PushJob) -> None:
        """Delete a job."""
        shutil.rmtree(self.folder / job.ident, ignore_errors=True)

    def _read(self, name: str) -> PushJob | None:
        try:
            said = json.loads((self.folder / name / JOB).read_bytes())
            items = [Item(**{**one, "articles": tuple(one["articles"])}) for one in said["items"]]
            return PushJob(**{**said, "items": items})
        except (OSError, ValueError, LookupError, TypeError):
            return None


def _item(folder: Path, number: int, one: Incoming) -> Item:
    if one.content is None:
        return Item("delete", one.ident)
    name = f"{number}{one.suffix.lower()}"
    if isinstance(one.content, Path):
        one.content.rename(folder / name)
    else:
        (folder / name).write_bytes(one.content)
    return Item("put", one.ident, name, dict(one.said))


def _write(path: Path, job: PushJob) -> None:
    fresh = path.with_name(f"{path.name}.part")
    fields: dict[str, Any] = asdict(job)
    fresh.write_text(json.dumps(fields, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)
