"""Rumours and their denials: which sentence of an article tells a rumour, and which says that it is none of the truth.

>>> text = "网传“水库溃坝”。经核查，该消息不实。"
>>> (found,) = rumours("", text)
>>> text[found.claim.start : found.claim.end], text[found.denial.start : found.denial.end]
('网传“水库溃坝”。', '经核查，该消息不实。')
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.records import Span
from rag.text.annotation import annotate

__all__ = ["Rumour", "rumours"]

# How a rumour is told, and how it is denied: not 属实, not 并非谣言.
_rumour = re.compile(
    "网传|疯传|盛传|据传|有传|传闻|传言|流传|坊间|谣言称|谣传|(?:有|市场)消息称|网[民友][^，。；]{0,20}(?:称|说|发布|发帖)|"
    "(?:社交平台|社交媒体|朋友圈|短视频|微信群)[^。；]{0,20}(?:称|说|出现|传)"
)
_denial = re.compile(
    "(?<!是否)(?<!并非)(?<!是不是)(?:不实|不属实|(?<!不是)谣言|辟谣|子虚乌有|虚假|纯属(?:虚构|捏造)|捏造|无中生有|假消息|"
    "与事实不符|并非事实|否认|没有此事|并无此事)"
)
# What only says that somebody spread it, or what it did, calls it a rumour, too, but tells nothing against it.
_spread = re.compile("(?:散布|传播|编造|转发|散播|发布)谣言|谣言(?:造成|传播|引发|导致)")
_confirmed = re.compile("(?<![不否])属实|确有其事|消息为真")
# Sentences after a rumour in which it is denied; a headline may say so before.
REACH = 4


@dataclass(frozen=True, slots=True)
class Rumour:
    """A sentence that tells a rumour; `denial` is the sentence that denies it, None if the article has none."""

    claim: Span
    denial: Span | None


def rumours(title: str, text: str) -> tuple[Rumour, ...]:
    """Return what an article tells as a rumour, in order; a sentence that denies what it tells is both."""
    if not _rumour.search(text):
        return ()
    said = [
        Span(at + start, at + end) for at, line in _lines(text) for start, end in annotate(line).sentences
    ]
    head = next((span for span in said if title and text[span.start : span.end] in title), None)
    return tuple(_found(text, said, head))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.split("\n"):
        yield at, line
        at += len(line) + 1


def _found(text: str, said: Sequence[Span], head: Span | None) -> Iterator[Rumour]:
    denied = [span for span in said if _denial.search(text, span.start, span.end)]
    in_body = [span for span in denied if head is None or span.start > head.end]
    for at, span in enumerate(said):
        told = _rumour.search(text, span.start, span.end)
        titled = head is not None and span.end <= head.end and bool(in_body)
        if not told and not (titled and (span in denied or text[span.end - 1] in "？?")):
            continue
        near = said[at : at + 1 + REACH] if not titled else said
        if any(_confirmed.search(text, one.start, one.end) for one in near):
            continue
        told_of = [one for one in near if one in in_body]
        against = (one for one in told_of if not _spread.search(text, one.start, one.end))
        denial = next(against, None) or next(iter([*told_of, *denied]), None)
        end = span.end
        if denial == span and (mark := _denial.search(text, span.start, span.end)):
            end = mark.start()
        if end > span.start:
            yield Rumour(Span(span.start, end), denial)
