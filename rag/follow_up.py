"""Turn a follow-up into a question that stands alone, by putting its new part in place of the old one."""

import re
from collections.abc import Sequence

from rag.places import places
from rag.query import AnswerType, understand_kind
from rag.records import Turn
from rag.text import fold, words
from rag.when import whens

__all__ = ["stand_alone"]

ELLIPSIS = re.compile(
    r"^(?:那么?|那|还有|换成|如果是|要是)?[，,\s]*(?P<new>.{1,20}?)(?:呢|又如何|又怎样|怎么样|又是多少|的呢)[？?。]?$"
)
PRONOUN = re.compile(
    r"^(?P<lead>那么?|那|请问)?[，,]?(?P<pronoun>它们?|其|该(?:公司|企业|项目|市|省|地|校|院|平台|活动|品牌)|那里|那儿|这里|他们?|她们?)(?=的|有|在|是|一共|共|何|哪|什|多|几|占|位|成|由)"
)
"""A question about what the last one was about."""
_name = re.compile(r"[a-z]*\d+[a-z]+|[a-z]+-?\d*")


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """Return `question` as it reads without the conversation; one that stands alone already is not touched."""
    if not history:
        return question
    last = history[-1].question
    if match := ELLIPSIS.match(question):
        return _substituted(last, match.group("new")) or question
    if match := PRONOUN.match(question):
        topic = _topic(last)
        return f"{topic}{question[match.end('pronoun') :]}" if topic else question
    return question


def _substituted(last: str, new: str) -> str:
    """Put `new` in place of the part of `last` that is of its kind: place, time, name, or the noun asked for."""
    for finder in (_places, _times, _names):
        fresh, old = finder(new), finder(last)
        if fresh and old and _is_all(fresh[0], new):
            start, end = old[0]
            return last[:start] + new + last[end:]
    return _other_noun(last, new)


def _is_all(span: tuple[int, int], new: str) -> bool:
    return span[1] - span[0] >= len(new.strip("的在")) - 1


def _places(text: str) -> list[tuple[int, int]]:
    return [(place.start, place.end) for place in places(fold(text))]


def _times(text: str) -> list[tuple[int, int]]:
    return [(when.start, when.end) for when in whens(text, None)]


def _names(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _name.finditer(fold(text))]


def _other_noun(last: str, new: str) -> str:
    """Replace the longest run of `last` that ends like `new` (高等院校 → 科研院校), else what the number counts."""
    for size in range(min(len(new), 4), 0, -1):
        at = fold(last).find(fold(new[-size:]))
        if at > 0 and size >= 2:
            start = _word_start(last, at, len(new) - size)
            return last[:start] + new + last[at + size :]
    kind, asked, unit, head = understand_kind(last)
    if kind is AnswerType.NUMBER and asked is not None and head:
        at = asked.end + len(unit)
        return last[:at] + new + last[at + len(head) :] if last.startswith(head, at) else ""
    if kind is AnswerType.NUMBER and asked is not None:
        return _replaced_subject(last, new)
    return ""


def _word_start(text: str, at: int, most: int) -> int:
    """Return where the word that ends before `at` begins, at most `most` characters back."""
    position = 0
    for word in words(text[:at]):
        found = text.find(word, position)
        position = found + len(word) if found >= 0 else position
    return max(0, at - most) if most else at


def _replaced_subject(last: str, new: str) -> str:
    """Replace the noun before 有多少/是多少: 成都4G基站有多少个 + 5G基站."""
    match = re.match(
        r"^(?P<scope>.*?[的市省县区])?(?P<noun>[^的]{2,12}?)(?P<rest>(?:一共|总共|共)?[有是为达].*)$", last
    )
    return f"{match.group('scope') or ''}{new}{match.group('rest')}" if match else ""


def _topic(last: str) -> str:
    """Return what the last question was about: its place or the name it begins with."""
    if found := places(fold(last)):
        return last[found[0].start : found[0].end]
    match = re.match(r"^(?P<topic>[^的是有在，？?]{2,16}?)(?=的|是|有|在|位于|何时|什么|哪|多)", last)
    return match.group("topic") if match else ""
