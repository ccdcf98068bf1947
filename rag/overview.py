"""Tell about a subject, or what is new, in sentences of the articles: no single answer is picked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from rag.answering.answer import Reply
from rag.answering.key_sentences import key_sentences
from rag.answering.quotes import Quote, citation
from rag.answering.refusal import LIBRARY, WITHIN
from rag.index.catalogue import Shown
from rag.pipeline import Parts, Run, Search, Stopwatch, search, with_reply
from rag.query.analysis import Query
from rag.query.overview import Overview
from rag.records import Article, BlockKind, Hit, Refusal, Span
from rag.request import Request
from rag.text.annotation import annotate

__all__ = ["overview"]

# Sentences, or articles, that are shown.
SHOWN = 4
# Articles among the hits that may be told about, and what of them is told where there are several.
ARTICLES = 2
OF_EACH = 2
# The share of the asked words, by weight, that an article must have to be about them.
ABOUT = 0.6
# A second article is told about where its best passage scores this share of the best.
AS_NEAR = 0.8
# Hits among which the newest articles on a subject are looked for.
NEAR = 30

TOLD = "这样的问题没有单一的答案，相关报道的要点如下。"
NEWEST = "{where}最新的报道如下。"
NEWEST_ABOUT = "{where}与“{topic}”有关的报道，最新的如下。"
NOT_THAT_DAY = "{where}没有注明{day}的报道，最新的如下。"


def overview(parts: Parts, request: Request, wanted: Overview) -> Run | None:
    """Return a run that tells about what is `wanted`; None if no article is about it, so that it is asked as it stands.

    The Answer is refused with the reason `overview`, for nothing is picked as the answer: its `closest` are the key sentences, or
    the newest articles by their titles.
    """
    # Without a subject nothing is looked for.
    asked = replace(request, question=wanted.topic) if wanted.topic else replace(request, history=())
    clock = Stopwatch()
    found = search(parts, asked, shown=None if wanted.topic else (), clock=clock)[0]
    if wanted.newest:
        message, quotes = _newest(parts, request, found, wanted)
    else:
        message, quotes = TOLD, _key(found.query, found.hits)
    if not quotes:
        return None
    closest = tuple(citation(number, quote, parts.sources) for number, quote in enumerate(quotes, 1))
    told = Reply(Refusal("overview", "", message), 0.0, text=message, closest=closest)
    reading = replace(found.reading, shown=_shown(asked, found.reading.shown, request))
    return with_reply(parts, replace(found, request=request, reading=reading), told, clock)


def _shown(asked: Request, understood: str, request: Request) -> str:
    """Return how the request was understood: as it was typed, unless its subject was completed or corrected."""
    return request.question if understood == asked.question else understood


def _key(query: Query, hits: Sequence[Hit]) -> list[Quote]:
    """Return the key sentences of the article that is about the subject, or of the two nearest."""
    about = _about(query, hits)
    best = [hit.passage.article for hit in about if hit.score >= AS_NEAR * about[0].score][:ARTICLES]
    most = SHOWN if len(best) == 1 else OF_EACH
    return [quote for article in best for quote in key_sentences(article, query, most)]


def _about(query: Query, hits: Sequence[Hit]) -> list[Hit]:
    """Return the best hit of each article that has the words of the subject."""
    first: Mapping[str, Hit] = {hit.passage.article.id: hit for hit in reversed(hits)}
    found = [hit for hit in first.values() if _is_about(query, hit.passage.article)]
    return sorted(found, key=lambda hit: -hit.score)


def _is_about(query: Query, article: Article) -> bool:
    said = annotate(f"{article.title}\n{article.text}")
    total = sum(query.weights[term] for term in query.terms)
    return bool(total) and sum(query.weights[t] * said.has(t) for t in query.terms) >= ABOUT * total


def _newest(parts: Parts, request: Request, found: Search, wanted: Overview) -> tuple[str, list[Quote]]:
    """Return the newest articles on the subject, or of all that the filters let through, by their titles."""
    where = WITHIN if request.filters else LIBRARY
    if wanted.topic:
        about = [hit.passage.article for hit in _about(found.query, found.ranking.hits(0, NEAR))]
        articles = sorted(about, key=lambda article: article.published, reverse=True)[:SHOWN]
        message = NEWEST_ABOUT.format(where=where, topic=wanted.topic)
    else:
        limits = Shown(since=request.since, until=request.until, publisher=request.publisher)
        rows = parts.store.catalogue.listed(limits, 0, SHOWN)
        articles = [parts.store.article(row.article_id) for row in rows]
        day = (request.today or date.today()).isoformat()
        # Only of all articles it can be said that none is of that day.
        none = request.question.startswith("今") and articles and articles[0].published < day
        message = (NOT_THAT_DAY if none else NEWEST).format(where=where, day=day)
    return message, [_headline(article) for article in articles]


def _headline(article: Article) -> Quote:
    """Quote the title as the article has it, else its first sentence."""
    title = next((block for block in article.blocks if block.kind is BlockKind.TITLE), None)
    if title is not None:
        return Quote(article, Span(title.start, title.end), (), None, "", BlockKind.TITLE)
    start, end = next(iter(annotate(article.text).sentences), (0, len(article.text)))
    return Quote(article, Span(start, end), (), None, "", BlockKind.BODY)
