"""A clause of an article turned into a question that it answers: a number, a day, or a place put in another's stead."""

import re
from dataclasses import dataclass

from rag.suggestions import names_something, number_question
from rag.text.dates import whens
from rag.text.lexicon import rarity
from rag.text.places import places, within
from rag.text.quantity import quantities
from rag.text.words import is_name, words

__all__ = ["Asked", "Swapped", "ask_of", "swap_place"]

SHORTEST, LONGEST = 8, 32
SMALL = frozenset(("级", "等", "处"))
"""What names rather than counts: 2024级."""
ASKING = ("多少", "什么", "时候", "什么时候")
FEWEST_BEFORE, FEWEST_AFTER, MOST_AFTER = 3, 2, 16
_leaning = re.compile("^[其该此这那同并且而另还也均各据到在从自]|^(?:目前|现在|以来|截至|预计)")
_plain = re.compile(r"[“”‘’（）()《》：:…]")
_before_day = re.compile("(?:于|在)$")
_will = re.compile("(?:将|定|拟|计划|预计)(?:于|在)$")
_tells = re.compile("^(?:发布|宣布|表示|介绍|报道|通报|披露|透露|获悉|称|说|公布)|[的和与及]$")
_whole_day = re.compile("日|号|月")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what its clause answers (any of `answers`), and the kind of thing that is asked for."""

    question: str
    answers: tuple[str, ...]
    type: str


@dataclass(frozen=True, slots=True)
class Swapped:
    """A question about another place, and what to look for to see that no article speaks of it."""

    question: str
    looked_for: str


def ask_of(clause: str) -> list[Asked]:
    """Return the questions that a clause answers by itself: of its one number, and of its one day."""
    clause = clause.strip("，；。！？：、 \u3000\n")
    if not SHORTEST <= len(clause) <= LONGEST or _leaning.match(clause) or _plain.search(clause):
        return []
    return [one for one in (_number(clause), _day(clause)) if one is not None]


def _number(clause: str) -> Asked | None:
    made = number_question(clause)
    if made is None:
        return None
    question, said = made
    own = quantities(said)[0]
    if own.number <= 1 or own.unit in SMALL or not _says_whom(clause[: clause.index(said)]):
        return None
    bare = said[own.core_start : own.core_end]
    return Asked(question, tuple(dict.fromkeys((said, bare))), "number")


def _day(clause: str) -> Asked | None:
    """Turn 临江书城5月6日开业 into 临江书城什么时候开业."""
    days = whens(clause)
    if len(days) != 1 or not _whole_day.search(clause[days[0].start : days[0].end]):
        return None
    said = clause[days[0].start : days[0].end]
    before, after = clause[: days[0].start], clause[days[0].end :]
    if not _will.search(before):
        before = _before_day.sub("", before)
    fits = len(before) >= FEWEST_BEFORE and FEWEST_AFTER <= len(after) <= MOST_AFTER
    if not fits or _tells.search(after) or not _says_whom(before):
        return None
    return Asked(f"{before}什么时候{after}？", (said,), "time")


def _says_whom(before: str) -> bool:
    """Tell whether a question that begins so stands without its article: it names a place, or somebody."""
    named = any(len(word) > 2 and is_name(word) for word in words(before))
    return names_something(before) and not before.endswith("等") and (bool(places(before)) or named)


def swap_place(question: str, other: str) -> Swapped | None:
    """Return a question about `other` instead of the one place that it names; None where it names none, or several."""
    named = places(question)
    if len(named) != 1 or within(named[0].name, other) or within(other, named[0].name):
        return None
    place = named[0]
    rest = question[: place.start] + question[place.end :]
    telling = [word for word in words(rest) if len(word) > 1 and word not in ASKING]
    if not telling:
        return None
    return Swapped(
        question[: place.start] + other + question[place.end :], f"{other} {max(telling, key=rarity)}"
    )
