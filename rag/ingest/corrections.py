"""Notices of correction: the wrong words, the right ones, and the headline of the article that they mend.

>>> text = "本报9月29日《地铁开通》一文中，“设车站21座”有误，应为“设车站23座”。"
>>> [(text[n.was.start : n.was.end], text[n.now.start : n.now.end], n.cited) for n in notices("更正", text)]
[('设车站21座', '设车站23座', '地铁开通')]

Two marks lead to a value: that of the right one (应为, 更正为) and that of the wrong one (误为, 而非). What a notice leaves
out is the nearest value of the same kind before the mark.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.records import Span
from rag.text.annotation import Annotation, annotate
from rag.text.characters import fold
from rag.text.quantity import unit_class

__all__ = ["Notice", "counterpart", "notices"]

# That something is mended is said with one of these, that it was printed with one of those.
_mends = re.compile(
    "更正|勘误|订正|有误|误[写作刊印登植称报标]{0,2}[为成作]|误[将把]|错[写刊印][为成]|笔误|之误|"
    "此前[^，。；]{0,12}(?:报道|发布|披露|刊发|公布)"
)
_printed = re.compile(
    "本[报网刊文站台端社]|本(?:公众号|账号|中心|平台|版)|原[文稿]|[一此]文|一稿|[文稿]中|初稿|首发|报道|刊[发登载]|"
    "编[者辑]|报告|[年季]报|公告|通报|披露|发布"
)
_headline = re.compile("^(?:更正|勘误|订正|致歉)|(?:更正|勘误|致歉)(?:启事|说明|声明|公告|通知)?$")
_own = re.compile("本文|原文|首发|初稿|前文|上文|稿件")

_right = re.compile(
    "(?:应|实|现|已)?(?:更正|改正|订正|修正)为|应该?(?:为|是|系|作)|实际?(?:应)?(?:为|是|系)|正确[^，。；：]{0,8}(?:为|是)"
)
_wrong = re.compile(
    "误[写作刊印登植称报标]{0,2}[为成作]|错[写刊印][为成]|误[将把][^，。；]{0,40}?[写印刊登报标称说][为成作]|而(?:非|不是)"
)
_quoted = re.compile("[“「『‘]([^“”「」『』‘’]{1,60})[”」』’]")
_title = re.compile("《([^《》]{2,80})》")
# What a value without quotation marks may be if it is no number: a name.
_bare = re.compile("[^\\s，。；：、“”《》（）()]{2,12}?(?=[，。；）)\\s]|而非|而不是|$)")
# Behind a date: it is the day of the report, not what was wrong in it.
_reported = re.compile(
    "\\s{0,3}+[，,]?\\s{0,3}+(?:本[报网刊站台社]|第?\\w{0,4}版)?[^，。；“《]{0,6}(?:刊[发登载]|报道|发布|发表|一文|一稿|《)"
)
# Between a mark and its value: 应为[约]230千克, 误写为[了]“…”.
GAP = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """One correction: spans of the notice's text. `was` is None where only the right words are said.

    `quote` is the sentence; `cited` the headline in 《》, "" without one; `own` tells that it mends what it stands in.
    """

    quote: Span
    was: Span | None
    now: Span
    cited: str
    own: bool


@dataclass(frozen=True, slots=True)
class _Value:
    """A value in a sentence; `kind` is quoted, date, or the class of its unit; `cited` that it stands in a headline."""

    start: int
    end: int
    kind: str
    cited: bool = False


def notices(title: str, text: str) -> tuple[Notice, ...]:
    """Return the corrections that an article makes, in order; none unless it says that something printed was wrong."""
    if not (_headline.search(title.strip()) or _mends.search(text)):
        return ()
    found: list[Notice] = []
    at = 0
    for paragraph in text.split("\n"):
        if _mends.search(paragraph) or _headline.search(title.strip()):
            found += _of_paragraph(title, paragraph, at)
        at += len(paragraph) + 1
    return tuple(found)


def _of_paragraph(title: str, paragraph: str, at: int) -> Iterator[Notice]:
    if not (_printed.search(paragraph) or _headline.search(title.strip())):
        return
    cited = ""
    for start, end in annotate(paragraph).sentences:
        sentence = paragraph[start:end]
        named = _title.search(sentence)
        cited = named[1] if named else cited
        own = not cited and _own.search(sentence) is not None
        for was, now in _pairs(sentence):
            base = at + start
            yield Notice(
                Span(base, at + end),
                None if was is None else Span(base + was.start, base + was.end),
                Span(base + now.start, base + now.end),
                cited,
                own,
            )


def _pairs(sentence: str) -> Iterator[tuple[_Value | None, _Value]]:
    """Yield the wrong and the right value of each correction of a sentence."""
    values = _values(sentence)
    wrong = [value for mark in _wrong.finditer(sentence) if (value := _behind(sentence, mark.end(), values))]
    taken: list[_Value] = []
    for mark in _right.finditer(sentence):
        now = _behind(sentence, mark.end(), values)
        if now is None or now in wrong:
            continue
        free = [one for one in values if one not in taken and one != now]
        was = next((one for one in wrong if one not in taken and _alike(one, now)), None)
        was = was or _before(mark.start(), now, free)
        taken += [now] if was is None else [now, was]
        yield was, now
    for one in wrong:
        if one not in taken and (now := _before(one.start, one, [v for v in values if v not in taken])):
            yield one, now


def _values(sentence: str) -> list[_Value]:
    titles = [match.span() for match in _title.finditer(sentence)]
    quoted = [match.span(1) for match in _quoted.finditer(sentence) if not _inside(match.span(), titles)]
    found = [_Value(*span, "quoted") for span in quoted]
    said = annotate(sentence)
    found += [
        _Value(start, end, _kind(said, start, end), _inside((start, end), titles))
        for start, end in said.expressions
        if not _inside((start, end), quoted) and not _is_day_of_report(said, start, end)
    ]
    return sorted(found, key=lambda value: value.start)


def _is_day_of_report(said: Annotation, start: int, end: int) -> bool:
    return _kind(said, start, end) == "date" and _reported.match(said.text, end) is not None


def _inside(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)


def _kind(said: Annotation, start: int, end: int) -> str:
    """Return the class of the unit of a number, "date" for a time."""
    if any(when.start < end and start < when.end for when in said.whens()):
        return "date"
    units = [one.unit for one in said.quantities if one.start < end and start < one.end]
    return unit_class(units[0]) if units else "number"


def _behind(sentence: str, at: int, values: Sequence[_Value]) -> _Value | None:
    """Return the value right behind a mark: a quoted one, a number or date, or a bare name."""
    near = next((v for v in values if v.start >= at), None)
    if near is not None and near.start - at <= GAP:
        return near
    bare = _bare.match(sentence, at)
    return None if bare is None else _Value(*bare.span(), "quoted")


def _alike(one: _Value, other: _Value) -> bool:
    return one.kind == other.kind


def _before(at: int, like: _Value, values: Sequence[_Value]) -> _Value | None:
    """Return the nearest value of the same kind that ends before `at`; one in a headline only if there is no other."""
    ahead = [one for one in values if one.end <= at and _alike(one, like)]
    return next((one for one in reversed(ahead) if not one.cited), ahead[-1] if ahead else None)


def counterpart(was: str, now: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the span of `now` that stands in the place of `was[start:end]`; None if that part is not mended.

    >>> now = "设车站23座，其中换乘站11座"
    >>> at, end = counterpart("设车站21座，其中换乘站12座", now, 3, 6)
    >>> now[at:end]
    '23座'
    """
    pairs = _valued(was, now)
    for (a, b), (c, d) in pairs:
        if start < b and a < end:
            return None if fold(was[a:b]) == fold(now[c:d]) else (c, d)
    head, tail = _common(was, now)
    if end <= head or start >= len(was) - tail:
        return None
    first = start if start <= head else 0
    last = len(now) - (len(was) - end) if end >= len(was) - tail else len(now)
    return (first, last) if first < last else (0, len(now))


def _valued(was: str, now: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return the numbers and dates of both that stand in each other's place: the first of a kind for the first."""
    one, other = annotate(was), annotate(now)
    left = [(span, _kind(one, *span)) for span in one.expressions]
    right = [(span, _kind(other, *span)) for span in other.expressions]
    pairs = []
    for kind in dict.fromkeys(kind for _, kind in left):
        mine, theirs = ([span for span, k in side if k == kind] for side in (left, right))
        if len(mine) == len(theirs):
            pairs += list(zip(mine, theirs, strict=True))
    return pairs


def _common(one: str, other: str) -> tuple[int, int]:
    """Return how many characters two texts share at their beginnings and then at their ends."""
    most = min(len(one), len(other))
    head = next((i for i in range(most) if one[i] != other[i]), most)
    tail = next((i for i in range(most - head) if one[-1 - i] != other[-1 - i]), most - head)
    return head, tail
