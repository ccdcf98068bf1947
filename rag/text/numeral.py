"""Chinese numerals: the exact value of 五万二千, 一点五亿 or 二〇二三.

>>> numeral("五万二千")
Fraction(52000, 1)
>>> digits("二〇二三")
2023
"""

from fractions import Fraction

__all__ = ["digits", "numeral"]

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
SMALL = {"十": 10, "百": 100, "千": 1000}
LONGEST = 40
LARGE = {"万": 10**4, "亿": 10**8}


def numeral(word: str) -> Fraction | None:
    """Return the value of a numeral, None if `word` is not a well-formed one (十四五, 万一, 三五)."""
    if len(word) > LONGEST:
        return None
    scale = Fraction(1)
    whole, dot, decimals = word.partition("点")
    if dot:
        while decimals and decimals[-1] in LARGE:
            scale *= LARGE[decimals[-1]]
            decimals = decimals[:-1]
    value = _integer(whole)
    if value is None or (dot and not decimals) or any(char not in DIGITS for char in decimals):
        return None
    tail = Fraction(digits(decimals) or 0, 10 ** len(decimals))
    return (value + tail) * scale


def digits(word: str) -> int | None:
    """Return the number whose digits are written one by one, None if another character is among them."""
    if not 0 < len(word) <= LONGEST or any(char not in DIGITS for char in word):
        return None
    return int("".join(str(DIGITS[char]) for char in word))


def _integer(word: str) -> int | None:
    """Return the value of a numeral without decimals; a last digit counts by its place (五万二 is 52000)."""
    total = 0
    section = _Section()
    place = 1
    for char in word:
        if char in LARGE:
            amount = section.value()
            if not total and not amount:
                return None
            total = (
                (total + amount) * LARGE[char] if LARGE[char] > place > 1 else total + amount * LARGE[char]
            )
            section, place = _Section(LARGE[char]), LARGE[char]
        elif not section.take(char):
            return None
    return total + section.value() if word else None


class _Section:
    """The part of a numeral below 万: up to four digits with their places."""

    def __init__(self, above: int = 1) -> None:
        self.sum, self.digit, self.last = 0, -1, above
        self.zero = False

    def take(self, char: str) -> bool:
        """Add the next character; False if a numeral cannot go on with it."""
        if char in DIGITS:
            fits = self.digit <= 0
            self.digit, self.zero = DIGITS[char], self.zero or DIGITS[char] == 0
            return fits
        place = SMALL.get(char, 0)
        if not place or (self.sum and place >= self.last) or (self.digit < 1 and (place > 10 or self.sum)):
            return False
        self.sum += place * max(self.digit, 1)
        self.digit, self.last, self.zero = -1, place, False
        return True

    def value(self) -> int:
        """Return the sum; a digit that follows 百, 千, 万 or 亿 without 零 stands one place lower."""
        short = self.last >= 100 and not self.zero
        return self.sum + max(self.digit, 0) * (self.last // 10 if short else 1)
