"""Places of China and the world by level, from places.txt: found in a text, compared with each other."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rag.text.word_lists import read_lines

__all__ = ["Place", "names_of", "places", "within"]

# A name followed by one of these is still the same place; 南京路 and 上海电气 are names of other things, but a
# place stands in them all the same and what is asked of 上海 may be met there, so only roads are excluded.
SUFFIX = (
    "(?:特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|自治州|地区|省(?![部级])|市(?![值场级区])|州)?"
)
NOT_AFTER = "(?!路|街|大道|东路|西路|南路|北路|中路)"


@dataclass(frozen=True, slots=True)
class Place:
    """A place named in a text; `name` is the same for all its aliases (蓉城 and 成都市 are 成都)."""

    start: int
    end: int
    name: str


@cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """Return alias → name (single characters included) and name → the place it lies in."""
    names: dict[str, str] = {}
    parents: dict[str, str] = {}
    for line in read_lines(Path(__file__).parent / "places.txt"):
        whole, _, parts = line.partition(":")
        parent = _enter(whole, names)
        for part in parts.split():
            parents.setdefault(_enter(part, names), parent)
    return names, parents


def _enter(entry: str, names: dict[str, str]) -> str:
    name, *aliases = entry.split("=")
    for alias in (name, *aliases):
        names.setdefault(alias, name)
    return name


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted((name for name in _table()[0] if len(name) > 1), key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, names))}){SUFFIX}{NOT_AFTER}")


def places(text: str) -> list[Place]:
    """Return the places named in `text` (simplified characters), in order.

    One-character short forms (蓉, 沪) are too ambiguous to be found this way; `names_of` lists them.
    """
    names = _table()[0]
    return [Place(m.start(), m.end(), names[m.group(1)]) for m in _pattern().finditer(text)]


@cache
def names_of(name: str) -> tuple[str, ...]:
    """Return every form of a place, one-character short forms included."""
    return tuple(alias for alias, whole in _table()[0].items() if whole == name)


def within(name: str, other: str) -> bool:
    """Tell whether place `name` is `other` or lies in it: 成都 within 四川, within 中国."""
    parents = _table()[1]
    seen = name
    while seen != other:
        if seen not in parents:
            return other == "中国" and _in_china(seen)
        seen = parents[seen]
    return True


@cache
def _provinces() -> frozenset[str]:
    """Return the entries above 中国 in the file: what lies in China without being listed inside it."""
    names = list(_table()[0].items())
    stop = names.index(("中国", "中国"))
    return frozenset(whole for _, whole in names[:stop])


def _in_china(name: str) -> bool:
    return name in _provinces()
