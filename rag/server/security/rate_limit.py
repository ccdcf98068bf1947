"""How many questions a visitor may ask."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from rag.config import Settings, is_loopback

__all__ = ["Rates", "rates_of"]

SECONDS = {"second": 1, "minute": 60, "hour": 3600}
NETWORK = "120/minute"
"""What one visitor may ask where others reach the server: about a quarter of what two cores answer."""
REMEMBERED = 10_000
"""Visitors whose questions are counted; the one who came longest ago is forgotten first."""


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
