"""The index as its readers see it: one generation at a time, never written to."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from rag.errors import ArticleGone, ArticleUnknown, IndexMismatch, StoreError
from rag.index.catalogue import Catalogue
from rag.index.changed import Position
from rag.index.connection import read_meta
from rag.index.database import ARTICLE_COLUMNS, Connections, article_of, index_empty, passage_of
from rag.index.dense import Dense, DenseIndex, Ids
from rag.index.derived import VISIBLE, load_dense, load_lexical, vectors_of
from rag.index.lexical import Field, LexicalIndex, Weights
from rag.index.opened import newest
from rag.index.place import Place
from rag.index.printed import Printed, read_printed
from rag.index.turns import Turns
from rag.ingest.regular_file import is_linked, real_path
from rag.records import Article, FloatArray, Passage

__all__ = ["Counts", "PassageText", "Store"]

_log = logging.getLogger("youju.store")
# Articles parsed and kept; one is about 10 kB.
CACHED_ARTICLES = 512
# A question's candidates come from more hits than asked for when a filter may drop some.
FIRST_LOOK = 4
# Halves of what is asked for that are taken from vectors in eight bits, to be put in order by the exact ones: of the
# true 100 nearest a search for 100 finds 97, one for 150 all.
ROUGH_LOOK = 3


@dataclass(frozen=True, slots=True)
class Counts:
    """How much an index holds."""

    articles: int
    passages: int


@dataclass(frozen=True, slots=True)
class PassageText:
    """What scoring needs of a passage."""

    passage_id: int
    article_id: str
    text: str
    title: str
    heading: str
    publisher: str
    published: str
    start: int = 0

    @property
    def end(self) -> int:
        """Where it ends in the article."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    position: Position
    """Row numbers of another lineage mean other rows, also in a generation of the same number."""
    counts: Counts
    lengths: dict[str, float]
    dense: Dense
    lexical: LexicalIndex
    lists: dict[str, Any] = field(default_factory=dict)
    """what its catalogue was asked before, and `Printed` once it was needed"""


