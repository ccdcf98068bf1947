"""Put pieces of questions together so that the whole is Chinese, or not at all.

>>> joined("成都马拉松", "马拉松冠军是谁")
'成都马拉松冠军是谁'
"""

from rag.query.follow_up.question_parts import SURNAME, ends_of_words, pieces
from rag.query.question_type import understand_kind
from rag.text.characters import fold
from rag.text.words import is_noun

__all__ = ["is_readable", "joined", "replaced"]

SHORTEST = 2
"""Characters of a word that must not stand twice at a seam."""
LONGEST_SHARED = 20


def joined(before: str, behind: str) -> str:
    """Return both in one; what ends the first and begins the second is said once. "" if a word would stand twice."""
    if not before or not behind:
        return before or behind
    shared = _shared(before, behind)
    return "" if not shared and _repeats(before, behind) else before + behind[shared:]


def replaced(text: str, start: int, end: int, new: str, *, known: bool = False) -> str:
    """Return `text` with `new` from `start` to `end`, "" if that cuts a word or repeats one; `known` ends are right."""
    if not known and not {start, end} <= ends_of_words(text):
        return ""
    opened = joined(text[:start], new)
    return joined(opened, text[end:]) if opened else ""


def is_readable(text: str) -> bool:
    """Tell whether a question has one interrogative at most and says no noun or longer word twice."""
    _, asked, unit, _ = understand_kind(text)
    if asked is not None:
        rest = f"{text[: asked.start]} {text[asked.end + len(unit) :]}".rstrip("？?吗呢")
        _, another, _, _ = understand_kind(rest)
        if another is not None and rest[another.start : another.end] != SURNAME:
            return False
    words = [word for _, word in pieces(text) if len(word) >= SHORTEST and word.isalnum()]
    names = [word for word in words if is_noun(word) or len(word) > SHORTEST]  # 三星堆 is in no list
    return len(set(names)) == len(names)


def _shared(before: str, behind: str) -> int:
    """Return how many characters, of whole words, end the one and begin the other."""
    one, other = fold(before), fold(behind)
    first, second = ends_of_words(before), ends_of_words(behind)
    most = min(len(one), len(other), LONGEST_SHARED)
    return next(
        (
            n
            for n in range(most, SHORTEST - 1, -1)
            if one[-n:] == other[:n] and n in second and len(one) - n in first
        ),
        0,
    )


def _repeats(before: str, behind: str) -> bool:
    """Tell whether the last or first word at the seam stands on both sides of it."""
    one, other = fold(before), fold(behind)
    return any(one[-n:] == other[:n] for n in range(SHORTEST, min(len(one), len(other), LONGEST_SHARED) + 1))
