"""Files → articles: one reader for each suffix; the same bytes always give the same articles."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.budget import FileBudget, budgeted
from rag.errors import FileTooHard, IngestError
from rag.ingest.cleaning.clean import Story, clean
from rag.ingest.extract import Entry, Extract, Fault
from rag.ingest.formats import SUFFIXES, read_file
from rag.ingest.pairs import with_pairs
from rag.ingest.sidecar import with_sidecar
from rag.ingest.tables import place_tables, table_rows
from rag.records import Article, Block, Source, article_id
from rag.text.characters import squeeze
from rag.text.web_address import web_address

__all__ = [
    "RULES",
    "SUFFIXES",
    "Refused",
    "make_article",
    "read_articles",
    "source_parts",
    "source_text",
    "source_texts",
]

# The version of everything that decides what an article's text is; raise it when the same bytes give another text.
RULES = 10
# Of a Chinese character in a file of UTF-8.
BYTES = 3
# A title said outside the text stands before every passage of it; a longer one is text like any other.
LONGEST_TITLE = 500
# A line costs a third of a millisecond, however short it is. More lines than this of fewer characters than that are
# no article: 1 MB of lines of one character would take more than a minute.
MOST_LINES = 20_000
FEWEST_CHARACTERS = 10

_year = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?=年|[—–\-~至到]+(?:19|20)?\d\d年|[-/.]\d{1,2}[-/.]\d)")


@dataclass(frozen=True, slots=True)
class Refused:
    """A file, or one line or article of it, that could not be read, and why in one sentence."""

    source: Source
    reason: str


def read_articles(path: Path) -> Iterator[tuple[Source, Article] | Refused]:
    """Yield the articles of a file with where each stands, and what was refused.

    Raises IngestError, at the first `next`, when nothing in the file can be read.
    """
    entries = read_file(path)
    while True:
        with budgeted(FileBudget(path, _size(path))):
            entry = next(entries, None)
        if entry is None:
            return
        yield _made(path, entry)


def _made(path: Path, entry: Entry) -> tuple[Source, Article] | Refused:
    source = Source(str(path), entry.line)
    if isinstance(entry, Fault):
        return Refused(source, entry.reason)
    text = entry.extract.text
    if (lines := text.count("\n")) > max(MOST_LINES, len(text) // FEWEST_CHARACTERS):
        return Refused(source, f"{source} has {lines} lines of a few characters: it is no article.")
    extract = with_sidecar(path, entry.extract)
    try:
        with budgeted(FileBudget(path, BYTES * len(extract.text))):
            return source, make_article(with_pairs(extract))
    except FileTooHard as error:
        return Refused(source, str(error))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # reading it says so


def source_text(path: Path, line: int | None = None) -> str:
    """Return the words of a source as they stand in it, without any cleaning of ours.

    For a file of several articles `line` is that of `Source`.
    """
    for source, text in source_texts(path):
        if source.line == line:
            return text
    raise IngestError(f"{path} has no article in line {line}.")


def source_texts(path: Path) -> Iterator[tuple[Source, str]]:
    """Yield what `source_text` returns for every article of a file, reading it once; what is refused is left out."""
    for source, text, _ in source_parts(path):
        yield source, text


def source_parts(path: Path) -> Iterator[tuple[Source, str, frozenset[tuple[str, ...]]]]:
    """Yield for every article of a file what `source_text` returns, and the rows of its tables, each its cells in order.

    The cells are without white space.
    """
    for entry in read_file(path):
        if not isinstance(entry, Fault):
            extract = with_pairs(with_sidecar(path, entry.extract))
            rows = frozenset(row for table in extract.tables for row in table_rows(table, extract.text))
            yield Source(str(path), entry.line), _words(extract), rows


def make_article(extract: Extract) -> Article:
    """Clean an extract; what the file says outside its text goes before what the text says."""
    text, moved = _with_title(extract)
    story = clean(
        text,
        titled=0 < len(extract.title) <= LONGEST_TITLE,
        cuts=[cut + moved for cut in extract.cuts],
        kinds={offset + moved: kind for offset, kind in extract.kinds},
        apart={offset + moved: kind for offset, kind in extract.apart},
    )
    found_by = dict(story.found_by)
    values = {
        "publisher": story.credit.publisher,
        "author": story.credit.author,
        "published": story.credit.published,
    }
    for name in values:
        if said := getattr(extract, name):
            values[name], found_by[name] = said, extract.rules.get(name, "metadata")
    found_by.update((name, rule) for name, rule in extract.rules.items() if name not in values)
    blocks = _on_pages(story, [page and page + moved for page in extract.pages])
    return Article(
        id=article_id(story.title, values["publisher"], values["published"], story.text),
        title=story.title,
        text=story.text,
        blocks=blocks,
        subtitle=story.subtitle,
        external_id=extract.external_id,
        url=web_address(extract.url),
        edition=extract.edition,
        period_hint=tuple(sorted({int(year) for year in _year.findall(story.text)})),
        seams=story.seams,
        drops=extract.drops + story.drops,
        found_by=found_by,
        rules=RULES,
        tables=tuple(place_tables(extract.tables, moved, story.text, blocks, story.origins)),
        **values,
    )


def _words(extract: Extract) -> str:
    return extract.source or _with_title(extract)[0]


def _with_title(extract: Extract) -> tuple[str, int]:
    """Put the title on a line of its own above the text, unless it stands there; return how far the text moved."""
    title, text = extract.title, extract.text
    first = text.lstrip()[: 2 * len(title) + 40].split("\n", 1)[0]
    if not title or squeeze(first) == squeeze(title):
        return text, 0
    return f"{title}\n{text}", len(title) + 1


def _on_pages(story: Story, pages: Sequence[int]) -> tuple[Block, ...]:
    """Return the blocks with the number of their page, from 1, where there are pages."""
    if not pages:
        return story.blocks
    numbers = [bisect_right(pages, origin) for origin in story.origins]
    return tuple(replace(block, page=page) for block, page in zip(story.blocks, numbers, strict=True))
