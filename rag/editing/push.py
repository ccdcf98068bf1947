"""Pushing articles, from a program's request to the index: spooled at once, built together with what else waits.

A push is a job. While one build runs, others gather and are taken in by the next: a thousand requests of one article cost
a few builds. What an id had is replaced only by what holds an article; what a person withdrew stays out.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from rag.editing.inspection import Known, inspect
from rag.editing.newest import newest_lists, patiently
from rag.editing.push_jobs import KEPT, Incoming, Item, PushJob, Spool
from rag.editing.pushed import Pushed
from rag.errors import Busy, RagError
from rag.index.build.builder import BuildReport, Progress, build
from rag.index.catalogue import Catalogue, source_path
from rag.index.place import Place
from rag.ingest.regular_file import real_path
from rag.records import Embedder

__all__ = ["MAX_WAITING", "Pushes"]

PUSHED = "pushed"
"""The folder inside that of added articles."""
ELSEWHERE = "It was pushed through another server; send it there, as the proxy's example does."
MAX_WAITING = 5_000
"""Articles that may wait; a build takes in so many in some minutes."""
MAX_TOGETHER = 2_000
"""Articles of one build: after so many the first can be found."""

_log = logging.getLogger("youju.editing")


@dataclass(slots=True)
class _Taken:
    """What one build takes in: the items with the file of each, what their ids had, and where files went."""

    items: list[tuple[Item, Path]] = field(default_factory=list)
    before: dict[str, tuple[str, ...]] = field(default_factory=dict)
    gone: set[Path] = field(default_factory=set)


class Pushes:
    """The pushes into one index; `added` is the folder of added articles, `state` where what waits lies."""

    def __init__(
        self, index: Path | Place, added: Path, state: Path, embedder: Callable[[], Embedder], patience: float
    ) -> None:
        self.place = Place.of(index)
        self.added = real_path(added)
        self.pushed = Pushed(self.added / PUSHED)
        self.spool = Spool(real_path(state) / "push")
        self.patience = patience
        self._embedder = embedder
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pushing")
        self._jobs = OrderedDict((job.ident, job) for job in self.spool.read())
        if any(not job.ended for job in self._jobs.values()):
            self._pool.submit(self._work)

    def close(self) -> None:
        """Stop; what waits is taken up when the server starts again."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def push(self, folder: Path, incoming: Sequence[Incoming], by: str) -> PushJob:
        """Put articles, whose files lie in a folder that `spool.begin` gave, into the line; return the job.

        Raises Busy where too much waits.
        """
        with self._lock:
            waiting = sum(len(job.items) for job in self._jobs.values() if not job.ended)
            if waiting + len(incoming) > MAX_WAITING:
                raise Busy(
                    f"{waiting} articles wait already; push again in a while.",
                    f"已有 {waiting} 篇报道等待收录，请稍后再推送。",
                )
            job = self.spool.add(folder, incoming, by)
            self._jobs[job.ident] = job
            old = [one for one in self._jobs.values() if one.ended][:-KEPT]
            for one in old:
                del self._jobs[one.ident]
                self.spool.forget(one)
        self._pool.submit(self._work)
        return job

    def find(self, ident: str) -> PushJob | None:
        """Return a job, None where none has this id."""
        with self._lock:
            return self._jobs.get(ident)

    def _work(self) -> None:
        """Take in what waits; what came meanwhile has a call of its own."""
        jobs = self._next()
        if not jobs:
            return
        try:
            self._take_in(jobs)
            self._end(jobs)
        except RagError as error:
            self._end(jobs, str(error), error.message)
        except Exception:
            _log.exception("A push has failed.")
            self._end(jobs, "The program has failed.", "服务出错了，请稍后再试。")
            raise

    def _next(self) -> list[PushJob]:
        """Return the jobs that are taken in together, oldest first."""
        found: list[PushJob] = []
        with self._lock:
            for job in self._jobs.values():
                if job.ended:
                    continue
                if found and sum(len(one.items) for one in (*found, job)) > MAX_TOGETHER:
                    break
                found.append(job)
        return found

    def _take_in(self, jobs: Sequence[PushJob]) -> None:
        for job in jobs:
            job.state = "working"
        with newest_lists(self.place) as lists:
            taken = self._moved(jobs, lists)
        if not taken.items and not taken.gone:
            return
        report = self._build(jobs, taken)
        with newest_lists(self.place) as lists:
            for item, path in taken.items:
                self._tell(item, path, taken, lists, report)
        for job in jobs:
            job.generation = report.generation

    def _moved(self, jobs: Sequence[PushJob], lists: Catalogue) -> _Taken:
        """Put the files where they are built from, in the order in which they came."""
        taken = _Taken()
        every = [(job, item) for job in jobs for item in job.items]
        last = {item.ident: item for _, item in every}
        for job, item in every:
            if item is not last[item.ident]:
                item.became = "superseded"
                continue
            if self._lies_elsewhere(item.ident, lists):
                item.became, item.reason = "refused", ELSEWHERE
                continue
            if item.do == "delete":
                path = self.pushed.drop(item.ident)
                item.became = "unknown" if path is None else "deleted"
                taken.gone.update([path] if path else [])
                continue
            self._put(self.spool.file(job, item), item, taken, lists)
        return taken

    def _lies_elsewhere(self, ident: str, lists: Catalogue) -> bool:
        """Tell whether the file of an id lies on another server over the same database: this one cannot mend or delete it."""
        if not self.place.database or self.pushed.find(ident) is not None:
            return False
        stem = self.pushed.place(ident, ".txt").stem
        held = (one.path for article in lists.with_external_id(ident) for one in lists.sources(article))
        return any(PurePosixPath(path).stem == stem and PUSHED in PurePosixPath(path).parts for path in held)

    def _put(self, file: Path, item: Item, taken: _Taken, lists: Catalogue) -> None:
        before = self.pushed.find(item.ident)
        held = taken.before[item.ident] = self._held(before, lists) if before else ()
        if not self._fits(file, item, lists):
            return
        if held and before and self.pushed.is_same(file, before, item.said):
            item.became, item.articles = "unchanged", held
            return
        place, free = self.pushed.take(file, item.ident, item.said)
        taken.items.append((item, place))
        taken.gone.update([free] if free else [])

    def _fits(self, path: Path, item: Item, lists: Catalogue) -> bool:
        """Tell whether a file holds an article that nobody withdrew, and write down why not."""
        if not path.exists():  # moved before the process ended
            return self.pushed.find(item.ident) is not None
        found = inspect(path, lambda ident: _known(ident, lists))
        if not found.articles:
            item.became, item.reason = "refused", next(iter(found.refused), "It holds no article.")
        elif found.seen and all(one.known == "removed" for one in found.seen):
            item.became = "withdrawn"
            item.articles = tuple(one.ident for one in found.seen)
        if found.articles > 1:  # what stands beside a file is said of every article in it
            item.said = {}
        return item.became == "waiting"

    def _build(self, jobs: Sequence[PushJob], taken: _Taken) -> BuildReport:
        def heard(progress: Progress) -> None:
            for job in jobs:
                job.state, job.stage = "working", progress.stage
                job.done, job.total = progress.done, progress.total

        def told(locked: bool) -> None:
            for job in jobs:
                job.state = "locked" if locked else "working"

        def once() -> BuildReport:
            self.added.mkdir(parents=True, exist_ok=True)
            return build([self.added], self.place, self._embedder(), drop=[*taken.gone], progress=heard)

        return patiently(once, told, self.patience)

    def _tell(self, item: Item, path: Path, taken: _Taken, lists: Catalogue, report: BuildReport) -> None:
        """Write down what became of an item."""
        item.articles = self._held(path, lists)
        before = taken.before[item.ident]
        if not item.articles:
            name = source_path(path, self.place.folder)
            item.became = "refused"
            item.reason = next(
                (why for where, why in report.refused if where.partition("#")[0] == name),
                "The index took nothing of it.",
            )
        elif before:
            item.became = "unchanged" if set(before) == set(item.articles) else "updated"
        else:
            item.became = "added"

    def _held(self, path: Path, lists: Catalogue) -> tuple[str, ...]:
        return tuple(row.article_id for row in lists.held_in(source_path(path, self.place.folder)))

    def _end(self, jobs: Sequence[PushJob], error: str = "", message: str = "") -> None:
        for job in jobs:
            job.error, job.message = error, message
            job.state = "failed" if error else "done"
            self.spool.keep(job)


def _known(ident: str, lists: Catalogue) -> Known:
    return "held" if lists.find(ident) else "removed" if lists.is_removed(ident) else ""
