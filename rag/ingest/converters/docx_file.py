"""Word files → words: paragraphs in order, a table row is one line."""

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from rag.errors import IngestError
from rag.ingest.extract import Extract

__all__ = ["read_docx"]

# What a file unpacks to, and the words of it: more bytes than this are no article but would fill the memory.
LARGEST_UNPACKED = 200_000_000
LARGEST_WORDS = 30_000_000


def read_docx(path: Path, content: bytes) -> Extract:
    """Read paragraphs and tables; a paragraph in the style “Title” is the title."""
    import docx

    try:
        _refuse_bomb(path, content)
        parts: list[Any] = list(docx.Document(BytesIO(content)).iter_inner_content())
    except (BadZipFile, KeyError, ValueError, SyntaxError):
        raise IngestError(f"{path} is not a Word file (.docx), or it is damaged.") from None
    title = next((part.text for part in parts if _style(part) == "Title"), "")
    return Extract("\n".join(line for part in parts for line in _lines(part)), title=" ".join(title.split()))


def _refuse_bomb(path: Path, content: bytes) -> None:
    """Raise IngestError when the file unpacks to more than an article can have; unpacking ends at the size it names."""
    with ZipFile(BytesIO(content)) as archive:
        sizes = {part.filename: part.file_size for part in archive.infolist()}
    words = max((size for name, size in sizes.items() if name.endswith((".xml", ".rels"))), default=0)
    if sum(sizes.values()) > LARGEST_UNPACKED or words > LARGEST_WORDS:
        raise IngestError(f"{path} unpacks to {sum(sizes.values()) // 1_000_000} MB: no article is so large.")


def _style(part: Any) -> str:
    style = getattr(part, "style", None)
    return str(style.name) if style is not None else ""


def _lines(part: Any) -> list[str]:
    if not hasattr(part, "rows"):
        return [str(part.text)]
    return [" ".join(cell.text for cell in row.cells) for row in part.rows]
