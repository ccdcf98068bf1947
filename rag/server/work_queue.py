"""The threads that answer, and a short queue before them.

Reading uses every core, choosing and checking only one: with two questions in hand on two cores one is read while the
other is checked, a third more answers in the same time. More would only wait for each other, so asks stand in line; when the line is
long the next is told at once instead of hanging.
"""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from rag.errors import Busy, NotReady

__all__ = ["Worker"]

T = TypeVar("T")

BUSY = "提问的人较多，请稍后再试。"
"""What whoever is turned away is told."""

LAST_SECONDS = 1.0
"""What work gets that nobody waits for any more when the server ends: a process that is told to stop stops."""
MAX_WAITING = 16
"""Asks in line: at about 0.1 s each the last waits two seconds; a reader of a page will wait three."""


class Worker:
    """The inference threads; their lifetime is the server's.

    `threads` is what the models have, 0 for one a core: for every two of them a question more is in hand.
    """

    def __init__(self, waiting: int = MAX_WAITING, threads: int = 1) -> None:
        self.hands = 1 + (threads or os.cpu_count() or 1) // 2
        self._room = waiting + self.hands
        self._held = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=self.hands, thread_name_prefix="inference")
        self._open = True

    @property
    def ready(self) -> bool:
        """Tell whether work is taken."""
        return self._open

    @property
    def held(self) -> int:
        """How much work is in line, with that in hand."""
        return self._held

    @property
    def is_full(self) -> bool:
        """Tell whether the next would be turned away."""
        return self._held >= self._room

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Queue `work`; raises Busy when the line is full and NotReady once closed."""
        if not self._open:
            raise NotReady("The server is stopping.", "服务正在停止，请稍后再试。")
        with self._lock:
            if self.is_full:
                raise Busy("Too many questions are waiting; try again in a moment.", BUSY)
            self._held += 1
        future = self._pool.submit(work)
        future.add_done_callback(lambda _: self._release())
        return future

    def close(self, seconds: float = LAST_SECONDS) -> None:
        """Drop what waits and give the work in hand `seconds` to finish."""
        self._open = False
        self._pool.shutdown(wait=False, cancel_futures=True)
        end = time.monotonic() + seconds
        while self._held and time.monotonic() < end:
            time.sleep(0.01)

    def _release(self) -> None:
        with self._lock:
            self._held -= 1
