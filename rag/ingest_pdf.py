"""PDF files → words: the text layer of each page, in its own order."""

from pathlib import Path

from rag.errors import IngestError
from rag.extract import Extract

__all__ = ["read_pdf"]

# How PDFium writes a hyphen at a line's end, and a character without a code.
UNREADABLE = {0x2: None, 0xFFFE: None, 0xFFFF: None, 0x0: None}


def read_pdf(path: Path, content: bytes) -> Extract:
    """Read the text of all pages, pages apart by an empty line."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        raise IngestError(f"{path} is not a PDF file, or it is damaged or locked with a password.") from None
    try:
        pages = [page.get_textpage().get_text_bounded().translate(UNREADABLE) for page in document]
    finally:
        document.close()
    starts, at = [], 0
    for page in pages:
        starts.append(at)
        at += len(page) + 2
    return Extract("\n\n".join(pages), pages=tuple(starts))
