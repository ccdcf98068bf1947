"""Put the new part of a follow-up in place of the part of the last question that is of its kind.

>>> substitutions(parts("2023年成都有多少公园"), "2022年", "")
['2022年成都有多少公园']
"""

import re
from collections.abc import Callable, Iterator, Sequence

from rag.query.follow_up.joining import replaced
from rag.query.follow_up.question_parts import LOOSE, MEASURING, NAMING, TOTAL, Parts, parts, pieces
from rag.query.question_type import AnswerType
from rag.records import Span
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.lexicon import rarity
from rag.text.time_words import years
from rag.text.words import is_name, is_noun

__all__ = ["is_alike", "substitutions"]

EDITION = re.compile("(?:上上?|下|前|本|这|首)一?[届期批季轮代周]")
WHOLE = re.compile("全(?:市|省|国|县|区|州|球|世界|行业|校|院)")
NAME = re.compile(r"(?:[a-z]++|(?<!\d))\d++[a-z]++|[a-z]++-?\d*+|[\u4e00-\u9fff]某某?")
YEAR = re.compile(r"(?:\d{4}|[一二][〇零一二三四五六七八九]{3})年|今年|去年|前年|上年|本年度?|明年")
SAME_PERIOD = re.compile("(?:去年|上年|上一年|前一年|上年度)的?同期|^同期")
EARLIER = re.compile("(?:再往前|再前|更早|往前)推?一?年|[前上]一年")
LATER = re.compile("(?:再往后|往后)推?一?年|[后下]一年|第二年")
SEVERAL = 3

Finder = Callable[[str], list[tuple[int, int]]]


def substitutions(last: Parts, new: str, subject: str, near: bool = False) -> list[str]:
    """Return the last question with `new` in it, the most likely first; none where it fits nowhere.

    `near` says that the last answer's article has it: then it is a part of the subject rather than another one.
    """
    new = _dated(last, new)
    text = last.text
    for finder in (_times, _places, _ordinals, _names):
        text, new = _typed(text, new, finder, last)
        if not text:
            return []
    narrows = new.endswith("的")
    new = new.strip(LOOSE)
    if not new:
        return [text] if text != last.text else []
    again = last if text == last.text else parts(text)
    return list(dict.fromkeys(said for said in _of_nouns(again, new, subject, narrows, near) if said))


def is_alike(last: Parts, new: str) -> bool:
    """Tell whether a question has a word that `new` is the counterpart of."""
    new = new.strip(LOOSE)
    return bool(new) and (_same_head(last, new) or _alike(last, new)) is not None


def _dated(last: Parts, new: str) -> str:
    """Write 再往前一年 as the year before that of the last question, and 去年同期 as the same part of the year before."""
    numbered = years(last.text)
    if match := SAME_PERIOD.match(new):
        old = next((last.text[w.start : w.end] for w in annotate(last.text).whens()), "").removeprefix("截至")
        year = YEAR.match(old)
        named = year.group() if year else ""
        before = f"{numbered[0] - 1}年" if numbered else "前年" if named == "去年" else "去年"
        rest = old[len(named) :]
        return f"{before}{rest or '同期'}{new[match.end() :]}"
    step = -1 if EARLIER.fullmatch(new) else 1 if LATER.fullmatch(new) else 0
    return f"{numbered[0] + step}年" if step and numbered else new


def _typed(text: str, new: str, finder: Finder, last: Parts) -> tuple[str, str]:
    """Move what `finder` finds in `new` into `text`: in place of what it finds there, else before its subject."""
    fresh, old = finder(new), finder(text)
    if finder is _ordinals:
        fresh, old = _touching(fresh), _touching(old)
    if len(fresh) != 1 or (not old and finder is _names):
        return text, new
    start, end = fresh[0]
    said, rest = new[start:end], new[:start] + new[end:]
    if finder in (_places, _names) and len(rest.strip(LOOSE)) > 1:
        return text, new  # 成都大学 is no place
    if old:
        low, high = _alike_ordinal(text, old, said) if finder is _ordinals else old[0]
        said = _with_the_year(text[low:high], said) if finder is _times else said
        return replaced(text, low, high, said, known=finder is not _places), "" if finder in (
            _places,
            _names,
        ) else rest
    at = last.start + (len(last.before) if finder is _ordinals else 0)
    return replaced(text, at, at, said), rest


