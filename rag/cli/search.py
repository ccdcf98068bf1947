"""The command `search`: passages, without an answer."""

import sys
from collections.abc import Sequence
from typing import Annotated, Literal

import typer

from rag.bot import Bot, open_store
from rag.cli.jsonl import json_line
from rag.cli.options import Index, Json, Publisher, Since, Until
from rag.cli.spoken import spoken
from rag.config import Settings, read_settings
from rag.errors import AskError
from rag.request import MAX_K, Filters, Request, check_question, read_filters
from rag.retrieval.found_passages import FoundPassage, found_by_meaning, found_by_words
from rag.retrieval.keywords import Order, keyword_search
from rag.retrieval.publishers import check_publisher

__all__ = ["search"]

MOST = 100
By = Annotated[
    Literal["meaning", "words"],
    typer.Option(help="meaning: what fits, best first; words: what has the typed words."),
]


def search(
    query: Annotated[
        str, typer.Argument(help="What is looked for: a question, or words set apart by blanks.")
    ],
    index: Index = None,
    by: By = "meaning",
    sort: Annotated[Order, typer.Option(help="date: the latest first (--by words).")] = "relevance",
    since: Since = "",
    until: Until = "",
    publisher: Publisher = "",
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, max=MOST, help="How many passages.")] = 10,
    json: Json = False,
) -> None:
    """Find passages by meaning or by words, and answer nothing.

    Examples: `youju search 成都的5G基站`; `youju search --by words "5G 基站" --since 2024-01-01`.
    """
    if by == "meaning" and sort == "date":
        raise AskError(
            "--sort date needs --by words: what fits by its meaning is put in order by how well it fits.",
            "--sort date 只能与 --by words 同用。",
        )
    asked = check_question(query)
    filters = read_filters({"since": since, "until": until, "publisher": publisher})
    find = _by_meaning if by == "meaning" else _by_words
    found, total = find(read_settings(index=index), asked, filters, sort, limit)
    for number, one in enumerate(found, start=1):
        print(json_line(one.to_json()) if json else _text(number, one), flush=True)
    print(spoken(f"{len(found)} of {total} passages"), file=sys.stderr)


Found = tuple[Sequence[FoundPassage], int]


def _by_meaning(settings: Settings, asked: str, filters: Filters, sort: Order, limit: int) -> Found:
    with Bot.open(settings) as bot:
        check_publisher(bot.store.catalogue, filters.publisher)
        limits = (filters.since, filters.until, filters.publisher)
        ranking = bot.search(Request(asked, (), None, *limits, k=MAX_K)).ranking
        return [found_by_meaning(bot.store, hit) for hit in ranking.hits(0, limit)], len(ranking)


def _by_words(settings: Settings, asked: str, filters: Filters, sort: Order, limit: int) -> Found:
    with open_store(settings) as store:
        check_publisher(store.catalogue, filters.publisher)
        found = keyword_search(store, asked, filters, sort)
        return [found_by_words(store, row) for row in found.rows[:limit]], len(found.rows)


def _text(number: int, one: FoundPassage) -> str:
    """Return a passage for a terminal: where it stands, then what it says."""
    facts = (one.article.publisher, one.article.published, "" if one.score is None else f"{one.score:.3f}")
    place = f"{one.source}  {one.article.id} {one.start}–{one.end}"
    told = "  ".join(filter(None, (one.article.title, *facts)))
    return f"{number}. {told}\n   {one.text.strip()}\n   {place}\n"
