"""Word files → words: what a reader sees of the text, its tables, boxes and notes."""

import posixpath
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from lxml import etree

from rag.errors import IngestError
from rag.ingest.extract import Extract
from rag.ingest.sheet import Sheet
from rag.ingest.word.embedded import DRAWINGS, FILES, Embedded, in_fallback
from rag.ingest.word.numbering import Numbering
from rag.ingest.word.paragraphs import Notes, Paragraph, Shown
from rag.ingest.word.styles import Styles, W, value
from rag.records import Drop

__all__ = ["read_docx"]

# What a file unpacks to, and the words of it: more bytes than this are no article but would fill the memory.
LARGEST_UNPACKED = 200_000_000
LARGEST_WORDS = 30_000_000
# Chinese packs to a third or a quarter. Words that pack to less than this share were written by nobody, and a short
# file of them would be read for minutes; so many characters are read in any case.
MOST_PACKED = 10
ANY_LENGTH = 700_000
# What a damaged package makes zipfile, lxml and python-docx raise, besides python-docx's own errors.
DAMAGED = (BadZipFile, zlib.error, EOFError, LookupError, ValueError, SyntaxError, AttributeError, TypeError)
# Parts that are shown beside the text, and the rule by which their words are not in the article.
BESIDE = {"header": "running head", "footer": "running head", "comments": "comment"}


def read_docx(path: Path, content: bytes) -> Extract:
    """Read paragraphs, tables, text boxes and notes; a paragraph in the style “Title” is the title."""
    import docx
    from docx.exceptions import PythonDocxError

    try:
        packed = _refuse_bomb(path, content)
        document = docx.Document(BytesIO(content))
        body, styles = document.element.body, document.styles.element
        beside = _Parts.of(content, str(document.part.partname).lstrip("/"))
    # zipfile raises RuntimeError for a password, NotImplementedError (one of them) for an unknown way of packing.
    except (*DAMAGED, RuntimeError, PythonDocxError):
        raise IngestError(f"{path} is not a Word file (.docx), or it is damaged.") from None
    for part in (body, styles, *beside.all()):
        if part.getroottree().docinfo.internalDTD is not None:
            raise IngestError(f"{path} declares entities of its own (<!DOCTYPE>): no Word program does.")
    known = Styles.of(styles)
    shown = Shown(known, Numbering(beside.one("numbering"), known), beside.notes(body), beside.embedded)
    sheet = Sheet()
    for item in shown.items(body):
        if isinstance(item, Paragraph):
            sheet.add(item.text, item.apart)
        else:
            sheet.add_table(item)
        if sheet.length > max(ANY_LENGTH, MOST_PACKED * packed):
            raise IngestError(
                f"{path} unpacks to more than {sheet.length // 100_000 / 10} million characters: no article is so large."
            )
    shown.drop_unread()
    title = next((shown.title(part) for part in body if part.tag == f"{W}p" and shown.is_title(part)), "")
    return sheet.extract(title=title, drops=(*shown.drops, *beside.drops(), *beside.embedded.drops()))


def _refuse_bomb(path: Path, content: bytes) -> int:
    """Raise IngestError when the file unpacks to more than an article can have; unpacking ends at the size it names.

    Returns the bytes that the largest part has when it is packed.
    """
    with ZipFile(BytesIO(content)) as archive:
        parts = archive.infolist()
    sizes = {part.filename: part.file_size for part in parts}
    words = max((size for name, size in sizes.items() if name.endswith((".xml", ".rels"))), default=0)
    if sum(sizes.values()) > LARGEST_UNPACKED or words > LARGEST_WORDS:
        raise IngestError(f"{path} unpacks to {sum(sizes.values()) // 1_000_000} MB: no article is so large.")
    return max((part.compress_size for part in parts if part.filename.endswith(".xml")), default=0)


class _Parts:
    """The parts that belong to the text: lists, notes, heads and feet of pages, comments."""

    def __init__(self, by_kind: dict[str, list[Any]], embedded: Embedded) -> None:
        self._by_kind, self.embedded = by_kind, embedded

    @classmethod
    def of(cls, content: bytes, main: str) -> "_Parts":
        """Read the parts to which the text is related; those that are named and missing are none."""
        folder, name = posixpath.split(main)
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        found: dict[str, list[Any]] = {}
        drawings: dict[str, Any] = {}
        files: dict[str, bytes] = {}
        with ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
            relations = posixpath.join(folder, "_rels", f"{name}.rels")
            if relations not in names:
                return cls(found, Embedded(drawings, files))
            for relation in etree.fromstring(archive.read(relations), parser):
                kind = str(relation.get("Type", "")).rpartition("/")[2]
                target = str(relation.get("Target", ""))
                at = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                if at not in names:
                    continue
                ident = str(relation.get("Id", ""))
                if kind in FILES:
                    files[ident] = archive.read(at)
                elif kind in DRAWINGS:
                    drawings[ident] = etree.fromstring(archive.read(at), parser)
                elif kind in ("numbering", "settings", "footnotes", "endnotes", *BESIDE):
                    found.setdefault(kind, []).append(etree.fromstring(archive.read(at), parser))
        return cls(found, Embedded(drawings, files))

    def all(self) -> Iterator[Any]:
        """Yield every part."""
        for parts in (*self._by_kind.values(), self.embedded.drawings.values()):
            yield from parts

    def one(self, kind: str) -> Any:
        """Return the part of a kind, None where there is none."""
        return next(iter(self._by_kind.get(kind, ())), None)

    def notes(self, body: Any) -> dict[str, Notes]:
        """Return the notes at the foot of pages and at the end, with how they are numbered."""
        settings = self.one("settings")
        section = body.find(f"{W}sectPr")
        found: dict[str, Notes] = {}
        for kind, usual in (("footnote", "decimal"), ("endnote", "lowerRoman")):
            part = self.one(f"{kind}s")
            said = [value(one, f"{kind}Pr/numFmt") for one in (section, settings) if one is not None]
            by_id = (
                {}
                if part is None
                else {one.get(f"{W}id", ""): one for one in part.iterchildren(f"{W}{kind}")}
            )
            found[kind] = Notes(by_id, next(filter(None, said), usual))
        return found

    def drops(self) -> Iterator[Drop]:
        """Yield the words of the parts that are shown beside the text."""
        for kind, rule in BESIDE.items():
            for part in self._by_kind.get(kind, ()):
                said = "".join(one.text or "" for one in part.iter(f"{W}t") if not in_fallback(one, part))
                if said.strip():
                    yield Drop(said, rule)
