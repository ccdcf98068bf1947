"""Mark possible answers in the hits: what the reader model marks, snapped to whole numbers and dates."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answering.checks.interrogative import asks
from rag.answering.glosses import glossed
from rag.answering.tables.cells import cell_candidates
from rag.ingest.sheet import CELL_GAP
from rag.query.analysis import AnswerType, Query
from rag.records import BlockKind, Candidate, Hit, Passage, Reader, Reading, Span
from rag.text.annotation import annotate
from rag.text.characters import fold, simplified
from rag.text.quantity import Quantity, unit_class
from rag.text.time_words import clocks
from rag.text.unit import units
from rag.text.words import cut, is_noun

__all__ = ["Read", "candidates", "read", "suits", "whole_list", "worth_reading"]

# Spans asked of the reader for one passage. A list of values (建成4G基站约7.8万个，建成5G基站超8万个) has several; the
# words around each decide later, so all of them must come out.
SPANS = 5
# Hits that score less than this share of the best are not read: of 400 questions none lost its answer by it, and on
# the 7,200 articles of crud_rag 4 of 5 passages are read, on short texts (chronoqa) 2.
WORTH_READING = 0.55
# A number of the asked kind that the reader did not mark at all still competes, behind the worst it marked.
UNMARKED = 1.0
# A text is traditional if so much of its first characters would be others in simplified ones.
SCRIPT, OTHERS = 100, 0.1
# Characters the page adds nothing by repeating at the ends of an answer.
EDGES = " \n\t，。；：、！？,.;:!?“”‘’\"'（）()《》〈〉「」『』"
PAIRED = {"《": "》", "“": "”", "（": "）", "(": ")", "「": "」", "『": "』", "〈": "〉", "‘": "’"}

# Questions that a whole sentence answers; all others ask for one name or a list of names.
EXPLAINED = frozenset(
    (AnswerType.REASON, AnswerType.MANNER, AnswerType.YESNO, AnswerType.WHAT, AnswerType.OTHER)
)
# Questions that a name answers.
NAMED = frozenset((AnswerType.PERSON, AnswerType.PLACE))
_phrase_end = re.compile(r"[，。；！？,;]|(?<=等)(?=\w)")

LONGEST_ITEM = 60
JOINS = ("、", "和", "以及", "及", "与")
_next_item = re.compile(
    r"(?:、|以及|和)((?:《[^》]*》|“[^”]*”|[^、，。；：！？\s])+?)(?=(、|以及|和|，|。|；|：|！|？|\s|$))"
)
_last_item = re.compile(
    r"(^|、|以及|和|，|。|；|：|！|？|\s)((?>《[^》]{0,60}》|“[^”]{0,60}”|[^、，。；：！？\s]){1,60}?)(?:、|以及|和)$"
)

# Times that name no date but answer a 什么时候 all the same.
_vague_times = re.compile(
    r"(?<![\d今去前明当近])(?:年|月)(?:内|底|初|末|中)|近日|日前|近期|当天|当日|当晚|次日|翌日|同日"
)

# What follows a share: 6%的受访车主.
_share_of = re.compile(r"的([^，。；、\d]{1,12})")
# One numeral that is no part of a longer number.
_single = re.compile(r"(?<![第\d.零〇一二两三四五六七八九十百千万亿])[一二两三四五六七八九十]")

# A rate, named by its last two characters, and a number stated right behind it.
RATE_REACH = 8
_rate = re.compile("([\u4e00-\u9fff]率)[^率]{0,6}$")
_stated_rate = re.compile(r"([\u4e00-\u9fff]率)[^率，。；\d]{0,4}$")
_hour_words = ("几点", "几时", "点钟")
_bare_year = re.compile(r"\d{4}年?")

COUNTED = frozenset(("count", "people", ""))
PEOPLE = frozenset(("人口", "人数", "人员", "人", "用户", "游客", "旅客", "学生"))
# No answer to 多少 with a noun: 多少人口 is not 三年.
NEVER_COUNTED = frozenset(("time", "age", "percent", "points", "ratio", "temperature", "speed"))

Shape = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A span of a passage's text with the reader's margin."""

    start: int
    end: int
    margin: float
    titled: float
    fits: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A hit that was read, with the spans of its passage that the reader marked with or without its headline."""

    hit: Hit
    readings: tuple[Reading, ...]


def worth_reading(hits: Sequence[Hit]) -> list[Hit]:
    """Return those of `hits` (best first) that score near the best."""
    return [hit for hit in hits if hit.score >= WORTH_READING * hits[0].score]


def read(query: Query, hits: Sequence[Hit], reader: Reader) -> list[Read]:
    """Read `hits`, each without its headline and with it; rows of cells set apart by tabs are not for the reader."""
    rows = [Read(hit, ()) for hit in hits if _has_cells(hit.passage)]
    hits = [hit for hit in hits if not _has_cells(hit.passage)]
    if not hits:
        return rows
    texts = [hit.passage.text for hit in hits]
    titles = [hit.passage.article.title.strip() for hit in hits]
    under = [at for at, title in enumerate(titles) if title]
    found = reader.read(
        query.text if _is_traditional(texts) else query.plain,
        [*texts, *(texts[at] for at in under)],
        best=SPANS,
        titles=[*("" for _ in hits), *(titles[at] for at in under)],
    )
    titled = dict(zip(under, found[len(hits) :], strict=True))
    told = [Read(hit, tuple(_merged(found[at], titled.get(at, found[at])))) for at, hit in enumerate(hits)]
    return [*told, *rows]


def _has_cells(passage: Passage) -> bool:
    return passage.kind is BlockKind.ROW and CELL_GAP in passage.text


def _is_traditional(texts: Sequence[str]) -> bool:
    """Tell whether most of `texts` are written in traditional characters; the reader likes a question in the same."""
    beginnings = [text[:SCRIPT] for text in texts]
    written = (sum(a != b for a, b in zip(text, simplified(text), strict=True)) for text in beginnings)
    others = sum(n > OTHERS * len(text) for n, text in zip(written, beginnings, strict=True))
    return others > len(texts) / 2


def _merged(plain: Sequence[Reading], titled: Sequence[Reading]) -> list[Reading]:
    """Return the spans of either reading with both margins; one that the other left out is worse than its worst."""
    found = [replace(one, titled=_margin(one, titled)) for one in plain]
    found += [
        replace(one, margin=_least(plain), titled=one.margin)
        for one in titled
        if not any(_overlap(one, other) for other in plain)
    ]
    return sorted(found, key=lambda one: -(one.margin + one.titled))


def _margin(span: Reading, readings: Sequence[Reading]) -> float:
    return max((one.margin for one in readings if _overlap(span, one)), default=_least(readings))


def _least(readings: Sequence[Reading]) -> float:
    return min((one.margin for one in readings), default=0.0) - UNMARKED


def _overlap(one: Reading, other: Reading) -> bool:
    return one.start < other.end and other.start < one.end


def candidates(query: Query, reads: Sequence[Read]) -> list[Candidate]:
    """Return the possible answers in what was read, the reader's best first."""
    found = [
        Candidate(one.hit, _in_article(query, one.hit.passage, mark), mark.margin, mark.fits, mark.titled)
        for one in reads
        if not _has_cells(one.hit.passage)
        for mark in _marks(query, one.hit.passage.text, one.readings)
    ]
    found += glossed(query, [one.hit for one in reads])
    found += cell_candidates(query, [one.hit for one in reads if one.hit.passage.kind is BlockKind.ROW])
    return sorted(found, key=lambda candidate: -(candidate.margin + candidate.titled))


