"""The same story in several papers: reprints, shortened and slightly edited versions, told from their characters.

Pairs are proposed by MinHash (Broder 1997) over runs of five characters, in bands, and then verified by their real
overlap; so what is proposed wrongly costs time, not truth. Nothing but the database grows with the number of articles.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rag.index.connection import Connection, transaction
from rag.index.database import ARTICLE_COLUMNS, article_of
from rag.records import Article, BlockKind
from rag.text.characters import fold

__all__ = ["are_versions", "group_reprints", "shingles", "signature"]

# Runs of so many characters; marks and blanks do not count.
RUN = 5
# 16 bands of 4: a pair that shares 60 % of its runs is proposed with probability .9, one that shares 30 % with .12.
BANDS = 16
ROWS = 4
# Two texts are versions of one story if the shorter has at least this share of its runs in the longer, is no shorter
# than this share of it, and states the same numbers: of daily reports from one mould the words agree and the numbers differ.
CONTAINED = 0.8
LEAST_LENGTH = 0.4
SAME_NUMBERS = 0.85
# What was published more days apart than this is no reprint unless all numbers are the same: tomorrow an opening, next
# week a closing.
NEAR_DAYS = 3
# Shorter texts are reprints only if they are equal.
SHORTEST = 40
# Articles between two commits, and candidates that are compared with one article.
BATCH = 200
MOST_CANDIDATES = 20

Hashes = npt.NDArray[np.uint64]

_word = re.compile(r"\W+")
_number = re.compile(r"\d+(?:\.\d+)?")
_random = np.random.Generator(np.random.PCG64(20_241_120))
_multipliers = _random.integers(1, 2**63, BANDS * ROWS, dtype=np.uint64) | np.uint64(1)
_offsets = _random.integers(0, 2**63, BANDS * ROWS, dtype=np.uint64)
_bases = _random.integers(1, 2**63, RUN, dtype=np.uint64) | np.uint64(1)


def group_reprints(connection: Connection) -> int:
    """Give every article that has none yet its group; return how many were looked at.

    A group is named by the smallest id in it. It depends on the texts alone, not on the order in which they came.
    """
    waiting = [
        identity
        for (identity,) in connection.execute(
            "SELECT DISTINCT id FROM articles WHERE passages IS NOT NULL "
            "AND id NOT IN (SELECT id FROM reprint_groups) ORDER BY id"
        )
    ]
    for at in range(0, len(waiting), BATCH):
        with transaction(connection):
            for identity in waiting[at : at + BATCH]:
                _group(connection, identity)
    return len(waiting)


def _group(connection: Connection, identity: str) -> None:
    text, published = _body(connection, identity)
    stories = [identity]
    if len(text) >= SHORTEST:
        bands = _bands(shingles(text))
        for candidate, story in _candidates(connection, bands):
            other, day = _body(connection, candidate)
            numbers = SAME_NUMBERS if _days_apart(published, day) <= NEAR_DAYS else 1.0
            if story not in stories and are_versions(text, other, same_numbers=numbers):
                stories.append(story)
        connection.executemany(
            "INSERT INTO reprint_bands VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(band, identity) for band in bands],
        )
    first = min(stories)
    connection.executemany(
        "UPDATE reprint_groups SET story = ? WHERE story = ?", [(first, story) for story in stories[1:]]
    )
    connection.execute("INSERT INTO reprint_groups VALUES (?, ?)", (identity, first))


def _candidates(connection: Connection, bands: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Yield the articles that share most bands, with their groups; what a build that was broken off grouped may be gone."""
    marks = ",".join("?" * len(bands))
    yield from connection.execute(
        "SELECT id, story FROM reprint_bands JOIN reprint_groups USING (id) "
        "WHERE EXISTS (SELECT 1 FROM articles WHERE articles.id = reprint_bands.id) "
        f"AND band IN ({marks}) "
        "GROUP BY id, story ORDER BY count(*) DESC, id LIMIT ?",
        (*bands, MOST_CANDIDATES),
    ).fetchall()


def _days_apart(one: str, other: str) -> int:
    """Return how many days lie between two dates, 0 if one is not known."""
    return abs((date.fromisoformat(one) - date.fromisoformat(other)).days) if one and other else 0


def _body(connection: Connection, identity: str) -> tuple[str, str]:
    """Return the text of an article's newest version without headings and captions, folded, and its date."""
    row = connection.execute(
        f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE id = ? ORDER BY article DESC LIMIT 1", (identity,)
    ).fetchone()
    article = article_of(row)
    return _plain(article), article.published


def _plain(article: Article) -> str:
    told = (BlockKind.BODY, BlockKind.ROW)
    body = [article.text[block.start : block.end] for block in article.blocks if block.kind in told]
    return fold("\n".join(body))


def shingles(text: str) -> Hashes:
    """Return the distinct hashes of the runs of characters in a text, sorted."""
    letters = _word.sub("", text)
    codes = np.frombuffer(letters.encode("utf-32-le", "ignore"), np.uint32).astype(np.uint64)
    if len(codes) < RUN:
        return np.zeros(0, np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(codes, RUN)
    mixed = (windows * _bases).sum(axis=1, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed * np.uint64(0xBF58476D1CE4E5B9))


def signature(hashes: Hashes) -> Hashes:
    """Return the least value of the hashes under each of the permutations, `(BANDS * ROWS,)`."""
    least = np.full(BANDS * ROWS, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(hashes), 4096):
        part = hashes[start : start + 4096, None] * _multipliers + _offsets
        part ^= part >> np.uint64(32)
        least = np.minimum(least, part.min(axis=0))
    return least


def _bands(hashes: Hashes) -> list[int]:
    """Return one number for each band of the signature, as SQLite holds it."""
    rows = signature(hashes).reshape(BANDS, ROWS)
    mixed = (rows * _bases[:ROWS]).sum(axis=1, dtype=np.uint64) + np.arange(BANDS, dtype=np.uint64) * _bases[
        -1
    ]
    return [int(value) for value in mixed.astype(np.int64)]


@lru_cache(64)
def _parts(text: str) -> tuple[Hashes, frozenset[str]]:
    return shingles(text), frozenset(_number.findall(text))


def are_versions(one: str, other: str, *, same_numbers: float = SAME_NUMBERS) -> bool:
    """Say whether two folded texts tell one story in the same words, one perhaps shortened.

    `same_numbers` is the share of the shorter text's numbers that the longer must have.
    """
    (first, numbers), (second, others) = sorted((_parts(one), _parts(other)), key=lambda parts: len(parts[0]))
    if not len(first) or len(first) < LEAST_LENGTH * len(second):
        return False
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return shared >= CONTAINED * len(first) and len(numbers & others) >= same_numbers * len(numbers)
