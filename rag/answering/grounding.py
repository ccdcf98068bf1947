"""The number ledger: whatever number, date or Latin name a text says must stand in one of its quotes.

>>> unsupported("成都建成5G基站80000个，占三成", ["建成5G基站八万个，占比30%"])
[]
>>> unsupported("11月13日建成超8万个", ["截至2024年11月12日，建成8万个"])
['11月13日', '超8万个']
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rag.answering.tables.figures import figures_with_units
from rag.text.annotation import annotate
from rag.text.characters import fold, squeeze
from rag.text.lexicon import aliases
from rag.text.number import DIGIT, YEAR, value
from rag.text.numeral import digits
from rag.text.quantity import Quantity, same_value
from rag.text.time_words import RELATIVE_YEAR

__all__ = ["answer_gaps", "unanswered", "unsupported"]

_marker = re.compile(r"\[\d+\]")
# What an answer of an earlier time says of the asked one: 库中没有找到2026年的报道；最近的是：…
_shift = re.compile("^(?:可能：)?(?:库[中里]|筛选范围内)[^“]*?最近的(?:可能)?是[：:]?")
_day = rf"\d{{1,2}}|[{DIGIT}十]{{1,3}}"
_date = re.compile(
    rf"(?P<iy>{YEAR})([-/.])(?P<im>\d{{1,2}})\2(?P<id>\d{{1,2}})(?!\d)"
    rf"|(?<![\d.])(?P<sm>1[0-2]|0?[1-9])/(?P<sd>[12]\d|3[01]|0?[1-9])(?![\d/])"
    rf"|(?:(?P<y>{YEAR}|[〇零{DIGIT}]{{4}})\s?年)?(?:\s?(?P<m>{_day})\s?月(?!球|亮))?(?:\s?(?P<d>{_day})\s?[日号](?!线|楼))?"
)
_number = rf"\d{{1,4}}|[零〇{DIGIT}十百]{{1,4}}"
_score = re.compile(rf"(?<![\d.])(?P<a>{_number})\s?(?P<joint>[比:])\s?(?P<b>{_number})(?![\d.:])")
_clock = re.compile(
    rf"(?<![\d.])(?P<a>\d{{1,2}}|[{DIGIT}十]{{1,3}})\s?[时点](?!代|间)(?:(?P<b>\d{{1,2}}|[零{DIGIT}十]{{1,3}})分?|(?P<half>半)|整|钟)?"
)
_relative = re.compile(
    f"(?:{RELATIVE_YEAR})(?:(?<=本年)度)?|本月|上个?月|下个?月|今[天日]|昨[天日]|前天|明[天日]"
)
_name = re.compile(r"[a-z0-9]+(?:[-.+/:·][a-z0-9]+)*")
_period = re.compile("[前第]?[一二三四1-4]个?季度|[上下]半年")
_vague = re.compile("[数几上成近]?[十百千万亿]{2,}|[数几上成][十百千万亿]+")
_numerals = re.compile(f"[〇零{DIGIT}十百千万亿]{{2,}}")


@dataclass(frozen=True, slots=True)
class _Date:
    """The stated parts of a date: None for a year, month or day that is not said."""

    year: int | None
    month: int | None
    day: int | None


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two numbers that belong together: the score 5比4, the time 9时30分; `joint` is 比, 时, or : for either."""

    joint: str
    a: int
    b: int


Claim = Quantity | _Date | _Pair | str
_Said = tuple[int, int, Claim]


def unsupported(said: str, quoted: Sequence[str], day: date | None = None) -> list[str]:
    """Return the numbers, dates, times, scores and Latin names of `said` that no text of `quoted` states, in order.

    [] is all right. A quantity needs the same value, a unit that compares and the same bound: 8万个 is not what 超8万个
    says. Of a date every stated part must be met. 今年 needs the same word, or its year if `day` tells which that is; the
    same holds for a 今年 of the quotes. A name may be quoted by an alias. Markers such as [1] are not read.
    """
    claims = _claims(_marker.sub(lambda match: " " * len(match[0]), said), None)
    facts = [(text, _claims(text, day)) for text in quoted]
    return [
        said[start:end].strip()
        for start, end, claim in claims
        if not any(_states(text, found, claim, day) for text, found in facts)
    ]


