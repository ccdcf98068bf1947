"""Bytes → the words of one source, with what the file itself says of them: the common ground of all readers."""

import re
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from rag.errors import IngestError
from rag.records import Drop

__all__ = ["Extract", "decode"]

# Tried in this order after UTF-8; charset-normalizer decides when both would do.
CHINESE = ("gb18030", "big5")
# Enough to tell two Chinese encodings apart, and quick.
SAMPLE = 20_000
# Text holds hardly any control characters besides tab, line and page ends.
MOST_CONTROLS = 0.01
_controls = re.compile("[\x00-\x08\x0e-\x1b]")


@dataclass(frozen=True, slots=True)
class Extract:
    """The words of one article's source; "" for what the file does not say of it.

    `text` is what is cleaned, `source` what quotes are checked against ("" if it is the same). `cuts` are the
    offsets in `text` where markup was taken out, `drops` that markup, `pages` the offsets where pages begin.
    """

    text: str
    title: str = ""
    publisher: str = ""
    author: str = ""
    published: str = ""
    url: str = ""
    external_id: str = ""
    source: str = ""
    cuts: tuple[int, ...] = ()
    drops: tuple[Drop, ...] = ()
    pages: tuple[int, ...] = ()


def decode(content: bytes, path: Path | str) -> str:
    """Decode UTF-8, UTF-16 with its mark, GB18030 or Big5; raises IngestError for anything else."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _decoded(content, "utf-16")
    elif b"\0" in content:
        raise IngestError(f"{path} is not text: it holds NUL bytes.")
    else:
        text = _decoded(content, "utf-8-sig")
        text = _chinese(content) if text is None else text
    if text is None or len(_controls.findall(text[:SAMPLE])) > MOST_CONTROLS * len(text[:SAMPLE]):
        raise IngestError(f"{path} is not text in UTF-8, UTF-16, GB18030 or Big5; save it as UTF-8.")
    return text


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _chinese(content: bytes) -> str | None:
    """Decode one of the older Chinese encodings; None if it is none."""
    texts = {name: text for name in CHINESE if (text := _decoded(content, name)) is not None}
    if len(texts) < 2:
        return next(iter(texts.values()), None)
    advice = from_bytes(content[:SAMPLE], cp_isolation=list(CHINESE)).best()
    return texts.get(advice.encoding if advice else CHINESE[0], texts[CHINESE[0]])
