"""How much work a question or a file may cost: counted steps, seconds of processor time, and somebody who waits.

Whoever starts the work opens a budget around it; loops whose length an asker or a file decides call `spend`, which
costs nothing where no budget is open. Steps are the same on every machine and are meant to end the work first, the
seconds are the last resort.

>>> with budgeted(Budget(steps=2)):
...     spend(), spend(), spend()
Traceback (most recent call last):
rag.errors.OverBudget: It costs more than 2 steps of work: ask one thing at a time.
"""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from rag.errors import ClientLeft, FileTooHard, OverBudget, RagError

__all__ = ["Budget", "FileBudget", "budgeted", "spend", "uncounted"]

QUESTION_SECONDS = 10.0
"""Processor time of the thread that answers: forty times a usual question, for machines much slower than ours."""
QUESTION_STEPS = 400_000
"""About twenty times what the costliest question of the evaluation sets spends."""
FILE_SECONDS = 8.0
"""To read a file of up to a MB, clean its articles and cut them into passages: twice what a usual one needs."""
MORE_SECONDS = 24.0
"""For each MB above the first: of large files time is expected, and a slow machine needs it."""


class Budget:
    """What is left of one piece of work; any thread may `leave`, the one that opened it spends."""

    def __init__(self, seconds: float = QUESTION_SECONDS, steps: int = QUESTION_STEPS) -> None:
        self.seconds = seconds
        self.steps = steps
        self.spent = 0
        self._end: float | None = None
        self._left = threading.Event()
        self._outer: Budget | None = None

    def leave(self) -> None:
        """Say that nobody waits for the result any more: the next step ends the work."""
        self._left.set()

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.seconds if self._end is None else self._end - time.thread_time()

    def begin(self, most: float = math.inf) -> None:
        """Let the seconds run, at most `most` of them; those before do not count."""
        if self._end is None:
            self._end = time.thread_time() + min(self.seconds, most)

    def lengthen(self, seconds: float) -> None:
        """Give this budget, and those around it, so many seconds more."""
        budget: Budget | None = self
        while budget is not None:
            if budget._end is not None:
                budget._end += seconds
            budget = budget._outer

    def spend(self, steps: int = 1) -> None:
        """Count steps; raises ClientLeft when nobody waits, and what `over` makes when there is nothing left."""
        self.spent += steps
        if self._left.is_set():
            raise ClientLeft("The client has closed the connection.", "连接已关闭。")
        if self.spent > self.steps:
            raise self.over(f"{self.steps:,} steps of work")
        if self._end is not None and time.thread_time() > self._end:
            raise self.over(f"{self.seconds:g} seconds of work")

    def over(self, what: str) -> RagError:
        """Return the error of whoever has spent more than `what`."""
        return OverBudget(
            f"It costs more than {what}: ask one thing at a time.",
            "这个问题太复杂，请拆开来问，一次只问一件事。",
        )


class FileBudget(Budget):
    """What a file, or one article of it, may cost: seconds alone, more for one of more than a MB."""

    def __init__(self, path: Path, size: int = 0) -> None:
        super().__init__(FILE_SECONDS + MORE_SECONDS * (max(size, 1_000_000) // 1_000_000 - 1), 1 << 62)
        self.path = path

    def over(self, what: str) -> RagError:
        """Return why the file is refused."""
        return FileTooHard(
            f"{self.path} costs more than {what}: split it, or save it as plain text, one paragraph a line."
        )


_open: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextmanager
def budgeted(budget: Budget | None = None) -> Iterator[Budget]:
    """Let what is done inside spend `budget`; without one go on with that already open, or open one for a question.

    A budget inside another has no more seconds than are left of that one.
    """
    outer = _open.get()
    mine = budget or outer or Budget()
    mine.begin(math.inf if outer is None else outer.left)
    if outer is not mine:
        mine._outer = outer
    token = _open.set(mine)
    try:
        yield mine
    finally:
        _open.reset(token)


@contextmanager
def uncounted() -> Iterator[None]:
    """Let what is done inside cost no open budget anything: work with a limit of its own."""
    begun = time.thread_time()
    try:
        yield
    finally:
        budget = _open.get()
        if budget is not None:
            budget.lengthen(time.thread_time() - begun)


def spend(steps: int = 1) -> None:
    """Spend steps of the open budget; raises what says that it is used up, or that whoever asked has left."""
    budget = _open.get()
    if budget is not None:
        budget.spend(steps)
