"""Put the new part of a follow-up in place of the part of the last question that is of its kind.

>>> substituted(slots("2023年成都有多少公园"), "2022年")
'2022年成都有多少公园'
"""

import re
from collections.abc import Callable, Sequence

from rag.query.analysis import AnswerType
from rag.query.follow_up.question_parts import (
    CLASSIFIERS,
    NAMING,
    Slots,
    is_linking,
    pieces,
    relational_at_end,
    slots,
)
from rag.records import Span
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.holiday import NAMES
from rag.text.lexicon import rarity
from rag.text.time_words import years
from rag.text.words import is_name, is_noun

__all__ = ["substituted"]

# Names of editions that have no number.
EDITION = "(?:上上?|下|前|本|这|首)一?[届期批季轮代]"
WHOLE = "全(?:市|省|国|县|区|州|球|世界|行业|校|院)"
PERSONS = re.compile("(?:员|长|人|者|导演|编剧|主演|主角|教练|选手|主席|主任|经理|总裁)$")
# 第三季度单季: that it is the quarter alone is said by its name.
WHOLE_PERIOD = re.compile("^的?(?:单季度?|单月|当月|当季|单日|当天|那年|当年|那天|这一?年)(?=的?$)")
TOTAL = re.compile("(?:一共|总共|总计|合计)$")
AIMS = frozenset(("目标", "计划", "预期", "预计", "规划", "任务"))
_edition = re.compile(EDITION)
_whole = re.compile(WHOLE)
_region = re.compile("^[^的]{1,6}[省市县区州镇乡村]$")
_name = re.compile(r"(?:[a-z]++|(?<!\d))\d++[a-z]++|[a-z]++-?\d*+")
_withheld = re.compile(r"[\u4e00-\u9fff]某某?")
_earlier = re.compile("^(?:再往前|再前|更早|往前)(?:推)?(?:一)?年|^(?:前|上)一年")
_later = re.compile("^(?:再往后|往后)(?:推)?(?:一)?年|^(?:后|下)一年|^第二年")
_numbered = re.compile("[一二三四五六七八九十0-9]")
_year = re.compile(r"(?:\d{4}|[一二][〇零一二三四五六七八九]{3})年|今年|去年|前年|上年|本年度?|明年")

_holiday = re.compile(NAMES)
_same_period = re.compile("(?:去年|上年|上一年|前一年|上年度)的?同期|^同期")

Finder = Callable[[str], list[tuple[int, int]]]


def substituted(last: Slots, new: str) -> str:
    """Return the last question with `new` in it, "" where nothing can be told."""
    text, rest = last.text, TOTAL.sub("", _shifted_year(last, new))
    for finder in (_times, _places, _ordinals, _names):
        text, rest = _replaced(text, rest, finder, last.topic)
    rest = WHOLE_PERIOD.sub("", rest)
    rest = re.sub("^(?:的|在|和|那个?)+|(?:的|一共|总共|总计|共|在|和|[，, ]){1,8}$", "", rest)
    if not rest:
        return text if text != last.text else ""
    again = last if text == last.text else slots(text)
    return _noun(again, rest, new.rstrip().endswith("的"))


def _replaced(text: str, rest: str, finder: Finder, topic: str) -> tuple[str, str]:
    """Move what `finder` finds in `rest` into `text`: in place of what it finds there, else before the topic."""
    fresh, old = finder(rest), finder(text)
    if finder is _places and len(fresh) > 1 and re.fullmatch("[和与、及市]", rest[fresh[0][1] : fresh[1][0]]):
        fresh = [(fresh[0][0], fresh[-1][1])]  # 广州和深圳
    if finder is _ordinals and len(fresh) > 1:  # 4号线一期
        fresh, old = _joined(fresh), _joined(old)
    if len(fresh) != 1 or (not old and finder is _names):
        return text, rest
    start, end = fresh[0]
    if finder in (_places, _names) and end - start < len(rest.strip("的在 ")) - 1:
        return text, rest  # 成都大学 is no place
    new, rest = rest[start:end], rest[:start] + rest[end:]
    if old:
        low, high = _numbered_alike(text, old, new) if finder is _ordinals else old[0]
        new = _completed_time(text[low:high], new) if finder is _times else new
        high += (
            1
            if finder is _places and text[high : high + 1] in "市省县区州" and new[-1] in "市省县区州"
            else 0
        )
        noun = rest.strip("的")
        rest = "" if finder is _places and noun and text[high:].startswith(noun) else rest  # [日本]队
        return f"{text[:low]}{new}{text[high:]}", rest
    if finder is _places and topic and _region.search(topic):
        return text.replace(topic, new, 1), rest
    at = text.find(topic) if topic else -1
    at += len(topic) if finder is _times or annotate(topic).places else 0
    return (f"{text[:at]}{new}{text[at:]}", rest) if at >= 0 else (f"{new}{text}", rest)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join spans that touch."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            start = joined.pop()[0]
        joined.append((start, end))
    return joined


