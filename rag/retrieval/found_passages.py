"""A passage that a search found, as programs are told of it: the same over HTTP and on the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rag.index.store import PassageText
from rag.records import Article, Hit

__all__ = ["Articles", "FoundPassage", "found_by_meaning", "found_by_words"]

SCORE_DIGITS = 4


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """Characters `start` to `end` of an article; `score` is None where words were looked for."""

    article: Article
    source: str
    start: int
    end: int
    heading: str
    kind: str
    score: float | None

    @property
    def text(self) -> str:
        """The words themselves."""
        return self.article.text[self.start : self.end]

    def to_json(self) -> Mapping[str, Any]:
        """Return what is told of it."""
        return {
            "article_id": self.article.id,
            "external_id": self.article.external_id,
            "title": self.article.title,
            "publisher": self.article.publisher,
            "published": self.article.published,
            "source": self.source,
            "url": self.article.url,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "heading": self.heading,
            "kind": self.kind,
            "page": self.article.page_at(self.start),
            "score": self.score,
        }


class _Lists(Protocol):
    def sources(self, article_id: str, /) -> Sequence[object]: ...


class Articles(Protocol):
    """What is needed of `rag.index.store.Store`."""

    @property
    def catalogue(self) -> _Lists:
        """The lists of the index."""
        ...

    def article(self, article_id: str, /) -> Article:
        """Return an article."""
        ...


def found_by_meaning(store: Articles, hit: Hit) -> FoundPassage:
    """Return a hit of a ranked list."""
    one = hit.passage
    source, kind = _source(store, one.article), str(one.kind)
    score = round(hit.score, SCORE_DIGITS)
    return FoundPassage(one.article, source, one.start, one.end, one.heading_text, kind, score)


def found_by_words(store: Articles, row: PassageText) -> FoundPassage:
    """Return a row that has the words."""
    article = store.article(row.article_id)
    kind = next((str(one.kind) for one in article.blocks if one.start <= row.start < one.end), "body")
    return FoundPassage(article, _source(store, article), row.start, row.end, row.heading, kind, None)


def _source(store: Articles, article: Article) -> str:
    sources = store.catalogue.sources(article.id)
    return str(sources[0]) if sources else ""
