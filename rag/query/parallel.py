"""Cut a list of things that share what stands before and behind them: the two of 男子组和女子组的奖金.

>>> found = parallel("清江龙舟赛男子组和女子组的冠军奖金")
>>> found.lead, found.items, found.rest
('清江龙舟赛', ('男子组', '女子组'), '的冠军奖金')
"""

import re
from dataclasses import dataclass
from itertools import islice, product

from rag.query.measure import has_measure
from rag.query.question_type import understand_kind
from rag.text.annotation import annotate
from rag.text.lexicon import UNKNOWN, rarity
from rag.text.words import is_name, is_noun

__all__ = ["EACH", "Parallel", "distributed", "hidden", "is_named", "parallel"]

JOINTS = frozenset(("和", "与", "及", "以及", "跟", "同", "、"))
# What is quoted says nothing of how the sentence is built.
_quotation = re.compile(
    "《[^《》]{1,60}》|“[^“”]{1,60}”|‘[^‘’]{1,60}’|「[^「」]{1,60}」|『[^『』]{1,60}』|（[^（）]{1,60}）"
)
_opened_by = {"》": "《", "”": "“", "’": "‘", "」": "「", "』": "『"}
# 各国 and 各类 are no 各 of this kind: what follows it is no noun (各有多少, 各参加了几次).
# 四个度假村分别是哪几个 asks for the members of one thing.
_members = re.compile("[是为]?哪[几些]")
EACH = re.compile("分别|各自?")
# Both in one sum or difference.
TOGETHER = re.compile("合计|总共|一共|之[和差]|相差|差|共计|加起来|哪个|谁")
# Characters at the end of a thing that may name a measure.
REACH = 4
_clause = re.compile("[，,；;：:。！!？?]")
MOST_MARKS = 3
# How rare a word is at least that 和 may only seem to be part of: 和平 is 10, 和丰 a county.
RARE_WORD = 12.0
# How rare a name of two characters is at least.
NAMING = 12.4
# In two things, not of each: 在开放与封闭问题上分别.
IN = ("上", "中", "里", "内", "间", "下")
# Words on each side of a joint among which a thing's beginning or end is looked for.
SIGHT = 16
# How unlike two things are is counted in characters; what is left over beside them counts less.
SAME_END, OTHER_KIND, DONE_BEFORE, LEFT_BEFORE, LEFT_BEHIND = 6.0, 3.0, 5.0, 0.3, 1.0


@dataclass(frozen=True, slots=True)
class Parallel:
    """Things named side by side, with the words before and behind that go with each."""

    lead: str
    items: tuple[str, ...]
    rest: str

    @property
    def each(self) -> tuple[str, ...]:
        """Every thing with what it shares."""
        return tuple(f"{self.lead}{item}{self.rest}" for item in self.items)


def hidden(text: str) -> str:
    """Return `text` with what stands in quotes and brackets blotted out, as long as before."""
    return _quotation.sub(lambda found: found[0][0] + "某" * (len(found[0]) - 2) + found[0][-1], text)


def parallel(text: str) -> Parallel | None:
    """Return the things that `text` names side by side with 和 and 、, None if it names but one."""
    chunks = _chunks(text)
    if len(chunks) < 2 or not all(chunks):
        return None
    start, end = _alike(chunks[0], chunks[-1])
    items = (chunks[0][start:], *chunks[1:-1], chunks[-1][:end])
    return Parallel(chunks[0][:start], items, chunks[-1][end:])


def distributed(question: str) -> tuple[tuple[str, str], ...]:
    """Return what a question asks of several things, each for itself (A和B分别有多少): each thing with its question.

    () if it asks of one, or of all together. Several measures of one thing (营收和净利润) are such things, too.
    """
    masked = hidden(question)
    if found := _of_measures(question):
        return found
    for mark in islice(EACH.finditer(masked), MOST_MARKS):
        begin = max((found.end() for found in _clause.finditer(masked, 0, mark.start())), default=0)
        before = question[begin : mark.start()]
        named = None if before.endswith(IN) else parallel(before)
        rest = _clause.split(masked[mark.end() :], 1)[0]
        if named is None or _names(masked, mark) or _members.match(rest):
            continue
        if understand_kind(rest)[1] is not None:
            after = question[mark.end() :]
            asked = (f"{question[:begin]}{one}{after}" for one in named.each)
            return tuple(zip(named.items, asked, strict=True))
    return ()


def _of_measures(question: str) -> tuple[tuple[str, str], ...]:
    """Return the measures of one thing (X的营收和净利润) that a question ends with, or its 是多少 follows, each asked alone."""
    plain = question.rstrip("？?。 ")
    asked = understand_kind(plain)[1]
    stem = plain if asked is None else plain[: asked.start].rstrip("是为有达约")
    if TOGETHER.search(plain) or EACH.search(plain) or (asked is not None and plain[asked.end :]):
        return ()
    named = parallel(stem) if stem else None
    if named is None or named.rest or not named.lead.endswith("的"):
        return ()
    if not all(has_measure(item[-REACH:]) for item in named.items):
        return ()
    return tuple(zip(named.items, (f"{one}{plain[len(stem) :]}？" for one in named.each), strict=True))


