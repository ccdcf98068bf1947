"""E-books (.epub) → articles: one for each chapter, in the order in which the book is read."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from rag.errors import IngestError
from rag.ingest.converters.html_fragment import fragment_text, read_fragment
from rag.ingest.converters.row_dates import row_date
from rag.ingest.extract import Entry, Extract, Fault, Found, decode, read_content
from rag.ingest.packages.zip_package import Package, open_package
from rag.records import Drop

__all__ = ["read_epub"]

KIND = "an e-book (.epub)"
CONTAINER = "META-INF/container.xml"
LOCKED = "META-INF/encryption.xml"
# What holds no words of the book's own.
SILENT = ("nav", "cover-image")
_PAGES = ("application/xhtml+xml", "text/html", "application/xml")
# The beginning of each heading is read for itself, its end is the next of its kind.
_headings = re.compile(r"<h([1-3])(?:\s[^<>]{0,1000})?>((?:[^<]|<(?!/h\1)){0,2000}+)</h\1>", re.IGNORECASE)
_FONTS = (".otf", ".ttf", ".woff", ".woff2")


def read_epub(path: Path) -> Iterator[Entry]:
    """Yield the chapters that have words, numbered from 1; title and date of the book are those of none of them."""
    with open_package(path, read_content(path), KIND) as package:
        locked = _locked(package)
        book = _rootfile(package)
        root = package.xml(book)
        publisher, author, day = (_said(root, name) for name in ("publisher", "creator", "date"))
        number = 0
        waiting = [
            Drop(words, "table of contents") for words in _contents(package, root, posixpath.dirname(book))
        ]
        for name in _spine(root, posixpath.dirname(book)):
            if name in locked:
                raise IngestError(f"{path} is locked against copying (DRM): it cannot be read.")
            if name not in package.names:
                yield Fault(None, f"{path} names a chapter {name!r} that is not in it.")
                continue
            chapter = _chapter(package.read(name), f"{path}: {name}")
            if any(map(str.isalnum, chapter.text)):
                number += 1
                drops = (*waiting, *chapter.drops)
                said = replace(chapter, publisher=publisher, author=author, published=row_date(day))
                yield Found(number, replace(said, drops=drops))
                waiting = []
        if number == 0:
            raise IngestError(f"{path} has no text in it.")


def _rootfile(package: Package) -> str:
    found = next(package.xml(CONTAINER).iter("{*}rootfile"), None)
    if found is None:
        raise ValueError("no rootfile")
    return str(found.get("full-path", ""))


def _locked(package: Package) -> set[str]:
    """Return the parts that are encrypted; fonts often are, in books that anybody may read."""
    if LOCKED not in package.names:
        return set()
    parts = (unquote(one.get("URI", "")) for one in package.xml(LOCKED).iter("{*}CipherReference"))
    return {part for part in parts if not part.lower().endswith(_FONTS)}


def _said(root: Any, name: str) -> str:
    found = next(root.iter(f"{{http://purl.org/dc/elements/1.1/}}{name}"), None)
    return " ".join((found.text or "").split()) if found is not None else ""


def _spine(root: Any, folder: str) -> Iterator[str]:
    """Yield the parts that are read one after another."""
    items = {item.get("id"): item for item in root.iter("{*}item")}
    for reference in root.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _PAGES:
            continue
        if not set(item.get("properties", "").split()) & set(SILENT):
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))


def _contents(package: Package, root: Any, folder: str) -> Iterator[str]:
    """Yield the words of the parts that list the chapters."""
    for item in root.iter("{*}item"):
        name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        if "nav" not in item.get("properties", "").split() or name not in package.names:
            continue
        if words := _chapter(package.read(name), name).text:
            yield words


def _chapter(content: bytes, where: str) -> Extract:
    """Return the words of a chapter with its heading, without what a page says in its head."""
    page = decode(content, Path(where))
    begin = page.find("<body")
    body = page[page.find(">", begin) + 1 :] if begin >= 0 else page
    return replace(read_fragment(body, where), title=_heading(body, where))


def _heading(body: str, where: str) -> str:
    """Return the words of the first heading, "" without one."""
    words = (fragment_text(found[2], where)[0] for found in _headings.finditer(body))
    return next((" ".join(said.split()) for said in words if said), "")
