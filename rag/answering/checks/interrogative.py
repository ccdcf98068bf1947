"""A question is no answer: 什么时候施行？ in a list of questions and answers, 草鱼苗为何涨价 above a report."""

import re

from rag.query.analysis import Query
from rag.query.question_type import AnswerType, understand_kind
from rag.text.annotation import annotate
from rag.text.characters import fold

__all__ = ["asks"]

_sentence_ends = re.compile("[。！？!?；;\\n]")


def asks(query: Query, text: str, start: int, end: int) -> bool:
    """Tell whether a span of `text` asks: it is an interrogative, or has one and its sentence ends in a question mark.

    Nor is what the question itself says, with its interrogative, an answer to it, nor what asks why a reason.
    """
    said = text[start:end]
    other, asked, unit, _ = understand_kind(said)
    if asked is None:
        return False
    close = _sentence_ends.search(text, max(start, end - 1))
    some = bool(annotate(said).quantities)  # 几百万元
    echoed = fold(said) in query.folded
    whole = len(said) == asked.end - asked.start + len(unit) and not some
    return (
        whole
        or echoed
        or (close is not None and close[0] in "？?")
        or other is query.type is AnswerType.REASON
    )
