"""Put the new part of a follow-up in place of the part of the last question that is of its type.

>>> substitutions(parts("2023年成都有多少公园"), "2022年", "")
['2022年成都有多少公园']
"""

import re
from collections.abc import Iterator
from itertools import combinations

from rag.query.follow_up.joining import replaced
from rag.query.follow_up.question_parts import LOOSE, MEASURING, NAMING, Parts, parts, pieces
from rag.query.question_type import AnswerType
from rag.records import Span
from rag.text.annotation import annotate
from rag.text.lexicon import rarity
from rag.text.time_words import years
from rag.text.words import is_name, is_noun

__all__ = ["is_alike", "is_another", "is_typed", "substitutions"]

EDITION = re.compile("(?:上上?|下|前|本|这|首)一?[届期批季轮代周]")
YEAR = re.compile(r"(?:\d{4}|[一二][〇零一二三四五六七八九]{3})年|今年|去年|前年|上年|本年度?|明年")
SAME_PERIOD = re.compile("(?:去年|上年|上一年|前一年|上年度)的?同期|^同期")
EARLIER = re.compile("(?:再往前|再前|更早|往前)推?一?年|[前上]一年")
LATER = re.compile("(?:再往后|往后)推?一?年|[后下]一年|第二年")

Spans = list[tuple[int, int]]


def substitutions(last: Parts, new: str, subject: str) -> list[str]:
    """Return the last question with `new` in it, the most likely first; none where it fits nowhere."""
    text, new = last.text, _dated(last, new)
    for kind in ("time", "place", "ordinal", "name"):
        text, new = _typed(text, new, kind, last)
        if not text:
            return []
    again = last if text == last.text else parts(text)
    new, narrows = new.strip(LOOSE), new.endswith("的")
    if not new:
        return [text] if text != last.text else []
    return list(dict.fromkeys(said for said in _of_nouns(again, new, subject, narrows) if said))


def is_alike(last: Parts, new: str) -> bool:
    """Tell whether a question has words that `new` is the counterpart of."""
    return not is_typed(new) and _alike(last, new.strip(LOOSE)) is not None


def is_typed(words: str) -> bool:
    """Tell whether words are one time, place, ordinal or name by form: they replace another, and nothing is left."""
    return any(
        end - start >= len(words) - 1
        for kind in ("time", "place", "ordinal", "name")
        for start, end in _spans(words, kind)
    )


def _spans(text: str, kind: str) -> Spans:
    """Return where a text has times, places, ordinals or names of a form of their own (5G, 赵某)."""
    said = annotate(text)
    if kind == "time":
        return [(when.start, when.end) for when in said.whens()]
    if kind == "place":
        return [(place.start, place.end) for place in said.places]
    if kind == "name":
        return list(said.names)
    named = [match.span() for match in EDITION.finditer(said.folded)]
    return sorted([*named, *(span for span in said.ordinals if not any(a <= span[0] < b for a, b in named))])


def _typed(text: str, new: str, kind: str, last: Parts) -> tuple[str, str]:
    """Move the part of `new` that is of a kind into `text`: in place of what it finds there, else before its subject."""
    fresh, old = _spans(new, kind), _spans(text, kind)
    if len(fresh) != 1 or (not old and kind == "name"):
        return text, new
    start, end = fresh[0]
    said, rest = new[start:end], new[:start] + new[end:]
    if kind in ("place", "name"):
        if len(rest.strip(LOOSE)) > 1:
            return text, new  # 成都大学 is no place
        rest = "" if old else rest
    if old:
        low, high = old[-1 if kind == "ordinal" else 0]
        said = _with_the_year(text[low:high], said) if kind == "time" else said
        return replaced(text, low, high, said, known=kind != "place"), rest
    at = last.start + (len(last.before) if kind == "ordinal" else 0)
    return replaced(text, at, at, said), rest


def _dated(last: Parts, new: str) -> str:
    """Write 再往前一年 as the year before that of the last question, and 去年同期 as the same part of the year before."""
    numbered = years(last.text)
    if match := SAME_PERIOD.match(new):
        old = next((last.text[w.start : w.end] for w in annotate(last.text).whens()), "").removeprefix("截至")
        year = YEAR.match(old)
        named = year.group() if year else ""
        before = f"{numbered[0] - 1}年" if numbered else "前年" if named == "去年" else "去年"
        return f"{before}{old[len(named) :] or '同期'}{new[match.end() :]}"
    step = -1 if EARLIER.fullmatch(new) else 1 if LATER.fullmatch(new) else 0
    return f"{numbered[0] + step}年" if step and numbered else new


