"""Check quotes against the source files: cheaply at each answer, thoroughly on demand."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rag.cite import stands_in
from rag.errors import AskError, IngestError, StoreError
from rag.ingest import RULES, article_id, read_articles, source_text
from rag.records import Article, Source, Span, Verified
from rag.store import SourceRecord, Store

__all__ = ["Check", "Sources", "verify_all", "verify_answers"]


class Sources:
    """What the store knows of the files of its articles, compared with the files as they are now."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._hashed = lru_cache(1024)(_hashed)

    def source_of(self, article_id: str) -> tuple[str, Verified]:
        """Return the source of an article and whether its file still is what was read; the best of several.

        A file whose size and time are those recorded is taken as unchanged, any other is hashed.
        """
        if not self._is_intact(article_id):
            return "", "source_changed"
        states = [(str(record), self._state(record)) for record in self.store.sources(article_id)]
        order = ("verified", "source_changed", "source_missing")
        return min(states, key=lambda state: order.index(state[1]), default=("", "source_missing"))

    def reprints(self, article_id: str) -> list[str]:
        """Return the other sources of an article and those of articles with the same text."""
        own = self.source_of(article_id)[0]
        ids = [article_id, *self.store.reprints(article_id)]
        found = [str(record) for ident in ids for record in self.store.sources(ident)]
        return [source for source in dict.fromkeys(found) if source != own]

    def _is_intact(self, ident: str) -> bool:
        article = self.store.article(ident)
        return article_id(article.title, article.publisher, article.published, article.text) == ident

    def _state(self, record: SourceRecord) -> Verified:
        path = self.store.file_path(record.path)
        try:
            found = path.stat()
            if record.status == "current" and (found.st_size, found.st_mtime_ns) == (
                record.size,
                record.mtime_ns,
            ):
                return "verified"
            same = self._hashed(path, found.st_size, found.st_mtime_ns) == record.sha256
        except OSError:
            return "source_missing"
        return "verified" if same else "source_changed"


def _hashed(path: Path, size: int, mtime_ns: int) -> str:
    """Return the digest of a file; size and time are only the key under which it is remembered."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Check:
    """What checking one quote gave: `ok`, and in one sentence why not."""

    article_id: str
    source: str
    ok: bool
    reason: str = ""


def verify_answers(store: Store, path: Path) -> Iterator[Check]:
    """Check every quote and context of a file of answers: slice, source read again, source as plain characters."""
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if line.strip():
            yield from _check_answer(store, line, f"{path}#{number}")


def _check_answer(store: Store, line: bytes, where: str) -> Iterator[Check]:
    try:
        answer = json.loads(line)
        quotes = [
            (citation["article_id"], quote["start"], quote["end"], quote.get("quote", quote.get("text")))
            for citation in [*answer.get("citations", ()), *answer.get("closest", ())]
            for quote in [citation, *citation["context"]]
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AskError(f"{where} is no answer ({error}): pass what `ask --json` printed.") from None
    for article_id, start, end, quote in quotes:
        yield verify_quote(store, article_id, start, end, quote)


def verify_quote(store: Store, article_id: str, start: int, end: int, quote: str) -> Check:
    """Check one quote of the article `article_id`."""
    try:
        article = store.article(article_id)
    except StoreError as error:
        return Check(article_id, "", False, str(error))
    if article.text[start:end] != quote:
        return Check(article_id, "", False, "the quote is not the article's text at its offsets")
    return _recheck(store, article, [Span(start, end)])


def verify_all(store: Store) -> Iterator[Check]:
    """Check every article of the index: read its source again and look for every block in the plain characters."""
    for row in store.articles():
        article = store.article(row.article_id)
        yield _recheck(store, article, [Span(block.start, block.end) for block in article.blocks])


def _recheck(store: Store, article: Article, spans: list[Span]) -> Check:
    records = store.sources(article.id)
    if not records:
        return Check(article.id, "", False, "no source is recorded")
    reasons = [_why_not(store, article, record, spans) for record in records]
    at = next((i for i, reason in enumerate(reasons) if not reason), 0)
    return Check(article.id, str(records[at]), not reasons[at], reasons[at])


def _why_not(store: Store, article: Article, record: SourceRecord, spans: list[Span]) -> str:
    """Return why the source does not bear the article out, "" if it does."""
    path = store.file_path(record.path)
    try:
        text = _source_text(path, record.line)
        again = _read_again(path, record.line)
    except (OSError, IngestError) as error:
        return f"the source cannot be read: {error}"
    if not all(stands_in(article, span, text) for span in spans):
        return "the words do not stand in the source"
    if article.id not in again and article.rules == RULES:
        return "the source reads differently now"
    return ""


@lru_cache(8)
def _source_text(path: Path, line: int | None) -> str:
    return source_text(path, line)


@lru_cache(8)
def _read_again(path: Path, line: int | None) -> frozenset[str]:
    """Return the ids of the articles that the file gives when it is read now."""
    found = (entry for entry in read_articles(path) if isinstance(entry, tuple))
    return frozenset(article.id for source, article in found if isinstance(source, Source))
