"""When and by whom each passage of a generation was printed, held in memory: what filters let through and what is latest."""

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.index.dense import Ids
from rag.index.derived import VISIBLE

__all__ = ["Printed", "read_printed"]


@dataclass(frozen=True, slots=True)
class Printed:
    """The passages (`ids`, ascending), each with the place of its day in `days` and of its publisher in `papers`.

    Both lists are sorted; "" stands for what is not known.
    """

    ids: Ids
    day: NDArray[np.int32]
    paper: NDArray[np.int32]
    days: tuple[str, ...]
    papers: tuple[str, ...]

    def allowed(self, since: str, until: str, publishers: Sequence[str]) -> Ids:
        """Return the passages of these days (ISO, inclusive) and publishers, ascending; with a day an undated one is left out."""
        kept = np.ones(len(self.ids), bool)
        if since or until:
            first = bisect_left(self.days, since) if since else bisect_right(self.days, "")
            last = bisect_right(self.days, until) if until else len(self.days)
            kept &= (first <= self.day) & (self.day < last)
        if publishers:
            wanted = [at for at, name in enumerate(self.papers) if name in set(publishers)]
            kept &= np.isin(self.paper, wanted)
        return self.ids[kept]

    def latest_first(self, ids: Ids) -> Ids:
        """Return passages by their day, the latest first; those of one day stay in their order."""
        ids = ids[np.isin(ids, self.ids)]
        day = self.day[np.searchsorted(self.ids, ids)]
        return ids[np.argsort(-day, kind="stable")]


def read_printed(connection: sqlite3.Connection, generation: int) -> Printed:
    """Return what the database knows of the visible passages of a generation."""
    rows = connection.execute(
        f"SELECT article, published, publisher FROM articles WHERE {VISIBLE} ORDER BY article",
        (generation, generation),
    ).fetchall()
    days, day = np.unique([row[1] for row in rows], return_inverse=True)
    papers, paper = np.unique([row[2] for row in rows], return_inverse=True)
    pairs = connection.execute("SELECT passage, article FROM passages ORDER BY passage")
    table = np.fromiter((number for pair in pairs for number in pair), np.int64).reshape(-1, 2)
    articles = np.asarray([row[0] for row in rows], np.int64)
    table = table[np.isin(table[:, 1], articles)]
    at = np.searchsorted(articles, table[:, 1])
    return Printed(
        table[:, 0],
        day[at].astype(np.int32),
        paper[at].astype(np.int32),
        tuple(map(str, days)),
        tuple(map(str, papers)),
    )
