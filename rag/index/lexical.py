"""The words of an index, searched with tantivy by BM25.

Terms are cut by `rag.text.words` and joined by blanks; a query is built from terms, never parsed, so nothing a user types
is a syntax error. Four fields: words and bigrams of the passage, bigrams of the title and of the heading.
"""

import os
import re
import shutil
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Literal

import numpy as np
import tantivy
from numpy.typing import NDArray

from rag.errors import StoreError
from rag.text.characters import is_cjk

__all__ = ["FIELDS", "Field", "LexicalIndex", "Terms", "Weights", "grow"]

Field = Literal["words", "bigrams", "title", "heading"]
FIELDS: tuple[Field, ...] = ("words", "bigrams", "title", "heading")
# A question has a few dozen terms; a pasted article would only make every passage match.
MAX_TERMS = 256
HEAP_BYTES = 128_000_000


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one passage, each field joined by blanks."""

    passage_id: int
    words: str
    bigrams: str
    title: str
    heading: str


@dataclass(frozen=True, slots=True)
class Weights:
    """What a field's BM25 counts in the sum."""

    words: float = 1.0
    bigrams: float = 1.0
    title: float = 0.5
    heading: float = 0.3


class LexicalIndex:
    """A snapshot of passages under their terms."""

    def __init__(self, index: Any) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()

    @classmethod
    def open(cls, folder: Path) -> "LexicalIndex":
        """Open a folder made by `grow`, raise StoreError if it is damaged; the folder may be read-only."""
        try:
            return cls(tantivy.Index.open(str(folder)))
        except ValueError:
            return cls._open_elsewhere(folder)

    @classmethod
    def _open_elsewhere(cls, folder: Path) -> "LexicalIndex":
        """Open links to the files: tantivy takes a lock file beside them, even to read."""
        staged = mkdtemp(prefix="youju-")
        try:
            _link(folder, Path(staged), os.symlink)
            opened = cls(tantivy.Index.open(staged))
        except (ValueError, OSError) as error:
            shutil.rmtree(staged, ignore_errors=True)
            raise StoreError(f"{folder} cannot be read: {error}") from None
        weakref.finalize(opened, shutil.rmtree, staged, ignore_errors=True)
        return opened

    @classmethod
    def in_memory(cls, passages: Iterable[Terms]) -> "LexicalIndex":
        """Index `passages` without a file."""
        index = tantivy.Index(_schema())
        _write(index, passages, ())
        return cls(index)

    def __len__(self) -> int:
        """Return the number of passages."""
        return int(self._searcher.num_docs)

    def search(
        self, words: Sequence[str], bigrams: Sequence[str], k: int, weights: Weights
    ) -> list[tuple[int, float]]:
        """Return `k` passage ids with the weighted sum of their fields' BM25, best first."""
        asked = ((words, "words"), (bigrams, "bigrams"), (bigrams, "title"), (bigrams, "heading"))
        terms = [
            (tantivy.Occur.Should, self._term(field, term, getattr(weights, field)))
            for given, field in asked
            for term in list(dict.fromkeys(given))[:MAX_TERMS]
            if getattr(weights, field) > 0
        ]
        if not terms or k < 1:
            return []
        hits = self._searcher.search(tantivy.Query.boolean_query(terms), k, count=False).hits
        ids = self._searcher.fast_field_values("passage", [address for _, address in hits])
        found = [(int(number), float(score)) for number, (score, _) in zip(ids, hits, strict=True)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def phrases(self, phrases: Sequence[Sequence[str]], k: int, whole: bool) -> NDArray[np.int64]:
        """Return `k` passage ids that have the bigrams of all `phrases` (`whole`), else of any, best first.

        Each phrase stands in the passage, in its heading, or in its title. A Chinese character alone is looked for in
        every pair: 超 of 超8万 stands in 成超 where the text has 建成超8万.
        """
        occurs = tantivy.Occur.Must if whole else tantivy.Occur.Should
        query = tantivy.Query.boolean_query([(occurs, self._phrase(terms)) for terms in phrases])
        hits = self._searcher.search(query, k, count=False).hits
        ids = self._searcher.fast_field_values("passage", [address for _, address in hits])
        found = np.asarray(ids, np.int64)
        return found[np.lexsort((found, np.asarray([-score for score, _ in hits])))]

    def _phrase(self, terms: Sequence[str]) -> Any:
        fields = [
            tantivy.Query.boolean_query(
                [(tantivy.Occur.Must, self._part(field, term, weight)) for term in dict.fromkeys(terms)]
            )
            for field, weight in (("bigrams", 1.0), ("title", 0.5), ("heading", 0.3))
        ]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in fields])

    def _part(self, field: str, term: str, weight: float) -> Any:
        if len(term) > 1 or not is_cjk(term):
            return self._term(field, term, weight)
        query = tantivy.Query.regex_query(self._schema, field, f"{term}.?|.{term}")
        return tantivy.Query.boost_query(query, weight)

    def document_frequency(self, field: Field, terms: Iterable[str]) -> dict[str, int]:
        """Return in how many passages each term stands."""
        return {term: int(self._searcher.doc_freq(field, term)) for term in terms}

    def _term(self, field: str, term: str, weight: float) -> Any:
        query = tantivy.Query.term_query(self._schema, field, term, index_option="freq")
        return tantivy.Query.boost_query(query, weight)


def grow(folder: Path, old: Path | None, added: Iterable[Terms], gone: Iterable[int]) -> None:
    """Make `folder` from the files of `old` (nothing if None) with passages added and others taken out.

    Files of tantivy never change once written, so `old` is linked, not copied, and stays as it was.
    """
    folder.mkdir(parents=True)
    with _io_errors():
        if old is None:
            index = tantivy.Index(_schema(), path=str(folder))
        else:
            _link(old, folder, os.link)
            index = tantivy.Index.open(str(folder))
        _write(index, added, gone)


@contextmanager
def _io_errors() -> Iterator[None]:
    """Raise what the system refused as the OSError it is: tantivy raises ValueError for everything."""
    try:
        yield
    except ValueError as error:
        if number := re.search(r"os error (\d+)", str(error)):
            raise OSError(int(number[1]), os.strerror(int(number[1]))) from error
        raise


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(
        "id", tokenizer_name="raw", index_option="basic"
    )  # to delete by: numbers cannot be
    builder.add_integer_field("passage", fast=True)
    for field in FIELDS:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _write(index: Any, added: Iterable[Terms], gone: Iterable[int]) -> None:
    writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)  # one thread: the same segments every time
    for number in gone:
        writer.delete_documents_by_term("id", str(number))
    for terms in added:
        writer.add_document(
            tantivy.Document(
                id=str(terms.passage_id),
                passage=terms.passage_id,
                words=terms.words,
                bigrams=terms.bigrams,
                title=terms.title,
                heading=terms.heading,
            )
        )
    writer.commit()
    writer.wait_merging_threads()
    index.reload()


def _link(source: Path, target: Path, link: Any) -> None:
    """Link the files of `source` into `target`; the changing ones, and all where links are refused, are copied."""
    for path in source.iterdir():
        if path.suffix == ".lock":
            continue
        done = False
        if path.suffix != ".json":
            with suppress(OSError, NotImplementedError):
                link(path.absolute(), target / path.name)
                done = True
        if not done:
            shutil.copyfile(path, target / path.name)