def _in_article(query: Query, passage: Passage, mark: _Mark) -> Span:
    """Return the span of the article that is marked; a list is taken whole, also where the passage cuts it."""
    ends = passage.start + mark.start, passage.start + mark.end
    if query.type is not AnswerType.LIST:
        return Span(*ends)
    text = passage.article.text
    start, end = whole_list(text, *ends)
    near = max(0, start - LONGEST_ITEM)
    first, last = annotate(text[near : end + LONGEST_ITEM]).whole(start - near, end - near)
    return Span(near + first, near + last)


def _marks(query: Query, text: str, readings: Sequence[Reading]) -> list[_Mark]:
    """Return distinct marks: typed questions give whole numbers or dates, the others the trimmed spans."""
    shapes = _shapes(query, text)
    if shapes is None:
        short = query.type not in EXPLAINED
        phrases = [_first_phrase(text, reading) if short else reading for reading in readings]
        spans = [_trimmed(text, phrase) for phrase in phrases]
        marks = [
            _Mark(*span, reading.margin, reading.titled, True)
            for span, reading in zip(spans, readings, strict=True)
        ]
    else:
        marks = [*_snapped(text, readings, shapes), *_unmarked(readings, shapes)]
    best: dict[tuple[int, int], _Mark] = {}
    told = (m for m in marks if m.end > m.start and not asks(query, text, m.start, m.end))
    for mark in sorted(told, key=lambda mark: -(mark.margin + mark.titled)):
        span = annotate(text).whole(mark.start, mark.end)
        fits = mark.fits and not (query.type in NAMED and _is_figure(text, *span))
        best.setdefault(span, _Mark(*span, mark.margin, mark.titled, fits))
    return list(best.values())


