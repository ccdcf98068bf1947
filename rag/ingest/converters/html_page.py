"""Web pages → words: the main text, without menus, related links and comments; nothing is fetched."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from lxml import etree, html

from rag.errors import IngestError
from rag.ingest.converters.html_meta import page_meta
from rag.ingest.converters.html_tables import SetOut, set_out
from rag.ingest.converters.html_tags import most_attributes
from rag.ingest.encoding import likeness
from rag.ingest.extract import Extract, decode
from rag.ingest.web.main_text import MainText, find_main_text
from rag.ingest.web.no_article import list_links, notice
from rag.ingest.web.page_lines import PageLine, read_page_lines, unseen_words
from rag.ingest.web.regions import AROUND, mark_regions
from rag.ingest.web.titles import meta_tags, page_title
from rag.ingest.web.wechat import is_wechat, read_share, wechat_notice
from rag.records import Drop

__all__ = ["decode_page", "read_html"]

_charset = re.compile(rb"""<meta[^>]{0,200}charset=["']?([A-Za-z0-9_\-]{2,20})""", re.IGNORECASE)
# A page of more bytes, of deeper elements or of more tags than this is no saved article.
LARGEST = 8_000_000
DEEPEST = 250
MOST_TAGS = 120_000
# The parser compares the attributes of an element with one another: 10,000 take a second, 40,000 half a minute.
MOST_ATTRIBUTES = 300
# A few broken bytes are usual in old pages.
MOST_BROKEN = 0.002
LEAST_LIKENESS = 0.4


def read_html(path: Path, content: bytes) -> Extract:
    """Read the main text and the metadata of a page.

    Raises IngestError for what is no article: a notice that it is gone, a list of links.
    """
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
    page = decode_page(path, content)
    try:
        tree = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except etree.ParserError:
        return Extract("")
    unseen = tuple(Drop(words, f"words in <{tag}>") for tag, words in unseen_words(tree))
    tables = set_out(tree)
    lines = read_page_lines(tree)
    if is_wechat(tree):
        return _with(_read_wechat(path, tree, lines, tables), unseen)
    title = page_title(tree, lines, meta_tags(tree))
    mark_regions(lines, title[0])
    main = find_main_text(lines, title[0])
    _refuse(path, lines, main, title[0])
    said, rules = page_meta(tree, lines, title, main)
    return _with(_told(lines, main.numbers, said, rules, tables), unseen)


def _with(extract: Extract, drops: tuple[Drop, ...]) -> Extract:
    return replace(extract, drops=(*extract.drops, *drops)) if drops else extract


def _read_wechat(path: Path, tree: Any, lines: list[PageLine], tables: SetOut) -> Extract:
    if words := wechat_notice(tree):
        raise IngestError(f"{path} is no article but a notice in its place: {words}.")
    share = read_share(tree)
    said = {
        "title": share.title,
        "publisher": share.account,
        "author": share.author,
        "published": share.published,
    }
    said["url"] = next(iter(tree.xpath("//meta[@property='og:url']/@content")), "")
    rules = {name: "page of WeChat" for name, value in said.items() if value}
    content = tree.xpath("//*[@id='js_content']")
    inside = [line for line in lines if content and content[0] in line.above]
    if share.text and not any(line.prose for line in inside):
        fields: dict[str, Any] = said
        left = tuple(Drop(line.text, AROUND) for line in lines)
        return Extract(share.text, rules=rules, drops=left, **fields)
    for line in lines:
        line.rule = "" if line in inside else AROUND
    mark_regions(inside, share.title)
    main = find_main_text(lines, "", content[0] if content else None)
    _refuse(path, lines, main, share.title)
    return _told(lines, main.numbers, said, rules, tables)


def _refuse(path: Path, lines: list[PageLine], main: MainText, title: str) -> None:
    if words := notice(lines, title, main):
        raise IngestError(f"{path} is no article but a notice in its place: {words}.")
    if links := list_links(lines, main):
        raise IngestError(f"{path} is no article but a list of {links} links.")


def _told(
    lines: Sequence[PageLine],
    numbers: Sequence[int],
    said: dict[str, str],
    rules: dict[str, str],
    tables: SetOut,
) -> Extract:
    """Return the text with the rows of its tables, where in it something was left out, and what was."""
    cuts: list[int] = []
    length = 0
    for before, at in pairwise([numbers[0] if numbers else 0, *numbers]):
        if at - before > 1:
            cuts.append(length)
        length += len(lines[at].text) + 1
    left = groupby((line for line in lines if line.rule), key=lambda line: line.rule)
    fields: dict[str, Any] = said
    fields["drops"] = tuple(
        Drop(tables.plain("\n".join(line.text for line in some)), rule) for rule, some in left
    )
    text = "\n".join(lines[at].text for at in numbers)
    if tables.tables:  # its rows are as many lines as they are, and each stands apart
        return tables.extract(text, rules=rules, **fields)
    return Extract(text, cuts=tuple(cuts), rules=rules, **fields)


def _depth(content: bytes) -> int:
    """Return an upper bound of how deep the elements nest that must be closed."""
    depth = deepest = 0
    for tag in re.finditer(
        rb"<(/?)(?:div|span|table|ul|ol|section|article|font|b|i|blockquote)\b", content, re.IGNORECASE
    ):
        depth += -1 if tag[1] else 1
        deepest = max(deepest, depth)
    return deepest


def decode_page(path: Path, content: bytes) -> str:
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
