"""The conversation so far: its turns that ask something, and what they are about.

>>> is_courtesy("好的，谢谢！"), is_courtesy("谢谢，那重庆呢")
(True, False)
"""

import re
from dataclasses import dataclass

from rag.query.follow_up.question_parts import NAMING, Parts, parts
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.lexicon import rarity

__all__ = ["Exchange", "Talk", "bare", "changes_topic", "exchange", "is_courtesy", "short_answer"]

MEMORY = 6
"""Turns that are read: people too forget what was spoken of before."""
MOST_SUBJECTS = 2
_polite = (
    "你好|您好|大家好|哈喽|hello|hi|在吗|在不在|早上好|上午好|中午好|下午好|晚上好|好的?|行|嗯|哦|ok|多?谢谢?|感谢|辛苦了?|麻烦了|"
    "明白了?|知道了?|懂了|了解了?|收到|原来如此|原来是这样|没事了?|没有了|不用了|再见|拜拜|你|您|啦|啊|呀|吧|了|哈|非常|十分"
)
_courtesy = re.compile(f"(?:{_polite}|[\\s，,。.！!~～、？?])++")
_opening = re.compile(f"(?:(?:{_polite})++[，,。！!、\\s]++|(?:好的|谢谢你?|明白了|知道了)(?=那))++")
_turn_away = re.compile(
    "(?:换一?个?(?:话题|问题)|(?:另外)?再?问(?:你|您)?一?个?(?:别的|另外的?|其他的?|新的?)(?:问题|事)?|说点?别的|不说这个了|题外话)(?:吧|了)?[，,。：:\\s]*"
)
_cited = re.compile(r"(?:\[\d{1,6}\])")
_bold = re.compile(r"\*\*([^*]{1,200})\*\*")


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier turn: its question in parts, its short answer, and the article that gave it.

    `told` is that article's folded title and text without white space, "" where it is not known.
    """

    last: Parts
    answer: str
    article_id: str = ""
    told: str = ""

    @property
    def subject(self) -> str:
        """What the question is about: the words that name it, as far as its article writes them in one."""
        return self.last.named(self.told)

    @property
    def part(self) -> str:
        """The subject with the ordinal behind it (解放路电车[第三段]), "" if there is none."""
        name, before = self.subject, self.last.timeless
        end = before.find(name) + len(name) if name in before else 0
        found = next((high for low, high in annotate(before).ordinals if low == end), 0) if name else 0
        return before[before.find(name) : found] if found else ""


@dataclass(frozen=True, slots=True)
class Talk:
    """The turns that asked something, the last one last."""

    turns: tuple[Exchange, ...]

    @property
    def last(self) -> Exchange:
        """The last turn."""
        return self.turns[-1]

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the conversation is about: of the last turn, then of earlier ones of the same article."""
        found = [self.last.subject] if self.last.subject else []
        if found and _is_named(found[0]):
            return tuple(found)
        same = [turn for turn in self.turns[:-1] if turn.article_id == self.last.article_id]
        for turn in reversed(same):
            if turn.subject and not any(turn.subject in other or other in turn.subject for other in found):
                found.append(turn.subject)
        return tuple(found[:MOST_SUBJECTS])


def _is_named(subject: str) -> bool:
    """Tell whether a subject names one thing: then nothing that was spoken of before is needed."""
    said = annotate(subject)
    return bool(said.places or said.names) or rarity(subject) >= NAMING


def is_courtesy(said: str) -> bool:
    """Tell whether a line only thanks, greets or confirms."""
    return _courtesy.fullmatch(fold(said)) is not None


def bare(question: str) -> str:
    """Return a question without thanks and ways to begin, if more than that stands there."""
    match = _opening.match(fold(question))
    return question[match.end() :] if match and match.end() < len(question) else question


def changes_topic(question: str) -> str:
    """Return the question behind words that leave the topic, "" if there are none."""
    match = _turn_away.match(question)
    return question[match.end() :].strip() if match else ""


def short_answer(answer: str) -> str:
    """Return what an answer marks, without the numbers of its citations."""
    marked = _bold.search(answer)
    return marked[1] if marked else _cited.sub("", answer).strip("。 ")


def exchange(question: str, answer: str) -> Exchange:
    """Return a turn whose question stands alone."""
    return Exchange(parts(question), short_answer(answer))
