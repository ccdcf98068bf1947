"""What a sentence says in the place of what was asked: another word in the same slot, or a contrary.

>>> in_its_place("超市", Asked.of("大厦从超市现场疏散了␣人"), "大厦从医院现场疏散了20人")
'医院'
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from rag.records import Span
from rag.text.annotation import Annotation, annotate
from rag.text.characters import is_cjk
from rag.text.lexicon import UNKNOWN, found_in, generic, is_wrong_cut, rarity
from rag.text.places import places
from rag.text.quantity import quantities
from rag.text.word_lists import read_lines
from rag.text.words import content_words, is_noun

__all__ = ["BLANK", "Asked", "contrary", "in_its_place", "strange_names"]

# Characters of context that must be the same around both words: on both sides, or on one where nothing is on the other.
BOTH_SIDES, ONE_SIDE = 3, 2
# As many show it even where one of the words is a noun and the other is none, or the subject stands elsewhere.
STRONG, LONG = 4, 6
# How much longer than the asked word what stands in its place may be.
LONGER = 2
END, BLANK = "|", "␣"
_marks = re.compile("[，,。；;！!？?：:、\n]")
_quotes = re.compile("[“”‘’「」『』《》\"' ]")
# What links a word to the interrogative beside it: 参赞[是]谁.
_linked = re.compile("[是为有了的在将会被以于叫]{1,9}(?=␣)|(?<=␣)[是为有了的个名位家人]+")
_superlative = re.compile("最[大小多少高低长短早晚新旧老强弱快慢远近重轻好差深浅贵冷热先后]")
# Verbs that only carry what is said, in place of any other: 建成多少 is told by 达到318万亩.
LIGHT = frozenset(
    (
        "达到",
        "实现",
        "进行",
        "开展",
        "拥有",
        "共有",
        "具有",
        "成为",
        "完成",
        "取得",
        "获得",
        "得到",
        "做出",
        "作出",
        "予以",
        "包括",
        "针对",
    )
)
# Verbs that only tell that something was said: 宣布 is told by 报道, 公布 by 发布.
SAYING = frozenset(
    [
        "宣布",
        "公布",
        "发布",
        "披露",
        "透露",
        "表示",
        "指出",
        "报道",
        "通报",
        "宣称",
        "声称",
        "介绍",
        "显示",
    ]
)
NUMERALS = frozenset("〇零一二三四五六七八九十百千万亿两")
# A verb that takes back what another does: 停工 is not 开工, though both end alike.
UNDOING = frozenset("停拆撤废退关闭缓未禁")


@dataclass(frozen=True)
class Asked:
    """A folded question as many sentences are compared with it: what that takes of it is found once.

    `blank` has BLANK in place of the interrogative.
    """

    question: str
    blank: str
    _instead: dict[tuple[str, str], str] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, question: str, asked: Span | None = None) -> "Asked":
        """Return the folded `question` with its interrogative `asked` left blank."""
        return cls(
            question, f"{question[: asked.start]}{BLANK}{question[asked.end :]}" if asked else question
        )

    @cached_property
    def linked(self) -> str:
        """The question without marks and what links a word to the interrogative."""
        return _linked.sub("", _plain(self.blank))

    @cached_property
    def contraries(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """The groups of words of which the question has one, each with the words of the groups against it."""
        found = []
        for groups in _contraries():
            asked = [group for group in groups if any(word in self.question for word in group)]
            if len(asked) == 1:
                others = tuple(word for group in groups if group not in asked for word in group)
                found.append((asked[0], others))
        return tuple(found)

    @cached_property
    def strange(self) -> tuple[str, ...]:
        """The names that the dictionary cannot know."""
        return tuple(_unknown_runs(self.blank))

    def instead(self, word: str, sentence: str) -> str:
        """Return `in_its_place`; the possible answers of one sentence ask the same of it."""
        key = word, sentence
        if key not in self._instead:
            self._instead[key] = in_its_place(word, self, sentence)
        return self._instead[key]


def in_its_place(word: str, question: Asked, sentence: str) -> str:
    """Return the word that the folded `sentence` has where `question` has `word`, "" if none clearly has.

    The same characters must stand on both sides of it; one side will do if on the other the interrogative stands or the
    clause begins or ends.
    """
    asked, said = question.linked, _plain(sentence)
    at = asked.find(word)
    if at < 0 or _is_spread(word, said):  # 农村居民 has 农民
        return ""
    left, right = asked[:at].rsplit(BLANK, 1)[-1], asked[at + len(word) :].split(BLANK, 1)[0]
    for start, other in _spans(annotate(said)):
        longer = LONGER if is_noun(word) or is_noun(other) else 0
        if len(other) > len(word) + longer or any(other[i : i + 2] in asked for i in range(len(other) - 1)):
            continue
        # One more than can be shared: a line without end is not copied for each of its words.
        stop = start + len(other)
        before, after = said[max(0, start - len(left) - 1) : start], said[stop : stop + len(right) + 1]
        shared = _shared_end(left, before), _shared_start(right, after)
        alone = shared[1] >= LONG and (not before or before.endswith(END))
        if (alone or _holds(word, other, *shared, not left, not right)) and _can_be(word, other):
            return other
    return ""


def _is_spread(word: str, text: str) -> bool:
    """Tell whether `text` has the characters of `word` in order, at most two others between each and the next."""
    ends = {at for at, character in enumerate(text) if character == word[0]}
    for wanted in word[1:]:
        ends = {at for end in ends for at in range(end + 1, end + 4) if text[at : at + 1] == wanted}
    return bool(ends)


def _holds(word: str, other: str, left: int, right: int, open_left: bool, open_right: bool) -> bool:
    """Tell whether so many shared characters left and right of two words show that one stands for the other."""
    if is_noun(word) == is_noun(other):
        clear = is_noun(word) or _opposed(word, other)
        both, one = (BOTH_SIDES, ONE_SIDE) if clear else (LONG, LONG)
    else:
        both, one = STRONG, STRONG
    if min(left, right) > 0:
        return left + right >= both
    return (open_left and right >= one) or (open_right and left >= one)


def _plain(text: str) -> str:
    return _quotes.sub("", _marks.sub(END, text))


def _spans(said: Annotation) -> Iterator[tuple[int, str]]:
    """Yield the words of a sentence with their places, and each two neighbours as one."""
    at, last = 0, ""
    for piece in said.pieces:
        if len(piece) > 1 and is_cjk(piece[0]):
            yield at, piece
        if last and is_cjk(last[0]) and is_cjk(piece[0]):
            yield at - len(last), last + piece
        at, last = at + len(piece), piece


def _can_be(word: str, other: str) -> bool:
    """Tell whether a word of a sentence can be an alternative to the asked one: it says something, and not the same."""
    if (
        len(other) < 2
        or not content_words(other)
        or other in generic()
        or any(light in other for light in LIGHT)
        or quantities(other)
        or places(other)
    ):
        return False
    if word in LIGHT or (word in SAYING and other in SAYING) or is_wrong_cut(word):
        return False
    return not found_in(word, other) and not found_in(other, word)


def _opposed(verb: str, other: str) -> bool:
    """Tell whether a verb says something else than another: not if they share a character, unless one takes back."""
    if (verb[0] in UNDOING) != (other[0] in UNDOING):
        return True
    return not set(verb) & set(other)


def _shared_end(first: str, second: str) -> int:
    """Return how many characters both end with; that both begin there counts as one more."""
    for n in range(min(len(first), len(second)) + 1):
        if n == len(first):
            return n + (n == len(second) or second[-n - 1] == END)
        if n == len(second) or first[-n - 1] != second[-n - 1]:
            return n
    return 0


def _shared_start(first: str, second: str) -> int:
    return _shared_end(first[::-1], second[::-1])


def contrary(asked_question: Asked, sentence: str, near: str) -> tuple[str, str]:
    """Return a word of the question and the contrary that `sentence` has instead, two "" if there is none.

    A contrary counts only if nothing `near` has the asked word.
    """
    question = asked_question.question
    for match in _superlative.finditer(question):
        other = next((m.group() for m in _superlative.finditer(sentence) if m.group() not in question), "")
        if match.group() not in near and other:
            return match.group(), other
    for asked, others in asked_question.contraries:
        if any(word in near for word in asked):
            continue
        word = next(word for word in asked if word in question)
        together = {other[0] for other in others} & set(
            question[: question.find(word)][-1:]
        )  # 进出口, 中西部
        if not together and (other := next((other for other in others if other in sentence), "")):
            return word, other
    return "", ""


@cache
def _contraries() -> tuple[tuple[tuple[str, ...], ...], ...]:
    kept = read_lines(Path(__file__).parent / "contraries.txt")
    return tuple(tuple(tuple(group.split("=")) for group in line.split()) for line in kept)


def strange_names(question: Asked, text: str) -> list[str]:
    """Return the names of the question that the dictionary cannot know and no part of which the folded `text` has."""
    return [run for run in question.strange if not any(run[i : i + 2] in text for i in range(len(run) - 1))]


def _unknown_runs(question: str) -> Iterator[str]:
    run, unknown = "", False
    for piece in (*annotate(question).pieces, BLANK):
        strange = is_cjk(piece[0]) and len(piece) > 1 and rarity(piece) >= UNKNOWN
        if strange or (is_cjk(piece[0]) and len(piece) == 1 and bool(content_words(piece))):
            run, unknown = run + piece, unknown or strange
            continue
        if unknown and len(run) > 2 and not set(run) <= NUMERALS:
            yield run
        run, unknown = "", False
