"""Adding and withdrawing articles, from a file that arrives to the index: what the page, and whatever else edits, calls.

A file waits below `state` (`rag.editing.drafts`), is looked at, and is moved into the folder of added articles when it is
accepted, with a sidecar of what the editor said; then that folder is built like any other. What is withdrawn is moved
out of it and back again. Articles of other folders are only taken out of the index: their files are their owners'.
"""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TypeVar

from rag.editing.added import Added, checked_fields
from rag.editing.drafts import Draft, Drafts
from rag.editing.inspection import Known, inspect
from rag.editing.jobs import Job, Jobs
from rag.editing.newest import newest_lists, patiently
from rag.editing.withdrawn import Told, Withdrawal, Withdrawn
from rag.errors import EditError
from rag.index.build.builder import build, remove
from rag.index.build.changes import recorded_roots
from rag.index.catalogue import ArticleRow, Catalogue, source_path
from rag.index.place import Place
from rag.ingest.regular_file import real_path
from rag.records import Embedder

__all__ = ["Desk"]

T = TypeVar("T")

PATIENCE = 600.0
"""Seconds that a job waits for another process that writes to the index: a large build takes as long."""


class Desk:
    """The editor's desk of one index; `added` is the folder of its own, `state` where drafts and what was withdrawn lie."""

    def __init__(
        self, index: Path | Place, added: Path, state: Path, embedder: Callable[[], Embedder]
    ) -> None:
        self.place = Place.of(index)
        self.added = Added(real_path(added))
        self.drafts = Drafts(real_path(state) / "desk" / "drafts")
        self.withdrawn = Withdrawn(real_path(state) / "desk" / "withdrawn")
        self.jobs = Jobs()
        self.patience = PATIENCE
        self._embedder = embedder
        self._looking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="looking")
        self._looked: set[str] = set()
        self._lock = threading.Lock()
        self.drafts.sweep()

    def close(self) -> None:
        """Drop what waits."""
        self._looking.shutdown(wait=False, cancel_futures=True)
        self.jobs.close()

    @property
    def busy(self) -> bool:
        """Whether something is being looked at, taken in or out."""
        return self.jobs.busy or any(draft.inspection is None for draft in self.drafts.all())

    def hindrances(self) -> list[str]:
        """Return which folders cannot be written, so that nothing can be added or withdrawn: added, state, index."""
        folders = {"added": self.added.folder, "state": self.drafts.folder, "index": self.place.folder}
        return [name for name, folder in folders.items() if not _is_writable(folder)]

    def waiting(self) -> Sequence[Draft]:
        """Return what waits to be accepted; what was not looked at yet is, from now on."""
        found = list(self.drafts.all())
        with self._lock:
            fresh = [one for one in found if one.inspection is None and one.ident not in self._looked]
            self._looked.update(one.ident for one in fresh)
        for one in fresh:
            self._looking.submit(self._look, one)
        return found

    def accept(self, chosen: Mapping[str, Mapping[str, object]]) -> Job:
        """Take drafts in, each by its id with what an editor says of it; return the job.

        Raises EditError for a draft that is not there, not looked at, holds no article, or is described wrongly.
        """
        ready = [_checked(self.drafts.find(ident), said) for ident, said in chosen.items()]
        if not ready:
            raise EditError("No draft is named.", "请选择要收录的文件。")
        label = "、".join(one.name for one, _ in ready)
        return self.jobs.submit("add", label, lambda job: self._add(job, ready))

    def withdraw(self, article_id: str, by: str) -> Job:
        """Withdraw an article: with its files, if they were added here and hold no other, else from the index alone."""
        with self._catalogue() as lists:
            paths = [one.path for one in lists.sources(article_id) if one.status == "current"]
            held = {path: _told(lists.held_in(path)) for path in dict.fromkeys(paths)}
        told = next((one for found in held.values() for one in found if one.ident == article_id), None)
        if told is None:
            raise EditError(
                f"The index holds no article {article_id[:40]!r}.", "库中没有这篇报道，或者已经撤下了。"
            )
        own = {self._name(path): path for path in self.added.files()}
        if all(path in own and len(found) == 1 for path, found in held.items()):
            files = [own[path] for path in held]
            return self.jobs.submit("withdraw", told.title, lambda job: self._take_files(job, files, by))
        return self.jobs.submit("withdraw", told.title, lambda job: self._take_article(job, told, by))

    def withdraw_files(self, relative: Sequence[str], by: str) -> Job:
        """Withdraw added files with all their articles; raises EditError for what is none."""
        paths = [self.added.find(one) for one in relative]
        if not paths:
            raise EditError("No file is named.", "请选择要撤下的文件。")
        label = "、".join(path.name for path in paths)
        return self.jobs.submit("withdraw", label, lambda job: self._take_files(job, paths, by))

    def restore(self, idents: Sequence[str]) -> Job:
        """Take back what was withdrawn under these ids; raises EditError where there is nothing."""
        entries = [self.withdrawn.find(ident) for ident in idents]
        if not entries:
            raise EditError("Nothing is named.", "请选择要恢复的报道。")
        label = "、".join(entry.articles[0].title if entry.articles else entry.file for entry in entries)
        return self.jobs.submit("restore", label, lambda job: self._restore(job, entries))

    def can_undo(self, job: Job) -> bool:
        """Tell whether what a job has done is still so: added files lie there, withdrawals are kept."""
        if not job.undo or not job.ended:
            return False
        if job.kind == "add":
            return all((self.added.folder / one).is_file() for one in job.undo)
        return all((self.withdrawn.folder / one).is_dir() for one in job.undo)

    def files(self, most: int) -> list[tuple[str, list[Told]]]:
        """Return the latest added files, by their paths below the folder, with the articles that the index has of them."""
        with self._catalogue() as lists:
            paths = islice(self.added.files(), most)
            return [(self.added.relative(path), _told(lists.held_in(self._name(path)))) for path in paths]

    def known(self, article_id: str) -> Known:
        """Tell whether the index holds an article, or somebody took it out."""
        with self._catalogue() as lists:
            return (
                "held"
                if article_id in lists.find(article_id)
                else "removed"
                if lists.is_removed(article_id)
                else ""
            )

    def _look(self, draft: Draft) -> None:
        try:
            with suppress(FileNotFoundError):
                self.drafts.keep(draft, inspect(draft.path, self.known))
        finally:
            with self._lock:
                self._looked.discard(draft.ident)

    def _add(self, job: Job, ready: Sequence[tuple[Draft, Mapping[str, str]]]) -> None:
        """Move the files, build, and put back those of which the index took nothing."""
        taken: list[tuple[Draft, Path]] = []
        try:
            for draft, said in ready:
                taken.append((draft, self.added.take(draft.path, draft.name, said)))
            refused = self._build(job, readmit=[name for draft, _ in ready for name in _idents(draft)])
            with self._catalogue() as lists:
                held = {path: _told(lists.held_in(self._name(path))) for _, path in taken}
        except BaseException:
            self._give_back(taken)
            raise
        lost = [(draft, path) for draft, path in taken if not held[path]]
        self._give_back(lost)
        for draft, path in taken:
            if held[path]:
                self.drafts.drop(draft.ident)
        job.articles = tuple(one for told in held.values() for one in told)
        job.undo = tuple(self.added.relative(path) for _, path in taken if held[path])
        if lost:
            raise _not_taken(
                [draft.name for draft, _ in lost], {self._name(path) for _, path in lost}, refused
            )

    def _give_back(self, taken: Sequence[tuple[Draft, Path]]) -> None:
        for draft, path in taken:
            self.added.put_back(path, draft.path)

    def _take_files(self, job: Job, files: Sequence[Path], by: str) -> None:
        """Move files out and let the index forget them; where that fails they go back."""
        entries: list[tuple[Withdrawal, str]] = []
        try:
            for path in files:
                with self._catalogue() as lists:
                    told = _told(lists.held_in(self._name(path)))
                entry = self.withdrawn.begin(told, self.added.relative(path), by)
                entries.append((entry, path.name))
                self.added.move_out(path, self.withdrawn.place(entry))
            self._build(job)
        except BaseException:
            for entry, name in entries:
                self._move_in(entry, name)
            raise
        job.articles = tuple(one for entry, _ in entries for one in entry.articles)
        job.undo = tuple(entry.ident for entry, _ in entries)

    def _take_article(self, job: Job, told: Told, by: str) -> None:
        entry = self.withdrawn.begin([told], "", by)
        try:
            self._patiently(job, lambda: remove([told.ident], self.place))
        except BaseException:
            self.withdrawn.end(entry)
            raise
        job.articles, job.undo = (told,), (entry.ident,)

    def _restore(self, job: Job, entries: Sequence[Withdrawal]) -> None:
        """Move files back, let the index take articles in again, and forget the entries; where that fails they stay."""
        moved: list[tuple[Withdrawal, Path]] = []
        idents = [one.ident for entry in entries for one in entry.articles]
        try:
            for entry in entries:
                place, name = self.withdrawn.place(entry), PurePosixPath(entry.file).name
                if entry.file and (place / name).is_file():
                    moved.append((entry, self.added.move_in(place, name, entry.file)))
            self._build(job, self._roots_of(entries), readmit=idents)
        except BaseException:
            for entry, path in moved:
                self.added.move_out(path, self.withdrawn.place(entry))
            raise
        for entry in entries:
            self.withdrawn.end(entry)
        job.articles = tuple(one for entry in entries for one in entry.articles)

    def _move_in(self, entry: Withdrawal, name: str) -> None:
        place = self.withdrawn.place(entry)
        if (place / name).is_file():
            self.added.move_in(place, name, entry.file)
        self.withdrawn.end(entry)

    def _roots_of(self, entries: Sequence[Withdrawal]) -> list[Path]:
        """Return the folders that were built, besides that of added articles, that hold articles of these entries."""
        idents = [one.ident for entry in entries if not entry.file for one in entry.articles]
        with self._catalogue() as lists:
            paths = [self._place(one.path) for ident in idents for one in lists.sources(ident)]
        return [
            root for root in recorded_roots(self.place) if any(path.is_relative_to(root) for path in paths)
        ]

    def _build(
        self, job: Job, more: Sequence[Path] = (), readmit: Sequence[str] = ()
    ) -> Sequence[tuple[str, str]]:
        """Build the added folder, and `more`, as the command line does; return what was refused, with reasons.

        Files that were withdrawn are named each time: a process that ended before the index forgot one is made good.
        """
        folder = self.added.folder

        def once() -> Sequence[tuple[str, str]]:
            folder.mkdir(parents=True, exist_ok=True)
            away = [folder / entry.file for entry in self.withdrawn.all() if entry.file]
            drop = [path for path in away if not path.exists()]
            heard, paths = job.hear, [folder, *more]
            return build(
                paths, self.place, self._embedder(), drop=drop, readmit=readmit, progress=heard
            ).refused

        return self._patiently(job, once)

    def _patiently(self, job: Job, work: Callable[[], T]) -> T:
        """Do `work` when no other process writes to the index any more; raises IndexLocked if that takes too long."""

        def told(locked: bool) -> None:
            job.state = "locked" if locked else "working"

        return patiently(work, told, self.patience)

    def _name(self, path: Path) -> str:
        return source_path(path, self.place.folder)

    def _place(self, recorded: str) -> Path:
        return real_path(self.place.folder).parent / recorded

    def _catalogue(self) -> AbstractContextManager[Catalogue]:
        return newest_lists(self.place)


