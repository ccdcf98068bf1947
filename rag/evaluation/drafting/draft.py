"""Drafts of a question file, drawn from an index: what its articles state, asked for, and marked as read by nobody.

No draft is asked before it is written: a set of what the bot answers already would show nothing.
"""

import csv
import hashlib
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import EvalError
from rag.evaluation.drafting.clauses import Asked, ask_of, swap_place
from rag.index.catalogue import Shown
from rag.index.store import Store
from rag.records import Article, BlockKind
from rag.request import Filters
from rag.retrieval.keywords import keyword_search
from rag.text.places import places
from rag.text.sentences import clauses, sentences

__all__ = ["Draft", "draft_json", "drafts", "write_drafts"]

PER_ARTICLE = 2
"""Questions of one article: those about the same text stand or fall together."""
WITHOUT_ANSWER = 5
"""Every so many drafts one is a question that the library does not answer."""
TRIED = 12
"""Other places that are looked at for it."""
COLUMNS = ("id", "question", "answers", "answerable", "article_ids", "type", "draft", "title", "quote")
MARKS = "，；。！？：、"


@dataclass(frozen=True, slots=True)
class Draft:
    """A question that nobody has read, with what its article says; without `answers` it should be refused."""

    question: str
    answers: tuple[str, ...]
    type: str
    article: str
    title: str
    quote: str

    @property
    def ident(self) -> str:
        """A name that stays the same when drafts are made again."""
        return f"draft-{hashlib.sha256(self.question.encode()).hexdigest()[:8]}"


def drafts(store: Store, count: int, seed: int = 0) -> list[Draft]:
    """Return up to `count` drafts from as many articles as possible, drawn by `seed`.

    Raises EvalError where the articles state nothing that could be asked for.
    """
    draw = random.Random(seed)
    rows = store.catalogue.listed(Shown())
    ids = [row.article_id for row in rows]
    draw.shuffle(ids)
    found: dict[str, Draft] = {}
    known = _Places(store, ids, draw)
    for one in _by_turns(store, ids):
        if len(found) >= count:
            break
        found.setdefault(one.question, one)
        refused = sum(not other.answers for other in found.values())
        if len(found) < count and WITHOUT_ANSWER * (refused + 1) <= len(found) + 1:
            found |= {other.question: other for other in known.without_answer(one)}
    if not found:
        raise EvalError("No article of the index states a number or a day in a clause that can be asked for.")
    return list(found.values())


def draft_json(one: Draft) -> Mapping[str, Any]:
    """Return a draft as a row of a question file."""
    return {
        "id": one.ident,
        "question": one.question,
        "answers": list(one.answers),
        "answerable": bool(one.answers),
        "article_ids": [one.article] if one.answers else [],
        "type": one.type,
        "draft": True,
        "title": one.title,
        "quote": one.quote,
    }


def _table(found: Sequence[Draft]) -> bytes:
    """Return drafts as CSV that a spreadsheet opens as it should: UTF-8 with a mark."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for one in found:
        row = draft_json(one)
        table.writerow([_cell(row[name]) for name in COLUMNS])
    return text.getvalue().encode("utf-8-sig")


def write_drafts(path: Path, found: Sequence[Draft]) -> None:
    """Write drafts as CSV; raises EvalError where a file is there already, which may hold somebody's work."""
    try:
        with path.open("xb") as file:
            file.write(_table(found))
    except FileExistsError:
        raise EvalError(
            f"{path} is there already, perhaps with somebody's corrections: name another."
        ) from None
    except OSError as error:
        raise EvalError(f"{path} cannot be written: {error.strerror}.") from None


def _cell(value: object) -> str:
    """Return a value as a cell; one that a spreadsheet would take for a formula begins with an apostrophe."""
    if isinstance(value, bool):
        return str(value).lower()
    text = "|".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _by_turns(store: Store, ids: Sequence[str]) -> Iterator[Draft]:
    """Yield one draft of each article before the second of any."""
    waiting = []
    for ident in ids:
        own = _of_article(store.article(ident))
        if (first := next(own, None)) is not None:
            yield first
            waiting.append(own)
    for _ in range(PER_ARTICLE - 1):
        for own in waiting:
            yield from [one for one in [next(own, None)] if one is not None]


def _of_article(article: Article) -> Iterator[Draft]:
    """Yield the drafts of an article, from its longest paragraphs on."""
    bodies = [article.text[b.start : b.end] for b in article.blocks if b.kind is BlockKind.BODY]
    for body in sorted(bodies, key=len, reverse=True):
        for begin, end in sentences(body):
            sentence = body[begin:end]
            for start, stop in clauses(sentence, MARKS):
                yield from (_draft(article, asked, sentence) for asked in ask_of(sentence[start:stop]))


def _draft(article: Article, asked: Asked, sentence: str) -> Draft:
    return Draft(asked.question, asked.answers, asked.type, article.id, article.title, sentence.strip())


class _Places:
    """The places that an index speaks of: one that a question could be about, without an article that says so."""

    def __init__(self, store: Store, ids: Sequence[str], draw: random.Random) -> None:
        self._store, self._draw = store, draw
        titles = (store.article(ident).title for ident in ids[:500])
        self._names = sorted({place.name for title in titles for place in places(title)})

    def without_answer(self, one: Draft) -> Iterator[Draft]:
        """Yield at most one draft: the same asked of a place of which no article has both the name and the thing."""
        for other in self._draw.sample(self._names, min(TRIED, len(self._names))):
            swapped = swap_place(one.question, other)
            if swapped is None:
                continue
            found = keyword_search(self._store, swapped.looked_for, Filters())
            if not (found.rows and found.whole):
                yield Draft(swapped.question, (), "no_answer", one.article, one.title, one.quote)
                return