def _numbered_alike(text: str, old: Sequence[tuple[int, int]], new: str) -> tuple[int, int]:
    """Return the last ordinal that numbers the same: 6[号线]一期 for 4[号线], else the last of all."""
    same = [span for span in old if _what(text[span[0] : span[1]]) == _what(new)]
    return (same or list(old))[-1]


def _what(ordinal: str) -> str:
    return re.sub("[第首0-9０-９一二三四五六七八九十百]", "", ordinal)


def _completed_time(old: str, new: str) -> str:
    """Return the new time with the year of the old one if it names none, 二季度, or the old holiday if it names only a year."""
    year = _year.match(old.removeprefix("截至"))
    if year and _year.fullmatch(new) and _holiday.search(old):
        return f"{new}{old.removeprefix('截至')[year.end() :]}"
    kept = year and not _year.search(new) and re.search("季|半年|月|[初底末]$", new)
    return f"{year.group()}{new}" if year and kept else new


def _shifted_year(last: Slots, new: str) -> str:
    """Write 再往前一年 as the year before that of the last question, and 去年同期 as the same part of the year before."""
    if (match := _same_period.match(new)) and last.times:
        old = last.words(last.times[0]).removeprefix("截至")
        year = _year.match(old)
        before = {"今年": "去年", "去年": "前年"}.get(year.group() if year else "", "去年")
        numbered = years(old)
        earlier = f"{numbered[0] - 1}年" if numbered else before
        return f"{earlier}{old[year.end() if year else 0 :]}{new[match.end() :]}"
    step = -1 if _earlier.match(new) else 1 if _later.match(new) else 0
    named = years(last.text)
    return f"{named[0] + step}年" if step and named else new


def _times(text: str) -> list[tuple[int, int]]:
    return [(when.start, when.end) for when in annotate(text).whens()]


def _places(text: str) -> list[tuple[int, int]]:
    said = annotate(text)
    found = [(place.start, place.end) for place in said.places]
    return found or [match.span() for match in _whole.finditer(said.folded)]


def _ordinals(text: str) -> list[tuple[int, int]]:
    said = annotate(text)
    named = [match.span() for match in _edition.finditer(said.folded)]
    return sorted([*named, *(span for span in said.ordinals if not any(a <= span[0] < b for a, b in named))])


def _names(text: str) -> list[tuple[int, int]]:
    folded = fold(text)
    return [match.span() for pattern in (_name, _withheld) for match in pattern.finditer(folded)]


def _noun(last: Slots, new: str, modifies: bool) -> str:
    """Put a noun where the last question has one of its kind."""
    if said := _other_verb(last, new):
        return said
    if alike := _alike(last, new):
        return _asking_whom(last, f"{last.text[: alike.start]}{new}{last.text[alike.end :]}", new)
    if new in AIMS:
        return _aimed(last, new)
    relational = relational_at_end(new) < len(new)
    if PART.search(new) and last.topic and last.topic in last.text:
        return last.text.replace(last.topic, f"{last.topic}{new}", 1)
    if not relational and _names_another(last, new):
        return last.text.replace(last.topic, new, 1)
    if last.head is not None and (modifies or not relational) and last.kind is not AnswerType.TIME:
        return _other_head(last, new, modifies)
    if last.attribute is not None:
        return _other_attribute(last, new) if relational else _other_modifier(last, new)
    if said := "" if relational else _other_stated(last, new):
        return said
    if (relational and not _ends_common(last)) or last.asked is None:
        return f"{last.subject}{new}{_asking(last)}" if last.subject else ""
    return _other_subject(last, new)


def _other_verb(last: Slots, new: str) -> str:
    """Ask when or where something else happened: 什么时候[开幕] → 闭幕."""
    if last.asked is None or last.kind not in (AnswerType.TIME, AnswerType.PLACE) or is_noun(new):
        return ""
    behind = last.text[last.asked.end :].rstrip("？?。的 ")
    verb = behind.rstrip("了")
    if (
        not verb
        or len(pieces(new)) > 1
        or any(is_noun(piece) and len(piece) > 1 for _, piece in pieces(verb))
    ):
        return ""
    at = last.asked.end
    return f"{last.text[:at]}{new}{last.text[at + len(verb) :]}"


