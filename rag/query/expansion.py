"""Other ways in which articles may write what a question says: names, abbreviations, aliases and numbers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.lexicon import UNKNOWN, aliases, rarity, telling
from rag.text.number import YEAR
from rag.text.numeral import digits
from rag.text.words import is_noun

__all__ = ["Abbreviations", "Form", "forms", "named_in", "stands_in", "with_forms"]

# A question that is longer is a pasted text: its names are looked for at its beginning.
LONGEST_QUESTION = 200
LONGEST_NAME = 30
# Names that no word begins or ends with are found if they are this short: 深开鸿 is cut 深|开|鸿.
SHORT_NAME = 8
# How much a word of aliases.txt must tell that passages are searched for its other forms too: 基站 is 10, 公司 7.
SEARCHED = 9.0

Abbreviations = Sequence[tuple[str, str, str]]
"""(article id, short, long), folded, sorted."""


@dataclass(frozen=True, slots=True)
class Form:
    """`said` in a text means what the question calls `asked`; both folded. In `articles` only, () for all."""

    asked: str
    said: str
    articles: tuple[str, ...] = ()


def with_forms(text: str, given: Sequence[Form], article_id: str) -> str:
    """Return the folded `text` with the question's own forms of what it says otherwise, each on a line at the end.

    It is for matching: no offset of `text` moves.
    """
    told = dict.fromkeys(
        form.asked
        for form in given
        if (not form.articles or article_id in form.articles)
        and stands_in(form.said, text)
        and not stands_in(form.asked, text)
    )
    return "\n".join((text, *told)) if told else text


def stands_in(name: str, text: str) -> bool:
    """Tell whether `name` stands in the folded `text`; Latin names and numbers only as a whole."""
    if name not in text:
        return False
    before, after = (
        (r"(?<![a-z0-9.])" if _latin(name[0]) else ""),
        ("(?![a-z0-9])" if _latin(name[-1]) else ""),
    )
    return not (before or after) or re.search(f"{before}{re.escape(name)}{after}", text) is not None


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def named_in(folded: str) -> list[str]:
    """Return what may be a name in the folded question: runs of words, and short runs that cut unknown ones."""
    text = folded[:LONGEST_QUESTION]
    found: dict[str, None] = {}
    for run in re.finditer(r"[^\s，。？?！!；;：:、“”\"《》]{2,}", text):
        ends, whole = _ends(run.group())
        for start in range(len(run.group())):
            for end in range(start + 2, min(len(run.group()), start + LONGEST_NAME) + 1):
                free = start not in whole and end not in whole and end - start <= SHORT_NAME
                if free or (start in ends and end in ends):
                    found[run.group()[start:end]] = None
    return list(found)


def _ends(run: str) -> tuple[set[int], set[int]]:
    """Return where the words of a run begin and end, and the places inside words that the dictionary has."""
    ends, whole, at = {0}, set[int](), 0
    for word in annotate(run).pieces:
        if rarity(word) < UNKNOWN or _latin(word[0]):
            whole.update(range(at + 1, at + len(word)))
        at += len(word)
        ends.add(at)
    return ends, whole


def forms(folded: str, known: Abbreviations, own: Mapping[str, frozenset[str]]) -> tuple[Form, ...]:
    """Return the other forms of what the folded question says.

    `known` are all abbreviations with a form in the question and those that share their short form; `own` are the
    aliases of the index's own file: word → words that say the same.
    """
    names = set(named_in(folded)) | set(annotate(folded).pieces)
    found = [*_abbreviated(names, known), *_aliases(names, own), *_written(folded)]
    return tuple(dict.fromkeys(form for form in found if form.said in form.asked or form.said not in folded))


def _abbreviated(names: set[str], known: Abbreviations) -> Iterator[Form]:
    """Yield the other forms of names; what a short form means in one article alone holds in that one alone."""
    longest = [
        name
        for name in names
        if not any(name != other and name in other for other in _known_names(names, known))
    ]
    meanings: dict[str, dict[str, set[str]]] = {}
    for article, short, long in known:
        meanings.setdefault(short, {}).setdefault(long, set()).add(article)
    for short, longs in meanings.items():
        shared = min(longs, key=lambda long: (len(long), long))
        is_one = all(long.endswith(shared) for long in longs)
        for long, articles in longs.items():
            within = () if is_one else tuple(sorted(articles))
            if short in longest:
                yield Form(short, shared if is_one else long, within)
            if long in longest:
                yield Form(long, short, within)
                yield from (Form(long, other) for other in longs if is_one and not long.endswith(other))


def _known_names(names: set[str], known: Abbreviations) -> set[str]:
    return {name for _, short, long in known for name in (short, long) if name in names}


def _aliases(names: set[str], own: Mapping[str, frozenset[str]]) -> Iterator[Form]:
    """Yield the aliases of names: all of the index's own file, of ours those of telling nouns."""
    for name in sorted(names):
        yield from (Form(name, other) for other in sorted(own.get(name, frozenset()) - {name}))
        if is_noun(name) and telling(name) >= SEARCHED:
            yield from (Form(name, other) for other in sorted(aliases().get(name, frozenset()) - {name}))


