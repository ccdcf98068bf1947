"""Digits set above or below the line → characters that say so: 10⁴ must not be read as 104, nor CO₂ as CO 2."""

__all__ = ["lowered", "raised"]

_above = str.maketrans("0123456789+-−=()（）nix", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾⁽⁾ⁿⁱˣ")
_below = str.maketrans("0123456789+-−=()（）x", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎₍₎ₓ")


def raised(words: str) -> str:
    """Return words set above the line, as they are where one of them has no such character (1st, a note like [2])."""
    return _set(words, _above)


def lowered(words: str) -> str:
    """Return words set below the line, as they are where one of them has no such character."""
    return _set(words, _below)


def _set(words: str, table: dict[int, int]) -> str:
    return words.translate(table) if all(ord(char) in table or char.isspace() for char in words) else words
