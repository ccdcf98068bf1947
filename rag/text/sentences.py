"""Sentences and clauses of a text, as spans."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from rag.text.characters import LINE_ENDS

__all__ = ["NOTE_MARKS", "clauses", "sentences"]

ENDERS = "。！？!?｡"
BRACKETS = {"（": "）", "(": ")", "《": "》", "〈": "〉", "【": "】", "[": "]", "〔": "〕"}
QUOTES = {"“": "”", "‘": "’", "「": "」", "『": "』"}
# The raised numbers of notes, and how lists count them: behind a full stop they belong to its sentence.
NOTE_MARKS = "⁰¹²³⁴⁵⁶⁷⁸⁹ⁱᵛˣˡᶜᵈᵐ①②③④⑤⑥⑦⑧⑨⑩"
RAISED = NOTE_MARKS[:17]
LONGEST_NOTE = 6
# After a quotation that ends in ！ or 。 these show that the sentence around it goes on: “加油！”的口号.
GOES_ON = frozenset("，、；：,;:的和与及或")
# Enders inside a shorter quotation end nothing: “什么？你！”他说. A longer one is a speech of several sentences.
SHORT_QUOTATION = 40
# The two opposite dangers: a bracket never closed swallowing a paragraph, and a long aside cut in two.
LONGEST_ASIDE = 200
_closers = "".join([*BRACKETS.values(), *QUOTES.values()])
_marks = re.compile(f"[{LINE_ENDS}]|[{ENDERS}…]+|[{re.escape(''.join([*BRACKETS, *QUOTES]) + _closers)}]")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences in order; together they hold every character that is not white space.

    A sentence ends at 。！？ with the quotes and brackets that close there, and at a line's end. Nothing ends inside
    brackets or a short quotation, nor at a quotation that the sentence goes on after (“加油！”的口号). An ellipsis ends
    only before a line's end, white space, or an opening quote.
    """
    ends = [*_sentence_ends(text), len(text)]
    spans = (_trim(text, start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True))
    return [span for span in spans if span]


def clauses(text: str, marks: str = "；;") -> list[tuple[int, int]]:
    """Return the spans of the pieces that end at one of `marks`; inside brackets and numbers nothing is cut."""
    closed_by = _pairs(text, BRACKETS)
    found = re.compile(f"[{re.escape(marks)}]|[{re.escape(''.join(BRACKETS))}]")
    cuts, position = [0], 0
    while match := found.search(text, position):
        at = match.start()
        position = closed_by.get(at, at) + 1
        if text[at] in marks and not _in_number(text, at):
            cuts.append(position)
    return [
        span
        for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)
        if (span := _trim(text, start, end))
    ]


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _in_number(text: str, at: int) -> bool:
    return text[at - 1 : at].isdecimal() and text[at + 1 : at + 2].isdecimal()


def _pairs(text: str, kinds: dict[str, str]) -> dict[int, int]:
    """Return where each opening mark is closed; marks never closed on their line or soon enough are left out."""
    marks = re.compile(f"[{LINE_ENDS}{re.escape(''.join([*kinds, *kinds.values()]))}]")
    pairs: dict[int, int] = {}
    stack: list[int] = []
    for match in marks.finditer(text):
        at, char = match.start(), match[0]
        if char in kinds:
            stack.append(at)
        elif char not in kinds.values():
            stack.clear()
        else:
            near = range(bisect_left(stack, at - LONGEST_ASIDE), len(stack))
            opened = next((i for i in reversed(near) if kinds[text[stack[i]]] == char), None)
            if opened is not None:
                pairs[stack[opened]] = at
                del stack[opened:]
    return pairs


def _sentence_ends(text: str) -> Iterator[int]:
    asides = _pairs(text, BRACKETS) | {
        start: end for start, end in _pairs(text, QUOTES).items() if end - start <= SHORT_QUOTATION
    }
    position = begin = 0
    while match := _marks.search(text, position):
        at, position = match.start(), match.end()
        end = _after_aside(text, begin, asides[at]) if at in asides else _after_mark(text, match)
        if at in asides:
            position = asides[at] + 1
        if end:
            end += len(text[end : end + LONGEST_NOTE]) - len(text[end : end + LONGEST_NOTE].lstrip(RAISED))
            yield end
            position = begin = end


def _after_mark(text: str, match: re.Match[str]) -> int:
    """Return where the sentence ends that has this mark, 0 if the mark ends none."""
    marks, end = match[0], match.end()
    if marks in BRACKETS or marks in QUOTES or marks in _closers:
        return 0
    following = text[end : end + 1]
    if not set(marks) - {"…"}:
        return end if not following or following.isspace() or following in "“「『" else _closed(text, end, 0)
    if marks[-1] in "!?" and following.isascii() and following.isalnum():
        return 0  # an address: http://…?id=1
    return _closed(text, end, end)


def _closed(text: str, end: int, otherwise: int) -> int:
    """Return the end behind the quotes that close at `end`: 0 if the sentence goes on, `otherwise` without quotes."""
    after = end
    while after < len(text) and text[after] in _closers + '"':
        after += 1
    if after == end:
        return otherwise
    return 0 if text[after : after + 1] in GOES_ON and after < len(text) else after


def _after_aside(text: str, begin: int, close: int) -> int:
    """Return where a sentence ends that ends inside brackets or quotation closing at `close`, else 0."""
    if text[close - 1] not in ENDERS + "…":
        return 0
    if text[close] in QUOTES.values():
        return _closed(text, close, 0)
    if text[close] in "》〉":
        return 0  # a title that asks: 《谁是英雄？》上映
    opened_first = not text[begin : text.rfind(_opening(text[close]), 0, close)].strip()
    return close + 1 if opened_first else 0


def _opening(closer: str) -> str:
    return next(start for start, end in BRACKETS.items() if end == closer)