def _asking_whom(last: Slots, said: str, new: str) -> str:
    """Ask who where the new noun is a person's: 最佳[导演]是哪部 becomes 是谁."""
    if last.kind is not AnswerType.WHICH or last.asked is None or not PERSONS.search(new):
        return said
    asked = last.text[last.asked.start :]
    return f"{said[: len(said) - len(asked)]}谁" if said.endswith(asked) else said


def _alike(last: Slots, new: str) -> Span | None:
    """Return the words of the last question that end, or begin, like `new`: 首[付款] for 里程碑[付款], [最佳]影片 for [最佳]导演."""
    folded = fold(new)
    runs = [
        span
        for span in _runs(last)
        if not (last.asked and span.start < last.asked.end and last.asked.start < span.end)
    ]
    whole = None  # 规模 alone in place of 产业规模 would leave 核心 before it
    for shared in (3, 2, 1):
        if len(folded) <= shared:
            continue
        for span in runs:
            if folded.endswith(fold(last.words(span))) and shared > 1 and len(span) > 1:
                whole = span if whole is None or len(span) > len(whole) else whole
                continue
            if whole and (span.end != whole.end or _in_topic(last, span)):
                continue
            words = fold(last.text[span.start : span.end])
            ends = words.endswith(folded[-shared:]) and words != folded
            same_length = abs(len(words) - len(folded)) <= 1
            begins = shared > 1 and words.startswith(folded[:shared]) and same_length and words != folded
            numbered = _numbered.match(words) is not None and _numbered.match(folded) is not None
            close = shared > 1 or (len(words) == len(folded) and (len(words) > 2 or numbered))
            if len(words) > shared and ((ends and close) or begins):
                return span if whole else _last_noun(last, span, shared) if ends else span
        if whole:
            return whole
    return None


def _in_topic(last: Slots, span: Span) -> bool:
    """Tell whether a run of words takes a part of the topic's name with it."""
    return span.start < last.text.find(last.topic) + len(last.topic) if last.topic else False


def _last_noun(last: Slots, span: Span, shared: int) -> Span:
    """Return only the noun that ends a run which is itself narrowed: 规模以上[工业互联网]企业."""
    before = [piece for at, piece in pieces(last.text) if at + len(piece) == span.start]
    longer = (
        len(span) > shared + 2
        and before
        and len(before[0]) > 1
        and is_noun(before[0])
        and not annotate(before[0]).places
    )
    return Span(span.end - shared, span.end) if longer else span


def _runs(last: Slots) -> list[Span]:
    """Return the nouns of the question: single words first, then runs of two and three."""
    parts = [(at, piece) for at, piece in pieces(last.text) if piece.strip()]
    found = []
    for length in (1, 2, 3):
        for first in range(len(parts) - length + 1):
            run = parts[first : first + length]
            if all(_in_a_name(piece) for _, piece in run):
                found.append(Span(run[0][0], run[-1][0] + len(run[-1][1])))
    return found


def _in_a_name(piece: str) -> bool:
    return piece.isalnum() and (is_noun(piece) or len(piece) < 3 or piece[-1] in "级型类式")


def _names_another(last: Slots, new: str) -> bool:
    """Tell whether `new` is a name as the last question's topic is: 诺华 for 百裕制药."""
    if not last.topic or not last.text.count(last.topic):
        return False
    parts = [piece for _, piece in pieces(new)]
    body = re.compile("(?:公司|集团|企业|银行|医院|大学|学校|站|港|队|局|厂|项目|景区|机场|基地|园区)$")
    proper = any(rarity(piece) >= PROPER and len(piece) > 1 for piece in parts) or (
        len(parts) > 1 and body.search(new)
    )
    return bool(proper) or (last.head is None and len(parts) == 1 and is_name(new) and is_name(last.topic))


def _aimed(last: Slots, new: str) -> str:
    """Ask for an aim of what was asked: 岘港2026年[目标]接待多少中国游客."""
    at = last.times[0].end if last.times else len(last.text) if last.asked is None else last.asked.start
    return f"{last.text[:at]}{new}{last.text[at:]}"


