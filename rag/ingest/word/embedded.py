"""What stands in a Word paragraph as one thing: text boxes, SmartArt, charts, objects of other programs, files taken in."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from lxml import etree

from rag.ingest.converters.html_fragment import fragment_text
from rag.ingest.converters.html_page import decode_page
from rag.ingest.converters.web_archive import archived_page
from rag.ingest.word.styles import W
from rag.records import Drop

__all__ = ["A_TEXT", "DRAWINGS", "FILES", "Embedded", "chosen", "drawn_words", "in_fallback"]

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
A_TEXT = f"{_A}t"
"""The text of drawings."""
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_VML = "{urn:schemas-microsoft-com:vml}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
# The relations of a text to the parts that hold such things.
DRAWINGS, FILES = ("chart", "chartEx", "diagramData"), ("package", "oleObject", "aFChunk")
CHART, OBJECT, CHUNK = "chart", "embedded object", "a page in the file"
# The parts of an embedded Office file that hold its words, and how much of them (bytes) is looked at.
_PARTS = ("xl/sharedStrings.xml", "word/document.xml", "ppt/slides/slide")
LARGEST_OBJECT = 4_000_000
DAMAGED = (BadZipFile, zlib.error, EOFError, LookupError, ValueError, SyntaxError, RuntimeError)
"""What a damaged one makes zipfile and lxml raise."""


@dataclass(slots=True)
class Embedded:
    """The parts that hold such things by the id of their relation: the roots of drawings, the bytes of files.

    What is shown is shown once, however often a text refers to it; `drops` lists the others.
    """

    drawings: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def shown(self, drawing: Any) -> Iterator[Any]:
        """Yield the text boxes of a drawing as elements, its other lines of text as strings."""
        for part in drawing:
            if part.tag == f"{W}txbxContent":
                yield part
            elif part.tag == f"{_MC}AlternateContent":
                yield from self.shown(chosen(part))
            elif part.tag == _DIAGRAM:
                yield from self._diagram(part)
            elif part.tag == f"{_A}p":
                yield "".join(one.text or "" for one in part.iter(A_TEXT))
            elif part.tag == f"{_VML}textpath":
                yield str(part.get("string", ""))
            elif isinstance(part.tag, str):
                yield from self.shown(part)

    def chunk(self, part: Any) -> tuple[list[str], list[Drop]]:
        """Return the lines of a page that Word shows as part of the text, and what of it is left out."""
        ident = str(part.get(f"{_R}id", ""))
        content = self.files.get(ident, b"")
        if content.startswith((b"PK", b"{\\rtf")):
            return [], []  # a file of another kind is listed
        self.files.pop(ident, None)
        if b"mime-version" in content[:1000].lower():
            content = archived_page(Path(CHUNK), content)
        page = decode_page(Path(CHUNK), content)
        body = page.lower().find("<body")
        text, hidden = fragment_text(page[page.find(">", body) + 1 :] if body >= 0 else page, CHUNK)
        return text.split("\n"), [Drop(words, "script, style or comment") for words in hidden]

    def drops(self) -> Iterator[Drop]:
        """Yield the words of what is shown and is no text of the article: charts, objects of other programs."""
        for root in self.drawings.values():
            if said := "\n".join(drawn_words(root)):
                yield Drop(said, CHART)
        for content in self.files.values():
            yield Drop(_object_words(content) or "?", OBJECT)

    def _diagram(self, part: Any) -> Iterator[str]:
        root = self.drawings.pop(str(part.get(f"{_R}dm", "")), None)
        for paragraph in () if root is None else root.iter(f"{_A}p"):
            yield "".join(one.text or "" for one in paragraph.iter(A_TEXT))


def drawn_words(root: Any) -> Iterator[str]:
    """Yield the titles of a chart with the names and values it was drawn from, the lines of a diagram or of comments."""
    for part in root.iter(etree.Element):
        name = etree.QName(part).localname
        if name == "p":
            yield "".join(one.text or "" for one in part.iter(A_TEXT))
        elif name in ("v", "pt", "t", "text") and part.tag != A_TEXT and (part.text or "").strip():
            yield str(part.text).strip()


def _object_words(content: bytes) -> str:
    """Return the words of an Office file in this one, "" where it is another or too large to look at."""
    said: list[str] = []
    try:
        with ZipFile(BytesIO(content)) as archive:
            for one in archive.infolist():
                if one.filename.startswith(_PARTS) and one.file_size <= LARGEST_OBJECT:
                    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
                    root = etree.fromstring(archive.read(one), parser)
                    said += [part.text or "" for part in root.iter(etree.Element) if part.tag.endswith("}t")]
    except DAMAGED:
        return ""
    return "\n".join(filter(None, said))


def chosen(alternatives: Any) -> Any:
    """Return the one of several ways to say the same that Word shows: the first with words, else what is left for others."""
    ways = list(alternatives.iterchildren(f"{_MC}Choice", f"{_MC}Fallback"))
    return next((way for way in ways if any(one.text for one in way.iter(f"{W}t"))), ways[0] if ways else ())


def in_fallback(part: Any, top: Any) -> bool:
    """Tell whether a part stands in the second way of saying something that has words in the first."""
    for holder in part.iterancestors():
        if holder is top:
            return False
        if holder.tag == f"{_MC}Fallback" and chosen(holder.getparent()) is not holder:
            return True
    return False
