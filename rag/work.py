"""One thread that answers, and a short queue before it.

Two questions answered at once on two cores take longer than one after the other (the model runtime already uses
every core), so asks wait in line; when the line is long the next is told at once instead of hanging.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from rag.errors import Busy, NotReady

__all__ = ["Worker"]

T = TypeVar("T")

MAX_WAITING = 16
"""Asks in line: at about 0.2 s each the last waits three seconds, as long as a reader of a page will."""


class Worker:
    """The inference thread; its lifetime is the server's."""

    def __init__(self, waiting: int = MAX_WAITING) -> None:
        self._room = waiting + 1
        self._held = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inference")
        self._open = True

    @property
    def ready(self) -> bool:
        """Tell whether work is taken."""
        return self._open

    @property
    def held(self) -> int:
        """How much work is in line, with that in hand."""
        return self._held

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Queue `work`; raises Busy when the line is full and NotReady once closed."""
        if not self._open:
            raise NotReady("The server is stopping.", "服务正在停止，请稍后再试。")
        with self._lock:
            if self._held >= self._room:
                raise Busy(
                    "Too many questions are waiting; try again in a moment.", "提问的人较多，请稍后再试。"
                )
            self._held += 1
        future = self._pool.submit(work)
        future.add_done_callback(lambda _: self._release())
        return future

    def close(self) -> None:
        """Finish the work in hand, drop what waits."""
        self._open = False
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _release(self) -> None:
        with self._lock:
            self._held -= 1
