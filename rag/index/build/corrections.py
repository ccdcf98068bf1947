"""Which words of which article a notice of correction mends: found when the index is built, by headline or by words.

What a notice says is kept for each article (`notices`); the links (`corrections`) are made anew whenever articles came
or went, so that they do not depend on which of the two was taken in first.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from rag.index.connection import Connection, read_meta, transaction, write_meta
from rag.index.database import ARTICLE_COLUMNS, article_of
from rag.index.build.denials import Told, denied_elsewhere
from rag.ingest.corrections import Notice, counterpart, notices
from rag.ingest.denials import Rumour, rumours
from rag.records import Article, Span
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.quantity import same_value, unit_class

__all__ = ["link_corrections"]

# What `rag.ingest.corrections` finds: another number here reads all articles again.
RULES = "3"
# Days before a notice in which the article that it mends came out.
DAYS = 92
# A headline is told from this many characters of it on; a shorter one only if all of it is the same.
SHORTEST = 6
# Words that a notice without a headline shares with the sentence it mends.
SHARED = 2
BATCH = 200

COLUMNS = 'target, was_start, was_end, notice, now_start, now_end, start, "end", denied'
KEY = 5
"""Columns of the key."""

Row = tuple[str, int, int, str, int, int, int, int, bool]
_Place = tuple[Span, Span]  # the wrong words in the mended article, the right ones in the notice

_word = re.compile(r"\W+")


def link_corrections(connection: Connection) -> int:
    """Find the notices of the articles that came, and what every notice mends; return how many corrections there are."""
    came = _read(connection)
    there = _count(connection, "SELECT count(*) FROM articles WHERE passages IS NOT NULL")
    state = f"{RULES} {there}"
    if came or read_meta(connection, "corrections") != state:
        kept = list(_kept(connection))
        rows = {row for article, found, _ in kept for one in found for row in _mended(connection, article, one)}
        rows |= set(_denials([one for _, _, told in kept for one in told]))
        with transaction(connection):
            _write(connection, rows)
            write_meta(connection, "corrections", state)
    return _count(connection, "SELECT count(*) FROM corrections")


def _write(connection: Connection, rows: set[Row]) -> None:
    """Keep these rows and no others; those that are there stay untouched, so that copies need not fetch them again."""
    wanted = {row[:KEY]: row for row in sorted(rows, reverse=True)}
    there = {tuple(row) for row in connection.execute(f"SELECT {COLUMNS} FROM corrections")}
    mark = ", ".join("?" * KEY)
    gone = [row[:KEY] for row in there if wanted.get(row[:KEY]) != row]
    names = ", ".join(COLUMNS.split(", ")[:KEY])
    connection.executemany(f"DELETE FROM corrections WHERE ({names}) = ({mark})", gone)
    came = sorted(row for row in wanted.values() if row not in there)
    connection.executemany("INSERT INTO corrections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", came)


def _denials(told: Sequence[Told]) -> Iterator[Row]:
    for one in told:
        found = denied_elsewhere(one, told) if one.rumour.denial is None else [(one.article.id, one.rumour.denial)]
        for ident, by in found:
            claim = one.rumour.claim
            yield one.article.id, claim.start, claim.end, ident, by.start, by.end, by.start, by.end, True


def _count(connection: Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])


def _read(connection: Connection) -> int:
    """Keep what each article mends that was not looked at yet; return how many these were."""
    if not read_meta(connection, "corrections").startswith(f"{RULES} "):
        with transaction(connection):
            connection.execute("DELETE FROM notices")
    query = (
        "SELECT DISTINCT id FROM articles WHERE passages IS NOT NULL AND id NOT IN (SELECT id FROM notices)"
    )
    waiting = [identity for (identity,) in connection.execute(query)]
    for at in range(0, len(waiting), BATCH):
        with transaction(connection):
            for identity in waiting[at : at + BATCH]:
                said = _said(_article(connection, identity))
                connection.execute("INSERT INTO notices VALUES (?, ?)", (identity, said))
    return len(waiting)


def _said(article: Article) -> str:
    """Return what is kept of an article: its notices and rumours, "" if it has none."""
    mends = [asdict(one) for one in notices(article.title, article.text)]
    told = [asdict(one) for one in rumours(article.title, article.text)]
    return json.dumps({"mends": mends, "told": told}, ensure_ascii=False) if mends or told else ""


def _kept(connection: Connection) -> Iterator[tuple[Article, list[Notice], list[Told]]]:
    rows = connection.execute(
        "SELECT id, found FROM notices WHERE found != '' "
        "AND id IN (SELECT id FROM articles WHERE passages IS NOT NULL) ORDER BY id"
    ).fetchall()
    for identity, said in rows:
        article, found = _article(connection, identity), json.loads(said)
        mends = [
            Notice(Span(**one["quote"]), _span(one["was"]), Span(**one["now"]), one["cited"], one["own"])
            for one in found["mends"]
        ]
        told = [Told(article, Rumour(Span(**one["claim"]), _span(one["denial"]))) for one in found["told"]]
        yield article, mends, told


def _span(said: Mapping[str, int] | None) -> Span | None:
    return None if said is None else Span(**said)


def _article(connection: Connection, identity: str) -> Article:
    query = f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE id = ? ORDER BY article DESC LIMIT 1"
    return article_of(connection.execute(query, (identity,)).fetchone())


def _mended(connection: Connection, article: Article, notice: Notice) -> Iterator[Row]:
    """Yield the rows of one notice: its own wrong words, and those of the articles that it mends."""
    if notice.was is not None:
        yield _row(article, notice, article.id, notice.was, notice.now)
    if notice.own:
        yield from (_row(article, notice, article.id, *place) for place in _places(article, notice, article))
        return
    found = [one for one in _possible(connection, article, notice) if _is_meant(article, notice, one)]
    for target in (*found, *_copies(connection, article, found)):
        yield from (
            _row(article, notice, target.id, *place) for place in _places(article, notice, target)
        )


def _row(article: Article, notice: Notice, target: str, was: Span, now: Span) -> Row:
    quote = notice.quote
    return target, was.start, was.end, article.id, now.start, now.end, quote.start, quote.end, False


def _within(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.end <= other.end


def _possible(connection: Connection, article: Article, notice: Notice) -> list[Article]:
    """Return the articles of the same publisher from before, and those of any with the headline."""
    first, last = "", "9999"
    if article.published:
        last = article.published
        first = (date.fromisoformat(last[:10]) - timedelta(DAYS)).isoformat()
    rows = connection.execute(
        f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE passages IS NOT NULL AND id != ?1 AND ("
        "(publisher IN (?2, '') AND (published = '' OR published BETWEEN ?3 AND ?4)) OR "
        "(title BETWEEN ?5 AND ?6 AND ?5 != '')) ORDER BY article DESC",
        (article.id, article.publisher, first, last, notice.cited, f"{notice.cited}\uffff"),
    )
    return list({row[0]: article_of(row) for row in rows}.values())


def _copies(connection: Connection, article: Article, found: Sequence[Article]) -> list[Article]:
    """Return the other articles that tell the stories of `found` in the same words."""
    known = [article.id, *(one.id for one in found)]
    rows = connection.execute(
        "SELECT id FROM reprint_groups WHERE story IN (SELECT story FROM reprint_groups WHERE id IN "
        f"{connection.names('?1')}) AND id NOT IN {connection.names('?2')}",
        (json.dumps(known[1:]), json.dumps(known)),
    ).fetchall()
    return [_article(connection, identity) for (identity,) in rows]


def _is_meant(article: Article, notice: Notice, target: Article) -> bool:
    """Tell whether a notice speaks of an article: of its headline, else of the day and the words of one of its sentences."""
    if notice.cited:
        said, head = (_letters(text) for text in (notice.cited, target.title))
        short, long = sorted((said, head), key=len)
        return said == head or (len(short) >= SHORTEST and short in long)
    return notice.was is not None


def _letters(text: str) -> str:
    return _word.sub("", fold(text))


def _places(article: Article, notice: Notice, target: Article) -> list[_Place]:
    """Return the words of `target` that a notice mends: those whose sentence shares most of its words, or half as many."""
    said = article.text
    quote = said[notice.quote.start : notice.quote.end]
    found = _outside(notice, article is target, _literal(said, notice, target))
    found = found or _outside(notice, article is target, _valued(said, notice, target))
    told = [said[one.start : one.end] for one in (notice.was, notice.now) if one is not None]
    asked = _words(f"{quote}\n{article.title}", notice.cited) - _words("\n".join(told))
    shared = [(len(asked & _around(target, span)), (span, now)) for span, now in found]
    most = max((count for count, _ in shared), default=0)
    least = 0 if notice.cited and len(found) == 1 else 1 if notice.cited or notice.own else SHARED
    return [place for count, place in shared if count * 2 >= most and count >= least]


def _outside(notice: Notice, own: bool, places: list[_Place]) -> list[_Place]:
    """Leave out what stands in the notice itself, where it mends its own article."""
    return [place for place in places if not (own and _within(place[0], notice.quote))]


def _words(text: str, cited: str = "") -> set[str]:
    """Return what a text is about, the headline it names apart."""
    return {word for word in annotate(text.replace(f"《{cited}》", "")).content_words if len(word) > 1}


def _around(target: Article, span: Span) -> set[str]:
    """Return the words of the sentence that holds a span, and of the headline."""
    block = next((b for b in target.blocks if b.start <= span.start < b.end), None)
    start, text = (0, target.text) if block is None else (block.start, target.text[block.start : block.end])
    held = [
        text[a:b] for a, b in annotate(text).sentences if start + a < span.end and span.start < start + b
    ]
    return _words(f"{target.title}\n{''.join(held)}")


def _literal(said: str, notice: Notice, target: Article) -> list[_Place]:
    """Return where the wrong words stand as they are; no number is cut out of a longer one."""
    if notice.was is None:
        return []
    wanted, text = fold(said[notice.was.start : notice.was.end]), fold(target.text)
    spans = []
    at = text.find(wanted)
    while at >= 0:
        spans.append(Span(at, at + len(wanted)))
        at = text.find(wanted, at + len(wanted))
    return [(span, notice.now) for span in spans if not _is_cut(text, span)]


def _is_cut(text: str, span: Span) -> bool:
    before, after = text[max(0, span.start - 2) : span.start], text[span.end : span.end + 2]
    ahead = text[span.start].isdigit() and before.rstrip(".,")[-1:].isdigit()
    return ahead or (text[span.end - 1].isdigit() and after.lstrip(".,")[:1].isdigit())


def _valued(said: str, notice: Notice, target: Article) -> list[_Place]:
    """Return where a number of the wrong words stands in another form: -29℃ for 零下29℃.

    Where a notice says only the right number, another of its kind: the one that it is not.
    """
    now = said[notice.now.start : notice.now.end]
    was = "" if notice.was is None else said[notice.was.start : notice.was.end]
    found = []
    for number in annotate(was or now).quantities:
        at = counterpart(was, now, number.start, number.end) if was else (number.start, number.end)
        for other in annotate(target.text).quantities:
            alike = unit_class(number.unit) == unit_class(other.unit) and number.unit == other.unit
            if at is not None and alike and same_value(number, other) == bool(was):
                right = Span(notice.now.start + at[0], notice.now.start + at[1])
                found.append((Span(other.start, other.end), right))
    return found