def _checked(draft: Draft, said: Mapping[str, object]) -> tuple[Draft, Mapping[str, str]]:
    """Return a draft with what an editor says otherwise than its file; raises EditError where it cannot be taken in."""
    found = draft.inspection
    if found is None:
        raise EditError(
            f"{draft.name} is still being read: wait a moment.", f"“{draft.name}”还在读取，请稍候。"
        )
    if not found.articles:
        raise EditError(f"{draft.name} holds no article.", f"“{draft.name}”里没有可以收录的报道。")
    fields = checked_fields(said)
    if found.articles > 1:  # what stands beside a file is said of every article in it
        return draft, {}
    own = found.seen[0].fields
    return draft, {name: value for name, value in fields.items() if value != own[name]}


def _idents(draft: Draft) -> list[str]:
    """Return under which names articles of a draft may have been removed."""
    seen = draft.inspection.seen if draft.inspection else ()
    return [name for one in seen for name in (one.ident, one.external_id) if name]


def _told(rows: Sequence[ArticleRow]) -> list[Told]:
    return [Told(row.article_id, row.title, row.publisher, row.published) for row in rows]


def _not_taken(names: Sequence[str], recorded: set[str], refused: Sequence[tuple[str, str]]) -> EditError:
    """Return the error for files that a build took nothing of, with the first reason that it gives."""
    why = next((reason for path, reason in refused if path.partition("#")[0] in recorded), "")
    said = "、".join(names)
    return EditError(f"{said} could not be taken in. {why}".strip(), f"没有收录：{said}。")


def _is_writable(folder: Path) -> bool:
    """Tell whether a folder, or the one that it would be made in, can be written."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
