"""Check quotes against the source files: cheaply at each answer, thoroughly on demand."""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from rag.answering.context import published
from rag.answering.grounding import answer_gaps
from rag.answering.quotes import stands_in
from rag.answering.validity.dating import governs
from rag.errors import AskError, IngestError, StoreError
from rag.index.catalogue import SourceRecord
from rag.index.store import Store
from rag.ingest.corrections import counterpart
from rag.ingest.regular_file import open_file, stat_file
from rag.ingest.tables import table_rows
from rag.records import Amendment, Article, Span, Verified, article_id
from rag.text.annotation import annotate
from rag.text.characters import squeeze

__all__ = ["ORIGINALS", "Check", "Skipped", "Sources", "verify_all", "verify_answers", "verify_quote"]

ORIGINALS: Mapping[str, str] = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
"""The files that readers may open, by suffix, and what they are: nothing in them runs as a part of our pages."""


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
        states = [(str(record), self._state(record)) for record in self.store.catalogue.sources(article_id)]
        order = ("verified", "source_changed", "source_missing")
        return min(states, key=lambda state: order.index(state[1]), default=("", "source_missing"))

    def original(self, article_id: str) -> Path | None:
        """Return the file of an article that a browser shows as it was printed, a PDF or a picture; None without one.

        It still is what was read, and nobody took another article of it out of the index.
        """
        for record in self.store.catalogue.sources(article_id):
            shown = record.status == "current" and PurePosixPath(record.path).suffix.lower() in ORIGINALS
            whole = shown and not self.store.catalogue.holds_removed(record.path)
            if whole and self._state(record) == "verified":
                return self.store.file_path(record.path)
        return None

    def reprints(self, article_id: str) -> list[str]:
        """Return the other sources of an article and those of articles that tell the story in the same words."""
        own = self.source_of(article_id)[0]
        ids = dict.fromkeys(
            [article_id, *self.store.catalogue.reprints(article_id), *self.versions(article_id)]
        )
        found = [str(record) for ident in ids for record in self.store.catalogue.sources(ident)]
        return [source for source in dict.fromkeys(found) if source != own]

    def versions(self, article_id: str) -> list[str]:
        """Return the ids of the other articles that tell the same story in the same words."""
        return self.store.catalogue.versions(article_id)

    def corrections(self, article_id: str) -> list[Amendment]:
        """Return what notices mend in an article, the latest notice of the same words first."""
        return self.store.catalogue.corrections(article_id)

    def article(self, article_id: str) -> Article:
        """Return an article by its id."""
        return self.store.article(article_id)

    def _is_intact(self, ident: str) -> bool:
        article = self.store.article(ident)
        return article_id(article.title, article.publisher, article.published, article.text) == ident

    def _state(self, record: SourceRecord) -> Verified:
        path = self.store.file_path(record.path)
        try:
            found = stat_file(path)
            if record.status == "current" and (found.st_size, found.st_mtime_ns) == (
                record.size,
                record.mtime_ns,
            ):
                return "verified"
            same = self._hashed(path, found.st_size, found.st_mtime_ns) == record.sha256
        except (OSError, IngestError):
            return "source_missing"
        return "verified" if same else "source_changed"


def _hashed(path: Path, size: int, mtime_ns: int) -> str:
    """Return the digest of a file; size and time are only the key under which it is remembered."""
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Check:
    """What checking one quote gave: `ok`, and in one sentence why not."""

    article_id: str
    source: str
    ok: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that holds no answer: a blank one, or the error that `ask` printed in the place of one."""

    source: str


def verify_answers(store: Store, path: Path) -> Iterator[Check | Skipped]:
    """Check every quote and context of a file of answers (- for stdin): slice, source read again, plain characters.

    What an answer says without quoting it is a failed check of its own, and so is a number, date or range that it cuts.
    """
    try:
        content = sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()
    except OSError as error:
        raise AskError(f"{path} cannot be read ({error.strerror}): name a file of answers.") from None
    for number, line in enumerate(content.removesuffix(b"\n").split(b"\n"), 1):
        yield from _check_answer(store, line, f"{path}#{number}")


def _check_answer(store: Store, line: bytes, where: str) -> Iterator[Check | Skipped]:
    try:
        answer: dict[str, Any] = json.loads(line) if line.strip() else {"error": "blank"}
        if "error" in answer and "citations" not in answer:
            yield Skipped(where)
            return
        told = [answer, *answer.get("parts", ())]
        quotes = [
            (citation["article_id"], quote["start"], quote["end"], quote.get("quote", quote.get("text")))
            for one in told
            for citation in [*one.get("citations", ()), *one.get("closest", ())]
            for quote in [citation, *citation["context"]]
        ]
        gaps, cut = (
            answer_gaps(answer),
            list(_cut([citation for one in told for citation in one.get("citations", ())])),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AskError(f"{where} is no answer ({error}): pass what `ask --json` printed.") from None
    for ident, start, end, quote in dict.fromkeys(quotes):
        yield verify_quote(store, ident, start, end, quote)
    if gaps:
        yield Check("", where, False, f"the answer says what it does not quote: {'、'.join(gaps)}")
    for words in _passed_over(store, [citation for one in told for citation in one.get("citations", ())]):
        yield Check("", where, False, f"a correction is passed over: {words}")
    for words in (one["as_of"] for one in told if not _is_dated(store, one)):
        yield Check("", where, False, f"the time does not hold for the answer: {words}")
    if cut:
        yield Check(
            "", where, False, f"the answer cuts what the article says: {'、'.join(dict.fromkeys(cut))}"
        )


def _cut(citations: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the numbers, dates and ranges that the marked answers divide."""
    for citation in citations:
        if citation.get("answer_start") is None:
            continue
        quote, base = citation["quote"], citation["start"]
        marked = citation["answer_start"] - base, citation["answer_end"] - base
        whole = annotate(quote).whole(*marked)
        if whole != marked:
            yield quote[slice(*whole)]


