"""What a short form stands for, where a text says it beside it: 国际能源署（IEA）."""

from collections.abc import Iterator, Sequence

from rag.query.analysis import AnswerType, Query
from rag.records import Candidate, Hit, Span
from rag.text.characters import fold
from rag.text.lexicon import generic

__all__ = ["glossed"]

# What is asked of a short form besides what it is.
MEANING = frozenset(("意思", "全称", "全名", "简称", "缩写", "中文", "名称", "含义", "指", "代表"))
# The text itself says so: as sure as the reader ever is.
MARGIN = 12.0
# Characters from the opening bracket on in which the short form stands.
REACH = 40


def glossed(query: Query, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """Yield the long form of the short one that a question asks about and nothing else (IEA是什么), where a hit writes both."""
    if query.type is not AnswerType.WHAT:
        return
    for form in query.forms:
        others = (term for term in query.terms if term not in form.asked)
        if len(form.asked) >= len(form.said) or any(
            term not in MEANING and term not in generic() for term in others
        ):
            continue
        for hit in hits:
            at = _beside(fold(hit.passage.text), form.said, form.asked)
            if at >= 0:
                start = hit.passage.start + at
                yield Candidate(hit, Span(start, start + len(form.said)), MARGIN, True, MARGIN)


def _beside(text: str, long: str, short: str) -> int:
    """Return where `long` stands with `short` in brackets behind it, -1 if it nowhere does."""
    at = text.find(long)
    while at >= 0:
        behind = text[at + len(long) :].lstrip()[:REACH]
        if behind[:1] == "(" and short in behind.partition(")")[0]:
            return at
        at = text.find(long, at + 1)
    return -1
