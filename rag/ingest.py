"""Files → articles: one reader for each suffix; the same bytes always give the same articles."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.clean import Story, clean
from rag.errors import IngestError
from rag.records import Article, Source
from rag.text import squeeze

__all__ = ["RULES", "SUFFIXES", "Refused", "article_id", "make_article", "read_articles", "source_text"]

# The version of everything that decides what an article's text is; raise it when the same bytes give another text.
RULES = 1

_year = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?=年|[—–\-~至到]+(?:19|20)?\d\d年|[-/.]\d{1,2}[-/.]\d)")


@dataclass(frozen=True, slots=True)
class Refused:
    """One line of a file that could not become an article, and why in one sentence."""

    source: Source
    reason: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a file says of its article outside the text; "" for what it does not say."""

    title: str = ""
    publisher: str = ""
    author: str = ""
    published: str = ""
    url: str = ""
    external_id: str = ""


def read_articles(path: Path) -> Iterator[tuple[Source, Article] | Refused]:
    """Yield the articles of a file with where each stands, and the lines that were refused.

    Raises IngestError, at the first `next`, when nothing in the file can be read.
    """
    suffix = path.suffix.lower()
    if suffix == ".jsonl":
        yield from _read_jsonl(path)
        return
    yield Source(str(path)), _article(*_extract(path))


def source_text(path: Path, line: int | None = None) -> str:
    """Return the words of a source as they stand in it, without any cleaning of ours.

    For a JSONL file `line` (from 1) names the row: its title and its text.
    """
    if line is None:
        return _extract(path)[0]
    for number, raw in enumerate(_raw_lines(path), start=1):
        if number == line:
            text, given = _read_row(Source(str(path), line), raw)
            return _with_title(text, given.title)
    raise IngestError(f"{path} has no line {line}.")


def make_article(story: Story, given: Given | None = None) -> Article:
    """Make the article of a cleaned text; what the file says outside the text goes before what the text says."""
    given = given or Given()
    found_by = dict(story.found_by)
    values = {
        "publisher": story.credit.publisher,
        "author": story.credit.author,
        "published": story.credit.published,
    }
    for name in values:
        if said := getattr(given, name):
            values[name], found_by[name] = said, "metadata"
    title = story.title or given.title
    return Article(
        id=article_id(title, values["publisher"], values["published"], story.text),
        title=title,
        text=story.text,
        blocks=story.blocks,
        subtitle=story.subtitle,
        external_id=given.external_id,
        url=given.url,
        period_hint=tuple(sorted({int(year) for year in _year.findall(story.text)})),
        seams=story.seams,
        drops=story.drops,
        found_by=found_by,
        rules=RULES,
        **values,
    )


def article_id(*fields: str) -> str:
    """Return 12 hex digits of sha256 over the fields, each after its length so that no two lists look alike."""
    joined = "".join(f"{len(field)}:{field}" for field in fields)
    return sha256(joined.encode()).hexdigest()[:12]


def _article(text: str, given: Given) -> Article:
    story = clean(_with_title(text, given.title), titled=bool(given.title))
    return make_article(story, given)


def _with_title(text: str, title: str) -> str:
    """Put the title on a line of its own above the text, unless it stands there already."""
    first = text.lstrip()[: 2 * len(title) + 40].split("\n", 1)[0]
    return text if not title or squeeze(first) == squeeze(title) else f"{title}\n{text}"


def _extract(path: Path) -> tuple[str, Given]:
    """Read the words of a file that holds one article."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = " ".join(SUFFIXES)
        raise IngestError(
            f"{path} is of a kind that cannot be read ({path.suffix or 'no suffix'}); known are {known}."
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None
    if not content.strip():
        raise IngestError(f"{path} is empty.")
    text, given = reader(path, content)
    if not any(map(str.isalnum, text)):
        raise IngestError(f"{path} has no text in it.")
    return text, given


def _read_text(path: Path, content: bytes) -> tuple[str, Given]:
    return decode(content, path), Given()


def decode(content: bytes, path: Path) -> str:
    """Decode UTF-8, UTF-16 with its mark, GB18030 or Big5; raises IngestError for anything else."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise IngestError(f"{path} is not text: it holds NUL bytes.")
    else:
        encodings = ["utf-8-sig", "gb18030", "big5"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise IngestError(f"{path} is not text in UTF-8, UTF-16, GB18030 or Big5; save it as UTF-8.")


READERS: dict[str, Callable[[Path, bytes], tuple[str, Given]]] = {".txt": _read_text, ".md": _read_text}
SUFFIXES = (*sorted(READERS), ".jsonl")


def _read_jsonl(path: Path) -> Iterator[tuple[Source, Article] | Refused]:
    number = 0
    for number, raw in enumerate(_raw_lines(path), start=1):
        source = Source(str(path), number)
        if not raw.strip():
            continue
        try:
            yield source, _article(*_read_row(source, raw))
        except IngestError as error:
            yield Refused(source, str(error))
    if number == 0:
        raise IngestError(f"{path} is empty.")


def _raw_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, split at line feeds only, one at a time."""
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None


def _read_row(source: Source, raw: bytes) -> tuple[str, Given]:
    """Read one line of JSONL; raises IngestError naming the line and what is wrong with it."""
    try:
        row = json.loads(decode(raw, Path(str(source))))
    except ValueError as error:
        raise IngestError(f"{source} is not JSON: {error}.") from None
    if not isinstance(row, dict):
        raise IngestError(f'{source} is not an object with the field "text".')
    text = _field(row, "text", source)
    if not any(map(str.isalnum, text)):
        raise IngestError(f'{source} has no words in its field "text".')
    given = Given(
        title=" ".join(_field(row, "title", source).split()),
        publisher=_field(row, "publisher", source) or _field(row, "source", source),
        author=_field(row, "author", source),
        published=_day(_field(row, "date", source)),
        url=_field(row, "url", source),
        external_id=_field(row, "id", source),
    )
    return text, given


def _field(row: dict[str, Any], name: str, source: Source) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bool | list | dict | float) or (name == "text" and not isinstance(value, str)):
        raise IngestError(f"{source}: the field {name!r} is {type(value).__name__}, not a string.")
    text = str(value)
    if "\0" in text or not _encodable(text):
        raise IngestError(
            f"{source}: the field {name!r} holds characters that no text can have (NUL or a lone surrogate)."
        )
    return text if name == "text" else text.strip()


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _day(text: str) -> str:
    """Return the ISO date at the start of `text`, "" if there is none."""
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return ""
