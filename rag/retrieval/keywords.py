"""Find the passages that have the typed words, as they are written: search for reading, not for answering."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.index.store import PassageText, Store
from rag.query.question_type import understand_kind
from rag.request import Filters
from rag.text.characters import fold
from rag.text.words import bigrams

__all__ = [
    "CHARACTERS",
    "MOST",
    "WORDS",
    "Keywords",
    "Order",
    "is_keywords",
    "keyword_search",
    "marked",
    "stands_alone",
]

Order = Literal["relevance", "date"]
# Passages that are looked at: more are not read by anybody, and reading them would take longer than a page may.
MOST = 500
# Words that are looked for, and characters: the rest of a pasted text only costs time.
WORDS = 12
CHARACTERS = 200
LONGEST_KEYWORDS = 30
_asks = re.compile("[？?。！!]")


@dataclass(frozen=True, slots=True)
class Keywords:
    """The passages with all of `words`, or with some where none has all of them (`whole` is false).

    `capped` tells that there are more than MOST, `cut` that more was typed than is looked for.
    """

    words: tuple[str, ...]
    rows: tuple[PassageText, ...] = ()
    whole: bool = True
    capped: bool = False
    cut: bool = False


def is_keywords(text: str) -> bool:
    """Tell whether what is typed names things instead of asking: 成都 5G, not 成都有多少5G基站."""
    return len(text) <= LONGEST_KEYWORDS and not _asks.search(text) and understand_kind(text)[1] is None


def stands_alone(text: str) -> bool:
    """Tell whether what is typed are words set apart by blanks (云杉湾 冷库): nobody goes on with a conversation so.

    A short word may be one of a follow-up: 那 上海 呢.
    """
    words = text.split()
    return len(words) > 1 and is_keywords(text) and min(map(len, words)) > 1


def keyword_search(store: Store, text: str, filters: Filters, order: Order = "relevance") -> Keywords:
    """Return the passages with the words of `text`, which blanks set apart, best or latest first."""
    said = fold(text[:CHARACTERS]).split()
    typed = tuple(dict.fromkeys(said))[:WORDS]
    cut = len(text) > CHARACTERS or len(set(said)) > WORDS
    asked = [(word, terms) for word in typed if (terms := bigrams(word))]
    if not asked:
        return Keywords(typed, cut=cut)
    allowed = store.allowed_ids(filters.since, filters.until, filters.publisher)
    for whole in (True, False):
        phrases = [terms for _, terms in asked]
        ids = store.search_phrases(phrases, MOST + 1, whole, allowed, latest=order == "date")
        rows = [row for row in store.passage_texts(ids) if _has([word for word, _ in asked], row, whole)]
        if rows:
            return Keywords(typed, tuple(rows[:MOST]), whole, len(ids) > MOST, cut)
    return Keywords(typed, cut=cut)


def _has(words: Sequence[str], row: PassageText, whole: bool) -> bool:
    said = fold(f"{row.title}\n{row.heading}\n{row.text}")
    return (all if whole else any)(word in said for word in words)


def marked(text: str, words: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield the runs of `text`, each with whether it is one of the folded `words`."""
    found = re.compile("|".join(map(re.escape, sorted(filter(None, words), key=len, reverse=True))) or "(?!)")
    at = 0
    for match in found.finditer(fold(text)):
        yield text[at : match.start()], False
        yield text[match.start() : match.end()], True
        at = match.end()
    yield text[at:], False
