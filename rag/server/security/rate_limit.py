"""How many questions a visitor may ask."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from rag.config import Settings, is_loopback
from rag.errors import DatabaseAway
from rag.index.state import Tables, state_of, tables_of

__all__ = ["Rates", "SharedRates", "rates_of", "shared_or_own"]

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


class SharedRates(Rates):
    """The same buckets, kept in the table `rates` for all servers, by the clock of the database.

    `kind` tells what is counted. While the database is away each server counts for itself.
    """

    def __init__(self, count: int, seconds: float, tables: Tables, kind: str) -> None:
        super().__init__(count, seconds)
        self._tables = tables
        self._kind = kind
        self._counted = 0

    def take(self, who: str) -> int:
        """Count a question and return 0, or count nothing and return the seconds to wait."""
        return self._ask(who, 1, self.count * self.each) if self.count else 0

    def charge(self, who: str, count: int) -> None:
        """Count questions that were let in already."""
        if self.count and count > 0:
            self._ask(who, count, math.inf)

    def wait(self, who: str) -> int:
        """Return the seconds until `who` may ask again, 0 for now."""
        return self._ask(who, 0, self.count * self.each) if self.count else 0

    def _ask(self, who: str, count: int, most: float) -> int:
        """Move the time at which a bucket is full again, unless it lies too far ahead then; return the seconds to wait."""
        try:
            with self._tables.transaction() as connection:
                row = connection.execute(
                    TAKE, (f"{self._kind} {who}", count * self.each, self.each, most)
                ).fetchone()
                self._counted += 1
                if self._counted % SWEPT == 0:
                    connection.execute(
                        "DELETE FROM rates WHERE until < extract(epoch FROM clock_timestamp())"
                    )
        except DatabaseAway:
            if count == 1 and most < math.inf:
                return super().take(who)
            super().charge(who, count)
            return super().wait(who)
        return max(0, math.ceil(float(row[0]) - most - 1e-9)) if most < math.inf else 0


# The seconds that a bucket is ahead with one question more; it is moved where that is not too many.
TAKE = """
WITH now AS (SELECT extract(epoch FROM clock_timestamp())::double precision AS at),
held AS (SELECT greatest(coalesce((SELECT until FROM rates WHERE who = ?1), 0), (SELECT at FROM now)) AS until),
moved AS (
    INSERT INTO rates AS kept SELECT ?1, until + ?2::double precision FROM held, now
    WHERE until - at + ?3::double precision <= ?4::double precision + 1e-9
    ON CONFLICT (who) DO UPDATE SET until = greatest(kept.until, (SELECT at FROM now)) + ?2::double precision
)
SELECT until - at + ?3::double precision FROM held, now
"""
SWEPT = 1_000
"""Questions between two times that buckets which are full are forgotten."""


def rates_of(settings: Settings) -> Rates:
    """Return the limit that the settings ask for."""
    reached = not is_loopback(settings.host) or bool(settings.trusted_proxies)
    rate = settings.rate or (NETWORK if reached else "0")
    count, _, unit = rate.partition("/")
    return shared_or_own(settings, int(count), SECONDS[unit or "minute"], "question")


def shared_or_own(settings: Settings, count: int, seconds: float, kind: str) -> Rates:
    """Return buckets that all servers of the settings share, or those of this one alone."""
    state = state_of(settings)
    if not state.database:
        return Rates(count, seconds)
    return SharedRates(count, seconds, tables_of(state, "", "", "rates"), kind)
