"""Understand a question with the help of an index: its names as the articles spell them, and their other forms."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from rag.index.store import Store
from rag.query.analysis import Query, understand
from rag.query.expansion import forms, named_in
from rag.query.spelling import corrected
from rag.text.characters import fold, squeeze
from rag.text.lexicon import read_aliases

__all__ = ["OWN_ALIASES", "consult"]

# A file of the user's own in the folder of the index, written like rag/text/aliases.txt.
OWN_ALIASES = "aliases.txt"


def consult(question: str, text: str, today: date, store: Store) -> Query:
    """Analyse the stand-alone question `text` of the typed `question`, asked of `store`.

    `text` of the Query has names corrected that no passage has and one spelt almost alike; `forms` are the other
    ways in which its articles write what is asked.
    """
    query = understand(question, corrected(text, _Index(store)), today)
    names = named_in(query.folded)
    known = store.catalogue.abbreviations(names)
    if known:  # what else the short forms stand for, and which other ones there are
        known = store.catalogue.abbreviations([name for _, short, long in known for name in (short, long)])
    return replace(query, forms=forms(query.folded, known, _own_aliases(store.path)))


def _own_aliases(index: Path) -> Mapping[str, frozenset[str]]:
    """Return the aliases of the index's own file, none if there is no such file."""
    path = index / OWN_ALIASES
    try:
        state = path.stat()
    except OSError:
        return {}
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(4)
def _read(path: Path, _mtime: int, _size: int) -> Mapping[str, frozenset[str]]:
    return read_aliases(path)


class _Index:
    """The written language of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def occur(self, terms: Sequence[str]) -> Mapping[str, bool]:
        """Tell of each pair of characters or Latin word whether a passage, title or heading has it."""
        found = dict.fromkeys(terms, False)
        for field in ("bigrams", "title", "heading"):
            missing = [term for term, occurs in found.items() if not occurs]
            found |= {
                term: count > 0 for term, count in self._store.document_frequency(field, missing).items()
            }
        return found

    def texts_with(self, terms: Sequence[str], count: int) -> Sequence[str]:
        """Return the folded texts, without white space, of the passages that have most of the terms."""
        ids = [number for number, _ in self._store.search_lexical((), terms, count)]
        return [
            squeeze(fold(f"{row.title}\n{row.heading}\n{row.text}")) for row in self._store.passage_texts(ids)
        ]
