"""The numbers that Word sets before paragraphs by itself (1. 第一条 （二） ③), counted."""

from collections.abc import Callable, Mapping
from typing import Any

from rag.ingest.word.styles import Styles, W, value, whole_number

__all__ = ["Numbering"]

LEVELS = 9
# Words of a list that has more are no numbers.
LONGEST_TEXT = 60
DIGITS = "〇一二三四五六七八九"
COUNTING = "零一二三四五六七八九"
LEGAL = "零壹贰叁肆伍陆柒捌玖"
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


def _roman(number: int) -> str:
    said = ""
    for worth, sign in ROMAN:
        count, number = divmod(number, worth)
        said += sign * min(count, 10)
    return said


def _letter(number: int) -> str:
    """Return A…Z, then AA, BB as Word counts on."""
    return chr(ord("A") + (number - 1) % 26) * min((number - 1) // 26 + 1, 10) if number > 0 else "0"


def _counted(number: int, digits: str, units: str = "十百千万") -> str:
    """Return a Chinese number below 100,000 as it is spoken: 二十一, 一百零五."""
    if not 0 < number < 100_000:
        return digits[0] if number == 0 else str(number)
    said, gap = "", False
    for place in range(4, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += (digits[0] if gap and said else "") + digits[digit] + (units[place - 1] if place else "")
        gap = digit == 0
    return said[1:] if said.startswith(f"{digits[1]}{units[0]}") and digits is COUNTING else said


def _within(signs: str) -> Callable[[int], str]:
    """Return the sign of a number where there is one, else its digits."""
    return lambda number: signs[number - 1] if 0 < number <= len(signs) else str(number)


def _run(first: str, count: int) -> str:
    return "".join(chr(ord(first) + i) for i in range(count))


def _digit_by_digit(number: int) -> str:
    return "".join(DIGITS[int(digit)] for digit in str(number))


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


FORMATS: Mapping[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02d}",
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": _letter,
    "lowerLetter": lambda number: _letter(number).lower(),
    "ordinal": _ordinal,
    "chineseCounting": lambda number: _counted(number, COUNTING),
    "chineseCountingThousand": lambda number: _counted(number, COUNTING),
    "taiwaneseCounting": lambda number: _counted(number, COUNTING),
    "taiwaneseCountingThousand": lambda number: _counted(number, COUNTING),
    "japaneseCounting": lambda number: _counted(number, COUNTING),
    "ideographDigital": _digit_by_digit,
    "japaneseDigitalTenThousand": _digit_by_digit,
    "taiwaneseDigital": _digit_by_digit,
    "chineseLegalSimplified": lambda number: _counted(number, LEGAL, "拾佰仟万"),
    "ideographLegalTraditional": lambda number: _counted(number, "零壹貳參肆伍陸柒捌玖", "拾佰仟萬"),
    "ideographTraditional": _within(STEMS),
    "ideographZodiac": _within(BRANCHES),
    "decimalEnclosedCircle": _within(_run("①", 20)),
    "decimalEnclosedCircleChinese": _within(_run("①", 20)),
    "ideographEnclosedCircle": _within(_run("㊀", 10)),
    "decimalEnclosedParen": _within(_run("⑴", 20)),
    "decimalEnclosedFullstop": _within(_run("⒈", 20)),
    "decimalFullWidth": lambda number: str(number).translate({48 + i: 0xFF10 + i for i in range(10)}),
    "decimalFullWidth2": lambda number: str(number).translate({48 + i: 0xFF10 + i for i in range(10)}),
    "none": lambda number: "",
}
BULLET = "bullet"


class Numbering:
    """The lists of a file while its paragraphs are read in order: each has one count for all its levels."""

    def __init__(self, part: Any, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, Any] = {}
        self._numbers: dict[str, Any] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        if part is None:
            return
        for one in part.iterchildren(f"{W}abstractNum"):
            self._lists.setdefault(one.get(f"{W}abstractNumId", ""), one)
        for one in part.iterchildren(f"{W}num"):
            self._numbers.setdefault(one.get(f"{W}numId", ""), one)

    def next(self, paragraph: Any) -> str | None:
        """Return the number of a paragraph, "" for a bullet, None where it is in no list; it is counted."""
        number, level = self._place(paragraph)
        found = self._numbers.get(number)
        if found is None:
            return None
        ident, whole = self._list(found)
        rules = self._levels(found, whole)
        if level not in rules:
            return None
        counts = self._count(ident, number, level, found, rules)
        return _shown(counts, level, rules)

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """Return list and level of a paragraph; the number 0 takes it out of the list of its style."""
        style = value(paragraph, "pPr/pStyle")
        number, level = self._styles.numbering(style)
        own = value(paragraph, "pPr/numPr/numId")
        at = value(paragraph, "pPr/numPr/ilvl") or level
        if not at and not own and number:
            at = self._level_of_style(number, style)
        return own or number, min(whole_number(at, 0), LEVELS - 1)

    def _level_of_style(self, number: str, style: str) -> str:
        found = self._numbers.get(number)
        _, whole = self._list(found) if found is not None else ("", None)
        levels = () if whole is None else whole.iterchildren(f"{W}lvl")
        return next((one.get(f"{W}ilvl", "0") for one in levels if value(one, "pStyle") == style), "0")

    def _list(self, number: Any) -> tuple[str, Any]:
        """Return the list that a number stands for; a list may lean on that of a style."""
        ident = value(number, "abstractNumId")
        whole = self._lists.get(ident)
        linked = "" if whole is None else value(whole, "numStyleLink")
        if linked:
            other = self._numbers.get(self._styles.numbering(linked)[0])
            ident = ident if other is None else value(other, "abstractNumId")
            whole = self._lists.get(ident, whole)
        return ident, whole

    def _levels(self, number: Any, whole: Any) -> dict[int, Any]:
        """Return the rules of each level; those of the number itself come first."""
        own = [one.find(f"{W}lvl") for one in number.iterchildren(f"{W}lvlOverride")]
        found: dict[int, Any] = {}
        for level in [*own, *(() if whole is None else whole.iterchildren(f"{W}lvl"))]:
            if level is not None:
                found.setdefault(whole_number(level.get(f"{W}ilvl", ""), 0), level)
        return found

    def _count(
        self, ident: str, number: str, level: int, found: Any, rules: Mapping[int, Any]
    ) -> list[int | None]:
        """Count one more at `level`; the levels below begin anew, those above begin if nothing did."""
        counts = self._counts.setdefault(ident, [None] * LEVELS)
        for override in found.iterchildren(f"{W}lvlOverride"):
            at = whole_number(override.get(f"{W}ilvl", ""), 0)
            if (number, at) not in self._begun and at < LEVELS:
                self._begun.add((number, at))
                start = value(override, "startOverride")
                counts[at] = whole_number(start, 1) - 1 if start else counts[at]
        for above in range(level):
            if counts[above] is None and above in rules:
                counts[above] = _start(rules[above])
        last = counts[level]
        counts[level] = _start(rules[level]) if last is None else last + 1
        for below in range(level + 1, LEVELS):
            restart = value(rules[below], "lvlRestart") if below in rules else ""
            if not restart or (restart != "0" and level < whole_number(restart, LEVELS)):
                counts[below] = None
        return counts


def _start(rules: Any) -> int:
    return whole_number(value(rules, "start"), 1)


def _shown(counts: list[int | None], level: int, rules: Mapping[int, Any]) -> str:
    """Return the text of a level with its numbers put in; white space stands for the gap behind it."""
    own = rules[level]
    if value(own, "numFmt", "decimal") == BULLET:
        return ""
    said = value(own, "lvlText")[:LONGEST_TEXT]
    legal = own.find(f"{W}isLgl") is not None
    for at in range(LEVELS):
        if f"%{at + 1}" in said:
            form = "decimal" if legal or at not in rules else value(rules[at], "numFmt", "decimal")
            said = said.replace(f"%{at + 1}", FORMATS.get(form, str)(counts[at] or 0))
    gap = "" if value(own, "suff", "tab") == "nothing" else " "
    return f"{said}{gap}" if said else ""