def _is_figure(text: str, start: int, end: int) -> bool:
    """Tell whether the span is a number or date and nothing else: no answer to 谁 or 哪里."""
    return any(s <= start and end <= e for s, e in annotate(text).expressions)


def _shapes(query: Query, text: str) -> Shape | None:
    """Return the spans an answer may have in `text`; None if the type of the question leaves it open."""
    if query.type is AnswerType.NUMBER:
        return _numbers(query, text)
    if query.type is AnswerType.TIME:
        return _dates(query, text)
    return None


def _numbers(query: Query, text: str) -> Shape:
    """Return the numbers of `text` that may answer; 三年六个月 is one."""
    said = annotate(text)
    found = [
        Span(quantity.start, quantity.end)
        for quantity in said.quantities
        if (
            suits(query, quantity)
            or _is_share(query, said.folded, quantity)
            or _is_rate(query, said.folded, quantity)
        )
        and not _is_asked(query, text[quantity.start : quantity.end])
    ]
    if not (query.unit or query.unit_class or query.head):  # 比分是多少
        found += [Span(*score) for score in said.scores]
    return (*found, *_graded(query, said.folded))


def _is_share(query: Query, text: str, quantity: Quantity) -> bool:
    """Tell whether a per cent is the share of what is counted: 6%的[车主] and [容量]的75% answer 多少车主, 多少容量."""
    if query.unit_class or unit_class(quantity.unit) not in ("percent", "ratio"):
        return False
    if query.asked is not None and "占" in query.folded[: query.asked.start]:
        return True
    nouns = [word for word in query.counted if len(word) > 1]
    after = _share_of.match(text, quantity.end)
    before = text[: quantity.start]
    return any((after and noun in after[1]) or before.endswith(f"{noun}的") for noun in nouns)


def _is_rate(query: Query, text: str, quantity: Quantity) -> bool:
    """Tell whether a number is stated as the asked rate, in whatever unit it has: 容积率[为2.5], 总和生育率[1.08]."""
    if query.unit_class != "percent" or query.asked is None:
        return False
    rate = _rate.search(query.folded, 0, query.asked.start)
    stated = _stated_rate.search(text, max(0, quantity.start - RATE_REACH), quantity.start)
    return rate is not None and stated is not None and rate[1] == stated[1]


def _graded(query: Query, text: str) -> Iterator[Span]:
    """Yield the numbers before the very unit that is asked for: 三级 is no quantity, but answers 几级."""
    unit = fold(query.unit)
    if unit and unit in units() and units()[unit].weak:
        for match in _single.finditer(text):
            if text.startswith(unit, match.end()):
                yield Span(match.start(), match.end() + len(unit))


def _is_asked(query: Query, said: str) -> bool:
    """Tell whether the question itself says this number: 91个产品来自多少家企业 is not answered by 91个."""
    return re.search(rf"(?<![\d.]){re.escape(fold(said))}", query.folded) is not None


def _dates(query: Query, text: str) -> Shape:
    """Return the dates of `text`; where a sentence has a day or month, its bare years answer no 什么时候."""
    found = [when for when in annotate(text).whens() if when.kind != "now"]
    asked = "" if query.asked is None else query.text[query.asked.start : query.asked.end]
    if "年" in asked:
        return tuple(Span(w.start, w.end) for w in found if "年" in text[w.start : w.end])
    fine = [w for w in found if re.search("[月日号底初末季]|半年", text[w.start : w.end])]
    spoken = [w for w in found if w in fine or not any(_same_sentence(text, w.start, f.start) for f in fine)]
    vague = [Span(*match.span()) for match in _vague_times.finditer(text)]
    hours = [
        Span(*span) for span in clocks(text) if not any(w.start < span[1] and span[0] < w.end for w in found)
    ]
    if any(word in asked for word in _hour_words):
        return tuple(hours) + tuple(
            Span(w.start, w.end) for w in found if _ends_in_hour(text[w.start : w.end])
        )
    return (*(Span(w.start, w.end) for w in spoken), *vague, *hours)


