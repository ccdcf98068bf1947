"""Pages that a browser saved as one file (.mht, .mhtml) → their main text, as of any page."""

from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from rag.errors import IngestError
from rag.ingest.converters.html_page import read_html
from rag.ingest.extract import Extract

__all__ = ["archived_page", "read_web_archive"]

# A page with its pictures has fewer parts.
MOST_PARTS = 5000


def read_web_archive(path: Path, content: bytes) -> Extract:
    """Read the page of an archive, the largest where there are frames; its address is known from the archive."""
    message, page = _opened(path, content)
    extract = read_html(path, _marked(page))
    address = next(
        (
            page[name] or message[name]
            for name in ("Content-Location", "Snapshot-Content-Location")
            if page[name] or message[name]
        ),
        "",
    )
    return extract if extract.url else replace(extract, url=str(address).strip())


def archived_page(path: Path, content: bytes) -> bytes:
    """Return the largest page of an archive as it was saved; raises IngestError where there is none."""
    return _marked(_opened(path, content)[1])


def _opened(path: Path, content: bytes) -> tuple[Message, Message]:
    """Return an archive and the largest page in it."""
    if content.count(b"Content-Type:") + content.count(b"content-type:") > MOST_PARTS:
        raise IngestError(f"{path} has more than {MOST_PARTS} parts: it is no saved page.")
    try:
        message = message_from_bytes(content.lstrip())
        pages = [
            part
            for part in message.walk()
            if part.get_content_type() in ("text/html", "application/xhtml+xml")
        ]
        page = max(pages, key=lambda part: len(_payload(part)), default=None)
    except (ValueError, LookupError, RecursionError):
        page = None
    if page is None:
        raise IngestError(f"{path} has no page in it: it is not a saved page (.mht), or it is damaged.")
    return message, page


def _payload(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _marked(part: Message) -> bytes:
    """Return the bytes of a page, as UTF-8 where the archive and not the page says how it is encoded."""
    content = _payload(part)
    charset = part.get_content_charset()
    if charset is None or b"charset" in content[:4096].lower():
        return content
    try:
        return content.decode({"gb2312": "gb18030", "gbk": "gb18030"}.get(charset, charset)).encode(
            "utf-8-sig"
        )
    except (LookupError, UnicodeError):
        return content
