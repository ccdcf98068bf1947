"""Turn a follow-up into a question that stands alone, by putting its new part in place of the old one."""

import re
from collections.abc import Sequence

from rag.meaning import ordinals
from rag.places import places
from rag.query import AnswerType, understand_kind
from rag.records import Turn
from rag.text import cut, fold
from rag.when import whens

__all__ = ["stand_alone"]

ELLIPSIS = re.compile(
    r"^(?:那么?|那|还有|换成|如果是|要是)?[，,\s]*(?P<new>.{1,20}?)(?:呢|又如何|又怎样|怎么样|又是多少|的呢)[？?。]?$"
)
PRONOUN = re.compile(
    r"^(?P<lead>那么?|那|请问)?[，,]?(?P<pronoun>它们?|其|该(?:公司|企业|项目|市|省|地|校|院|平台|活动|品牌)|那里|那儿|这里|他们?|她们?)(?=的|有|在|是|一共|共|何|哪|什|多|几|占|位|成|由)"
)
"""A question about what the last one was about."""
# Ends of words that name whose number is asked for.
SCOPES = ("项目", "公司", "集团", "企业", "医院", "大学", "学校", "市", "省", "县", "区", "期", "产业")
_verbs = re.compile(r"(?:一共|总共|共计|共|目前|已经|已|大约|约)*(?:有|是|为|达到|达|占)?$")
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
    for finder in (_places, _times, _names, _ordinals):
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


def _ordinals(text: str) -> list[tuple[int, int]]:
    return ordinals(fold(text))


def _other_noun(last: str, new: str) -> str:
    """Put the noun `new` in place of one that ends alike (首付款, 里程碑付款), else of what the number counts."""
    kind, asked, unit, head = understand_kind(last)
    if (start := _alike(last, new)) >= 0:
        end = start + len(next(piece for at, piece in _pieces(last) if at == start))
        return last[:start] + new + last[end:]
    if kind is not AnswerType.NUMBER or asked is None:
        return ""
    if head:
        at = asked.end + len(unit)
        return last[: asked.end] + new + last[at + len(head) :] if last.startswith(head, at) else ""
    return _other_subject(last, asked.start, new)


def _alike(last: str, new: str) -> int:
    """Return where the word of `last` begins that ends with the last two characters of `new`, -1 if none does."""
    return next((at for at, piece in _pieces(last) if len(new) > 2 and piece.endswith(fold(new[-2:]))), -1)


def _other_subject(last: str, end: int, new: str) -> str:
    """Replace the noun before 有多少, 是多少 or 多少: 成都[4G基站]有多少个, 项目[占地]多少."""
    before = _verbs.sub("", last[:end])
    verb = last[len(before) : end]
    words = [(at, piece) for at, piece in _pieces(before) if piece.strip()]
    kept = next(
        (at + len(piece) for at, piece in reversed(words) if piece == "的" or _ends_scope(piece)), None
    )
    start = kept if kept is not None and kept < len(before) else (words[-1][0] if words else 0)
    return f"{before[:start]}{new}{verb}{last[end:]}"


def _ends_scope(piece: str) -> bool:
    """Tell whether a word says whose number it is: a place, or a project, company, … named before."""
    return bool(places(piece)) or piece.endswith(SCOPES)


def _pieces(text: str) -> list[tuple[int, str]]:
    """Return the words of `text` with where each begins."""
    found, at = [], 0
    for piece in cut(text):
        found.append((at, piece))
        at += len(piece)
    return found


def _topic(last: str) -> str:
    """Return what the last question was about: its place or the name it begins with."""
    if found := places(fold(last)):
        return last[found[0].start : found[0].end]
    match = re.match(r"^(?P<topic>[^的是有在，？?]{2,16}?)(?=的|是|有|在|位于|何时|什么|哪|多)", last)
    return match.group("topic") if match else ""