def _passed_over(store: Store, citations: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the quoted words that a notice corrects and that are marked as the answer or shown without the notice."""
    for citation in citations:
        ident, shown = citation["article_id"], Span(citation["start"], citation["end"])
        named = {(one["article_id"], one["was_start"]) for one in citation.get("corrections", ())}
        for one in store.catalogue.corrections(ident):
            if not _meet(shown, one.was):
                continue
            words = store.article(ident).text[one.was.start : one.was.end]
            at = citation["answer_start"], citation["answer_end"]
            told = (one.notice_id, one.was.start) in named
            told = told or (one.notice_id == ident and _meet(shown, one.now))
            if not told or (at[0] is not None and _is_wrong(store, ident, Span(*at), one)):
                yield words


def _is_dated(store: Store, answer: Mapping[str, Any]) -> bool:
    """Tell whether the time that is said beside an answer governs it where it is quoted, with no other time between."""
    words, cited = answer.get("as_of", ""), answer.get("citations", ())
    if (
        not words
        or answer.get("parts")
        or answer["refused"]
        or not cited
        or cited[0].get("answer_start") is None
    ):
        return True
    mends = (named["article_id"] for one in cited for named in one.get("corrections", ()))
    # Of a correction the time is that of the report it mends.
    return cited[0]["article_id"] in mends or _dates(store, cited[0], words)


def _dates(store: Store, citation: Mapping[str, Any], words: str) -> bool:
    article = store.article(citation["article_id"])
    answer = Span(citation["answer_start"], citation["answer_end"])
    block = next(b for b in article.blocks if b.start <= answer.start < b.end)
    for run in (citation, *citation["context"]):
        at = article.text.find(words, run["start"], run["end"])
        if at < 0:
            continue
        if not block.start <= at < block.end:  # a headline
            return True
        dated, value = (
            Span(s - block.start, s - block.start + n)
            for s, n in ((at, len(words)), (answer.start, len(answer)))
        )
        if words == article.text[answer.start : answer.end] or governs(
            article.text[block.start : block.end], published(article), dated, value
        ):
            return True
    return False


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _is_wrong(store: Store, ident: str, answer: Span, one: Amendment) -> bool:
    """Tell whether the answer is what the notice mends: another value in the same phrase may be right."""
    if not _meet(answer, one.was) or one.denied:
        says_so = one.notice_id == ident and _meet(answer, one.now) and answer.end > one.was.end
        return _meet(answer, one.was) and not says_so
    was = store.article(ident).text[one.was.start : one.was.end]
    now = store.article(one.notice_id).text[one.now.start : one.now.end]
    inside = max(answer.start, one.was.start) - one.was.start, min(answer.end, one.was.end) - one.was.start
    return counterpart(was, now, *inside) is not None


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
    for row in store.catalogue.articles():
        article = store.article(row.article_id)
        yield _recheck(store, article, [Span(block.start, block.end) for block in article.blocks])


def _recheck(store: Store, article: Article, spans: list[Span]) -> Check:
    records = store.catalogue.sources(article.id)
    if not records:
        return Check(article.id, "", False, "no source is recorded")
    reasons = [_why_not(store, article, record, spans) for record in records]
    at = next((i for i, reason in enumerate(reasons) if not reason), 0)
    return Check(article.id, str(records[at]), not reasons[at], reasons[at])


def _why_not(store: Store, article: Article, record: SourceRecord, spans: list[Span]) -> str:
    """Return why the source does not bear the article out, "" if it does."""
    from rag.ingest.articles import RULES

    path = store.file_path(record.path)
    try:
        found = _read_again(path, stat_file(path).st_mtime_ns).get(record.line)
    except OSError as error:
        return f"the source cannot be read: {error.strerror}"
    except IngestError as error:
        return f"the source cannot be read: {error}".replace(str(path), record.shown)
    if found is None:
        return "the source no longer has this line"
    if not all(stands_in(article, span, found.plain) for span in spans):
        return "the words do not stand in the source"
    if not found.rows.issuperset(row for span in spans for row in _rows_of(article, span)):
        return "the cells of a row do not stand so in the source"
    if article.id not in found.ids and article.rules == RULES:
        return "the source reads differently now"
    return ""


def _rows_of(article: Article, span: Span) -> Iterator[tuple[str, ...]]:
    """Yield the rows of tables that a quote has words of, each as its cells in order."""
    for table in article.tables:
        quoted = {cell.row for cell in table.cells if cell.start < span.end and span.start < cell.end}
        cells = tuple(cell for cell in table.cells if cell.row in quoted)
        yield from table_rows(replace(table, cells=cells), article.text)


@dataclass(slots=True)
class _Found:
    """What one file or line gives when it is read now: its characters and its rows' without white space, its articles' ids."""

    plain: str
    rows: frozenset[tuple[str, ...]]
    ids: set[str]


@lru_cache(2)
def _read_again(path: Path, mtime_ns: int) -> dict[int | None, _Found]:
    """Return what the file gives by line; `mtime_ns` is only the key under which it is remembered."""
    from rag.ingest.articles import read_articles, source_parts  # not needed for answering

    found = {source.line: _Found(squeeze(text), rows, set()) for source, text, rows in source_parts(path)}
    for entry in read_articles(path):
        if isinstance(entry, tuple):
            found[entry[0].line].ids.add(entry[1].id)
    return found
