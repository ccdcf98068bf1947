"""Web pages → words: the main text, without menus, related links and comments; nothing is fetched."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree, html

from rag.errors import IngestError
from rag.ingest.converters.html_meta import page_meta
from rag.ingest.converters.html_tables import set_out
from rag.ingest.converters.html_tags import most_attributes
from rag.ingest.encoding import likeness
from rag.ingest.extract import Extract, decode

__all__ = ["read_html"]

_charset = re.compile(rb"""<meta[^>]{0,200}charset=["']?([A-Za-z0-9_\-]{2,20})""", re.IGNORECASE)
# A main text shorter than this share of the page's words was not found well; one of so many links neither.
LEAST_SHARE = 0.1
MOST_LINKS = 0.15
# A page of more bytes, of deeper elements or of more tags than this is no saved article.
LARGEST = 8_000_000
DEEPEST = 250
MOST_TAGS = 120_000
# The parser compares the attributes of an element with one another: 10,000 take a second, 40,000 half a minute.
MOST_ATTRIBUTES = 300
# So many characters are looked through for the words of links (a tenth of a second); of a page with more, some links.
MOST_SEARCHED = 100_000_000
# A few broken bytes are usual in old pages.
MOST_BROKEN = 0.002
LEAST_LIKENESS = 0.4
BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "blockquote",
        "td",
        "th",
        "dt",
        "dd",
        "figcaption",
        "title",
        "table",
        "ul",
        "ol",
        "main",
        "body",
        "header",
        "footer",
        "aside",
        "nav",
        "center",
        "form",
    ]
)
SILENT = "//script|//style|//noscript|//template|//nav|//footer|//head|//select|//button|//textarea|//iframe"
MARKS = frozenset("，。；！？：”")


def read_html(path: Path, content: bytes) -> Extract:
    """Read the main text and the metadata of a page; a page without a main text gives all its words."""
    if len(content) > LARGEST:
        raise IngestError(f"{path} has {len(content) // 1_000_000} MB: no saved article is so large.")
    if (tags := content.count(b"<")) > MOST_TAGS:
        raise IngestError(f"{path} has {tags} tags: it is no article.")
    if _depth(content) > DEEPEST:
        raise IngestError(f"{path} has elements nested more than {DEEPEST} deep: it is no article.")
    if most_attributes(content, MOST_ATTRIBUTES) > MOST_ATTRIBUTES:
        raise IngestError(
            f"{path} has an element of more than {MOST_ATTRIBUTES} attributes: it is no article."
        )
    page = _decode(path, content)
    try:
        tree = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except etree.ParserError:
        return Extract("")
    said, rules = page_meta(tree, _lines(tree))
    fields: dict[str, Any] = said
    for node in tree.xpath(SILENT):
        node.drop_tree()
    tables = set_out(tree)
    page = html.tostring(tree, encoding="unicode") if tables.tables else page
    return tables.extract(_main_text(page, tree), rules=rules, **fields)


def _depth(content: bytes) -> int:
    """Return an upper bound of how deep the elements nest that must be closed."""
    depth = deepest = 0
    for tag in re.finditer(
        rb"<(/?)(?:div|span|table|ul|ol|section|article|font|b|i|blockquote)\b", content, re.IGNORECASE
    ):
        depth += -1 if tag[1] else 1
        deepest = max(deepest, depth)
    return deepest


def _main_text(page: str, tree: Any) -> str:
    """Return the text that trafilatura finds, unless it is little or mostly links; then that of the densest element."""
    import trafilatura  # it takes half a second, and most folders hold no page

    found: Any = trafilatura.bare_extraction(page, include_comments=False, with_metadata=False)
    text = (found.text or "") if found else ""
    linked = _linked(tree, text)
    everything = "\n".join(_lines(tree))
    if len(text) >= LEAST_SHARE * len(everything) and linked <= MOST_LINKS * len(text):
        return text
    return "\n".join(_lines(_densest(tree))) or everything


def _linked(tree: Any, text: str) -> int:
    """Return how many characters of a text are the words of links, counted in each line."""
    links = dict.fromkeys(" ".join(str(node.text_content()).split()) for node in tree.iter("a"))
    words = [link for link in links if len(link) > 3]
    lines = [line for line in text.splitlines() if line.strip()]
    # To call for a search costs about as much as 50 characters.
    step = 1 + len(words) * (len(text) + 50 * len(lines)) // MOST_SEARCHED
    return step * sum(len(word) for line in lines for word in words[::step] if word in line)


def _densest(tree: Any) -> Any:
    """Return the element in which, itself or in blocks right below it, most clauses end outside of links."""
    scores: dict[Any, int] = {}
    for node in tree.iter(*BLOCKS):
        own = _marks(node)
        holder = node if any(child.tag in BLOCKS for child in node) else node.getparent()
        for place in (node, holder):
            if place is not None and own:
                scores[place] = scores.get(place, 0) + own
    return max(scores, key=lambda node: scores[node], default=tree)


def _marks(node: Any) -> int:
    """Count the marks in an element's own words and those of elements in its lines, links apart."""
    count = sum(char in MARKS for char in node.text or "")
    for child in node:
        if child.tag not in BLOCKS and child.tag != "a" and isinstance(child.tag, str):
            count += _marks(child)
        count += sum(char in MARKS for char in child.tail or "")
    return count


def _decode(path: Path, content: bytes) -> str:
    """Decode a page as it says of itself if that makes sense, else as any text."""
    said = _charset.search(content[:4096])
    name = said[1].decode("ascii").lower() if said else ""
    name = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}.get(name, name)
    marked = content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
    if name and not marked and not name.startswith("utf-16"):
        try:
            page = content.decode(name, "replace")
        except LookupError:
            return decode(content, path)
        broken = page.count("\ufffd")
        if broken <= MOST_BROKEN * len(page) and (broken == 0 or likeness(page[:20_000]) > LEAST_LIKENESS):
            strict = broken or name.startswith("utf") or likeness(page[:20_000]) > LEAST_LIKENESS
            return page if strict else decode(content, path)
    return decode(content, path)


def _lines(tree: Any) -> list[str]:
    """Return the words of an element, a line for each block."""
    return [words for line in "".join(_words(tree)).split("\n") if (words := " ".join(line.split()))]


def _words(node: Any) -> Iterator[str]:
    """Yield the words in order, with line breaks around blocks."""
    for event, part in etree.iterwalk(node, events=("start", "end")):
        named = isinstance(part.tag, str)
        if event == "start" and named:
            if part.tag in BLOCKS or part.tag == "br":
                yield "\n"
            if part.tag not in ("script", "style"):
                yield _one_line(part.text)
        elif event == "end":
            if named and part.tag in BLOCKS:
                yield "\n"
            if part is not node:
                yield _one_line(part.tail)


def _one_line(text: str | None) -> str:
    return (text or "").replace("\n", " ").replace("\r", " ")
