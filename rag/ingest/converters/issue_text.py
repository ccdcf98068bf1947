"""A text of one issue or broadcast → its items: 《…》 (20260822) above headings that each have a text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median

from rag.ingest.cleaning.credits_and_captions import read_byline
from rag.ingest.cleaning.lines import Line, find_columns, main_column, read_lines
from rag.ingest.converters.markdown import read_markdown
from rag.ingest.extract import LARGEST_TEXT, Entry, Extract, Found, Reader, decode, read_content, whole
from rag.records import BlockKind, Drop, Table

__all__ = ["in_items", "read_markdown_file"]

# Fewer headings with a text below them are the sections of one article.
FEWEST_ITEMS = 3
# 基本情况, 下一步 are sections of one article; most headlines have more characters.
SHORTEST_HEADLINE = 8
# Without markup a heading is a line of no more characters.
LONGEST_HEADLINE = 60
# What the title says beside the day is the name of a paper or programme, no longer than this.
LONGEST_NAME = 16
# A foot below a rule has no more characters.
LONGEST_FOOT = 200

_heading = re.compile(r"^(#{1,6})[ \t]++([^\n]+)", re.MULTILINE)
_day = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-./年]?(\d\d?)[-./月]?(\d\d?)日?(?!\d)(?:\s?(?:星期|周)[一二三四五六日天])?"
)
_link = re.compile(r"\[[^\[\]\n]{1,20}\]\((https?://[^()\s]{1,1000})\)\s*\Z")
_rule = re.compile(r"^(?:-{3,}|\*{3,}|_{3,})[ \t]*$", re.MULTILINE)
_sentence = re.compile("[。！？]")
_named = re.compile("《([^《》]++)》")
# 一、… and 第一章 … are sections of one text.
_section = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[、)）]|第[一二三四五六七八九十]{1,3}[章节条部]")
RULES = {"published": "title of the issue", "publisher": "title of the issue"}
LIST = "what stands between the items of an issue"


@dataclass(frozen=True, slots=True)
class _Heading:
    """A line that may stand above an item; level 1 is that of the title."""

    start: int
    end: int
    level: int
    text: str


def read_markdown_file(path: Path) -> Iterator[Entry]:
    """Yield the items of an issue, or the one article that the file is.

    Raises IngestError, at the first `next`, when nothing can be read.
    """
    items = list(_items(decode(read_content(path, LARGEST_TEXT), path)))
    yield from items or _read_whole(path)


_read_whole = whole(lambda path, content: read_markdown(decode(content, path)), LARGEST_TEXT)


def in_items(reader: Reader) -> Reader:
    """Make a reader yield the items of a broadcast's text in the place of the one article of a file."""

    def read(path: Path) -> Iterator[Entry]:
        for entry in reader(path):
            items: list[Entry] = list(_told_items(entry.extract)) if isinstance(entry, Found) else []
            yield from items or [entry]

    return read


def _items(decoded: str) -> Iterator[Found]:
    """Yield the items with the lines they begin in; nothing where the file is one article."""
    headings = [_Heading(*one.span(), len(one[1]), one[2]) for one in _heading.finditer(decoded)]
    name, day = _issue(headings[0].text) if headings and headings[0].level == 1 else ("", "")
    spans = _spans(decoded, headings[1:]) if day else []
    for start, stop, left in _parts(decoded, spans):
        drops = tuple(Drop(words, LIST) for words in left)
        yield Found(decoded.count("\n", 0, start) + 1, _item(decoded[start:stop], name, day, drops))


def _spans(decoded: str, headings: Sequence[_Heading]) -> list[tuple[int, int]]:
    """Return the spans of the items, none where there are too few or their headings are those of sections."""
    spans = _with_text(decoded, headings)
    lengths = {heading.start: len(heading.text) for heading in headings}
    if len(spans) < FEWEST_ITEMS or median(lengths[start] for start, _ in spans) < SHORTEST_HEADLINE:
        return []
    return spans


