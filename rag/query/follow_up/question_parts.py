"""Cut a question into the parts that a follow-up takes up or replaces.

>>> slots("2023年厦门和越南的贸易额是多少？").topic
'厦门和越南'
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rag.query.analysis import AnswerType, understand_kind
from rag.records import Span
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.lexicon import rarity
from rag.text.word_lists import read_words
from rag.text.words import is_noun

__all__ = [
    "CLASSIFIERS",
    "NAMING",
    "Slots",
    "is_linking",
    "is_relational",
    "led_up",
    "pieces",
    "relational_at_end",
    "slots",
]

HERE = Path(__file__).parent

# What a question may open with before it says anything.
OPENING = re.compile(
    "^(?:你好|您好|请问一下|请问|请教一下|我?想(?:要)?(?:知道|了解|问一下|问问|问)|(?:请|麻烦)?(?:帮我|告诉我)|那么?(?=[^里儿个些边年天])|[，,：:\\s])+"
)
# How people lead up to a topic in talk, word by word: 你知道, 我最喜欢, 听说.
_leading = re.compile(
    "(?:那|就|哦|啊|嗯|是|对|其实|因为|所以|但是|可是|昨天|今天|刚才|最近|据说|感觉|必须|原来|突然|你们?|我们?|咱们?|您|他们?|她们?|"
    "大家|人家|也|还|都|不|没|最|很|真|只|要|想|会|能|可以|敢|好|超|太|特别|非常|从来|一直|经常|常|刚|在|再|曾经?|看|听|玩|吃|喝|用|买|去|学|读|打|写|"
    "发|有|知道|认识|觉得|喜欢|讨厌|爱|认为|说|讲|给|帮|找|查|推荐|介绍|一[下个本首部只]|过|了|着|的|关于|下载|试试|叫|问|理|梦见|梦到|老是|总是|"
    "以前|小时候|这么|那么|多么|[，, ])+"
)
# Those that are the end of a word more often than not: 灯[会], 大[会].
AMBIGUOUS = frozenset("会要将设称")
# Nouns that name a measure by their end: 出生[人口], 保有[量].
MEASURING = re.compile(
    "(?:量|额|率|值|数|费|价|款|金|人口|收入|利润|面积|投资|规模|比例|时速|时间|产能|损失)$"
)
# What numbers the noun behind it: 六号[泊位].
NUMBERED = re.compile("[0-9a-z一二三四五六七八九十][号期届线批]?$")
# What asks for a name: 灯组叫什么.
CALLED = re.compile("(?:的?(?:名字|名称))?(?:叫做?|称为?|是)$")
COMMON = 11.5
# 张床位 is a classifier with a noun, 名额 is a noun.
SHORTEST_COUNTED = 2
CLASSIFIERS = frozenset("个家座所名位只头条项件部台辆支组本种张处间片艘架套款批棵株户")
# A word this rare is a name or part of one.
NAMING = 12.4


@dataclass(frozen=True, slots=True)
class Slots:
    """The parts of a question; offsets into `text`.

    `subject` is what it is about with all that narrows it (成都的5G基站), `topic` the words of it that name something
    (成都), `attribute` the noun that is asked of it (贸易额), None where none is; `head` the noun behind the
    interrogative (多少[企业]). `times` are those outside the interrogative.
    """

    text: str
    kind: AnswerType
    asked: Span | None
    unit: str
    subject: str
    topic: str
    attribute: Span | None
    head: Span | None
    times: tuple[Span, ...]

    def words(self, span: Span | None) -> str:
        """Return the words of a part, "" for one that is not there."""
        return "" if span is None else self.text[span.start : span.end]


@cache
def _relational() -> frozenset[str]:
    return read_words(HERE / "relational.txt")


@cache
def _linking() -> frozenset[str]:
    return read_words(HERE / "linking.txt")


def is_linking(word: str) -> bool:
    """Tell whether a word only leads from a subject to what is asked of it: 一共, 举行."""
    return word in _linking()


def is_relational(word: str) -> bool:
    """Tell whether a noun alone leaves open whose it is: 总部, 出生人口."""
    return word in _relational()


def pieces(text: str) -> list[tuple[int, str]]:
    """Return the words of `text` with where each begins."""
    found, at = [], 0
    for piece in annotate(text).pieces:
        found.append((at, piece))
        at += len(piece)
    return found


def led_up(line: str) -> int:
    """Return where a line of talk comes to its topic: behind 你知道 or 我最喜欢."""
    return next((at for at, piece in pieces(line) if not _leading.fullmatch(piece)), len(line))


def relational_at_end(text: str) -> int:
    """Return where the relational noun at the end of `text` begins, its length if there is none."""
    folded = fold(text)
    known = [n for n in range(2, 8) if folded[-n:] in _relational() and len(folded) >= n]
    if known:
        return len(text) - max(known)
    last = next(reversed(pieces(text)), (0, ""))
    return last[0] if len(last[1]) > 1 and MEASURING.search(last[1]) and is_noun(last[1]) else len(text)


def slots(text: str) -> Slots:
    """Cut `text` into its parts."""
    kind, asked, unit, head = understand_kind(text)
    opened = OPENING.match(text)
    begin = opened.end() if opened else 0
    end = len(text.rstrip("？?。！! 呢吗啊呀")) if asked is None else asked.start
    times = tuple(
        Span(when.start, when.end)
        for when in annotate(text).whens()
        if asked is None or when.end <= asked.start or when.start >= asked.end
    )
    behind = None
    if asked is not None and head:
        at = text.find(head, asked.end + len(unit))
        behind = Span(at, at + len(head)) if at >= 0 else None
    elif asked is not None and len(unit) > SHORTEST_COUNTED and unit[0] in CLASSIFIERS:  # 多少张床位
        behind = Span(asked.end + 1, asked.end + len(unit))
        unit = unit[0]
    before = CALLED.sub("", text[begin:end]) if kind is AnswerType.WHAT else text[begin:end]
    before = before.removesuffix("星期").removesuffix("周")
    subject, attribute = _subject(before, begin)
    if not _bare(subject, times, text) and asked is not None:
        subject = _after(text, asked, unit, head)
        attribute = None
    topic = _topic(subject)
    return Slots(text, kind, asked, unit, subject, topic, attribute, behind, times)


def _bare(words: str, times: tuple[Span, ...], text: str) -> str:
    """Return the words without those of time."""
    for span in times:
        words = words.replace(text[span.start : span.end], "")
    return words.strip(" 的在，,")


def _subject(before: str, begin: int) -> tuple[str, Span | None]:
    """Return what stands before the interrogative without its last verb, and the noun that is asked of it."""
    kept = _unlinked(before)
    at = relational_at_end(kept)
    attribute = Span(begin + at, begin + len(kept)) if at < len(kept) else None
    return kept, attribute


def _unlinked(words: str, *, verbs: bool = True) -> str:
    """Return `words` without the particles, verbs (all, or only those that link) and measures (每剂) at their end."""
    parts = pieces(words)
    perfect = False
    while len(parts) > 1 or (parts and parts[0][1] in _linking()):
        at, last = parts[-1]
        if last.strip() and not (_links(words, parts, perfect) if verbs else is_linking(last)):
            break
        perfect = last in ("了", "过", "到")
        words = words[:at]
        parts.pop()
    return words.rstrip()


def _links(words: str, parts: list[tuple[int, str]], perfect: bool) -> bool:
    """Tell whether the last word says nothing of what the question is about; `perfect` that 了 stood behind it."""
    last = parts[-1][1]
    if annotate(last).ordinals:
        return False  # 6号线[一期]有多长
    if last in AMBIGUOUS and len(parts) > 1 and len(parts[-2][1]) == 1:
        return False
    if len(last) > 1 and relational_at_end(words) < len(words):
        return False
    if last in _linking() or (perfect and len(last) == 1):
        return True
    verb = (
        len(last) > 1
        and not is_noun(last)
        and rarity(last) < NAMING
        and any(is_noun(word) for _, word in parts[:-1])
    )
    return verb or re.fullmatch("(?:每|一(?![期届批号季轮])).|.了", last) is not None


def _after(text: str, asked: Span, unit: str, head: str) -> str:
    """Return what a question that opens with its interrogative is about: 谁承建了[湖口二桥], 有多少家企业参加了[车展]."""
    rest = text[asked.end + len(unit) + len(head) :].rstrip("？?。！! 呢吗啊呀的")
    words = pieces(rest)
    while words and (not is_noun(words[0][1]) or len(words[0][1]) < 2 or words[0][1] in _linking()):
        words.pop(0)
    return rest[words[0][0] :] if words else ""


def _topic(subject: str) -> str:
    """Return the part of the subject that names something: what stands before 的 or before the relational noun."""
    words = subject
    for when in reversed(annotate(words).whens()):
        behind = words[when.end :].lstrip("的，, ")
        words = f"{words[: when.start]}{'　' if behind and words[: when.start] else ''}{behind}"
    parts = [part for part in words.split("　") if part]
    words = parts[0] if parts else ""
    while (
        (at := relational_at_end(words)) < len(words)
        and words[:at].rstrip("的在 ")
        and not (NUMBERED.search(words[:at]) and not MEASURING.search(words[at:]))
    ):
        words = _unlinked(words[:at], verbs=False)
    if "的" in words and not re.search("[》”」]$", words):
        head, _, tail = words.rpartition("的")
        if head and _says_little(tail):
            words = head
    return words.strip("的在，, ")


def _says_little(tail: str) -> bool:
    """Tell whether a noun behind 的 names nothing by itself: no place, name or rare word is in it."""
    return (
        not annotate(tail).places
        and not annotate(tail).ordinals
        and all(rarity(word) < COMMON for _, word in pieces(tail) if len(word) > 1)
    )
