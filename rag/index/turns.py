"""Whose turn it is: questions in hand, or the step to a newer generation between them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Turns"]


class Turns:
    """Any number of questions at once, and no step while one is in hand; a step that waits goes before later questions."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._in_hand = 0
        self._mine = threading.local()

    def step(self, move: Callable[[], bool]) -> bool:
        """Do `move` unless a question is in hand; tell whether it did anything."""
        with self._turn:
            return not self._in_hand and move()

    @contextmanager
    def question(self, due: Callable[[], bool], move: Callable[[], bool]) -> Iterator[None]:
        """Have a question in hand; where a step is `due`, do `move` first, once no other is."""
        if getattr(self._mine, "asked", False):  # a part of a question that this thread has in hand
            yield
            return
        with self._turn:
            if due():
                while self._in_hand:
                    self._turn.wait()
                move()
            self._in_hand += 1
        self._mine.asked = True
        try:
            yield
        finally:
            self._mine.asked = False
            with self._turn:
                self._in_hand -= 1
                self._turn.notify_all()