def _ends_in_hour(said: str) -> bool:
    """Tell whether a date names the time of day."""
    return bool(clocks(said))


def _same_sentence(text: str, a: int, b: int) -> bool:
    return not re.search("[。！？；]", text[min(a, b) : max(a, b)])


def suits(query: Query, quantity: Quantity) -> bool:
    """Tell whether a number may answer: its unit is of the asked class, if the question leaves one open at all."""
    found = unit_class(quantity.unit)
    if found == "ordinal":
        return query.unit_class == "ordinal"
    if query.unit_class == "":
        things = query.head or any(word in PEOPLE for word in query.counted)
        return not (things and found in NEVER_COUNTED)
    if query.unit_class == "size":
        return found not in COUNTED
    if query.unit_class == "percent" and found in ("points", "ratio"):
        return True
    return query.unit_class == found or (query.unit_class in COUNTED and found in COUNTED)


def _snapped(text: str, readings: Sequence[Reading], shapes: Shape) -> Iterator[_Mark]:
    """Yield for each reading the shapes it touches; one that touches none does not have the form asked for."""
    for reading in readings:
        inside = [shape for shape in shapes if shape.start < reading.end and shape.end > reading.start]
        if not inside and not (shapes and _bare_year.fullmatch(text, reading.start, reading.end)):
            yield _Mark(*_trimmed(text, reading), reading.margin, reading.titled, False)
        for shape in inside:
            yield _Mark(shape.start, shape.end, reading.margin, reading.titled, True)


def _unmarked(readings: Sequence[Reading], shapes: Shape) -> Iterator[_Mark]:
    titled = min((reading.titled for reading in readings), default=0.0) - UNMARKED
    for shape in shapes:
        yield _Mark(shape.start, shape.end, _least(readings), titled, True)


def _trimmed(text: str, reading: Reading) -> tuple[int, int]:
    """Return the span without punctuation at its ends, but with the partner of a bracket that it holds."""
    start, end = reading.start, reading.end
    while start < end and text[start] in EDGES and not _partner_inside(text, start, end):
        start += 1
    while end > start and text[end - 1] in EDGES and not _opened_inside(text, start, end):
        end -= 1
    opened = re.sub(r"[^《“（(「『〈‘]", "", text[start:end])
    if opened and PAIRED[opened[-1]] not in text[start:end] and text[end : end + 1] == PAIRED[opened[-1]]:
        end += 1
    return start, end


def _first_phrase(text: str, reading: Reading) -> Reading:
    """Return the reading up to its first comma or 等: a name or list of names has none."""
    match = _phrase_end.search(text, reading.start + 2, reading.end)
    return reading if match is None else replace(reading, end=match.start())


def whole_list(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span with the items that 、 joins to it: 科大讯飞 of 吸引百度、科大讯飞、华为等企业 gets its neighbours."""
    start = _without_verb(text, start, end)
    while match := _next_item.match(text, end):
        end = match.start(1) + _leading_noun(match.group(1), match.group(2) in JOINS)
        if match.group(2) not in JOINS:
            break
    while match := _last_item.search(text, max(0, start - LONGEST_ITEM), start):
        whole = match.group(1) in JOINS
        start = match.start(2) if whole else match.end(2) - _trailing_noun(match.group(2))
        if not whole:
            break
    return start, end


def _without_verb(text: str, start: int, end: int) -> int:
    """Return where the first name of a list begins: 已经建成食品、轻工 begins with a verb, its second item does not."""
    first, mark, rest = text[start:end].partition("、")
    if not mark or not is_noun(next(iter(cut(rest)), "")):
        return start
    name = _trailing_noun(first)
    return start + len(first) - name if name else start


def _leading_noun(item: str, whole: bool) -> int:
    """Return how many characters of an item belong to its name: those before 等 and before the first verb."""
    if whole:
        return len(item)
    length = 0
    for word in cut(item.partition("等")[0]):
        if length and not is_noun(word):
            break
        length += len(word)
    return length


def _trailing_noun(item: str) -> int:
    length = 0
    for word in reversed(cut(item)):
        if not is_noun(word):
            break
        length += len(word)
    return length


def _partner_inside(text: str, start: int, end: int) -> bool:
    return text[start] in PAIRED and PAIRED[text[start]] in text[start : end + 1]


def _opened_inside(text: str, start: int, end: int) -> bool:
    return any(close == text[end - 1] and opening in text[start:end] for opening, close in PAIRED.items())
