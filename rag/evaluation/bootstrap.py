"""Intervals by the bootstrap: articles are drawn again, with all their questions, because these are not independent."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["RESAMPLES", "Resampler", "Statistic"]

RESAMPLES = 1000
LOW, HIGH = 2.5, 97.5

Numbers = npt.NDArray[np.float64]
Statistic = Callable[[Numbers], float]
"""A number computed with a weight for each value, as many times as it was drawn; nan where nothing was."""


class Resampler:
    """Draws the clusters of a set of rows `RESAMPLES` times, seeded: the same draws for every metric."""

    def __init__(self, clusters: Sequence[str], seed: int = 0) -> None:
        names, self._of_row = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
        count = max(1, len(names))
        drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), RESAMPLES)
        self._drawn: Numbers = drawn.astype(np.float64)

    def mean(self, values: Numbers) -> tuple[float, float] | None:
        """Return the interval of the mean of `values` (n,), one a row; nan marks a row that does not count."""
        counts = np.isfinite(values)
        sums = np.bincount(self._of_row, np.where(counts, values, 0.0), self._drawn.shape[1])
        sizes = np.bincount(self._of_row, counts.astype(np.float64), self._drawn.shape[1])
        with np.errstate(invalid="ignore", divide="ignore"):
            return _interval(self._drawn @ sums / (self._drawn @ sizes))

    def of(self, statistic: Statistic) -> tuple[float, float] | None:
        """Return the interval of any statistic; it gets the weights `(n,)` of the rows."""
        return _interval(np.array([statistic(drawn[self._of_row]) for drawn in self._drawn]))


def _interval(values: Numbers) -> tuple[float, float] | None:
    """Return the middle 95 % of `values`, None if none is a number."""
    kept = values[np.isfinite(values)]
    if not len(kept):
        return None
    low, high = np.percentile(kept, [LOW, HIGH])
    return float(low), float(high)
