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


def ranked_instead(word: str, question: Annotation, said: Annotation) -> str:
    """Return 副市长 if that is all that `said` has of the asked 市长, 市长 if 副市长 is asked; else ""."""
    asked, stated = _ranks(word, question.pieces), _ranks(word, said.pieces)
    if not stated or asked & stated or not (asked | stated) - {""}:
        return ""
    return f"{min(stated)}{word}"


def negated_instead(word: str, question: Annotation, said: Annotation) -> str:
    """Return how `said` has a word that only one of both negates (发掘 for 没有发掘), "" if they agree or it has none."""
    asked, stated = _polarity(word, question.pieces), _polarity(word, said.pieces)
    if not asked or not stated or asked & stated:
        return ""
    return f"没有{word}" if True in stated else word


def _ranks(word: str, pieces: Sequence[str]) -> frozenset[str]:
    """Return with which ranks the word stands there, "" for none."""
    return frozenset(rank for rank, _ in _found(word, pieces))


def _found(word: str, pieces: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield the rank and the piece of each place where the word ends a piece."""
    for at, piece in enumerate(pieces):
        if piece == word:
            before = pieces[at - 1] if at else ""
            yield (before if before in RANKS else ""), at
        elif piece.endswith(word):
            before = piece[: -len(word)]
            yield (before if before in RANKS else ""), at


def _polarity(word: str, pieces: Sequence[str]) -> frozenset[bool]:
    """Return whether the word is negated where it stands: one answer, both or none."""
    places = (at for at, piece in enumerate(pieces) if piece == word)
    return frozenset(any(one in NEGATIONS for one in pieces[max(0, at - REACH) : at]) for at in places)
