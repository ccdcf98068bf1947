"""A piece of HTML in a field of text → its words, a line for each block."""

import re
from collections.abc import Iterable

from lxml import etree, html

from rag.errors import IngestError
from rag.ingest.converters.html_tables import set_out
from rag.ingest.converters.html_tags import most_attributes
from rag.ingest.extract import Extract
from rag.ingest.raised import lowered, raised
from rag.records import Drop

__all__ = ["fragment_text", "is_fragment", "read_fragment"]

MOST_ATTRIBUTES = 300
SILENT = frozenset(
    ["script", "style", "noscript", "template", "iframe", "select", "textarea", "button", "rt", "rp"]
)
# Words inside a line; every other element has lines of its own.
# fmt: off
INLINE = frozenset([
    "a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "img", "ins", "label",
    "mark", "q", "rb", "rp", "rt", "ruby", "s", "small", "span", "strong", "sub", "sup", "tt", "u", "wbr", "o:p",
])
# fmt: on
CELLS = frozenset(["td", "th"])

_tag = re.compile(
    r"</?(?:p|br|div|span|img|a|b|i|u|em|strong|h[1-6]|ul|ol|li|table|tbody|tr|td|th|ruby|rt|sup|sub|section|article|font|figure|blockquote|html|body|center)"
    r"(?:\s[^<>]{0,2000})?/?>|<!--",
    re.IGNORECASE,
)
_entity = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,5});", re.IGNORECASE)


def is_fragment(text: str) -> bool:
    """Say whether a text is written in HTML: it has elements that pages have, or characters by name."""
    return ("<" in text and _tag.search(text) is not None) or (
        "&" in text and _entity.search(text) is not None
    )


def read_fragment(text: str, where: str) -> Extract:
    """Return the words with the rows of the tables of facts; what is no text is listed as left out.

    Raises IngestError as `fragment_text` does.
    """
    if "<table" not in text.lower():
        words, hidden = fragment_text(text, where)
        return Extract(words, drops=_left_out(hidden))
    _check(text, where)
    try:
        tree = html.document_fromstring(
            f"<html><body>{text}</body></html>".encode(errors="replace"),
            parser=html.HTMLParser(encoding="utf-8"),
        )
    except etree.LxmlError:
        raise IngestError(f"{where} has elements nested too deep: it is no article.") from None
    tables = set_out(tree)
    words, hidden = fragment_text(html.tostring(tree.body, encoding="unicode"), where)
    return tables.extract(words, drops=_left_out(hidden))


def _left_out(hidden: Iterable[str]) -> tuple[Drop, ...]:
    return tuple(Drop(piece, "script, style or comment") for piece in hidden)


def _check(text: str, where: str) -> None:
    if most_attributes(text.encode(errors="replace"), MOST_ATTRIBUTES) > MOST_ATTRIBUTES:
        raise IngestError(
            f"{where} has an element of more than {MOST_ATTRIBUTES} attributes: it is no article."
        )


def fragment_text(text: str, where: str) -> tuple[str, list[str]]:
    """Return the words, and the scripts, styles and comments between them.

    Raises IngestError for what would take the parser minutes.
    """
    if not _tag.search(text):
        text = text.replace("<", "&lt;").replace("\n", "<br>")
    _check(text, where)
    words = _Words()
    try:
        # Lone surrogates and NUL are no text to the parser: whoever calls refuses them afterwards.
        etree.fromstring(
            f"<html><body>{text}</body></html>".encode(errors="surrogatepass").decode(errors="replace"),
            etree.HTMLParser(target=words),
        )
    except etree.XMLSyntaxError:
        raise IngestError(f"{where} has elements nested too deep: it is no article.") from None
    return words.text, words.hidden


class _Words:
    """Hears the parser: no tree is kept."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._silent = 0
        self._set: list[str] = []
        self.hidden: list[str] = []

    @property
    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._parts).split("\n"))
        return "\n".join(line for line in lines if line)

    def start(self, tag: str, attributes: object) -> None:
        self._silent += tag in SILENT
        if tag in ("sup", "sub"):
            self._set.append(tag)
        self._open(tag)

    def end(self, tag: str) -> None:
        self._silent -= tag in SILENT
        if self._set and tag == self._set[-1]:
            self._set.pop()
        self._open(tag)

    def _open(self, tag: str) -> None:
        if tag not in INLINE:
            self._parts.append(" " if tag in CELLS else "\n")

    def data(self, words: str) -> None:
        if not self._silent:
            if self._set:
                words = raised(words) if self._set[-1] == "sup" else lowered(words)
            self._parts.append(words.replace("\r", " ").replace("\n", " "))
        elif words.strip():
            self.hidden.append(words)

    def comment(self, words: str) -> None:
        if words.strip():
            self.hidden.append(words)

    def close(self) -> None:
        """Return nothing: the words are kept here."""
