"""A question is no answer: 什么时候施行？ in a list of questions and answers, 草鱼苗为何涨价 above a report."""

import re

from rag.query.question_type import AnswerType, understand_kind
from rag.text.annotation import annotate

__all__ = ["asks"]

_sentence_ends = re.compile("[。！？!?；;\\n]")


def asks(kind: AnswerType, text: str, start: int, end: int) -> bool:
    """Tell whether a span of `text` asks: it is an interrogative, or has one and its sentence ends in a question mark.

    What asks why tells no reason either, to a question of that `kind`.
    """
    said = text[start:end]
    other, asked, unit, _ = understand_kind(said)
    if asked is None:
        return False
    close = _sentence_ends.search(text, max(start, end - 1))
    some = bool(annotate(said).quantities)  # 几百万元
    whole = len(said) == asked.end - asked.start + len(unit) and not some
    return whole or (close is not None and close[0] in "？?") or other is kind is AnswerType.REASON
