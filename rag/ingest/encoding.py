"""Which encoding bytes are written in, how sure that is, and what is no text or was garbled before it came here.

A mark at the beginning decides; then strict UTF-8; then the encoding in which the bytes make the likeliest Chinese.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rag.errors import IngestError
from rag.text.characters import fold

__all__ = ["Encoding", "decode", "find_encoding", "likeness"]

# The characters and marks that half of any news text consists of, simplified.
COMMON = frozenset(
    "，。、：；“”！？（）《》"
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平"
    "形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党"
)
# Chinese scores between .6 and .85 (500 articles of TV news, 200 of an encyclopaedia), Chinese in a wrong encoding
# below .4: `python -m benchmarks.encodings` prints both.
LEAST_LIKENESS = 0.5
WRONG = 0.42
# Enough to tell encodings apart; of a garbled text so many characters show it.
SAMPLE = 20_000
LEAST_SAMPLE = 8
# Text holds hardly any control characters besides tab, line and page ends, and hardly any replacement characters.
MOST_CONTROLS = 0.01
MOST_REPLACED = 0.01
# How much surer the better of two encodings is for a difference in likeness (a softmax).
SHARPNESS = 12.0

_ascii = re.compile("[\x00-\x7f]+")
_controls = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_older = ("gb18030", "big5hkscs")
_unmarked = ("utf-16-le", "utf-16-be")
_names = {"big5hkscs": "big5", "utf-8-sig": "utf-8 with BOM"}
_kinds = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive or an Office file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (.doc, .wps, .xls)"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF file"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ID3", "an MP3 recording"),
    (b"{\\rtf", "an RTF file"),
)
# How text was garbled: it was written in the second encoding and read in the first.
_garblings = (
    ("gb18030", "utf-8", "UTF-8 that was read as GBK"),
    ("cp1252", "gb18030", "GBK that was read as Latin-1"),
    ("latin-1", "gb18030", "GBK that was read as Latin-1"),
    ("cp1252", "utf-8", "UTF-8 that was read as Latin-1"),
    ("latin-1", "utf-8", "UTF-8 that was read as Latin-1"),
    ("gb18030", "big5hkscs", "Big5 that was read as GBK"),
    ("big5hkscs", "gb18030", "GBK that was read as Big5"),
    ("big5hkscs", "utf-8", "UTF-8 that was read as Big5"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding as Python names it, and the probability (0 to 1) that it is the right one."""

    name: str
    confidence: float

    @property
    def label(self) -> str:
        """The name for people."""
        return _names.get(self.name, self.name)


def decode(content: bytes, path: Path | str) -> str:
    """Decode text; raises IngestError for what is no text, in no known encoding, or garbled."""
    text = _decoded(content, find_encoding(content, path).name)
    if text is None:
        raise IngestError(f"{path} is not the same encoding throughout; save it as UTF-8.")
    if len(_controls.findall(text[:SAMPLE])) > MOST_CONTROLS * len(text[:SAMPLE]):
        raise _no_text(content, path)
    if how := _garbled(text):
        raise IngestError(f"{path} is garbled: {how}; take it from its origin again.")
    return text


def find_encoding(content: bytes, path: Path | str) -> Encoding:
    """Return the encoding of `content`; raises IngestError when it is no text."""
    for mark, name in _marks:
        if content.startswith(mark):
            if _decoded(content, name) is None:
                raise IngestError(
                    f"{path} is damaged: it begins as {_names.get(name, name)} and does not go on so."
                )
            return Encoding(name, 1.0)
    if b"\0" not in content and _decoded(content, "utf-8") is not None:
        return Encoding("utf-8", 1.0)
    names = _unmarked if b"\0" in content else _older + _unmarked
    scores = {
        name: likeness(text[:SAMPLE]) for name in names if (text := _decoded(content, name)) is not None
    }
    best = max(scores, key=lambda name: scores[name], default="")
    if not best or scores[best] < LEAST_LIKENESS:
        raise _no_text(content, path)
    weights = {name: math.exp(SHARPNESS * score) for name, score in scores.items()}
    return Encoding(best, weights[best] / sum(weights.values()))


def likeness(text: str) -> float:
    """Return how much the characters beyond ASCII are those of Chinese news: 1 is the highest, 0 is none."""
    chars = "".join(_ascii.sub("", text).split())
    return sum(map(_value, chars)) / len(chars) if chars else 0.0


@lru_cache(8192)
def _value(char: str) -> float:
    simple = fold(char)
    if char in COMMON or simple in COMMON:
        return 1.0
    if "\u4e00" <= char <= "\u9fff":
        lead = simple.encode("gb2312", "replace")[0]
        return 0.6 if 0xB0 <= lead <= 0xD7 else 0.1
    if "\u3000" <= char <= "\u303f" or "\uff01" <= char <= "\uff5e" or "\u2010" <= char <= "\u2027":
        return 0.6
    return -0.5 if "\ue000" <= char <= "\uf8ff" or char == "\ufffd" or "\x80" <= char <= "\x9f" else 0.0


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _no_text(content: bytes, path: Path | str) -> IngestError:
    kind = next((name for start, name in _kinds if content.startswith(start)), "")
    if kind:
        return IngestError(f"{path} is not text but {kind}.")
    nul = (
        ": it holds NUL bytes" if b"\0" in content else " in UTF-8, UTF-16, GB18030 or Big5; save it as UTF-8"
    )
    return IngestError(f"{path} is not text{nul}.")


def _garbled(text: str) -> str:
    """Return how the text was garbled before it was saved, "" if it reads well."""
    sample = _ascii.sub("", text[:SAMPLE])
    if len(sample) >= LEAST_SAMPLE and likeness(sample) <= WRONG:
        for how in _repairs(text[:SAMPLE].replace("\ufffd", "")):
            return how
    replaced = sample.count("\ufffd") + 3 * sample.count("锟斤拷")
    lost = replaced > max(2, MOST_REPLACED * len(sample))
    return "characters were replaced by � when it was saved" if lost else ""


def _repairs(text: str) -> Iterator[str]:
    """Yield each way in which the text can be read again as Chinese."""
    for wrong, right, how in _garblings:
        again = text.encode(wrong, "replace").decode(right, "replace")
        lost = again.count("\ufffd") + again.count("?") - text.count("?")
        if lost <= 0.15 * len(again) and likeness(again.replace("\ufffd", "")) >= LEAST_LIKENESS:
            yield how
