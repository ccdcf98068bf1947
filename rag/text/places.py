"""Places of China and the world by level, from places.txt and divisions.txt: found in a text, compared with each other."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from rag.text.word_lists import read_lines

__all__ = ["Place", "is_province", "leans_on_its_city", "names_of", "places", "within"]

# A name followed by one of these is still the same place; 南京路 and 上海电气 are names of other things, but a
# place stands in them all the same and what is asked of 上海 may be met there, so only roads are excluded.
SUFFIX = (
    "(?:特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|自治州|地区|省(?![部级])|市(?![值场级区])|州)?"
)
NOT_AFTER = "(?!路|街|大道|东路|西路|南路|北路|中路)"
# 区域 after 武侯, 县级 after 公安: the last character of a county's name belongs to another word.
OTHER_WORD = "(?!(?<=区)[域间块分别划位段]|(?<=县)[级域市乡]|(?<=市)[值场级]|(?<=旗)[舰帜袍下])"
_tail = re.compile(f"{OTHER_WORD}{SUFFIX}{NOT_AFTER}")
# Marks in divisions.txt a name that counts only right after that of its place.
LEANING = "~"


@dataclass(frozen=True, slots=True)
class Place:
    """A place named in a text; `name` is the same for all its aliases (蓉城 and 成都市 are 成都)."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class _Table:
    """What the files say: `names` by form, `forms` by name, the places it lies in by name, forms that lean on a place.

    A form of several places (鼓楼区) has their names, each with its city (南京鼓楼区). `lengths` tells of each two
    characters how long the forms are that begin with them, the longest first. `provinces` lie in China directly.
    """

    names: Mapping[str, Sequence[str]]
    forms: Mapping[str, Sequence[str]]
    parents: Mapping[str, Sequence[str]]
    leaning: frozenset[str]
    lengths: Mapping[tuple[str, str], Sequence[int]]
    provinces: frozenset[str]


def _entries(file: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the place of each line and those in it, with their aliases."""
    for line in read_lines(Path(__file__).parent / file):
        whole, _, parts = line.partition(":")
        yield whole, parts.split()


@cache
def _table() -> _Table:
    names: dict[str, list[str]] = {}
    parents: dict[str, list[str]] = defaultdict(list)
    upper = list(_entries("places.txt"))
    for whole, parts in upper:
        parent = _enter(whole, names)
        for part in parts:
            parents[_enter(part, names)].append(parent)
    outer = [whole.split("=")[0] for whole, _ in upper]
    provinces = outer[: outer.index("中国")]
    leaning = _enter_counties(names, parents)
    forms: dict[str, list[str]] = defaultdict(list)
    lengths: dict[tuple[str, str], list[int]] = {}
    for form in sorted(names, key=len, reverse=True):
        for name in names[form]:
            forms[name].append(form)
        if len(form) > 1:
            ends = lengths.setdefault((form[0], form[1]), [])
            if len(form) not in ends:
                ends.append(len(form))
    return _Table(names, forms, parents, leaning, lengths, frozenset(provinces))


def _enter_counties(names: dict[str, list[str]], parents: dict[str, list[str]]) -> frozenset[str]:
    """Add the counties and return the forms that lean on the name of a place before them."""
    lines = [(_enter(whole, names), parts) for whole, parts in _entries("divisions.txt")]
    counties = [(parent, part.split("=")) for parent, parts in lines for part in parts]
    count = Counter(forms[0].lstrip(LEANING) for _, forms in counties)
    leaning: set[str] = set()
    for parent, forms in counties:
        plain = [form.lstrip(LEANING) for form in forms]
        name = f"{parent}{plain[0]}" if count[plain[0]] > 1 else plain[0]
        parents[name].append(parent)
        for form in plain:
            if name not in names.setdefault(form, []):
                names[form].append(name)
        leaning.update(form for form, marked in zip(plain, forms, strict=True) if form != marked)
    return frozenset(leaning | {form for form, meant in names.items() if len(meant) > 1})


def _enter(entry: str, names: dict[str, list[str]]) -> str:
    name, *aliases = entry.split("=")
    for alias in (name, *aliases):
        names.setdefault(alias, [name])
    return name


def places(text: str) -> list[Place]:
    """Return the places named in `text` (simplified characters), in order.

    One-character short forms (蓉, 沪) are too ambiguous to be found this way; `names_of` lists them.
    """
    return list(_named(text))


def _named(text: str) -> Iterator[Place]:
    lengths = _table().lengths
    last: Place | None = None
    for at in [at for at, pair in enumerate(pairwise(text)) if pair in lengths]:
        if last is not None and at < last.end:
            continue
        place = _at(text, at, lengths[text[at], text[at + 1]], last)
        if place is not None:
            yield place
            last = place


def _at(text: str, at: int, lengths: Sequence[int], last: Place | None) -> Place | None:
    """Return the place that the longest possible form from `at` names; `last` is the place named before."""
    table = _table()
    for length in lengths:
        form = text[at : at + length]
        names = table.names.get(form, ())
        tail = _tail.match(text, at + length) if names else None
        if tail is None:
            continue
        if form in table.leaning:
            names = [name for name in names if last and last.end == at and within(name, last.name)]
        if len(names) == 1:
            return Place(at, tail.end(), names[0])
    return None


def names_of(name: str) -> tuple[str, ...]:
    """Return every form of a place, one-character short forms included."""
    return tuple(_table().forms.get(name, ()))


def is_province(name: str) -> bool:
    """Tell whether a place is a province or a region of its rank, or China itself."""
    return name == "中国" or name in _table().provinces


def leans_on_its_city(name: str) -> bool:
    """Tell whether no form of the place is clear without its city: 鼓楼区 is in four, 和县 may be part of other words."""
    table = _table()
    return all(form in table.leaning for form in table.forms.get(name, ()))


def within(name: str, other: str) -> bool:
    """Tell whether place `name` is `other` or lies in it, at least in part: 成都 within 四川, 天府新区 within 眉山."""
    if name == other:
        return True
    table = _table()
    outer = table.parents.get(name, ())
    if not outer:
        return other == "中国" and name in table.provinces
    return any(within(place, other) for place in outer)