def answer_gaps(answer: Mapping[str, Any]) -> list[str]:
    """Return what an Answer as JSON says without quoting it: of `text`, `answer`, `answers`, `as_of` and `value`.

    今年 in a quote is that of its article's date. Refusals say nothing; of an answer with `parts` each part is checked by
    its own quotes, and what the whole says beside them by all. Raises KeyError, TypeError or AttributeError if
    it is no Answer.
    """
    if answer["refused"]:
        return []
    quotes = [(_quoted(citation), _day_of(citation)) for citation in answer["citations"]]
    parts = answer.get("parts", ())
    said = [*_beside(answer["text"], parts), answer["answer"], *answer["answers"], answer["as_of"]]
    gaps = [gap for part in parts for gap in answer_gaps(part)]
    gaps += [gap for words in said for gap in _gaps(words, quotes)]
    stated = answer["value"]
    if stated is not None and not any(
        _is_value(fact, stated)
        for text, _ in quotes
        for fact in (*annotate(text).quantities, *figures_with_units(text))
    ):
        gaps.append(f"{stated['number']}{stated['unit']}")
    return list(dict.fromkeys(gaps))


def unanswered(question: str, message: str) -> str:
    """Return the line that says of one of several questions that there is no answer to it."""
    return f"“{question.rstrip('？?')}”：{message}"


