"""Web pages → words: the main text, without menus and comments; nothing is fetched."""

import re
from pathlib import Path
from typing import Any

from lxml import etree, html

from rag.extract import Extract, decode
from rag.furniture import read_date

__all__ = ["read_html"]

_charset = re.compile(rb"""<meta[^>]{0,200}charset=["']?([A-Za-z0-9_\-]{2,20})""", re.IGNORECASE)
# A main text shorter than this share of the page's words was not found well.
LEAST_SHARE = 0.1
BLOCKS = "p|div|li|tr|h1|h2|h3|h4|h5|h6|br|section|article|blockquote|td|th|dt|dd|figcaption|title"
SILENT = "//script|//style|//noscript|//template|//nav|//footer|//head"


def read_html(path: Path, content: bytes) -> Extract:
    """Read the main text and the metadata of a page; a page without a main text gives all its words."""
    import trafilatura  # it takes half a second, and most folders hold no page

    page = _decode(path, content)
    found: Any = trafilatura.bare_extraction(
        page,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    everything = _all_words(page)
    text = (found.text or "") if found else ""
    if len(text) < LEAST_SHARE * len(everything):
        text = everything
    if not found:
        return Extract(text)
    title = " ".join((found.title or "").split())
    return Extract(
        text,
        title=title,
        publisher=found.sitename or "",
        author=(found.author or "").replace("; ", " "),
        published=read_date(found.date or ""),
        url=found.url or "",
    )


def _decode(path: Path, content: bytes) -> str:
    """Decode a page as it says of itself, else as any text."""
    said = _charset.search(content[:2048])
    name = said[1].decode("ascii").lower() if said else ""
    if name in ("gb2312", "gbk"):
        name = "gb18030"
    try:
        return content.decode(name) if name else decode(content, path)
    except (UnicodeDecodeError, LookupError):
        return decode(content, path)


def _all_words(page: str) -> str:
    """Return every word of the page, a line for each block."""
    try:
        tree = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except etree.ParserError:
        return ""
    for node in tree.xpath(SILENT):
        node.drop_tree()
    for node in tree.iter(*BLOCKS.split("|")):
        node.tail = "\n" + (node.tail or "")
        node.text = "\n" + (node.text or "")
    return "\n".join(line.strip() for line in str(tree.text_content()).splitlines() if line.strip())