def _written(folded: str) -> Iterator[Form]:
    """Yield other ways to write the numbers of a question: 5万个 as 50000个 and 五万个, 2023年 as 二〇二三年."""
    for quantity in annotate(folded).quantities:
        said = folded[quantity.core_start : quantity.core_end]
        unit = fold(quantity.unit)
        if quantity.unit == "第":
            number = said.removeprefix("第")
            yield from (Form(said, f"第{other}") for other in _ways(quantity.number) if other != number)
        elif quantity.upper is None and unit != "%" and said.endswith(unit):
            number = said[: len(said) - len(unit)] if unit else said
            yield from (Form(said, f"{other}{unit}") for other in _ways(quantity.number) if other != number)
    for when in annotate(folded).whens():
        yield from _years(folded[when.start : when.end])


def _years(said: str) -> Iterator[Form]:
    """Yield a year in the other figures: 2023年, 二〇二三年, 二零二三年."""
    if match := re.match(rf"({YEAR})年", said):
        for zero in "〇零":
            yield Form(
                match[0], f"{''.join((zero + '一二三四五六七八九')[int(digit)] for digit in match[1])}年"
            )
    elif (match := re.match("([〇零一二三四五六七八九]{4})年", said)) and (year := digits(match[1])):
        yield Form(match[0], f"{year}年")


def _ways(number: Fraction) -> list[str]:
    """Return the ways to write a number that news use, without unit: 50000, 5万, 50,000, 五万."""
    ways = [_plain(number)]
    if number.denominator == 1 and number >= 1000:
        ways.append(f"{int(number):,}")
    for name, size in (("万", 10**4), ("亿", 10**8)):
        if number >= size and (scaled := number / size).denominator in (1, 2, 5, 10, 20, 25, 50, 100):
            ways.append(f"{_plain(scaled)}{name}")
            ways += [f"{figure}{name}" for figure in _figures(scaled)]
    return list(dict.fromkeys([*ways, *_figures(number)]))


def _plain(number: Fraction) -> str:
    return str(int(number)) if number.denominator == 1 else f"{float(number):.10g}"


def _figures(number: Fraction) -> list[str]:
    """Return a whole number below 10,000 in Chinese figures, nothing for others."""
    if number.denominator != 1 or not 0 < number < 10_000:
        return []
    figures, rest, zero = "", int(number), False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, rest = divmod(rest, place)
        if digit:
            figures += ("零" if zero and figures else "") + "一二三四五六七八九"[digit - 1] + name
        zero = not digit
    return [figures.removeprefix("一") if 10 <= number < 20 else figures]
