"""Characters in the form that is compared: half width, lower case, simplified; no offset ever moves.

>>> fold("臺灣５Ｇ基站")
'台湾5g基站'
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

__all__ = ["fold", "is_cjk", "media_name", "simplified", "squeeze"]

_joint = re.compile(r"(?<=[\u3400-\u9fff])[ \u3000]?[-‐‑–—―·•・‧∙⋅/／|｜丨][ \u3000]?(?=[\u3400-\u9fff])")

# Ideographs of all planes, with 々 and 〇, which stand between ideographs as if they were some.
HAN = "々〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff"
LINE_ENDS = "\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
_han = re.compile(f"[{HAN}]")


class _FoldTable(dict[int, int]):
    """Code point → folded code point, filled as characters are met: nothing is computed at import."""

    def __missing__(self, code: int) -> int:
        self[code] = folded = ord(_fold_char(chr(code)))
        return folded


@cache
def _simplified() -> dict[str, str]:
    traditional, simplified, _ = (Path(__file__).parent / "t2s.txt").read_text(encoding="utf-8").split("\n")
    return dict(zip(traditional, simplified, strict=True))


def _fold_char(char: str) -> str:
    """Return the one character that stands for `char`: a form that would be longer is not taken."""
    form = unicodedata.decomposition(char)
    if form.startswith(("<wide>", "<narrow>")) or "\u2e80" <= char <= "\u2fdf" or "豈" <= char <= "\ufaff":
        plain = unicodedata.normalize("NFKC", char)
        char = plain if len(plain) == 1 else char
    if char.isspace():
        return char if char.isascii() or char in "\x85\u2028\u2029" else " "
    lower = char.lower()
    char = lower if len(lower) == 1 else char
    return _simplified().get(char, char) if char > "\u3400" else char


_fold_table = _FoldTable()


def fold(text: str) -> str:
    """Return `text` in the form that is compared: half width, lower case, simplified; the length never changes."""
    if text.isascii():
        return text.lower()
    return text.translate(_fold_table)


def simplified(text: str) -> str:
    """Return `text` with its ideographs simplified and full-width letters folded; the length never changes."""
    return "".join(fold(char) if char > "\u3400" else char for char in text) if not text.isascii() else text


def squeeze(text: str) -> str:
    """Return `text` without white space."""
    return "".join(text.split())


def is_cjk(char: str) -> bool:
    """Say whether `char` is a Chinese character."""
    return _han.fullmatch(char) is not None


def media_name(name: str) -> str:
    """Return a name with a middle dot between its parts; other names stay as they are.

    >>> media_name("华西都市报-封面新闻"), media_name("ABC-News")
    ('华西都市报·封面新闻', 'ABC-News')
    """
    return _joint.sub("·", " ".join(name.split()))
