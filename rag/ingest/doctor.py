"""What reading a file would make of it, before it is built into an index: for people who wonder."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import IngestError
from rag.ingest.articles import Refused, read_articles
from rag.ingest.cleaning.lines import find_columns, main_column, read_lines
from rag.ingest.converters.html_page import decode_page
from rag.ingest.encoding import find_encoding
from rag.ingest.extract import read_content
from rag.ingest.files import find_files
from rag.ingest.regular_file import open_file
from rag.ingest.web.second_opinion import disagreement
from rag.records import Article, BlockKind

__all__ = ["Finding", "examine", "examine_all"]

PAGES = (".html", ".htm", ".shtml")
TEXTS = (".txt", ".md", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", *PAGES)
# The beginning of a file is enough to know its encoding, the first articles to know how it reads.
SAMPLE = 200_000
SHOWN = 5
NO_INDEX = Path(".no-index")

_suspicious = {
    "private use": re.compile("[\ue000-\uf8ff]"),
    "replacement (�)": re.compile("\ufffd"),
    "radical": re.compile("[\u2e80-\u2fd5]"),
    "control": re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]"),
    "invisible": re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in a file: `articles` counts them, `shown` describes the first ones."""

    path: str
    encoding: str
    confidence: float
    layout: str
    articles: int
    shown: tuple[Mapping[str, str], ...]
    suspicious: Mapping[str, int]
    refused: tuple[str, ...]


def examine(path: Path, told: Callable[[Article], object] = lambda _: None) -> Finding:
    """Read a file as a build would; `told` hears of each article, what it raises as an IngestError ends the reading."""
    articles: list[Article] = []
    refused: list[str] = []
    count = 0
    marks: Counter[str] = Counter()
    encoding, confidence, layout = "", 0.0, ""
    try:
        encoding, confidence, layout = _encoded(path)
        for entry in read_articles(path):
            if isinstance(entry, Refused):
                refused.append(entry.reason)
                continue
            count += 1
            told(entry[1])
            marks.update({name: len(found.findall(entry[1].text)) for name, found in _suspicious.items()})
            if count <= SHOWN:
                articles.append(entry[1])
    except IngestError as error:
        refused.append(str(error))
    if path.suffix.lower() == ".pdf" and articles:
        layout = _pages(articles, count)
    if path.suffix.lower() in PAGES and articles:
        layout = disagreement(decode_page(path, read_content(path)), articles[0].text)
    shown = tuple(_described(article) for article in articles)
    found = {name: number for name, number in marks.items() if number}
    return Finding(str(path), encoding, round(confidence, 3), layout, count, shown, found, tuple(refused))


def examine_all(paths: Iterable[Path]) -> Iterator[Finding]:
    """Yield what is found in files and in the files of folders.

    Raises IngestError for a path that is not there.
    """
    closed: dict[Path, str] = {}
    for path in paths:
        if not path.exists():
            raise IngestError(f"{path} is not there: name a file or a folder.")
        for state in find_files(path, NO_INDEX, closed=closed.__setitem__):
            yield examine(state.path)
    for folder, reason in closed.items():
        yield Finding(str(folder), "", 0.0, "", 0, (), {}, (reason,))


def _encoded(path: Path) -> tuple[str, float, str]:
    """Return the encoding of a text file, how sure it is, and whether its lines were broken at a column."""
    if path.suffix.lower() not in TEXTS:
        return "", 0.0, ""
    try:
        with open_file(path) as file:
            sample = file.read(SAMPLE)
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None
    whole = len(sample) < SAMPLE
    found = find_encoding(sample if whole else sample.rpartition(b"\n")[0] or sample, path)
    layout = ""
    if path.suffix.lower() == ".txt":
        column = main_column(find_columns(read_lines(sample.decode(found.name, "ignore"))))
        unit = "" if column is None else "characters" if column.by_char else "display columns"
        layout = "lines are paragraphs" if column is None else f"wrapped at {column.size} {unit}"
    return found.label, found.confidence, layout


def _pages(articles: list[Article], count: int) -> str:
    whole = any("text" in article.found_by for article in articles)
    kind = "a newspaper taken apart by its headlines" if count > 1 else "one article"
    return f"{kind}; some pages could not be taken apart" if whole else kind


def _described(article: Article) -> dict[str, str]:
    fields: dict[str, Any] = {
        "title": article.title,
        "published": article.published,
        "publisher": article.publisher,
        "author": article.author,
    }
    told = {
        name: f"{value} ({article.found_by.get(name, 'unknown rule')})"
        for name, value in fields.items()
        if value
    }
    body = sum(len(range(block.start, block.end)) for block in article.blocks if block.kind is BlockKind.BODY)
    return {
        **told,
        "characters": str(body),
        "left out": "; ".join(sorted({drop.rule for drop in article.drops})),
    }
