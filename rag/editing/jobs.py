"""Work on the index that nobody waits for: one job after another, each with how far it has come."""

import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from rag.editing.withdrawn import Told
from rag.errors import EditError, RagError
from rag.index.build.builder import Progress

__all__ = ["Job", "Jobs", "Kind"]

Kind = Literal["add", "withdraw", "restore"]
State = Literal["waiting", "locked", "working", "done", "failed"]
KEPT = 50
"""Jobs that are remembered, the latest; what became of the articles stands on the disk."""

_log = logging.getLogger("youju.editing")


@dataclass(slots=True)
class Job:
    """A piece of work: `label` says on what, `articles` what it took in, out or back; `undo` names what takes that back.

    `locked` is waiting for another process that writes to the index. `error` and `message` say in English and Chinese
    why it has failed.
    """

    ident: str
    kind: Kind
    label: str
    state: State = "waiting"
    stage: str = ""
    done: int = 0
    total: int = 0
    articles: tuple[Told, ...] = ()
    undo: tuple[str, ...] = ()
    error: str = ""
    message: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed")

    def hear(self, progress: Progress) -> None:
        """Note how far a build has come."""
        self.state = "working"
        self.stage, self.done, self.total = progress.stage, progress.done, progress.total


class Jobs:
    """One line of work beside the one of questions; it ends with the process, which an index survives at any moment."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="editing")

    def submit(self, kind: Kind, label: str, work: Callable[[Job], None]) -> Job:
        """Put work into the line; what it raises is kept in its job."""
        job = Job(secrets.token_hex(8), kind, label)
        with self._lock:
            self._jobs[job.ident] = job
            for old in [one.ident for one in self._jobs.values() if one.ended][:-KEPT]:
                del self._jobs[old]
        future = self._pool.submit(work, job)
        future.add_done_callback(lambda done: _end(job, done))
        return job

    def all(self) -> Sequence[Job]:
        """Return the jobs, the latest first."""
        with self._lock:
            return [*reversed(self._jobs.values())]

    def find(self, ident: str) -> Job:
        """Return a job; raises EditError where none has this id."""
        with self._lock:
            job = self._jobs.get(ident)
        if job is None:
            raise EditError(f"No job is called {ident[:40]!r}.", "没有这项工作，请刷新页面。")
        return job

    @property
    def busy(self) -> bool:
        """Whether there is work in hand or in line."""
        return not all(job.ended for job in self.all())

    def close(self) -> None:
        """Drop what waits; what is in hand goes on until the process ends."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _end(job: Job, done: Future[None]) -> None:
    """Note how a job has ended."""
    error = CancelledError() if done.cancelled() else done.exception()
    if isinstance(error, RagError):
        job.error, job.message = str(error), error.message
        _log.warning("%s %s: %s", job.kind, job.label, error)
    elif error is not None:
        job.error, job.message = "The program has failed.", "服务出错了，请稍后再试。"
        _log.error("%s %s", job.kind, job.label, exc_info=error)
    job.state = "failed" if error else "done"
