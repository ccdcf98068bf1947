"""Misspelt names in a question: what no passage has, but for one character of the same sound or out of place.

Nothing is corrected that the dictionary has (北京 is not 南京), no number and no name of two characters: what is asked
for may well be another thing, of which nothing is known.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from rag.text.characters import fold
from rag.text.lexicon import COMMON, UNKNOWN, rarity
from rag.text.word_lists import read_lines
from rag.text.words import bigrams, cut

__all__ = ["Correction", "Written", "corrected", "corrections", "homophones"]

# Only so much of a question is looked at, and so many places in it: the rest is text that was pasted.
LONGEST = 100
PLACES = 4
# Passages that are looked at for a name that may be meant.
LOOKED_AT = 20
_letters = "abcdefghijklmnopqrstuvwxyz"
# Shorter Latin words have too many neighbours.
_run = re.compile("[\u4e00-\u9fff]{3,}|(?<![a-z0-9.-])[a-z]{5,}(?![a-z0-9-])")
_figure = re.compile("[〇零一二两三四五六七八九十百千万亿]")
# Syllables that sound alike to many speakers.
_alike = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"))


class Written(Protocol):
    """What is asked of the index."""

    def occur(self, terms: Sequence[str]) -> Mapping[str, bool]:
        """Tell of each pair of characters or Latin word whether a passage, title or heading has it."""
        ...

    def texts_with(self, terms: Sequence[str], count: int) -> Sequence[str]:
        """Return the folded texts, without white space, of the passages that have most of the terms."""
        ...


@dataclass(frozen=True, slots=True)
class Correction:
    """Where in the question, and what the index writes there."""

    start: int
    end: int
    meant: str


@cache
def _syllables() -> Mapping[str, str]:
    pairs = (line.split() for line in read_lines(Path(__file__).parent / "pinyin.txt"))
    heard = ((_plain(syllable), chars) for syllable, chars in pairs)
    return {char: syllable for syllable, chars in heard for char in chars}


@cache
def _sounds() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for char, syllable in _syllables().items():
        found[syllable] = found.get(syllable, "") + char
    return found


def _plain(syllable: str) -> str:
    """Return the syllable as those say it who do not tell zh from z, ang from an or n from l."""
    for one, other in _alike:
        syllable = re.sub(f"^{one}|{one}$", other, syllable)
    return syllable


def homophones(char: str) -> str:
    """Return the characters of GB 2312 that sound like `char`, tones and near sounds apart, "" if its sound is not known."""
    return _sounds().get(_syllables().get(char, ""), "").replace(char, "")


def corrected(text: str, written: Written) -> str:
    """Return the question with its misspelt names as the index writes them."""
    for found in reversed(corrections(text, written)):
        text = text[: found.start] + found.meant + text[found.end :]
    return text


def corrections(text: str, written: Written) -> list[Correction]:
    """Return the misspelt places of the question in order; none where two names might be meant."""
    folded = fold(text)[:LONGEST]
    found: list[Correction] = []
    for run in _run.finditer(folded):
        said = run.group()
        places = _latin(said, written) if said.isascii() else _han(said, written)
        if place := next(places, None):
            found.append(Correction(run.start() + place.start, run.start() + place.end, place.meant))
    return found


def _latin(word: str, written: Written) -> Iterator[Correction]:
    """Yield the one Latin word of the index that is one letter away."""
    if written.occur([word])[word]:
        return
    halves = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    near = {a + b[1:] for a, b in halves if b}
    near |= {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    near |= {a + char + b[1:] for a, b in halves if b for char in _letters}
    near |= {a + char + b for a, b in halves for char in _letters}
    meant = [other for other, occurs in written.occur(sorted(near - {word})).items() if occurs]
    if len(meant) == 1:
        yield Correction(0, len(word), meant[0])


def _han(run: str, written: Written) -> Iterator[Correction]:
    """Yield the places where one character of the same sound, two exchanged or one left out makes a known name."""
    free = _odd(run)
    if not free:
        return
    pairs = [run[i : i + 2] for i in range(len(run) - 1)]
    occurs = written.occur(pairs)
    unknown = [i for i, pair in enumerate(pairs) if not occurs[pair] and (i in free or i + 1 in free)]
    for i in unknown[:PLACES]:
        for at in sorted(free & {i, i + 1}):
            if found := _one(run, _sounding(run, at, written), at, at + 1, written):
                yield found
        if found := _one(run, [run[i + 1] + run[i]], i, i + 2, written):
            yield found
        if found := _left_out(run, i, free, written):
            yield found


def _odd(run: str) -> set[int]:
    """Return the places of characters in no word that the dictionary has, those that often are words themselves apart."""
    free: set[int] = set()
    at = 0
    for word in cut(run):
        if len(word) == 1 or rarity(word) >= UNKNOWN:
            free.update(
                i for i in range(at, at + len(word)) if rarity(run[i]) >= COMMON and not _figure.match(run[i])
            )
        at += len(word)
    return free


def _sounding(run: str, at: int, written: Written) -> list[str]:
    """Return the characters of the same sound that pair with a neighbour as some passage has it."""
    chars = homophones(run[at])
    left = [f"{run[at - 1]}{char}" for char in chars] if at else []
    right = [f"{char}{run[at + 1]}" for char in chars] if at + 1 < len(run) else []
    occurs = written.occur([*left, *right])
    return [c for i, c in enumerate(chars) if any(side and occurs[side[i]] for side in (left, right))]


def _one(run: str, meant: Sequence[str], start: int, end: int, written: Written) -> Correction | None:
    """Return the one of `meant` that stands between the neighbours of the place in some passage."""
    known = [word for word in meant if _stands(run, word, start, end, written)]
    return Correction(start, end, known[0]) if len(known) == 1 else None


def _stands(run: str, word: str, start: int, end: int, written: Written) -> bool:
    """Tell whether a passage has `word` with two neighbours at least.

    Where the new character makes no word of the dictionary there must be neighbours on both sides.
    """
    left, right = run[max(0, start - 2) : start], run[end : end + 2]
    both = (
        [f"{left}{word}{right}", f"{left}{word}{right[:1]}", f"{left[-1:]}{word}{right}"]
        if left and right
        else []
    )
    one = [window for window in (f"{left}{word}", f"{word}{right}") if _makes_word(window, word)]
    return any(
        len(window) >= len(word) + 2 and _occurs(window, written) for window in dict.fromkeys([*both, *one])
    )


def _makes_word(window: str, word: str) -> bool:
    """Tell whether a word of the dictionary holds the new characters and more of the window."""
    return any(
        char in piece and len(piece) > 1 and rarity(piece) < UNKNOWN for piece in cut(window) for char in word
    )


def _occurs(window: str, written: Written) -> bool:
    terms = bigrams(window)
    return all(written.occur(terms).values()) and any(
        window in text for text in written.texts_with(terms, LOOKED_AT)
    )


def _left_out(run: str, at: int, free: set[int], written: Written) -> Correction | None:
    """Return the one character that passages have between `at` and the next: 华西[都]市报."""
    left, right = run[max(0, at - 1) : at + 1], run[at + 1 : at + 3]
    if len(left) < 2 or len(right) < 2 or _figure.search(left + right):
        return None
    if not all(written.occur([left, right]).values()):
        return None
    between = re.compile(f"{left}([\u4e00-\u9fff]){right}")
    found = {
        match[1] for text in written.texts_with([left, right], LOOKED_AT) for match in between.finditer(text)
    }
    word = f"{run[at]}{{0}}" if at in free else f"{{0}}{run[at + 1]}"
    meant = [char for char in found if rarity(word.format(char)) < UNKNOWN and not _figure.match(char)]
    return Correction(at + 1, at + 1, meant[0]) if len(meant) == 1 == len(found) else None
