"""Lines that are the items of an enumeration: 1、… below which 2、… stands, each whole on a line of its own."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from rag.ingest.cleaning.lines import Line, display_width

__all__ = ["enumerated"]

DIGITS = "零一二三四五六七八九"
# How an item begins: 1、 1. （一） 十二、 but not 1.5 or 3、4月.
_item = re.compile(
    r"(?P<before>[（(]?)(?P<number>\d{1,2}|[一二三四五六七八九十]{1,3})(?P<after>[)）、.．])(?![\d、])"
)


def enumerated(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines that are items; the last of an enumeration only if it was surely not broken at a column."""
    found = [(at, *_read(item)) for at, line in enumerate(lines) if (item := _item.match(line.text))]
    # Items of one enumeration stand right below one another: line, number and marks go on together.
    for (_, _, _), run in groupby(found, key=lambda one: (one[0] - one[1], one[2], one[1] == 0)):
        items = [lines[at] for at, _, _ in run]
        if len(items) < 2:
            continue
        widest = max(display_width(item.text) for item in items[:-1])
        yield from items[:-1]
        if items[-1].finished or display_width(items[-1].text) < widest or items[-1] is lines[-1]:
            yield items[-1]


def _read(item: re.Match[str]) -> tuple[int, str]:
    """Return the number of an item and its marks."""
    words = item["number"]
    marks = item["before"] + ("1" if words.isascii() else "一") + item["after"]
    if words.isascii():
        return int(words), marks
    tens, ten, ones = words.rpartition("十")
    return (10 * (DIGITS.find(tens) if tens else 1) if ten else 0) + (DIGITS.find(ones) if ones else 0), marks
