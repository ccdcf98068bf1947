"""A Markdown file of one issue or broadcast → its items: `# 《…》 (20260822)` above headings that each have a text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median

from rag.ingest.converters.markdown import read_markdown
from rag.ingest.extract import LARGEST_TEXT, Entry, Extract, Found, decode, read_content, whole
from rag.records import Drop

__all__ = ["read_markdown_file"]

# Fewer headings with a text below them are the sections of one article.
FEWEST_ITEMS = 3
# 基本情况, 下一步 are sections of one article; most headlines have more characters.
SHORTEST_HEADLINE = 8
# What the title says beside the day is the name of a paper or programme, no longer than this.
LONGEST_NAME = 16
# A foot below a rule has no more characters.
LONGEST_FOOT = 200

_heading = re.compile(r"^(#{1,6})[ \t]++([^\n]+)", re.MULTILINE)
_day = re.compile(r"(?<!\d)((?:19|20)\d\d)[-./年]?(\d\d?)[-./月]?(\d\d?)日?(?!\d)")
_link = re.compile(r"\[[^\[\]\n]{1,20}\]\((https?://[^()\s]{1,1000})\)\s*\Z")
_rule = re.compile(r"^(?:-{3,}|\*{3,}|_{3,})[ \t]*$", re.MULTILINE)
_sentence = re.compile("[。！？]")


def read_markdown_file(path: Path) -> Iterator[Entry]:
    """Yield the items of an issue, or the one article that the file is.

    Raises IngestError, at the first `next`, when nothing can be read.
    """
    items = list(_items(decode(read_content(path, LARGEST_TEXT), path)))
    yield from items or _read_whole(path)


_read_whole = whole(lambda path, content: read_markdown(decode(content, path)), LARGEST_TEXT)


def _items(decoded: str) -> Iterator[Found]:
    """Yield the items with the lines they begin in; nothing where the file is one article."""
    headings = list(_heading.finditer(decoded))
    name, day = _issue(headings[0][2]) if headings and len(headings[0][1]) == 1 else ("", "")
    spans = _with_text(decoded, headings[1:]) if day else []
    lengths = {heading.start(): len(heading[2]) for heading in headings}
    if len(spans) < FEWEST_ITEMS or median(lengths[start] for start, _ in spans) < SHORTEST_HEADLINE:
        return
    above = decoded[: spans[0][0]]
    for (start, stop), (following, _) in pairwise([*spans, (len(decoded), 0)]):
        left = [words.strip() for words in (above, decoded[stop:following]) if words.strip()]
        drops = tuple(Drop(words, "what stands between the items of an issue") for words in left)
        yield Found(decoded.count("\n", 0, start) + 1, _item(decoded[start:stop], name, day, drops))
        above = ""


def _issue(title: str) -> tuple[str, str]:
    """Return the name of a paper or programme and its day, ("", "") for any other title."""
    found = _day.search(title)
    if not found:
        return "", ""
    sides = [
        side.strip(" 　#()（）[]【】《》·|-—_") for side in (title[: found.start()], title[found.end() :])
    ]
    name = "".join(sides) if not all(sides) else ""
    try:
        day = date(*map(int, found.groups())).isoformat()
    except ValueError:
        return "", ""
    return (name, day) if name and len(name) <= LONGEST_NAME else ("", "")


def _with_text(decoded: str, headings: Sequence[re.Match[str]]) -> list[tuple[int, int]]:
    """Return the spans of the headings of that level which has most sentences right below its headings."""
    ends = [*(heading.start() for heading in headings[1:]), len(decoded)]
    texts = {heading: decoded[heading.end() : end] for heading, end in zip(headings, ends, strict=True)}
    told = {heading: len(_sentence.findall(text)) for heading, text in texts.items()}
    levels = {len(heading[1]) for heading in headings}
    best = max(
        levels, key=lambda level: sum(told[one] for one in headings if len(one[1]) == level), default=0
    )
    spans = []
    for heading in headings:
        if len(heading[1]) == best and told[heading]:
            later = (one.start() for one in headings if one.start() > heading.start() and len(one[1]) <= best)
            spans.append((heading.start(), next(later, len(decoded))))
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
        rules={"published": "title of the issue", "publisher": "title of the issue"},
    )
