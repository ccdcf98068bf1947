"""The links of an answer, as a server has them that is mounted under a path."""

from collections.abc import Iterable
from dataclasses import replace

from rag.records import Answer, Citation

__all__ = ["below"]


def below(answer: Answer, base: str) -> Answer:
    """Return the answer with permalinks that begin with `base`, "" for a server that is mounted at the top."""
    if not base:
        return answer
    return replace(
        answer,
        citations=_below(answer.citations, base),
        closest=_below(answer.closest, base),
        parts=tuple(below(part, base) for part in answer.parts),
    )


def _below(citations: Iterable[Citation], base: str) -> tuple[Citation, ...]:
    return tuple(
        replace(
            one,
            permalink=base + one.permalink,
            corrections=tuple(
                replace(notice, permalink=base + notice.permalink) for notice in one.corrections
            ),
        )
        for one in citations
    )