def _with_the_year(old: str, new: str) -> str:
    """Return the new time with the year of the old one if it names none: 二季度."""
    year = YEAR.match(old.removeprefix("截至"))
    kept = year and not YEAR.search(new) and re.search("季|半年|月|[初底末]$", new)
    return f"{year.group()}{new}" if year and kept else new


def _of_nouns(last: Parts, new: str, subject: str, narrows: bool) -> Iterator[str]:
    """Yield the last question with a noun in each place where it has one that the new one may stand for."""
    at = last.text.find(subject) if subject else -1
    behind = at + len(subject)
    measured = MEASURING.search(new) is not None
    if alike := _alike(last, new):
        yield replaced(last.text, alike.start, alike.end, new)
        return
    if narrows and last.head is not None:  # 有多少个泊位, 万吨级以上的呢
        yield replaced(last.text, last.head.start, last.head.start, f"{new}的", known=True)
    if at >= 0 and _is_proper(subject) and _is_proper(new):
        yield replaced(last.text, at, behind, new, known=True)
        if is_another(subject, new):
            return
    if last.kind is AnswerType.NUMBER and last.head is not None and not measured:
        yield replaced(last.text, last.head.start, last.head.end, new)
    kind = pieces(subject)[-1:] if at > -1 and not narrows and len(pieces(subject)) > 1 else []
    if (
        kind and not measured and _is_common(kind[0][1]) and _is_common(new)
    ):  # 富锦[大豆], no maize for a town
        yield replaced(last.text, at + kind[0][0], behind, new)
    yield _of_attribute(last, new, behind if at >= 0 else last.start)
    if at >= 0 and not measured:
        yield replaced(last.text, behind, behind, new, known=True)


def is_another(name: str, new: str) -> bool:
    """Tell whether both name one thing for certain: then the new one stands for the other, never beside it."""
    return all(_is_proper(words) and len(pieces(words)) == 1 for words in (name, new))


def _is_proper(words: str) -> bool:
    """Tell whether words name one thing for certain: only then may they stand for another that does."""
    return is_name(words) and rarity(words) >= NAMING and not annotate(words).places


def _is_common(words: str) -> bool:
    """Tell whether words are one noun that names no single thing."""
    return len(pieces(words)) == 1 and len(words) > 1 and is_noun(words) and rarity(words) < NAMING


def _alike(last: Parts, new: str) -> Span | None:
    """Return the words of the last question that end or begin as `new` does: [四价] for 三价, [算力总规模] for 产业规模.

    They are about as long, or end with the same word; a place is among them only if `new` has one, too.
    """
    best, found = (0, 0), None
    for low, words in _runs(last.text, bool(annotate(new).places)):
        ending, length = _same(words[::-1], new[::-1]), min(len(words), len(new))
        apart, shared = abs(len(words) - len(new)), max(_same(words, new), ending)
        asks = last.asked is not None and low < last.asked.end and last.asked.start < low + len(words)
        close = (apart <= 1 or ending > 1) and shared < len(words) and 2 * shared + 1 >= length > 1
        if close and not asks and (shared, -apart) > best:
            best, found = (shared, -apart), Span(low, low + len(words))
    return found


def _runs(text: str, placed: bool) -> Iterator[tuple[int, str]]:
    """Yield every run of nouns and single characters, with where it begins, the longer first."""
    cut = pieces(text)
    fits = [
        word.isalnum() and (is_noun(word) or len(word) < 3) and (placed or not annotate(word).places)
        for _, word in cut
    ]
    for first, behind in combinations(range(len(cut) + 1), 2):
        if all(fits[first:behind]):
            yield cut[first][0], "".join(word for _, word in cut[first:behind])


def _same(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _of_attribute(last: Parts, new: str, floor: int) -> str:
    """Replace what is asked of the subject: all of it by a measure or a role, all but its measure by what narrows it."""
    end = last.start + len(last.before)
    times = [(low, high) for low, high in _spans(last.text, "time") if high <= end]
    if times and times[-1][1] == end:  # 算力总规模到2026年要达到多少
        end = len(last.text[: times[-1][0]].rstrip("到至在于"))
    low = max([floor, *(high for _, high in times if high <= end)])
    if low >= end:
        return ""
    kept = next(reversed(pieces(last.text[low:end])), (0, ""))
    narrows = (MEASURING.search(kept[1]) or len(kept[1]) == 1) and not MEASURING.search(new)
    return replaced(last.text, low, low + kept[0] if narrows else end, new, known=True)
