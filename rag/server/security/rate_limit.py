"""How much and how fast: questions a visitor may ask, and bytes that must arrive in time."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import Message, Receive

from rag.config import Settings, is_loopback
from rag.errors import TooLarge, TooSlow

__all__ = ["BODY_SECONDS", "Rates", "rates_of", "read_body"]

SECONDS = {"second": 1, "minute": 60, "hour": 3600}
NETWORK = "120/minute"
"""What one visitor may ask where others reach the server: about a quarter of what two cores answer."""
REMEMBERED = 10_000
"""Visitors whose questions are counted; the one who came longest ago is forgotten first."""
BODY_SECONDS = 10.0
"""A body is at most 64 KB, a batch 512 KB: a line that needs longer for it holds the server, not a conversation."""


class Rates:
    """A bucket of `count` questions for each visitor, filled again evenly over `seconds`; `count` 0 is no limit.

    >>> rates = Rates(2, 60)
    >>> [rates.take("甲") for _ in range(2)], rates.take("甲") > 0
    ([0, 0], True)
    """

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.count = count
        self.each = seconds / count if count else 0.0
        self._clock = clock
        self._full: OrderedDict[str, float] = OrderedDict()
        """When each visitor's bucket will be full again; whose is full is not kept."""

    def take(self, who: str) -> int:
        """Count a question and return 0, or count nothing and return the seconds to wait."""
        wait = self.wait(who)
        if not wait:
            self.charge(who, 1)
        return wait

    def charge(self, who: str, count: int) -> None:
        """Count questions that were let in already, as those of a batch: whoever has asked more waits longer."""
        if self.count and count > 0:
            self._full[who] = max(self._full.pop(who, 0.0), self._clock()) + count * self.each
            while len(self._full) > REMEMBERED:
                self._full.popitem(last=False)

    def wait(self, who: str) -> int:
        """Return the seconds until `who` may ask again, 0 for now."""
        if not self.count:
            return 0
        ahead = self._full.get(who, 0.0) - self._clock()
        return max(0, math.ceil(ahead + self.each - self.count * self.each - 1e-9))


def rates_of(settings: Settings) -> Rates:
    """Return the limit that the settings ask for."""
    reached = not is_loopback(settings.host) or bool(settings.trusted_proxies)
    rate = settings.rate or (NETWORK if reached else "0")
    count, _, unit = rate.partition("/")
    return Rates(int(count), SECONDS[unit or "minute"])


async def read_body(receive: Receive, limit: int, seconds: float) -> Receive:
    """Read the whole body and return what hands it on as one piece, then what else arrives.

    Raises TooLarge over `limit` bytes and TooSlow after `seconds`.
    """
    try:
        async with asyncio.timeout(seconds):
            first = await _whole(receive, limit)
    except TimeoutError:
        raise TooSlow("The body did not arrive in time.", "请求内容没有及时到达，请重试。") from None
    waiting: list[Message] = [first]

    async def hand_on() -> Message:
        return waiting.pop() if waiting else await receive()

    return hand_on


async def _whole(receive: Receive, limit: int) -> Message:
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        body += message.get("body", b"")
        if len(body) > limit:
            raise TooLarge("The body is too long.", f"请求内容超过 {limit // 1024} KB。")
        if not message.get("more_body", False):
            return {"type": "http.request", "body": body, "more_body": False}