def _parts(decoded: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the spans with the words before the first, and those behind each that are of none."""
    above = decoded[: spans[0][0]] if spans else ""
    for (start, stop), (following, _) in pairwise([*spans, (len(decoded), 0)]):
        yield start, stop, [words.strip() for words in (above, decoded[stop:following]) if words.strip()]
        above = ""


def _told_items(extract: Extract) -> Iterator[Found]:
    """Yield the items of a text without markup, with the lines they begin in; nothing where it is one article."""
    text = extract.text
    first = text.lstrip().split("\n", 1)[0].strip()
    title = next((said for said in (extract.title, first) if _issue(said)[1]), "")
    if not title or extract.kinds or (read_byline(title) and not _named.search(title)):
        return
    name, day = _issue(title)
    lines = read_lines(text)
    headings = list(_unmarked(extract, lines[lines[0].text == title :]))
    spans = _spans(text, headings)
    numbered = sum(_section.match(one.text) is not None for one in headings)
    # An article has a lead above its first section.
    if not spans or 2 * numbered > len(headings) or "。" in text[: spans[0][0]]:
        return
    for at, (start, stop, left) in enumerate(_parts(text, spans)):
        item = replace(
            _slice(extract, start, stop),
            title=text[start:stop].split("\n", 1)[0].strip(),
            publisher=name,
            author="",
            published=day,
            drops=(*(() if at else extract.drops), *(Drop(words, LIST) for words in left)),
            rules=RULES,
        )
        yield Found(text.count("\n", 0, start) + 1, item)


def _unmarked(extract: Extract, lines: Sequence[Line]) -> Iterator[_Heading]:
    """Yield the short lines that state nothing and have a text below them."""
    rows = {at for at, kind in extract.apart if kind is BlockKind.ROW}
    wrapped = main_column(find_columns(lines)) is not None
    for line, below in pairwise(lines):
        states = "。" in line.text or line.text[-1] in "，；：、"
        if states or len(line.text) > LONGEST_HEADLINE or line.start in rows or read_byline(line.text):
            continue
        # A line that was broken states nothing either: a heading stands alone there.
        if not wrapped or below.gap:
            yield _Heading(line.start, line.end, 2, line.text)


def _slice(extract: Extract, start: int, stop: int) -> Extract:
    """Return a part of an extract with its own offsets."""
    tables: list[Table] = []
    for table in extract.tables:
        cells = [cell for cell in table.cells if start <= cell.start < stop]
        if cells:
            moved = tuple(replace(cell, start=cell.start - start, end=cell.end - start) for cell in cells)
            tables.append(replace(table, cells=moved))
    return replace(
        extract,
        text=extract.text[start:stop],
        cuts=tuple(cut - start for cut in extract.cuts if start < cut < stop),
        apart=tuple((at - start, kind) for at, kind in extract.apart if start <= at < stop),
        tables=tuple(tables),
    )


def _issue(title: str) -> tuple[str, str]:
    """Return the name of a paper or programme and its day, ("", "") for any other title."""
    found = _day.search(title)
    if not found:
        return "", ""
    sides = [
        side.strip(" 　#()（）[]【】《》·|-—_") for side in (title[: found.start()], title[found.end() :])
    ]
    name = "".join(sides) if not all(sides) else ""
    if name and (named := _named.search(title)):
        name = named[1]
    try:
        day = date(*map(int, found.groups())).isoformat()
    except ValueError:
        return "", ""
    return (name, day) if name and len(name) <= LONGEST_NAME else ("", "")


def _with_text(decoded: str, headings: Sequence[_Heading]) -> list[tuple[int, int]]:
    """Return the spans of the headings of that level which has most sentences right below its headings."""
    ends = [*(heading.start for heading in headings[1:]), len(decoded)]
    texts = {one: decoded[one.end : end] for one, end in zip(headings, ends, strict=False)}
    told = {heading: len(_sentence.findall(text)) for heading, text in texts.items()}
    levels = {heading.level for heading in headings}
    best = max(levels, key=lambda level: sum(told[one] for one in headings if one.level == level), default=0)
    spans = []
    for at, heading in enumerate(headings):
        if heading.level == best and told[heading]:
            later = (one.start for one in headings[at + 1 :] if one.level <= best)
            spans.append((heading.start, next(later, len(decoded))))
    return spans


def _item(part: str, name: str, day: str, drops: tuple[Drop, ...]) -> Extract:
    """Read an item; a link or a foot that ends it is no text of it."""
    url = ""
    if (rule := _rule.search(part)) and len(part) - rule.start() <= LONGEST_FOOT:
        drops += (Drop(part[rule.start() :].strip(), "foot of the file"),)
        part = part[: rule.start()]
    if link := _link.search(part):
        url = link[1]
        drops += (Drop(link[0].strip(), "link to the source"),)
        part = part[: link.start()]
    extract = read_markdown(part)
    heading = _heading.match(part)
    title = extract.title or (heading[2].strip() if heading else "")
    return replace(
        extract,
        title=title,
        publisher=name,
        published=day,
        url=url,
        drops=drops + extract.drops,
        rules=RULES,
    )