def _names(text: str, mark: re.Match[str]) -> bool:
    """Tell whether a 各 belongs to a noun."""
    if mark[0] != "各" or text[mark.end() : mark.end() + 1] in ("有", "是", "为", "占", "在"):
        return False
    rest = text[mark.end() :]
    following, asked = next(iter(annotate(rest).pieces), ""), understand_kind(rest)[1]
    if asked is not None and asked.start < len(following):
        return False  # 各[多长]
    word = annotate(text[mark.start() :]).pieces[0]
    return is_noun(following) or (word != "各" and rarity(word) < UNKNOWN)  # 各多 is no word


def _chunks(text: str) -> list[str]:
    """Cut at the last joint, and before it at the commas of enumeration that lead to it."""
    joints, at = [], 0
    for piece in annotate(hidden(text)).pieces:
        if piece in JOINTS:
            joints.append((at, at + len(piece)))
        elif piece[0] in JOINTS and rarity(piece) >= RARE_WORD:
            joints.append((at, at + 1))  # 和丰|年塔
        at += len(piece)
    cuts = [joint for joint in joints if joint == joints[-1] or text[joint[0]] == "、"]
    edges = [0, *(edge for cut in cuts for edge in cut), len(text)]
    return [text[start:end].strip() for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _alike(left: str, right: str) -> tuple[int, int]:
    """Return where in `left` the first thing begins and where in `right` the last one ends: those most alike."""
    if (mark := _opened_by.get(left[-1])) and right.startswith(mark) and left[-1] in right:
        return left.rfind(mark), right.find(left[-1]) + 1
    if same := _both_times(left, right) or _both_places(left, right):
        return same
    opened = _opening_time(left, right)
    least = max(opened, hidden(left).rfind("的", 0, len(left) - 1) + 1)
    most = hidden(right).find("的", 1)
    most = _closing_time(left, right[: most if most > 0 else len(right)])
    starts = [at for at in _bounds(left)[-SIGHT:-1] if at >= least]
    ends = [most] if _acts(right[:most]) else [at for at in _bounds(right)[1:SIGHT] if at <= most]

    def unlike(pair: tuple[int, int]) -> tuple[float, int]:
        start, end = pair
        rest = most - end
        kinds = _is_named(left[start:]), _is_named(right[:end])
        length = abs(len(left) - start - end)
        alike = max(left[-1] == right[end - 1], left[start] == right[0])  # 男子组和女子组, 最长和最短
        same = SAME_END * alike / (1 + length)
        other = OTHER_KIND * (kinds[0] is not kinds[1]) + DONE_BEFORE * (
            _acts(left[least:start]) or _begins_with_verb(left[start:])
        )
        return length + other - same + LEFT_BEFORE * (start - opened) + LEFT_BEHIND * rest, rest

    return min(product(starts or [opened], ends or [len(right)]), key=unlike)


def _both_times(left: str, right: str) -> tuple[int, int] | None:
    one = next((when for when in annotate(left).whens() if when.end == len(left)), None)
    other = next((when for when in annotate(right).whens() if when.start == 0), None)
    return (one.start, other.end) if one is not None and other is not None else None


def _both_places(left: str, right: str) -> tuple[int, int] | None:
    one = next((place for place in annotate(left).places if place.end == len(left)), None)
    other = next((place for place in annotate(right).places if place.start == 0), None)
    return (one.start, other.end) if one is not None and other is not None else None


def _opening_time(left: str, right: str) -> int:
    """Return where the time ends that `left` opens with and `right` does not."""
    found = next(iter(annotate(left).whens()), None)
    own = any(when.start == 0 for when in annotate(right).whens())
    return found.end if found is not None and found.start == 0 and found.end < len(left) and not own else 0


def _begins_with_verb(text: str) -> bool:
    first = annotate(text).pieces[0]
    return _acts(first)


def _closing_time(left: str, right: str) -> int:
    """Return where the time begins that `right` names of both, its length without one: of 乙去年[的产值]."""
    if _acts(right) or any(when.start > 0 for when in annotate(left).whens()):
        return len(right)
    return next((when.start for when in annotate(right).whens() if when.start > 0), len(right))


def _acts(text: str) -> bool:
    """Tell whether something is done in `text`: then it is taken whole."""
    times = annotate(text).whens()
    at = 0
    for piece in annotate(text).pieces:
        timely = any(when.start <= at < when.end for when in times)
        if len(piece) > 1 and not (is_noun(piece) or has_measure(piece) or timely):
            return True
        at += len(piece)
    return False


def is_named(word: str) -> bool:
    """Tell whether a word names one thing: a name of the dictionary but for its common short ones (研发, 牡蛎)."""
    return len(word) > 1 and is_name(word) and (len(word) > 2 or rarity(word) >= NAMING)


def _is_named(text: str) -> bool:
    return any(map(is_named, annotate(text).pieces))


def _bounds(text: str) -> list[int]:
    bounds = [0]
    for piece in annotate(hidden(text)).pieces:
        bounds.append(bounds[-1] + len(piece))
    return bounds
