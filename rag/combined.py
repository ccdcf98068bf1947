"""Make one Answer of those to the questions of one message: a line each, citations numbered through."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import chain, pairwise

from rag.answering.grounding import unanswered, unsupported
from rag.query.comparison import Comparison
from rag.records import Answer, Certainty, Citation, Refusal, Variant
from rag.request import MAX_QUESTION
from rag.text.annotation import annotate
from rag.text.unit import comparable, factor, unit_class

__all__ = ["BETWEEN", "combined", "verdict"]

BETWEEN = "；"
"""What stands between the short answers of the questions."""
CLOSEST = 3
MORE = "其余的问题请另外提问。"
COMPARED = "相比之下，{claim}。"
# A marker of an answer stands behind its sentence or another marker; in a quotation [1] is a word.
_marker = re.compile(r"(?<=[ \]])\[(\d+)\]")
# Fast is many in so much time, or little time for so many.
SPEEDS = ("percent", "speed")
# A likely or quoted answer that says nothing but its quotation.
_quotation = re.compile(r"(?P<may>可能：)?(?P<quote>“[^“”]+”)(?P<marks> (?:\[\d+\])+)")


def combined(question: str, parts: Sequence[Answer], *, conclusion: str = "", more: bool = False) -> Answer:
    """Return the answer to `question`, which asks what `parts` answer; refused if all of them are.

    `conclusion` is a sentence on all of them; `more` tells that not all questions of the message were asked.
    """
    answered = [part for part in parts if not part.refused]
    citations, numbers = _numbered(answered)
    lines = [*_lines(parts, _with_gaps(parts, numbers)), conclusion, MORE if more else ""]
    text = "\n".join(dict.fromkeys(filter(None, lines)))
    return Answer(
        question=question,
        understood_as=_understood(question, parts),
        refused=not answered,
        refusal=None if answered else _refusal(parts, text),
        confidence=min(part.confidence for part in answered or parts),
        answer=BETWEEN.join(part.answer for part in answered),
        answers=tuple(dict.fromkeys(chain.from_iterable(part.answers for part in answered))),
        value=None,
        as_of=_one_time(answered),
        period_shift=any(part.period_shift for part in answered),
        text=text,
        citations=citations,
        variants=tuple(
            _variant(variant, number)
            for part, number in zip(answered, numbers, strict=True)
            for variant in part.variants
        ),
        closest=() if answered else _nearest(parts),
        timings_ms=_summed([part.timings_ms for part in parts]),
        index=parts[0].index,
        certainty=_lowest(answered),
        explain=parts[0].explain,
        parts=tuple(parts),
        statement=conclusion,
        notice=MORE if more else "",
    )


def _numbered(answered: Sequence[Answer]) -> tuple[tuple[Citation, ...], list[Mapping[int, int]]]:
    """Return the citations of all, each quote once, and for every answer the new number of each of its old ones."""
    kept: dict[object, Citation] = {}
    numbers: list[Mapping[int, int]] = []
    for part in answered:
        new: dict[int, int] = {}
        for one in part.citations:
            where = (one.article_id, one.start, one.end, one.context)
            new[one.number] = kept.setdefault(where, replace(one, number=len(kept) + 1)).number
        numbers.append(new)
    return tuple(kept.values()), numbers


def _with_gaps(parts: Sequence[Answer], numbers: Sequence[Mapping[int, int]]) -> list[Mapping[int, int]]:
    """Return the new numbers of each part, none for one that is refused."""
    rest = iter(numbers)
    return [{} if part.refused else next(rest) for part in parts]


def _lines(parts: Sequence[Answer], numbers: Sequence[Mapping[int, int]]) -> Iterator[str]:
    """Yield a line for each part; what an earlier line quotes already is not quoted again around the answer."""
    quoted: set[str] = set()
    for part, number in zip(parts, numbers, strict=True):
        said = unanswered(part.question, part.text) if part.refused else _renumbered(part.text, number)
        if found := _quotation.fullmatch(said):
            again = found["quote"] in quoted and part.answer in found["quote"]
            quoted.add(found["quote"])
            said = f"{found['may'] or ''}“{part.answer}”{found['marks']}" if again else said
        yield said


def _renumbered(text: str, numbers: Mapping[int, int]) -> str:
    return _marker.sub(lambda found: f"[{numbers.get(int(found[1]), int(found[1]))}]", text)


def _variant(variant: Variant, numbers: Mapping[int, int]) -> Variant:
    values = tuple(replace(value, citation=numbers[value.citation]) for value in variant.values)
    return replace(variant, values=values)


def _understood(question: str, parts: Sequence[Answer]) -> str:
    """Return the questions as they were understood, one after the other: a message that asks the same again."""
    said = "".join(_asked(part.understood_as) for part in parts)
    return said if len(said) <= MAX_QUESTION else question


def _asked(question: str) -> str:
    return question if question.endswith(("？", "?")) else f"{question}？"


def _refusal(parts: Sequence[Answer], text: str) -> Refusal | None:
    first = parts[0].refusal
    return first and replace(first, message=text)


def _one_time(answered: Sequence[Answer]) -> str:
    """Return the time that all answers hold for, "" if there are several."""
    times = {part.as_of for part in answered}
    return times.pop() if len(times) == 1 else ""


def _lowest(answered: Sequence[Answer]) -> Certainty:
    if not answered:
        return ""
    return "likely" if any(part.certainty == "likely" for part in answered) else "sure"


def _nearest(parts: Sequence[Answer]) -> tuple[Citation, ...]:
    """Return the closest passages of all, those of every part in turn."""
    places = {
        (one.article_id, one.start, one.end): one
        for part in reversed(parts)
        for one in reversed(part.closest)
    }
    ranked = sorted(places.values(), key=lambda one: one.number)
    return tuple(replace(one, number=number) for number, one in enumerate(ranked[:CLOSEST], 1))


def _summed(timings: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: round(sum(one.get(name, 0.0) for one in timings), 2) for name in timings[0]}


def verdict(comparison: Comparison, parts: Sequence[Answer]) -> str:
    """Say which of the compared things is more so: only of sure values of one measure, unit and time, "" otherwise."""
    if any(part.certainty != "sure" or part.period_shift for part in parts):
        return ""
    at = (
        _largest(parts, comparison)
        if all(part.value for part in parts)
        else _latest(parts, comparison.largest)
    )
    if at is None:
        return ""
    said = COMPARED.format(claim=comparison.claim(comparison.things[at]))
    quotes = [
        "\n".join([one.quote, *(context.text for context in one.context)]) for one in parts[at].citations
    ]
    return "" if unsupported(said, quotes) else said


def _largest(parts: Sequence[Answer], comparison: Comparison) -> int | None:
    """Return whose value is the largest, or the smallest; None if they are not of one unit and time, or two are equal."""
    values = [part.value for part in parts if part.value]
    if len({part.as_of for part in parts}) > 1 or any(value.bound for value in values):
        return None
    if not unit_class(values[0].unit) or not all(comparable(values[0].unit, value.unit) for value in values):
        return None
    if comparison.more.endswith(("快", "慢")) and unit_class(values[0].unit) not in SPEEDS:
        return None
    return _first([Fraction(str(value.number)) * factor(value.unit) for value in values], comparison.largest)


def _latest(parts: Sequence[Answer], latest: bool) -> int | None:
    """Return what is of the latest day, or of the earliest; None if the days of two are not known or overlap."""
    days = [_days(part) for part in parts]
    known = [span for span in days if span is not None]
    if len(known) < len(parts):
        return None
    ordered = sorted(known)
    if any(one[1] >= other[0] for one, other in pairwise(ordered)):
        return None
    return _first([span[0].toordinal() for span in known], latest)


def _days(part: Answer) -> tuple[date, date] | None:
    """Return the first and last day of the time that is the answer, None if it is none or not told."""
    published = part.citations[0].published if part.citations else ""
    base = date.fromisoformat(published) if published else None
    found = next(iter(annotate(part.answer).whens(base)), None)
    return None if found is None or found.first is None or found.last is None else (found.first, found.last)


def _first(values: Sequence[Fraction | int], largest: bool) -> int | None:
    best = max(values) if largest else min(values)
    return values.index(best) if values.count(best) == 1 else None
