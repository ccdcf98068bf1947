"""What programs read of the library: passages that fit, and the list of articles."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from rag.errors import ArticleUnknown, AskError
from rag.index.catalogue import ArticleRow, Shown
from rag.records import Article
from rag.request import MAX_K, MAX_QUESTION, Filters, Request, check_known, check_question, read_filters
from rag.retrieval.found_passages import FoundPassage, found_by_meaning, found_by_words
from rag.retrieval.keywords import Keywords, Order
from rag.server.addresses import LISTING, MAX_PAGE, SEARCHING
from rag.server.responses import json_reply, while_here
from rag.server.service import Server

__all__ = ["LibraryApi", "read_query"]

PAGE = 20
"""Entries of a page where none are asked for."""
FURTHEST = 1_000_000_000
WAYS = ("meaning", "words")
ORDERS: tuple[Order, ...] = ("relevance", "date")


class LibraryApi:
    """The handlers."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def articles(self, http: HttpRequest) -> Response:
        """Return a page of the articles that the query lets through, the latest first."""
        said = read_query(http, LISTING)
        offset, limit = _page(said)
        filters = self._filters(said)
        shown = Shown(
            said.get("q", "").strip()[:MAX_QUESTION],
            filters.since,
            filters.until,
            filters.publisher,
            said.get("folder", "").strip("/"),
        )
        store = self.server.bot.store
        store.refresh()
        total = store.catalogue.count_listed(shown)
        rows = store.catalogue.listed(shown, offset, limit)
        return json_reply(
            {
                **_place(total, offset, limit),
                "generation": store.generation,
                "articles": [_row_json(row) for row in rows],
            }
        )

    def article(self, http: HttpRequest) -> Response:
        """Return an article with its text, blocks and sources, by its id or else by its external id."""
        store, ident = self.server.bot.store, http.path_params["id"]
        try:
            article = store.article(ident)
        except ArticleUnknown:
            store.refresh()
            found = store.catalogue.with_external_id(ident)
            article = store.article(found[0] if found else ident)
        return json_reply(_article_json(article, store.catalogue.sources(article.id)))

    async def search(self, http: HttpRequest) -> Response:
        """Return a page of the passages that fit `q`: by what it means, or by the words that it has."""
        said = read_query(http, SEARCHING)
        by, sort = _one_of("by", said, WAYS), _one_of("sort", said, ORDERS)
        if by == "meaning" and sort == "date":
            raise AskError(
                "sort=date needs by=words: what fits by its meaning is put in order by how well it fits.",
                "sort=date 只能与 by=words 同用。",
            )
        offset, limit = _page(said)
        filters = self._filters(said)
        asked = check_question(said.get("q", ""))
        find = self._by_meaning if by == "meaning" else self._by_words
        work = self.server.run(lambda: find(asked, filters, sort, offset, limit))
        return json_reply({"query": asked, "by": by, **await while_here(http, work)})

    def _by_meaning(
        self, asked: str, filters: Filters, sort: str, offset: int, limit: int
    ) -> Mapping[str, Any]:
        limits = (filters.since, filters.until, filters.publisher)
        ranking = self.server.bot.search(Request(asked, (), None, *limits, k=MAX_K)).ranking
        store = self.server.bot.store
        found = [self._json(found_by_meaning(store, hit)) for hit in ranking.hits(offset, offset + limit)]
        return {**_place(len(ranking), offset, limit), "all_words": None, "passages": found}

    def _by_words(
        self, asked: str, filters: Filters, sort: str, offset: int, limit: int
    ) -> Mapping[str, Any]:
        order: Order = "date" if sort == "date" else "relevance"
        found: Keywords = self.server.bot.keyword_search(asked, filters, order)
        store = self.server.bot.store
        rows = [self._json(found_by_words(store, row)) for row in found.rows[offset : offset + limit]]
        return {**_place(len(found.rows), offset, limit), "all_words": found.whole, "passages": rows}

    def _filters(self, said: Mapping[str, str]) -> Filters:
        filters = read_filters(said)
        self.server.check_publisher(filters.publisher)
        return filters

    def _json(self, one: FoundPassage) -> Mapping[str, Any]:
        place = f"{self.server.base}/articles/{one.article.id}?s={one.start}&e={one.end}"
        return {**one.to_json(), "permalink": place}


def read_query(http: HttpRequest, known: Collection[str]) -> Mapping[str, str]:
    """Return what stands behind the question mark; raises AskError for what is unknown or said twice."""
    check_known(http.query_params.keys(), known, "this address")
    said = http.query_params.multi_items()
    twice = next((name for name, _ in said if [one for one, _ in said].count(name) > 1), None)
    if twice is not None:
        raise AskError(f"{twice} is given more than once.", f"{twice} 只能写一次。")
    return dict(said)


def _page(said: Mapping[str, str]) -> tuple[int, int]:
    return _number("offset", said, 0, 0, FURTHEST), _number("limit", said, PAGE, 1, MAX_PAGE)


def _number(name: str, said: Mapping[str, str], default: int, least: int, most: int) -> int:
    text = said.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise AskError(
            f"{name} is {text[:40]!r}, not a number from {least} to {most}.",
            f"{name} 应为 {least} 到 {most} 的整数。",
        )
    return int(text)


def _one_of(name: str, said: Mapping[str, str], known: Collection[str]) -> str:
    value = said.get(name) or next(iter(known))
    if value not in known:
        raise AskError(
            f"{name} is {value[:40]!r}, none of {', '.join(known)}.", f"{name} 应为 {' 或 '.join(known)}。"
        )
    return value


def _place(total: int, offset: int, limit: int) -> Mapping[str, Any]:
    """Return where a page stands among all entries; `next_offset` is None on the last."""
    after = offset + limit
    return {
        "total": total,
        "offset": offset,
        "limit": limit,
        "next_offset": after if after < total else None,
    }


def _article_json(article: Article, sources: Sequence[object]) -> Mapping[str, Any]:
    names = ("external_id", "title", "subtitle", "publisher", "author", "published", "url", "text")
    return {
        "article_id": article.id,
        **{name: getattr(article, name) for name in names},
        "blocks": [asdict(block) for block in article.blocks],
        "sources": [str(source) for source in sources],
    }


def _row_json(row: ArticleRow) -> Mapping[str, Any]:
    names = (
        "article_id",
        "external_id",
        "title",
        "publisher",
        "published",
        "url",
        "sources",
        "passages",
    )
    return {name: getattr(row, name) for name in names}
