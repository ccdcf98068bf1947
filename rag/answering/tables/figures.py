"""Figures that stand alone, as in the cells of a table, and the units that a head or caption names for them.

>>> is_figure("13,450"), is_figure("+0.8%"), is_figure("约300")
(True, False, False)
>>> named_units("产量（万吨）"), named_units("单位：亿元、%")
(('万吨',), ('亿元', '%'))
"""

import re

from rag.text.characters import fold
from rag.text.quantity import Quantity, quantities
from rag.text.sentences import NOTE_MARKS

__all__ = ["figures_with_units", "is_figure", "is_unit", "named_units", "without_notes"]

_figure = re.compile(r"[+\-−–±]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+\-−–±]?\d+(?:\.\d+)?")
_bracket = re.compile(
    r"[（(]\s{0,3}+(?:计量)?(?:单位\s?[:：为]?)?\s{0,3}+([^\s（）()](?:[^（）()]{0,14}[^\s（）()])?)\s{0,3}[）)]"
)
_named = re.compile(r"单位\s?[:：]\s*([^\s（）()，。；]{1,24}(?:\s?[、,/]\s?[^\s（）()，。；]{1,8}){0,3})")
_slash = re.compile(r"[/／]\s*([^\d\s（）()]{1,6})$")
_cell = re.compile(r"[^\t\n]+")
# Units of a caption are few.
MOST_UNITS = 6


def without_notes(text: str) -> str:
    """Return the words of a cell without the raised numbers of its notes and the stars."""
    return text.rstrip(f"{NOTE_MARKS}*＊ ").strip()


def is_figure(text: str) -> bool:
    """Tell whether a cell is a number without a unit."""
    return _figure.fullmatch(fold(without_notes(text))) is not None


def is_unit(word: str) -> bool:
    """Tell whether a word is a unit that may follow a number: 万吨, %, 元/吨."""
    found = quantities(f"1{word}") if word and not any(map(str.isdecimal, word)) else []
    return len(found) == 1 and found[0].start == 0 and found[0].end == len(word) + 1 and bool(found[0].unit)


def named_units(text: str) -> tuple[str, ...]:
    """Return the units that a head or caption names: in brackets, behind 单位 or a stroke; a cell that is one."""
    found = [text] if is_unit(text) else []
    for said in (*_bracket.findall(text), *_named.findall(text), *_slash.findall(text)):
        whole = said.strip()
        parts = [whole] if is_unit(whole) else re.split(r"[、,，;；/ ]|或", whole)
        found += [part for part in map(str.strip, parts) if is_unit(part)]
    return tuple(dict.fromkeys(found))[:MOST_UNITS]


def figures_with_units(quoted: str) -> list[Quantity]:
    """Return what the figures of a quoted row state in each of the units that stand beside them in heads and captions.

    `quoted` has rows whose cells are set apart by tabs, heads and captions, a line each; there are none without a tab.
    """
    if "\t" not in quoted:
        return []
    cells = [without_notes(found[0]) for found in _cell.finditer(quoted)]
    units = dict.fromkeys(unit for cell in cells for unit in named_units(cell))
    figures = dict.fromkeys(cell for cell in cells if is_figure(cell))
    return [one for figure in figures for unit in units for one in quantities(f"{figure}{unit}")]
