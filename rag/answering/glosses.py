"""What a short form stands for, where a text says it beside it: 国际能源署（IEA）."""

import re
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
        both = re.compile(rf"({re.escape(form.said)})\s?[（(][^（）()]{{0,20}}{re.escape(form.asked)}")
        for hit in hits:
            if found := both.search(fold(hit.passage.text)):
                start = hit.passage.start + found.start()
                yield Candidate(hit, Span(start, start + len(found[1])), MARGIN, True, MARGIN)
