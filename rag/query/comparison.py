"""Take a comparison apart: 万年桥和通津桥哪座更早 asks when the one was built, and when the other.

>>> found = compared("黑豹和闪电哪只年纪大？")
>>> found.questions, found.claim("黑豹")
(('黑豹年纪多大？', '闪电年纪多大？'), '黑豹年纪更大')
"""

import re
from dataclasses import dataclass, replace

from rag.query.measure import has_measure
from rag.query.opening import OPENING
from rag.query.parallel import hidden, parallel
from rag.text.annotation import annotate
from rag.text.words import is_noun

__all__ = ["Comparison", "compared"]

# What is asked of a thing that is more so: 大 how large, 早 when; and whether more of it is the larger number.
MORE, LESS = "大高长重远宽深厚久多快贵晚后", "小低矮短轻近窄浅薄少慢便宜早先"
OPPOSITE = dict(zip("小矮短轻近窄浅薄慢", "大高长重远宽深厚快", strict=True))
MEASURED = frozenset("大高长重远宽深厚久快") | OPPOSITE.keys()
# Ends of the nouns that name an amount: 销量, 人数.
AMOUNTS = ("量", "率", "额", "数", "值", "价")
TIMED = frozenset("早晚先后")
_adjective = f"便宜|[{MORE}{LESS.replace('便宜', '')}]"
_things = (
    r"^(?P<things>[^，,。？?]{3,60}?)(?:相比|比起来|比较|之间|中|里)?[，,\s]*(?:谁|哪一?[\u4e00-\u9fff]?)"
)
_end = r"[的呢呀啊？?\s]*$"
_which = re.compile(
    rf"{_things}(?P<what>[^，,。？?得]{{0,16}}?)(?P<by>得)?(?:比较|更加?|最|要)?(?P<adjective>{_adjective})(?:一些|一点|些|点)?{_end}"
)
_first = re.compile(rf"{_things}(?:更|最)?(?P<adjective>[早晚先后])(?P<verb>[^，,。？?]{{1,12}}?){_end}")
_than = re.compile(
    rf"^(?P<one>[^，,。？?]{{2,30}}?)(?<![对相占同环])比(?![赛例较如重率值分])(?P<other>[^，,。？?]{{2,30}}?)"
    rf"(?P<adjective>{_adjective})(?:了|出)?(?:多少|几)[^，,。？?]{{0,4}}{_end}"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Things that are compared: `questions` asks for the value of each.

    `more` is what is said of the one that is more so (的营业收入更高); `largest` tells whether that is the one with the
    larger or later value, `which` that one of the things is asked for, not by how much they differ.
    """

    things: tuple[str, ...]
    questions: tuple[str, ...]
    more: str
    largest: bool
    which: bool = True

    def claim(self, thing: str) -> str:
        """Say of a thing that it is the one."""
        return f"{thing}{self.more}"


def compared(question: str) -> Comparison | None:
    """Return what a question compares, None if it compares nothing, or a thing with itself at another time."""
    said = OPENING.sub("", question)
    masked = hidden(said)
    if len(said) > LONGEST:
        return None
    if found := _which.match(masked) or _first.match(masked):
        return _of_several(said, found)
    found = _than.match(masked)
    two = _of_two(said, found) if found else None
    return two and replace(two, which=False)


# Characters: who compares is brief.
LONGEST = 80


def _of_several(said: str, found: re.Match[str]) -> Comparison | None:
    named = parallel(said[: found.end("things")])
    if named is None:
        return None
    said_of = found.groupdict()
    adjective = found["adjective"]
    if verb := said_of.get("verb"):  # 哪个先开放
        return _comparison(named.each, f"什么时候{verb}", f"{adjective}{verb}", adjective)
    what, by = said_of["what"], said_of["by"] or ""
    asked = _asked(what, adjective, by=bool(by))
    if not what and _is_measure(named.each[0]):
        asked = "是多少"
    return _comparison(named.each, asked, f"{what}{by}更{adjective}", adjective)


def _is_measure(words: str) -> bool:
    pieces = annotate(words).pieces
    return bool(pieces) and (has_measure(pieces[-1]) or words.endswith(AMOUNTS))


def _asked(what: str, adjective: str, *, by: bool) -> str:
    """Return how the value is asked for: 建得早 is 什么时候建的, 年纪大 is 年纪多大, 产量高 is 产量是多少."""
    if adjective in TIMED:
        return f"{'是' if not what else ''}什么时候{what}的"
    if adjective in ("贵", "便宜"):
        return f"{what}多少钱"
    if by:
        return f"{what}了多少"
    if adjective in MEASURED and (adjective in "大小" or not what):
        return f"{what}多{OPPOSITE.get(adjective, adjective)}"
    noun = what.removeprefix("的")
    if adjective in "多少" and not _is_measure(what) and (not noun or is_noun(annotate(noun).pieces[-1])):
        return f"有多少{noun}"
    return f"{what}{'是' if is_noun(annotate(what).pieces[-1]) else ''}多少"  # 收入增长多少


def _comparison(things: tuple[str, ...], asked: str, more: str, adjective: str) -> Comparison:
    questions = tuple(f"{thing}{asked}？" for thing in things)
    return Comparison(things, questions, more, adjective in MORE)


def _of_two(said: str, found: re.Match[str]) -> Comparison | None:
    """Return 华岳的净利润比东锐多多少 taken apart; what it was at another time is told by the articles themselves."""
    one, other = (said[slice(*found.span(name))] for name in ("one", "other"))
    if annotate(other).whens():
        return None
    owner, of, measure = one.rpartition("的")
    if of and _is_measure(measure):
        things = (owner, other.removesuffix(f"的{measure}"))
        return _comparison(
            things, f"的{measure}是多少", f"的{measure}更{_level(found['adjective'])}", found["adjective"]
        )
    adjective = found["adjective"]
    return _comparison((one, other), _asked("", adjective, by=False), f"更{adjective}", adjective)


def _level(adjective: str) -> str:
    return {"多": "高", "少": "低"}.get(adjective, adjective)
