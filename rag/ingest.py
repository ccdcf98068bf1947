"""Files → articles: one reader for each suffix; the same bytes always give the same articles."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.clean import Story, clean
from rag.errors import IngestError
from rag.extract import Extract, decode
from rag.furniture import read_date
from rag.ingest_docx import read_docx
from rag.ingest_html import read_html
from rag.ingest_markdown import read_markdown
from rag.ingest_pdf import read_pdf
from rag.records import Article, Block, Source
from rag.text import squeeze

__all__ = [
    "RULES",
    "SUFFIXES",
    "Refused",
    "article_id",
    "make_article",
    "read_articles",
    "source_text",
    "source_texts",
]

# The version of everything that decides what an article's text is; raise it when the same bytes give another text.
RULES = 2

_year = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?=年|[—–\-~至到]+(?:19|20)?\d\d年|[-/.]\d{1,2}[-/.]\d)")


@dataclass(frozen=True, slots=True)
class Refused:
    """One line of a file that could not become an article, and why in one sentence."""

    source: Source
    reason: str


def read_articles(path: Path) -> Iterator[tuple[Source, Article] | Refused]:
    """Yield the articles of a file with where each stands, and the lines that were refused.

    Raises IngestError, at the first `next`, when nothing in the file can be read.
    """
    if path.suffix.lower() != ".jsonl":
        yield Source(str(path)), make_article(_extract(path))
        return
    for source, raw in _raw_lines(path):
        try:
            yield source, make_article(_read_row(source, raw))
        except IngestError as error:
            yield Refused(source, str(error))


def source_text(path: Path, line: int | None = None) -> str:
    """Return the words of a source as they stand in it, without any cleaning of ours.

    For a JSONL file `line` (from 1) names the row: its title and its text.
    """
    if line is None:
        return _words(_extract(path))
    for source, raw in _raw_lines(path):
        if source.line == line:
            return _words(_read_row(source, raw))
    raise IngestError(f"{path} has no article in line {line}.")


def source_texts(path: Path) -> Iterator[tuple[Source, str]]:
    """Yield what `source_text` returns for every article of a file, reading it once; refused lines are left out."""
    if path.suffix.lower() != ".jsonl":
        yield Source(str(path)), source_text(path)
        return
    for source, raw in _raw_lines(path):
        try:
            yield source, _words(_read_row(source, raw))
        except IngestError:
            continue


def make_article(extract: Extract) -> Article:
    """Clean an extract; what the file says outside its text goes before what the text says."""
    text, moved = _with_title(extract)
    story = clean(text, titled=bool(extract.title), cuts=[cut + moved for cut in extract.cuts])
    found_by = dict(story.found_by)
    values = {
        "publisher": story.credit.publisher,
        "author": story.credit.author,
        "published": story.credit.published,
    }
    for name in values:
        if said := getattr(extract, name):
            values[name], found_by[name] = said, "metadata"
    return Article(
        id=article_id(story.title, values["publisher"], values["published"], story.text),
        title=story.title,
        text=story.text,
        blocks=_on_pages(story, [page + moved for page in extract.pages]),
        subtitle=story.subtitle,
        external_id=extract.external_id,
        url=extract.url,
        period_hint=tuple(sorted({int(year) for year in _year.findall(story.text)})),
        seams=story.seams,
        drops=extract.drops + story.drops,
        found_by=found_by,
        rules=RULES,
        **values,
    )


def article_id(title: str, publisher: str, published: str, text: str) -> str:
    """Return 12 hex digits of sha256 over the fields, each after its length so that no two lists look alike."""
    joined = "".join(f"{len(field)}:{field}" for field in (title, publisher, published, text))
    return sha256(joined.encode()).hexdigest()[:12]


def _words(extract: Extract) -> str:
    return extract.source or _with_title(extract)[0]


def _with_title(extract: Extract) -> tuple[str, int]:
    """Put the title on a line of its own above the text, unless it stands there; return how far the text moved."""
    title, text = extract.title, extract.text
    first = text.lstrip()[: 2 * len(title) + 40].split("\n", 1)[0]
    if not title or squeeze(first) == squeeze(title):
        return text, 0
    return f"{title}\n{text}", len(title) + 1


def _on_pages(story: Story, pages: list[int]) -> tuple[Block, ...]:
    """Return the blocks with the number of their page, from 1, where there are pages."""
    if not pages:
        return story.blocks
    numbers = [bisect_right(pages, origin) for origin in story.origins]
    return tuple(replace(block, page=page) for block, page in zip(story.blocks, numbers, strict=True))


def _extract(path: Path) -> Extract:
    """Read the words of a file that holds one article."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        kind, known = path.suffix or "no suffix", " ".join(SUFFIXES)
        raise IngestError(f"{path} is of a kind that cannot be read ({kind}); known are {known}.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None
    if not content.strip():
        raise IngestError(f"{path} is empty.")
    extract = reader(path, content)
    if not any(map(str.isalnum, extract.text)):
        raise IngestError(f"{path} has no text in it.")
    return extract


READERS: dict[str, Callable[[Path, bytes], Extract]] = {
    ".docx": read_docx,
    ".htm": read_html,
    ".html": read_html,
    ".md": lambda path, content: read_markdown(decode(content, path)),
    ".pdf": read_pdf,
    ".txt": lambda path, content: Extract(decode(content, path)),
}
SUFFIXES = (*sorted(READERS), ".jsonl")


def _raw_lines(path: Path) -> Iterator[tuple[Source, bytes]]:
    """Yield the lines of a JSONL file that are not blank, split at line feeds only, one at a time."""
    found = False
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if raw.strip(b" \t\r\n\xef\xbb\xbf"):
                    found = True
                    yield Source(str(path), number), raw
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None
    if not found:
        raise IngestError(f"{path} is empty.")


def _read_row(source: Source, raw: bytes) -> Extract:
    """Read one line of JSONL; raises IngestError naming the line and what is wrong with it."""
    try:
        row = json.loads(decode(raw, str(source)))
    except (ValueError, RecursionError) as error:
        raise IngestError(f"{source} is not JSON: {error}.") from None
    if not isinstance(row, dict):
        raise IngestError(f'{source} is not a JSON object with the field "text".')
    text = _field(row, "text", source)
    if not any(map(str.isalnum, text)):
        raise IngestError(f'{source} has no words in its field "text".')
    return Extract(
        text,
        title=" ".join(_field(row, "title", source).split()),
        publisher=_field(row, "publisher", source) or _field(row, "source", source),
        author=_field(row, "author", source),
        published=read_date(_field(row, "date", source)),
        url=_field(row, "url", source),
        external_id=_field(row, "id", source),
    )


def _field(row: dict[str, Any], name: str, source: Source) -> str:
    """Return a field as text; raises IngestError when it is anything else."""
    value = row.get(name)
    if value is None:
        return ""
    if name == "author" and isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = " ".join(value)
    if not isinstance(value, str) and (name == "text" or type(value) is not int):
        raise IngestError(f'{source}: the field "{name}" is not a string but {type(value).__name__}.')
    text = str(value)
    if "\0" in text or not _has_bytes(text):
        raise IngestError(f'{source}: the field "{name}" holds a NUL character or half a surrogate pair.')
    return text if name == "text" else text.strip()


def _has_bytes(text: str) -> bool:
    """Say whether UTF-8 can write the text: half a surrogate pair it cannot."""
    try:
        return bool(text.encode() or True)
    except UnicodeEncodeError:
        return False
