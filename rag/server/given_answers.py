"""Which answers this server gave: what is said of others is no evidence of anything."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from rag.records import Answer
from rag.request import Request
from rag.server.feedback import Feedback, kept_answer

__all__ = ["Given"]

REMEMBERED = 10_000
"""Answers: about a megabyte, and a few days of a newsroom. Those of before a start are not known."""


class Given:
    """The digests of the answers that were given, with their questions; the oldest is forgotten first."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def remember(self, request: Request, answer: Answer) -> None:
        """Keep that `answer` was given."""
        today = request.today.isoformat() if request.today else ""
        digest = _digest(request.question, today, answer.to_json())
        self._digests[digest] = None
        self._digests.move_to_end(digest)
        while len(self._digests) > self._most:
            self._digests.popitem(last=False)

    def has(self, entry: Feedback) -> bool:
        """Tell whether the answer that is judged was given to the question it is said to answer."""
        days = {entry.today} | ({""} if entry.today == date.today().isoformat() else set())
        return any(_digest(entry.question, day, entry.answer) in self._digests for day in days)


def _digest(question: str, today: str, answer: Mapping[str, Any]) -> bytes:
    kept = kept_answer(answer)
    kept.pop("confidence", None)  # a browser writes 1.0 as 1
    said = [question, today, kept]
    return sha256(json.dumps(said, sort_keys=True).encode()).digest()[:16]
