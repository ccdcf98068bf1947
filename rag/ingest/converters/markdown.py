"""Markdown → words: the markup is taken out, and listed."""

import re
from collections.abc import Iterator

from rag.ingest.cleaning.credits_and_captions import read_date
from rag.ingest.extract import Extract
from rag.records import Drop

__all__ = ["read_markdown"]

_front = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_field = re.compile(r"^(\w++)[ \t]*+:(.*)$", re.MULTILINE)
_title = re.compile(r"^#[ \t]++(.+)$", re.MULTILINE)
_markup = re.compile(
    r"<!--(?:(?!<!--).)*?-->"
    r"|^[ \t]{0,3}(?:#{1,6}[ \t]+|(?:>[ \t]?)+|[-*+][ \t]+|(?:```|~~~)[^\n]*$)"
    r"|^[ \t|:\-]{0,200}-{3}[ \t|:\-]{0,200}$"
    r"|!\[[^\[\]\n]{0,300}\]\([^()\n]{0,1000}\)"
    r"|(?<=\])\([^()\n]{0,1000}\)|\[(?=[^\[\]\n]{1,300}\]\()|(?<=[^\s(\[])\](?=\()"
    r"|(?<![0-9A-Za-z])\*{1,3}|\*{1,3}(?![0-9A-Za-z])|(?<!\w)_{1,2}(?=\S)|(?<=\S)_{1,2}(?!\w)|~~|`+|\\(?=[*_#\[\]`~])"
    r"|</?[a-zA-Z][^<>\n]{0,300}>|\|",
    re.MULTILINE | re.DOTALL,
)
# What stands for a piece of markup: a heading begins a paragraph, table cells stay apart.
APART = {"#": "\n", "|": " "}
NAMES = {
    "title": "title",
    "date": "published",
    "published": "published",
    "author": "author",
    "source": "publisher",
    "publisher": "publisher",
    "url": "url",
}


def read_markdown(decoded: str) -> Extract:
    """Take the markup out of `decoded`; front matter gives title, date, author, publisher and url."""
    front = _front.match(decoded)
    begin = front.end() if front else 0
    said = {
        NAMES[name.lower()]: value.strip(" \t\r").strip("\"'")
        for name, value in _field.findall(front[1] if front else "")
        if name.lower() in NAMES
    }
    said["title"] = _markup.sub("", said.get("title", ""))
    said["published"] = read_date(said.get("published", ""))
    pieces: list[str] = []
    cuts: list[int] = []
    drops: list[Drop] = []
    at = 0
    for start, end in _hidden(decoded, begin):
        markup = decoded[start:end]
        pieces.append(decoded[at:start] + APART.get(markup.strip()[:1], ""))
        cuts.append(len(pieces[-1]) + (cuts[-1] if cuts else 0))
        drops.append(Drop(markup, "front matter" if end == begin else "markup"))
        at = end
    text = "".join(pieces) + decoded[at:]
    if not said.get("title") and (heading := _title.search(decoded, begin)):
        said["title"] = _markup.sub("", heading[1].rstrip(" \t\r#"))
    return Extract(text, source=decoded, cuts=tuple(cuts), drops=tuple(drops), **said)


def _hidden(decoded: str, begin: int) -> Iterator[tuple[int, int]]:
    if begin:
        yield 0, begin
    for found in _markup.finditer(decoded, begin):
        yield found.span()
