"""Whether a time holds for a value: it stands before it, and no other time that excludes it stands between the two.

>>> text = "截至2022年底建成1.1万个，2023年新增6000个。"
>>> [governs(text, None, Span(0, 8), Span(at, at + 4)) for at in (text.index("1.1"), text.index("6000"))]
[True, False]
"""

import re
from datetime import date

from rag.records import Span
from rag.text.annotation import annotate
from rag.text.dates import When, overlaps

__all__ = ["governing_words", "governs"]

# Kinds of time that date what follows them; what is only compared with, 目前 and the year of a title do not.
DATING = frozenset(("at", "until", "since", "target"))
# A time no longer than this is a day: beside a period it is that of the announcement.
DAYS = 3
MONTH = 31


def governs(text: str, base: date | None, dated: Span, answer: Span) -> bool:
    """Tell whether the time `dated` holds for the value `answer` in `text`, published on `base`.

    One that stands behind its value does so within the sentence. The day or month of an event that a clause of its own
    tells (1974年9月生，…) dates no number behind that clause.
    """
    if dated.start >= answer.end:
        return "。" not in text[answer.end : dated.start]
    times = annotate(text[: answer.start]).whens(base)
    own = next((when for when in times if when.start < dated.end and dated.start < when.end), None)
    start = max(dated.end, _sentence_start(text, answer))
    if own is None:
        return True
    return not _tells_an_event(text, own, answer) and not any(
        _excludes(own, when) for when in times if when.start >= start
    )


def _tells_an_event(text: str, own: When, answer: Span) -> bool:
    """Tell whether the clause of a day or month says what happened then, without a number, and ends before the answer."""
    if own.kind != "at" or own.first is None or own.last is None or (own.last - own.first).days > MONTH:
        return False
    told = re.split("[，,；;。]", text[own.end : answer.start], maxsplit=1)
    return len(told) > 1 and bool(told[0].strip()) and not annotate(told[0]).quantities


def governing_words(text: str, base: date | None, words: str, answer: Span) -> str:
    """Return `words` if they date the value `answer` of `text`, else those of the time named last before it."""
    at = text.find(words)
    if at < 0 or governs(text, base, Span(at, at + len(words)), answer):
        return words
    ahead = [
        when
        for when in annotate(text[: answer.start]).whens(base)
        if when.kind in DATING and not _tells_an_event(text, when, answer)
    ]
    return text[ahead[-1].start : ahead[-1].end] if ahead else ""


def _sentence_start(text: str, answer: Span) -> int:
    return next((start for start, end in annotate(text).sentences if start <= answer.start < end), 0)


def _excludes(own: When, other: When) -> bool:
    known = all(when.first is not None or when.last is not None for when in (own, other))
    if not known or other.kind not in DATING or overlaps(own, other):
        return False
    return _is_day(own) or not _is_day(other)


def _is_day(when: When) -> bool:
    if when.first is None or when.last is None:
        return False
    return (when.last - when.first).days <= DAYS
