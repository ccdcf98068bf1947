"""Word files → words: paragraphs in order, a table row is one line."""

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from rag.errors import IngestError
from rag.extract import Extract

__all__ = ["read_docx"]


def read_docx(path: Path, content: bytes) -> Extract:
    """Read paragraphs and tables; a paragraph in the style “Title” is the title."""
    import docx

    try:
        parts: list[Any] = list(docx.Document(BytesIO(content)).iter_inner_content())
    except (BadZipFile, KeyError, ValueError, SyntaxError):
        raise IngestError(f"{path} is not a Word file (.docx), or it is damaged.") from None
    title = next((part.text for part in parts if _style(part) == "Title"), "")
    return Extract("\n".join(line for part in parts for line in _lines(part)), title=" ".join(title.split()))


def _style(part: Any) -> str:
    style = getattr(part, "style", None)
    return str(style.name) if style is not None else ""


def _lines(part: Any) -> list[str]:
    if not hasattr(part, "rows"):
        return [str(part.text)]
    return [" ".join(cell.text for cell in row.cells) for row in part.rows]
