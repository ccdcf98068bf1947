"""Put side by side what several articles say of one fact: equal, compatible or different."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from rag.answering.context import nearest_times
from rag.answering.ranking import Choice
from rag.query.analysis import AnswerType, Query
from rag.records import Citation, Variant, VariantValue
from rag.text.annotation import annotate
from rag.text.characters import squeeze
from rag.text.dates import When, overlaps
from rag.text.quantity import Quantity, same_value, unit_class

__all__ = ["agreeing", "relation", "variants"]

# Another article speaks of the same fact if its own words cover the question nearly as well as the best one's.
NEAR_COVERAGE = 0.85
# Its clause has at least this share of the asked words: the rest stands in its title or lead, elsewhere than in the
# best one's.
LOCAL = 0.3
# About (约) and a plain number may differ this much and still be one number, rounded.
ROUNDED = Fraction(5, 100)
LOWER = frozenset(("超", "以上"))
UPPER = frozenset(("不足", "以下", "近"))

# A period longer than this has numbers of its own.
MONTH = 31

Relation = Literal["equal", "compatible", "different"]


def agreeing(query: Query, choices: Sequence[Choice], best: Choice, least: float) -> list[Choice]:
    """Return the best choice of each other article that states the same fact, best first.

    The same fact: every demand met, the asked words covered about as well, a number of the same class, and times
    that do not exclude each other.
    """
    found: dict[str, Choice] = {}
    for choice in choices:
        article = choice.candidate.hit.passage.article.id
        if article == best.candidate.hit.passage.article.id or choice.vetoed or not choice.candidate.fits:
            continue
        same_words = choice.evidence.coverage >= NEAR_COVERAGE * best.evidence.coverage
        here = choice.evidence.local >= min(LOCAL, best.evidence.local)
        if choice.confidence >= least and same_words and here and _comparable(query, choice, best):
            found.setdefault(article, choice)
    return list(found.values())


def _comparable(query: Query, choice: Choice, best: Choice) -> bool:
    if query.type is not AnswerType.NUMBER:
        return _plain(choice.candidate.text) == _plain(best.candidate.text)
    mine, other = _quantity(choice.candidate.text), _quantity(best.candidate.text)
    if mine is None or other is None or unit_class(mine.unit) != unit_class(other.unit):
        return False
    times, others = (nearest_times(c.evidence.scene) for c in (choice, best))
    if mine.bound == other.bound and same_value(mine, other) and _years(times) & _years(others):
        return True  # reported on other days
    return not times or not others or any(_holds_together(a, b) for a in times for b in others)


def _holds_together(a: When, b: When) -> bool:
    """Tell whether numbers of two times may be of one fact; a half year's and nine months' are not."""
    long = [
        when
        for when in (a, b)
        if when.kind == "at" and when.first and when.last and (when.last - when.first).days > MONTH
    ]
    return overlaps(a, b) and (len(long) < 2 or (a.first, a.last) == (b.first, b.last))


def _years(times: Sequence[When]) -> set[int]:
    return {day.year for time in times for day in (time.first, time.last) if day is not None}


def variants(choices: Sequence[Choice], citations: Sequence[Citation]) -> tuple[Variant, ...]:
    """Return how the values of `choices` (in the order of `citations`) relate; nothing if there is only one."""
    if len(choices) < 2:
        return ()
    values = tuple(
        VariantValue(choice.candidate.text, citation.number)
        for choice, citation in zip(choices, citations, strict=False)
    )
    return (Variant(_overall([value.value for value in values]), values),)


def _overall(values: Sequence[str]) -> Relation:
    relations = {relation(a, b) for i, a in enumerate(values) for b in values[:i]}
    return next(name for name in ("different", "compatible", "equal") if name in relations)


def relation(a: str, b: str) -> Relation:
    """Tell how two stated values relate: 超35% and 超30% are compatible, 8万个 and 80000个 equal."""
    one, other = _quantity(a), _quantity(b)
    if one is None or other is None:
        return "equal" if _plain(a) == _plain(b) else "different"
    if same_value(one, other):
        return "equal" if one.bound == other.bound else "compatible"
    return "compatible" if _may_both_hold(one, other) else "different"


def _may_both_hold(one: Quantity, other: Quantity) -> bool:
    low, high = sorted((one, other), key=lambda quantity: quantity.number)
    if low.unit != high.unit:
        return False
    if low.bound in LOWER or high.bound in UPPER:
        return True
    rounded = "约" in (low.bound, high.bound) or "近" in (low.bound, high.bound)
    return rounded and high.number - low.number <= ROUNDED * high.number


def _quantity(text: str) -> Quantity | None:
    return next(iter(annotate(text).quantities), None)


def _plain(text: str) -> str:
    return "".join(char for char in squeeze(annotate(text).folded) if char.isalnum())
