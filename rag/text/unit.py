"""Units of measure and classifiers, from units.txt: their class, and which of them compare."""

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rag.text.characters import fold
from rag.text.word_lists import read_lines

__all__ = ["Unit", "comparable", "factor", "unit_class", "units"]

PERSONS = frozenset({"人", "名", "位", "口", "员"})
COUNTED = frozenset({"count", "people"})


class Unit(NamedTuple):
    """What a unit measures (`kind`), that it is `factor` times `base`, and whether it needs digits before it."""

    kind: str
    base: str
    factor: Fraction
    weak: bool


@cache
def units() -> dict[str, Unit]:
    """Return the table of units.txt by folded name."""
    table: dict[str, Unit] = {}
    for line in read_lines(Path(__file__).parent / "units.txt"):
        head, found, names = line.partition(": ")
        if not found:
            continue
        kind, _, base = head.partition(" ")
        for entry in names.split():
            name, _, size = entry.partition("=")
            plain = fold(name.rstrip("★"))
            table.setdefault(plain, Unit(kind, base or plain, Fraction(size or 1), name.rstrip("★") != name))
    return table


def unit_class(unit: str) -> str:
    """Return what `unit` measures: money, percent, length, count, people, time, … or "" if it is not known."""
    found = units().get(fold(unit)) or units().get(fold(unit).partition("/")[0])
    return found.kind if found else ""


def factor(unit: str) -> Fraction:
    """Return how many of its base unit `unit` is: 1000 for 公里, 1/100 for %."""
    return _known(unit).factor


def comparable(a: str, b: str) -> bool:
    """Say whether amounts in the two units can be equal; no unit goes with any, 个 with any classifier."""
    one, other = _known(a), _known(b)
    if one.base == other.base or (one.base in PERSONS and other.base in PERSONS):
        return True
    if "第" in (a, b):
        return False
    return not a or not b or ("个" in (a, b) and one.kind in COUNTED and other.kind in COUNTED)


def _known(unit: str) -> Unit:
    """Return the unit, or one made for it: 元/吨 has the base 元/吨, an unknown word is its own base."""
    name = fold(unit)
    if name in units():
        return units()[name]
    over, slash, under = name.partition("/")
    if not slash:
        return Unit("", name, Fraction(1), False)
    above, below = _known(over), _known(under)
    return above._replace(base=f"{above.base}/{below.base}", factor=above.factor / below.factor)
