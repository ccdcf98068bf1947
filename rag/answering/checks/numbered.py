"""Numbers that name a thing (6号机组) and numbers where a name is asked for (1家企业)."""

import re
from collections.abc import Iterator

from rag.query.analysis import AnswerType, Query
from rag.text.annotation import Annotation

__all__ = ["counts_instead", "other_numbers"]

# A thing by its number and the noun behind it; that of a day is no such thing.
_numbered = re.compile(r"(?<![\d.年月])(\d{1,4})号([\u4e00-\u9fff]{2})")
_numbers = re.compile(r"(?<![\d.年月])(\d{1,4})(?=号|[、和及与]\d)")
_last_number = re.compile(r"(?<!\d)\d{1,4}$")
# 1号至6号机组 may hold any between.
_range = re.compile(r"\d号?[至到—~-]\d")
_classifier = re.compile("哪[一几]?([家个座条部款项名位所支艘])")


def other_numbers(question: str, sentence: Annotation, at: int = 0) -> Iterator[tuple[str, str]]:
    """Yield what a folded question numbers (6号机组) and what its sentence does instead (4号机组).

    The answer stands `at` a character of it: what is told of one that stands before is not told of one that only comes
    behind: 4号机组6月并网，比6号机组早8天.
    """
    said = sentence.text
    for match in _numbered.finditer(question):
        thing = f"号{match[2]}"
        if thing not in said or _range.search(said):
            continue
        found = [number[1] for number in _numbers.finditer(said)]
        named = _last_number.search(said[: said.index(thing)])
        if named and match[1] not in found:
            yield match[0], f"{named.group()}{thing}"
        elif (first := _of_another(said, at, match[1], thing)) is not None:
            yield match[0], f"{first}{thing}"


def _of_another(said: str, at: int, number: str, thing: str) -> str | None:
    """Return the last of its kind before the answer, if the asked one and lists of them stand only behind it."""
    before = [found[1] for found in _numbers.finditer(said, 0, at)]
    told = [found[1] for found in _numbered.finditer(said, 0, at) if f"号{found[2]}" == thing]
    return told[-1] if told and number not in before else None


def counts_instead(query: Query, answer: Annotation) -> bool:
    """Tell whether an answer says how many (1家企业) where it is asked which (哪家企业), or nothing else (2个) of 哪几个."""
    asked = _classifier.search(query.folded)
    if query.type not in (AnswerType.WHICH, AnswerType.LIST) or asked is None:
        return False
    alone = query.type is AnswerType.LIST
    counted = [q for q in answer.quantities if q.start == 0 and q.unit == asked[1]]
    return any(not alone or q.end == len(answer.text) for q in counted)
