"""Words of one or two characters that make another thing of the word behind them: 副市长, 没有发掘."""

from collections.abc import Iterator, Sequence

from rag.text.annotation import Annotation

__all__ = ["negated_instead", "ranked_instead"]

# What is set before an office and makes another of it.
RANKS = frozenset(("副", "代", "原", "名誉", "常务副"))
NEGATIONS = frozenset(
    ("没有", "没", "未", "尚未", "不", "并未", "并不", "未曾", "不曾", "从未", "未能", "没能")
)
# Pieces between a negation and the verb it negates: 没有[被]发掘.
REACH = 2


def ranked_instead(word: str, question: Annotation, said: Annotation) -> tuple[str, str]:
    """Return the asked 市长 and 副市长, if that is all that `said` has of it, or the other way round; else two ""."""
    stated = _ranks(word, said.pieces)
    if not stated:  # most words are nowhere there, and a question may be a thousand words long
        return "", ""
    asked = _ranks(word, question.pieces)
    if asked & stated or not (asked | stated) - {""}:
        return "", ""
    return f"{min(asked, default='')}{word}", f"{min(stated)}{word}"


def negated_instead(word: str, question: Annotation, said: Annotation) -> str:
    """Return how `said` has a word that only one of both negates (发掘 for 没有发掘), "" if they agree or it has none."""
    stated = _polarity(word, said.pieces)
    asked = _polarity(word, question.pieces) if stated else stated
    if not asked or asked & stated:
        return ""
    return f"没有{word}" if True in stated else word


def _ranks(word: str, pieces: Sequence[str]) -> frozenset[str]:
    """Return with which ranks the word stands there, "" for none."""
    return frozenset(before if before in RANKS else "" for before in _before(word, pieces))


def _before(word: str, pieces: Sequence[str]) -> Iterator[str]:
    """Yield what stands right before the word wherever it ends a piece: in the same piece, or the piece before."""
    for at, piece in enumerate(pieces):
        if piece.endswith(word):
            yield piece[: -len(word)] or (pieces[at - 1] if at else "")


def _polarity(word: str, pieces: Sequence[str]) -> frozenset[bool]:
    """Return whether the word is negated where it stands: one answer, both or none."""
    places = (at for at, piece in enumerate(pieces) if piece == word)
    return frozenset(any(one in NEGATIONS for one in pieces[max(0, at - REACH) : at]) for at in places)
