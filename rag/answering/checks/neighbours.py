"""Things told side by side: what is told of one is not told of its neighbour."""

import re
from collections.abc import Sequence
from itertools import takewhile

from rag.text.annotation import Annotation, annotate

__all__ = ["other_in_order", "other_of_its_kind"]

# A thing told by its number and the character behind: 三价疫苗, 第二档; a day is none.
_kind = re.compile(
    r"第?(?<![0-9一二三四五六七八九十])([0-9]{1,4}|[一二三四五六七八九十]{1,4})([^\W\d_年月日号])(?=[\u4e00-\u9fff])"
)
_opening = "，；、,;"
_clause = re.compile("[，；：,;:]")
_listed = re.compile("[、和与及]")
_in_order = re.compile("分别|依次")


def other_of_its_kind(question: Annotation, sentence: Annotation, at: int) -> tuple[str, str]:
    """Return what a question tells by its number (三价) and which other of its kind (四价) the answer is told of, or two "".

    The answer stands `at` a character of its sentence. What the sentence says of the asked one has ended there: a number
    or a time was told, and the other opens a clause: 三价疫苗48元，四价疫苗128元.
    """
    said, asked_for = sentence.folded, {found[1] + found[2] for found in _kind.finditer(question.folded)}
    for asked in _kind.finditer(question.folded):
        if any(one.start <= asked.start() < one.end and one.unit != "第" for one in question.quantities):
            continue
        told = [found for found in _kind.finditer(said, 0, at) if found[2] == asked[2]]
        first = next((found for found in told if found[1] == asked[1]), None)
        if first is None or told[-1][1] + asked[2] in asked_for or said[told[-1].start() - 1] not in _opening:
            continue
        if any(first.end() < start < told[-1].start() for start, _ in sentence.expressions):
            behind = zip(question.folded[asked.end() :], said[told[-1].end() :], strict=False)
            shared = "".join(one for one, _ in takewhile(lambda both: both[0] == both[1], behind))
            return asked[0] + shared, told[-1][0] + shared
    return "", ""


def other_in_order(question: Annotation, sentence: Annotation, at: int) -> tuple[str, str]:
    """Return which of several things a question asks for and which one the answer is told of, where 分别 tells them in order.

    The things are a list (甲、乙和丙分别…) or the last clauses with a number each (观众508万人，其中境外12万人，分别增长18%和46%).
    Asked is the one that alone has a word of the question.
    """
    said = sentence.folded
    marks = [*_in_order.finditer(said, 0, at)]
    if not marks:
        return "", ""
    mark = marks[-1]
    stop = _clause.search(said, max(at, mark.end()))
    end = stop.start() if stop else len(said)
    numbers = [(one.start, one.end) for one in sentence.quantities]
    spans = numbers if any(start <= at < close for start, close in numbers) else sentence.expressions
    values = [one for one in spans if mark.end() <= one[0] < end]
    place = next((i for i, (start, close) in enumerate(values) if start <= at < close), None)
    if place is None or len(values) < 2:
        return "", ""
    things = _things(said[: mark.start()], len(values))
    asked = [i for i, one in enumerate(things) if _alone(question, one, [*things[:i], *things[i + 1 :]])]
    if len(asked) != 1 or asked[0] == place:
        return "", ""
    return _uncounted(things[asked[0]]), _uncounted(things[place])


def _things(before: str, count: int) -> Sequence[str]:
    """Return so many things that stand before 分别, () if they cannot be told."""
    *clauses, last = _clause.split(before)
    for part in (last, *clauses[-1:]) if last else ():  # 甲和乙分别为 or 甲和乙，产量分别为
        if len(listed := _listed.split(part)) == count and not _in_order.search(part):
            return listed
    if last:
        return ()
    counted = [one for one in clauses if annotate(one).quantities]
    return counted[-count:] if len(counted) >= count and clauses[-count:] == counted[-count:] else ()


def _uncounted(thing: str) -> str:
    """Return a thing without its number: 境外观众 of 其中境外观众12.7万人次."""
    first = next((one.start for one in annotate(thing).quantities if one.start), len(thing))
    return thing[:first].removeprefix("其中")


def _alone(question: Annotation, thing: str, others: Sequence[str]) -> bool:
    """Tell whether a word of the question stands in one thing and in no other."""
    return any(
        len(word) > 1 and word in thing and not any(word in other for other in others)
        for word in question.content_words
    )