def _touching(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join spans that touch: 4号线一期."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and found[-1][1] == start:
            start = found.pop()[0]
        found.append((start, end))
    return found


def _alike_ordinal(text: str, old: Sequence[tuple[int, int]], new: str) -> tuple[int, int]:
    """Return the last ordinal that numbers the same, else the last of all."""
    same = [span for span in old if _numbers_what(text[slice(*span)]) == _numbers_what(new)]
    return (same or list(old))[-1]


def _numbers_what(ordinal: str) -> str:
    return re.sub("[第首0-9０-９一二三四五六七八九十百]", "", ordinal)


def _with_the_year(old: str, new: str) -> str:
    """Return the new time with the year of the old one if it names none: 二季度."""
    year = YEAR.match(old.removeprefix("截至"))
    kept = year and not YEAR.search(new) and re.search("季|半年|月|[初底末]$", new)
    return f"{year.group()}{new}" if year and kept else new


def _times(text: str) -> list[tuple[int, int]]:
    return [(when.start, when.end) for when in annotate(text).whens()]


def _places(text: str) -> list[tuple[int, int]]:
    said = annotate(text)
    found = [(place.start, place.end) for place in said.places]
    return found or [match.span() for match in WHOLE.finditer(said.folded)]


def _is_place(words: str) -> bool:
    return any(place.end - place.start == len(words) for place in annotate(words).places)


def _ordinals(text: str) -> list[tuple[int, int]]:
    said = annotate(text)
    named = [match.span() for match in EDITION.finditer(said.folded)]
    return sorted([*named, *(span for span in said.ordinals if not any(a <= span[0] < b for a, b in named))])


def _names(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in NAME.finditer(fold(text))]


def _of_nouns(last: Parts, new: str, subject: str, narrows: bool, near: bool) -> Iterator[str]:
    """Yield the last question with a noun in each place where it has one that the new one may stand for."""
    at = last.text.find(subject) if subject else -1
    behind = at + len(subject)
    if head := _same_head(last, new):
        yield replaced(last.text, head.start, head.end, new)
        return
    alike = _alike(last, new)
    if alike is not None:
        yield replaced(last.text, alike.start, alike.end, new)
        return
    if narrows and last.head is not None:  # 有多少个泊位, 万吨级以上的呢
        yield replaced(last.text, last.head.start, last.head.start, f"{new}的", known=True)
    measured = MEASURING.search(new) is not None
    named = any(rarity(word) >= NAMING and is_noun(word) for _, word in pieces(new)) or is_name(new)
    other = replaced(last.text, at, behind, new, known=True) if named and at >= 0 and not measured else ""
    if (not near or is_name(new)) and (not _is_place(subject) or _places(new)):
        yield other  # no maize in the place of a town
    if last.kind is AnswerType.NUMBER and last.head is not None and not measured:
        yield replaced(last.text, last.head.start, _end_of_noun(last, last.head), new)
    yield _of_attribute(last, new, behind if at >= 0 else last.start)
    if at >= 0 and not measured:
        yield replaced(last.text, behind, behind, new, known=True)
    yield other


def _same_head(last: Parts, new: str) -> Span | None:
    """Return the nouns of the last question up to the one that `new` ends with: 成都[算力总规模] for 产业规模.

    A place is one of them only if the new words have one, too: [成都马拉松] for 北京马拉松.
    """
    head = pieces(new)[-1][1]
    placed = bool(annotate(new).places)
    run: list[tuple[int, str]] = []
    for at, word in pieces(last.text):
        if not (is_noun(word) or TOTAL.search(word)) or (not placed and annotate(word).places):
            run = []
            continue
        run.append((at, word))
        if len(head) > 1 and word.endswith(head) and fold(new) not in last.text:
            return Span(run[0][0], at + len(word))
    return None


def _end_of_noun(last: Parts, head: Span) -> int:
    """Return where the noun behind 多少 ends: 多少[船]受影响."""
    ends = [at + len(word) for at, word in pieces(last.text) if at >= head.start and is_noun(word)]
    return min((end for end in ends if end <= head.end), default=head.end)


def _of_attribute(last: Parts, new: str, floor: int) -> str:
    """Replace what is asked of the subject: all of it by a measure or a role, all but its measure by what narrows it."""
    end = last.start + len(last.before)
    for start, high in reversed(_times(last.text)):
        if high == end:  # 算力总规模到2026年要达到多少
            end = start - len(last.text[:start]) + len(last.text[:start].rstrip("到至在于"))
    if floor >= end:  # 博物馆[成人]票: the subject takes in what is asked
        cut = pieces(last.text[:end])
        if len(cut) < SEVERAL:
            return ""
        floor = cut[-1][0] if len(cut[-1][1]) > 1 else cut[-2][0]
    low = max([floor, *(high for _, high in _times(last.text) if high <= end)])
    if low >= end:
        return ""
    kept = next(reversed(pieces(last.text[low:end])), (0, ""))
    narrows = (MEASURING.search(kept[1]) or len(kept[1]) == 1) and not MEASURING.search(new)
    return replaced(last.text, low, low + kept[0] if narrows else end, new, known=True)


def _alike(last: Parts, new: str) -> Span | None:
    """Return the word of the last question that ends or begins as `new` does and is about as long: [四价] for 三价."""
    folded = fold(new)
    asked = last.asked
    best: tuple[int, Span] | None = None
    for start, words in _runs(last.text):
        span = Span(start, start + len(words))
        if words == folded or (asked is not None and span.start < asked.end and asked.start < span.end):
            continue
        shared = max(_same(words, folded), _same(words[::-1], folded[::-1]))
        close = abs(len(words) - len(folded)) <= 1 and len(folded) > 1 and shared < len(words)
        if (
            close
            and shared
            and 2 * shared + 1 >= min(len(words), len(folded))
            and (best is None or shared > best[0])
        ):
            best = shared, span
    return None if best is None else best[1]


def _runs(text: str) -> Iterator[tuple[int, str]]:
    """Yield the nouns of a text, single words first, then runs of two and three."""
    cut = pieces(text)
    for length in (1, 2, 3):
        for first in range(len(cut) - length + 1):
            run = cut[first : first + length]
            if all(word.isalnum() and (is_noun(word) or len(word) < 3) for _, word in run):
                yield run[0][0], "".join(word for _, word in run)


def _same(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
