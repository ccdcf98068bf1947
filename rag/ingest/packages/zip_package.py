"""A file that is a ZIP package → its parts, within limits: nothing is unpacked before its sizes are looked at."""

import posixpath
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from lxml import etree

from rag.errors import IngestError

__all__ = ["DAMAGED", "Package", "open_package"]

# What a file unpacks to, and one part of it that is text: more bytes than this are no article but would fill the memory.
LARGEST_UNPACKED = 400_000_000
LARGEST_PART = 60_000_000
MOST_PARTS = 20_000
# What a damaged package makes zipfile and lxml raise, and a locked one.
DAMAGED = (BadZipFile, zlib.error, EOFError, LookupError, ValueError, SyntaxError, RuntimeError)

_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Package:
    """The parts of an open package, by name."""

    def __init__(self, archive: ZipFile, where: str) -> None:
        self._archive = archive
        self._where = where
        self.names = frozenset(archive.namelist())

    def read(self, name: str) -> bytes:
        """Return the bytes of a part; zipfile ends at the size that was looked at."""
        return self._archive.read(name)

    def xml(self, name: str) -> Any:
        """Return the root of a part of XML; raises IngestError for one that declares entities of its own."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        root = etree.fromstring(self.read(name), parser)
        if any(isinstance(node, etree._Entity) for node in root.iter(etree.Entity)):
            raise IngestError(
                f"{self._where} declares entities of its own (<!DOCTYPE>): no program writes them."
            )
        return root

    def related(self, name: str) -> Mapping[str, str]:
        """Return the names of the parts that a part of an Office file refers to, by their id."""
        folder, own = posixpath.split(name)
        relations = f"{folder}/_rels/{own}.rels"
        if relations not in self.names:
            return {}
        return {
            one.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip(
                "/"
            )
            for one in self.xml(relations).iter(_RELATIONSHIP)
            if one.get("TargetMode") != "External"
        }


@contextmanager
def open_package(path: Path, content: bytes, kind: str) -> Iterator[Package]:
    """Open a package that should be a file of this kind; raises IngestError for any other and for one too large."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            _refuse_bomb(path, archive)
            yield Package(archive, str(path))
    except DAMAGED:
        raise IngestError(f"{path} is not {kind}, or it is damaged or locked with a password.") from None


def _refuse_bomb(path: Path, archive: ZipFile) -> None:
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    texts = [
        part.file_size
        for part in parts
        if part.filename.endswith((".xml", ".rels", ".xhtml", ".html", ".htm"))
    ]
    if total > LARGEST_UNPACKED or len(parts) > MOST_PARTS or max(texts, default=0) > LARGEST_PART:
        raise IngestError(f"{path} unpacks to {total // 1_000_000} MB: no article is so large.")