def _other_head(last: Slots, new: str, modifies: bool) -> str:
    """Replace the noun behind the interrogative; its classifier goes with it, and 国家级的 only narrows it."""
    head = last.head
    if head is None or last.asked is None:
        return ""
    words = last.text[head.start : head.end]
    if modifies and is_noun(pieces(words)[0][1]):
        return f"{last.text[: head.start]}{new}的{last.text[head.start :]}"
    noun = len(words)
    for at, piece in pieces(words):
        if at and len(piece) > 1 and not is_noun(piece):
            noun = at
            break
    same = fold(new).endswith(fold(words[:noun])[-2:])
    unit = "" if last.unit in CLASSIFIERS and not same else last.unit
    return f"{last.text[: last.asked.end]}{unit}{new}{last.text[head.start + noun :]}"


# A word this rare is a name.
PROPER = 14.5
# 女子组 is a part of what was asked about, not another thing like it.
PART = re.compile("(?:组|单元|板块|部分|环节|分论坛|赛区|会场|方面|阶段)$")


def _asking(last: Slots) -> str:
    return {AnswerType.PERSON: "是谁", AnswerType.PLACE: "在哪里", AnswerType.NUMBER: "是多少"}.get(
        last.kind, "是什么"
    )


def _other_attribute(last: Slots, new: str) -> str:
    """Replace the noun that was asked of the topic, with what narrows it up to a time or 的."""
    attribute = last.attribute
    if attribute is None:
        return ""
    start = attribute.start
    floor = max([0, *(span.end for span in last.times if span.end <= start)])
    marked = last.text.rfind("的", 0, start) + 1
    narrowed = max(floor, marked)
    if narrowed > 0 and last.text[:narrowed].strip() and last.topic in last.text[:narrowed]:
        start = narrowed
    behind = last.text[attribute.end :]
    if last.unit and last.asked is not None:
        behind = f"{last.text[attribute.end : last.asked.end]}"
    return f"{last.text[:start]}{new}{behind}"


def _other_modifier(last: Slots, new: str) -> str:
    """Replace what narrows the noun that was asked: [货物]吞吐量, [成人]门票; of 直接经济损失 all but its last word."""
    attribute = last.attribute
    if attribute is None:
        return ""
    last_word = pieces(last.words(attribute))[-1]
    keep = attribute.start + last_word[0]
    low = max([0, last.text.rfind("的", 0, keep) + 1, *(span.end for span in last.times if span.end <= keep)])
    at = last.text.find(last.topic) + len(last.topic) if last.topic else 0
    low = max(low, at if at <= keep else 0)
    if low == keep and len(last_word[1]) == len(attribute):
        return _other_attribute(last, new)
    return f"{last.text[:low]}{new}{last.text[keep:]}"


def _other_stated(last: Slots, new: str) -> str:
    """Replace the word that directly precedes 多少分: 烟台中考改革后[体育]多少分."""
    if last.asked is None or last.kind is not AnswerType.NUMBER or last.head is not None:
        return ""
    at, piece = next(reversed(pieces(last.text[: last.asked.start])), (0, ""))
    if len(piece) < 2 or is_linking(piece) or not at or annotate(piece).places:
        return ""
    return f"{last.text[:at]}{new}{last.text[last.asked.start :]}"


def _ends_common(last: Slots) -> bool:
    """Tell whether the subject ends in a common noun that another can replace: 烟台中考改革后[语文]占多少分."""
    parts = [piece for _, piece in pieces(last.subject) if piece.strip()]
    return (
        len(parts) > 2
        and is_noun(parts[-1])
        and len(parts[-1]) > 1
        and rarity(parts[-1]) < NAMING
        and not annotate(parts[-1]).places
    )


def _other_subject(last: Slots, new: str) -> str:
    """Replace the last noun of the subject: 烟台中考改革后[语文]占多少分."""
    if not last.subject:
        return ""
    parts = [(at, piece) for at, piece in pieces(last.subject) if piece.strip()]
    nouns = [(at, piece) for at, piece in parts if is_noun(piece) and len(piece) > 1]
    if len(parts) < 2 or not nouns:
        return last.text.replace(last.subject, f"{last.subject}{new}", 1)
    at, piece = nouns[-1]
    whole = last.text.find(last.subject)
    if annotate(piece).places or at == 0:
        return f"{last.text[: whole + len(last.subject)]}{new}{last.text[whole + len(last.subject) :]}"
    return f"{last.text[: whole + at]}{new}{last.text[whole + at + len(piece) :]}"