class Store:
    """An open index; any number of threads may ask it, and a writer may work meanwhile."""

    def __init__(self, path: Path, embedder_name: str, dim: int, place: Place | None = None) -> None:
        self.path = path
        self._remote = place if place and place.database and not place.local_vectors else None
        self.embedder_name = embedder_name
        self._dim = dim
        self._connections = Connections(path)
        self._turns = Turns()
        self.outdated = False
        self._article_of_row = lru_cache(CACHED_ARTICLES)(self._read_article)
        with self._connections.one_state():
            self._now = self._load(self._published())

    @classmethod
    def open(cls, path: Path | Place, embedder_name: str, dim: int) -> Self:
        """Open the index in the folder `path` for questions embedded by `embedder_name`.

        Of a shared index it is the newest copy that can be had. Raises IndexEmpty if nothing was built there,
        IndexMismatch if another embedder made it.
        """
        place = Place.of(path)
        return cls(newest(place), embedder_name, dim, place)

    def close(self) -> None:
        """Close the database; the store is of no use afterwards."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def refresh(self) -> bool:
        """Follow the writer to a newer generation unless a question is in hand; tell whether that was done.

        To an index made anew with another embedder it cannot follow: the old generation is searched on and
        `outdated` set, until the build after that deletes it.
        """
        return self._turns.step(self._move)

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Answer one question of one generation, the newest: meanwhile this store moves to no other.

        Where there is a newer one it waits for the questions in hand; those that come later wait for it. Raises
        StoreError if all rows were replaced meanwhile, by a backup or those of another database.
        """
        with self._turns.question(self._is_behind, self._move):
            try:
                yield
            finally:
                if self._lineage() != self.position.lineage:
                    raise StoreError("The index was replaced while the question was in hand: ask again.")

    def _is_behind(self) -> bool:
        self._connections.reset()
        try:
            return self._published() != self.position
        except IndexMismatch:
            return not self.outdated  # it is told once and searched on

    def _move(self) -> bool:
        self._connections.reset()
        with self._connections.one_state():
            try:
                position = self._published()
            except IndexMismatch as error:
                if not self.outdated:
                    _log.warning("%s Until then generation %s is searched.", error, self.generation)
                self.outdated = True
                return False
            if position == self.position:
                return False
            near = position.lineage == self.position.lineage
            self._now = self._load(position, self._now.dense if near else None)
        return True

    @property
    def generation(self) -> int:
        """The number of the build that is searched, from 1."""
        return self.position.generation

    @property
    def position(self) -> Position:
        """What is searched, told apart from whatever had the same number before."""
        return self._now.position

    def counts(self) -> Counts:
        """Return how many articles and passages can be found."""
        return self._now.counts

    def search_dense(self, vector: FloatArray, k: int, allowed: Ids | None = None) -> list[tuple[int, float]]:
        """Return the `k` passage ids nearest to the unit `vector` `(dim,)` with their dot products, best first."""
        dense = self._now.dense
        if dense.is_exact:
            return dense.search(vector, k, allowed)
        ids = [number for number, _ in dense.search(vector, k * ROUGH_LOOK // 2, allowed)]
        dots = self.cosines(ids, vector).tolist()
        return sorted(zip(ids, dots, strict=True), key=lambda pair: (-pair[1], pair[0]))[:k]

    def search_lexical(
        self,
        words: Sequence[str],
        bigrams: Sequence[str],
        k: int,
        weights: Weights = Weights(),  # noqa: B008 - frozen
        allowed: Ids | None = None,
    ) -> list[tuple[int, float]]:
        """Return the `k` passage ids with the largest weighted BM25, best first; terms as `rag.text.words` cuts them."""
        lexical = self._now.lexical
        if allowed is None:
            return lexical.search(words, bigrams, k, weights)
        kept = set(allowed.tolist())
        limit = k * FIRST_LOOK
        while True:
            hits = lexical.search(words, bigrams, limit, weights)
            found = [hit for hit in hits if hit[0] in kept]
            if len(found) >= min(k, len(kept)) or len(hits) < limit:
                return found[:k]
            limit *= FIRST_LOOK

    def search_phrases(
        self,
        phrases: Sequence[Sequence[str]],
        k: int,
        whole: bool,
        allowed: Ids | None = None,
        *,
        latest: bool = False,
    ) -> list[int]:
        """Return `k` passage ids that have all `phrases` (`whole`), else any, each given as its bigrams.

        They are the best, best first, or the `latest`, latest first.
        """
        now = self._now
        every = latest or allowed is not None  # the best alone may not be those that are wanted
        ids = now.lexical.phrases(phrases, len(now.lexical) if every else k, whole)
        if allowed is not None:
            ids = ids[np.isin(ids, allowed)]
        found: list[int] = (self._printed().latest_first(ids) if latest else ids)[:k].tolist()
        return found

    def document_frequency(self, field: Field, terms: Iterable[str]) -> dict[str, int]:
        """Return in how many passages each term stands in `field`."""
        return self._now.lexical.document_frequency(field, terms)

    def mean_length(self, field: Field) -> float:
        """Return the mean number of terms a passage has in `field`."""
        return self._now.lengths[field]

    def vectors(self, ids: Sequence[int]) -> FloatArray:
        """Return the stored vectors `(n, dim)` of passages, in the order of `ids`."""
        wanted = np.asarray(ids, np.int64)
        held = self._now.dense.vectors(wanted) if self._remote else None
        return vectors_of(self._connections.get(), wanted) if held is None else held

    def cosines(self, ids: Sequence[int], vector: FloatArray) -> FloatArray:
        """Return the dot products of passages with the unit `vector` `(dim,)`, in the order of `ids`."""
        wanted = np.asarray(ids, np.int64)
        held = self._now.dense.vectors(wanted)
        vectors = vectors_of(self._connections.get(), wanted) if held is None else held
        dots: FloatArray = vectors @ vector
        return dots

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return passages in the order of `ids`; those of one article share it."""
        rows = {
            row[0]: row[1:]
            for row in self._rows(
                "SELECT passage, article, start, end, kind, heading_start, heading_end FROM passages "
                "WHERE passage IN (SELECT value FROM json_each(?))",
                json.dumps(list(ids)),
            )
        }
        lineage = self._lineage()
        return [
            passage_of(self._article_of_row(lineage, article), row)
            for article, *row in map(_known(rows), ids)
        ]

    def passage_texts(self, ids: Sequence[int]) -> list[PassageText]:
        """Return what scoring needs of passages, in the order of `ids`."""
        rows = {
            row[0]: row
            for row in self._rows(
                "SELECT passage, id, substr(text, start + 1, end - start), title, "
                "coalesce(substr(text, heading_start + 1, heading_end - heading_start), ''), publisher, published, start "
                "FROM passages JOIN articles USING (article) WHERE passage IN (SELECT value FROM json_each(?))",
                json.dumps(list(ids)),
            )
        }
        return [PassageText(*row) for row in map(_known(rows), ids)]

    def passage_ids_of(self, article_id: str) -> list[int]:
        """Return the ids of an article's passages in the order of the text; [] if it cannot be found now."""
        return self._column(
            f"SELECT passage FROM passages JOIN articles USING (article) WHERE id = ? AND {VISIBLE} ORDER BY passage",
            article_id,
            *self._at(),
        )

    def allowed_ids(self, since: str = "", until: str = "", publisher: str = "") -> Ids | None:
        """Return the passage ids that a filter lets through, None if it is empty.

        Both dates are included; with either an undated article is left out.
        """
        if not (since or until or publisher):
            return None
        names = self.catalogue.printed_names(publisher) if publisher else []
        return self._printed().allowed(since, until, names or [publisher] if publisher else [])

    def _printed(self) -> Printed:
        now = self._now
        if "printed" not in now.lists:
            now.lists["printed"] = read_printed(self._connections.get(), now.position.generation)
        found: Printed = now.lists["printed"]
        return found

    def article(self, article_id: str) -> Article:
        """Return an article by its id, also one whose file has changed since.

        Raises ArticleGone if it was removed, ArticleUnknown if there never was one.
        """
        key = self._key(article_id)
        if key is None:
            raise ArticleUnknown(f"No article has the id {article_id!r}.", "没有这篇报道。")
        return self._article_of_row(self._lineage(), key)

    def file_path(self, path: str) -> Path:
        """Return where the file of a source lies now: recorded paths are relative to the folder of the index.

        A folder that was built may have become a link since, it is followed; a link below it that leads out is not.
        """
        named = (base := real_path(self.path).parent) / path
        if not is_linked(named):
            return named
        roots = (real_path(base / root) for root in self._column("SELECT path FROM roots"))
        real = real_path(named)
        return real if any(real.is_relative_to(root) for root in roots) else named

    @property
    def catalogue(self) -> Catalogue:
        """What the generation that is searched lists: articles, sources, files."""
        now = self._now
        return Catalogue(self._connections.get(), now.position.generation, now.lists)

    def last_report(self) -> dict[str, Any]:
        """Return the report of the last build as written by `rag.index.build.builder`."""
        report: dict[str, Any] = json.loads(read_meta(self._connections.get(), "report", "{}"))
        return report

    def _published(self) -> Position:
        """Return how far the database is, once it is something that this embedder can search."""
        connection = self._connections.get()
        generation = int(read_meta(connection, "generation", "0"))
        if generation == 0:
            raise index_empty(self.path)
        name = read_meta(connection, "embedder")
        if (name, int(read_meta(connection, "dim"))) != (self.embedder_name, self._dim):
            raise IndexMismatch(
                f"The index {self.path} was made with the embedder {name!r}, not {self.embedder_name!r}: "
                f"make it anew with `python -m rag build --rebuild --index {self.path}`.",
                "索引是用另一个向量模型建立的，请重新建立索引。",
            )
        return Position(self._lineage(), generation)

    def _load(self, position: Position, near: Dense | None = None) -> _Snapshot:
        connection, generation = self._connections.get(), position.generation
        row = connection.execute(
            "SELECT articles, passages, words, bigrams, title, heading FROM generations WHERE generation = ?",
            (generation,),
        ).fetchone()
        if row[0] == 0:
            raise index_empty(self.path)
        return _Snapshot(
            position,
            Counts(*row[:2]),
            dict(zip(("words", "bigrams", "title", "heading"), row[2:], strict=True)),
            self._dense(generation, near),
            load_lexical(connection, self.path, generation),
        )

    def _dense(self, generation: int, near: Dense | None) -> Dense:
        """Return the vectors of a generation: `near` brought up to date, the derived file, or those of the database."""
        if self._remote is None:
            start = near if isinstance(near, DenseIndex) else None
            return load_dense(self._connections.get(), self.path, generation, start)
        from rag.index.shared.nearest import Nearest, index_vectors
        from rag.index.shared.replica import followed

        if near is None:
            index_vectors(self._remote, self._dim)
        return Nearest(self._remote, generation, self._dim, followed(self._connections.get()).moment)

    def _lineage(self) -> str:
        return read_meta(self._connections.get(), "lineage")

    def _key(self, article_id: str) -> int | None:
        """Return the row of an article: the visible one, else the last one that was."""
        rows = self._rows(
            f"SELECT article, fate, {VISIBLE} AS visible FROM articles WHERE id = ? AND born <= ? "
            "ORDER BY visible DESC, article DESC LIMIT 1",
            *self._at(),
            article_id,
            self.generation,
        )
        if not rows:
            return None
        key, fate, visible = rows[0]
        if fate == "removed" and not visible:
            raise ArticleGone(
                f"The article {article_id} was taken out of the index.", "这篇报道已从库中移除。"
            )
        return int(key)

    def _read_article(self, _lineage: str, key: int) -> Article:
        return article_of(self._rows(f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE article = ?", key)[0])

    def _at(self) -> tuple[int, int]:
        return self.generation, self.generation

    def _rows(self, query: str, *values: object) -> list[Any]:
        return self._connections.get().execute(query, values).fetchall()

    def _column(self, query: str, *values: object) -> list[Any]:
        return [row[0] for row in self._rows(query, *values)]


def _known(rows: dict[int, Any]) -> Callable[[int], Any]:
    """Return the look-up of `rows` that says in a sentence what is not there."""

    def look_up(number: int) -> Any:
        if number not in rows:
            raise StoreError(f"The index holds no passage {number} any more: ask again.")
        return rows[number]

    return look_up