def _beside(text: str, parts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the lines that an answer says beside those of its parts, all of them if it has none."""
    lines = text.split("\n")
    told = {
        _marker.sub("", unanswered(part["question"], part["text"]) if part["refused"] else part["text"])
        for part in parts
    }
    return [_shift.sub("", line) for line in lines if _marker.sub("", line) not in told]


def _gaps(said: str, quotes: Sequence[tuple[str, date | None]]) -> list[str]:
    """Return what none of the quotes states, each read on its own day."""
    missing = unsupported(said, [])
    for text, day in quotes:
        lost = set(unsupported(said, [text], day))
        missing = [words for words in missing if words in lost]
    return missing


def _quoted(citation: Mapping[str, Any]) -> str:
    return "\n".join([citation["quote"], *(context["text"] for context in citation["context"])])


def _day_of(citation: Mapping[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(citation.get("published", ""))[:10])
    except ValueError:
        return None


def _is_value(fact: Quantity, stated: Mapping[str, Any]) -> bool:
    near = abs(float(fact.number) - float(stated["number"])) <= 1e-9 * max(1.0, abs(float(fact.number)))
    return near and (fact.unit, fact.bound) == (stated["unit"], stated["bound"])


def _claims(text: str, day: date | None) -> list[_Said]:
    """Return what `text` states, in order, each with its span."""
    plain = fold(text.replace("，", "、"))
    found: list[_Said] = [(q.start, q.end, q) for q in annotate(text).quantities]
    in_tables: list[_Said] = [(0, 0, q) for q in figures_with_units(text)]
    free = _blank(plain, found)
    for reader in (_scores, _dates, _clocks, _relatives, _words):
        read = list(reader(free, day))
        found += read
        free = _blank(free, read)
    return sorted([*found, *in_tables], key=lambda entry: entry[:2])


def _blank(text: str, spans: Sequence[_Said]) -> str:
    for start, end, _ in spans:
        text = text[:start] + "\n" * (end - start) + text[end:]
    return text


def _scores(text: str, day: date | None) -> Iterator[_Said]:
    for match in _score.finditer(text):
        a, b = _integer(match["a"]), _integer(match["b"])
        if a is not None and b is not None:
            yield match.start(), match.end(), _Pair(match["joint"], a, b)


def _dates(text: str, day: date | None) -> Iterator[_Said]:
    for match in _date.finditer(text):
        if match.end() > match.start():
            given = [
                match["i" + part] or (match["s" + part] if part != "y" else None) or match[part]
                for part in "ymd"
            ]
            year = None if given[0] is None else int(given[0]) if given[0].isdecimal() else digits(given[0])
            yield match.start(), match.end(), _Date(year, _part(given[1]), _part(given[2]))


def _clocks(text: str, day: date | None) -> Iterator[_Said]:
    for match in _clock.finditer(text):
        hour, minute = _integer(match["a"]), 30 if match["half"] else _integer(match["b"] or "0")
        if hour is not None and minute is not None and hour <= 24:
            yield match.start(), match.end(), _Pair("时", hour, minute)


def _relatives(text: str, day: date | None) -> Iterator[_Said]:
    for match in _relative.finditer(text):
        yield match.start(), match.end(), match.group()


def _words(text: str, day: date | None) -> Iterator[_Said]:
    """Yield Latin names, quarters and halves, vague numbers (数百) and whatever numerals are left."""
    for pattern in (_period, _vague, _numerals, _name):
        matches = list(pattern.finditer(text))
        yield from ((match.start(), match.end(), squeeze(match.group())) for match in matches)
        text = _blank(text, [(match.start(), match.end(), "") for match in matches])


def _integer(word: str) -> int | None:
    number = value(word)
    return None if number is None or number.denominator != 1 else int(number)


def _part(word: str | None) -> int | None:
    return None if word is None else int(value(word) or 0)


def _states(text: str, facts: Sequence[_Said], claim: Claim, day: date | None) -> bool:
    """Say whether a quote with the claims `facts` states `claim`."""
    if isinstance(claim, Quantity):
        return any(
            isinstance(f, Quantity) and claim.bound == f.bound and same_value(claim, f) for _, _, f in facts
        )
    if isinstance(claim, _Pair):
        return any(isinstance(f, _Pair) and _same_pair(claim, f) for _, _, f in facts)
    if isinstance(claim, _Date):
        return _dated(facts, claim) or _told(text, claim, day)
    if _relative.fullmatch(claim):
        return claim in fold(text) or (day is not None and _dated_as(facts, claim, day))
    return any(claim == fact for _, _, fact in facts) or _aliased(claim, fold(text))


def _same_pair(one: _Pair, other: _Pair) -> bool:
    return (one.a, one.b) == (other.a, other.b) and (
        one.joint == other.joint or ":" in (one.joint, other.joint)
    )


def _dated(facts: Sequence[_Said], claim: _Date) -> bool:
    """Say whether a date is stated; one that leaves out its year or month takes it from the date before it."""
    known: tuple[int | None, ...] = (None, None, None)
    asked = (claim.year, claim.month, claim.day)
    for _, _, fact in facts:
        if isinstance(fact, _Date):
            parts = (fact.year, fact.month, fact.day)
            given = next((i for i, part in enumerate(parts) if part is not None), 0)
            known = (*known[:given], *parts[given:])
            if all(a in (None, b) for a, b in zip(asked, known, strict=True)):
                return True
    return False


def _told(text: str, claim: _Date, day: date | None) -> bool:
    """Say whether a relative time of the quote is the claimed date, once it is known when it was said."""
    if day is None:
        return False
    for when in annotate(text).whens(day):
        if when.first is None or when.last is None or not _relative.search(fold(text[when.start : when.end])):
            continue
        first, last = when.first, when.last
        said = (
            first.year if first.year == last.year else None,
            first.month if (first.year, first.month) == (last.year, last.month) else None,
            first.day if first == last else None,
        )
        asked = (claim.year, claim.month, claim.day)
        if all(a in (None, b) for a, b in zip(asked, said, strict=True)):
            return True
    return False


def _dated_as(facts: Sequence[_Said], word: str, day: date) -> bool:
    """Say whether the quote states the year, month or day that a relative word means."""
    found = next(iter(annotate(word).whens(day)), None)
    if found is None or found.first is None or found.last is None:
        return False
    first, last = found.first, found.last
    month = first.month if (last - first).days < 31 else None
    return _dated(facts, _Date(first.year, month, first.day if first == last else None))


def _aliased(name: str, text: str) -> bool:
    """Say whether a Latin name is quoted by another that means the same: AI by 人工智能."""
    return name.isascii() and any(alias in text for alias in aliases().get(name, ()) if not alias.isascii())
