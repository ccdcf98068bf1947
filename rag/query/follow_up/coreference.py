"""Say what a pronoun, or a question that names nothing, refers to: the last topic or the last answer."""

import re
from collections.abc import Sequence

from rag.budget import spend
from rag.query.analysis import AnswerType
from rag.query.follow_up.question_parts import Slots, led_up, pieces
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.lexicon import UNKNOWN, rarity
from rag.text.words import content_words, is_noun

__all__ = ["CLOZE", "is_talk", "person", "place", "thing", "topic_of"]

# An answer longer than this is no name.
LONGEST_NAME = 20
# Words of a run that two texts share, and runs that are looked at, the longest first: of two texts of one word over and
# over every run is shared.
MOST_SHARED = 60
MOST_TRIMMED = 100
PRONOMINAL = re.compile("[它其该这那他她]")
# A single character this rare is part of a name.
RARE = 10.5
# 怎么 and 为什么 in longer questions are asked of articles.
SHORT_TALK = 10
ASKED_PLACES = re.compile("(?:哪|什么).{0,2}(?:城市|市|县|省份?|国家|国|地区|区|镇|村)|哪国")
# Asked by leaving out the end: 元宵节又叫：
CLOZE = re.compile(
    "(?<![也没不都就])(?:是指?|为|叫做?|含有|有|因为|称为?|(?<=[始位源在])于)[:：?？。_ ]*$|[:：_]$|[（(][ ]*[）)]|_{2}"
)
NAME_ASKED = re.compile("叫什么|叫做什么|(?:名字|名称|全名|全称)是什么")
ABOUT_ITEMS = re.compile(
    "^(?:其中)?(?:它们)?(?:分别|各自?|都|一共|总共)*(?:叫|是|有)(?:什么|哪|谁|多少|几)|^(?:其中|分别|各|都|主要来自|来自)|^(?:主要)?(?:涉及|涵盖|包括|包含|覆盖|分布|用于|用在|集中)|^有多少[个名家座项条部件]?(?:通过|获|被|是|在|来自)"
)


def thing(last: Slots, answer: str, word: str, question: str) -> str:
    """Return what 它, 其 or 该公司 stands for: a thing that was just named in answer, else the topic."""
    noun = re.sub("^[该这那此].", "", word)
    name = _named(last, answer)
    if name and last.kind in (AnswerType.WHICH, AnswerType.WHAT, AnswerType.PLACE) and _is_about(last, noun):
        return name
    return topic_of(last, answer, question)


def _is_about(last: Slots, noun: str) -> bool:
    """Tell whether a question for a name asks for what is spoken of next: 哪家企业 does, 在哪里 does not."""
    if last.kind is AnswerType.PLACE:
        return bool(noun) and ASKED_PLACES.search(last.text) is not None
    return last.kind is AnswerType.WHICH or not last.topic or NAME_ASKED.search(last.text) is not None


def person(last: Slots, answer: str, word: str, question: str) -> str:
    """Return whom 他 stands for: who was just named, else the topic."""
    if last.kind is AnswerType.PERSON and (name := _named(last, answer)):
        return name
    return topic_of(last, answer, question)


def place(last: Slots, answer: str, word: str, question: str) -> str:
    """Return which place 那里 is: one that was just named in answer, else the topic."""
    asked = ASKED_PLACES.search(last.text) or (word == "当地" and last.kind is AnswerType.PLACE)
    if asked and (name := _named(last, answer)):
        return name
    return topic_of(last, answer, question)


def _named(last: Slots, answer: str) -> str:
    """Return the answer if it is a name: short, without number, date or verb mark."""
    name = answer.strip("。，, ")
    if not name or len(name) > LONGEST_NAME or re.search("[，。；：、]", name):
        return ""
    said = annotate(name)
    if said.quantities or any(when.kind != "title" for when in said.whens()):
        return ""
    return name


def topic_of(last: Slots, answer: str, question: str) -> str:
    """Return what the conversation is about; with the counted noun if `question` asks about the items themselves."""
    if is_talk(last):
        told = (_shared(last.text, answer), _said(last.text), _said(answer))
        return next((name for name in told if name and name not in question), "")
    topic = last.topic
    if not topic:
        return _named(last, answer) or _said(last.text)
    if question and PRONOMINAL.search(question):
        return topic
    if question and ABOUT_ITEMS.search(question) and last.kind is AnswerType.NUMBER and last.head is not None:
        return f"{topic}{_noun(last.words(last.head))}"
    if question and ABOUT_ITEMS.search(question) and last.kind is AnswerType.NUMBER:
        return last.subject
    return topic


def _noun(head: str) -> str:
    """Return the noun a head begins with: [球队]参加."""
    for at, piece in pieces(head):
        if at and not is_noun(piece):
            return head[:at]
    return head


def is_talk(last: Slots) -> bool:
    """Tell whether the last turn was no question that an article answers."""
    if last.kind in (AnswerType.MANNER, AnswerType.REASON):
        return len(last.text) <= SHORT_TALK
    if CLOZE.search(last.text):
        return False
    if last.kind in (AnswerType.OTHER, AnswerType.YESNO):
        return True
    return led_up(last.text) > 1


def _shared(one: str, other: str) -> str:
    """Return the longest run of words that both sides say and that names something."""
    parts, folded, plain = pieces(one), fold(one), fold(other)
    ends = [at + len(piece) for at, piece in parts]
    same: set[tuple[int, int]] = set()
    for i, (start, _) in enumerate(parts):
        spend()
        for end in ends[i : i + MOST_SHARED]:
            if folded[start:end] not in plain:
                break
            same.add((start, end))
    runs = dict.fromkeys(
        one[start:end] for start, end in sorted(same, key=lambda run: (run[0] - run[1], run))
    )
    long = [run for run in runs if len(run) > 1][:MOST_TRIMMED]
    return next((name for run in long if len(name := _trimmed(run)) > 1), "")


def _trimmed(run: str) -> str:
    """Return a run of words without those at its ends that say nothing; "" if nothing in it is a name or noun."""
    parts = [piece for _, piece in pieces(run[led_up(run) :])]
    while parts and not content_words(parts[-1]):
        parts.pop()
    while parts and not content_words(parts[0]):
        parts.pop(0)
    return "".join(parts) if any(_names(piece) for piece in parts) else ""


def _said(line: str) -> str:
    """Return what a line of talk is about: its words without those that only say that one talks."""
    runs = [run[led_up(run) :] for run in re.split("[，,。！!？?\\s]+", line)]
    return next((name for run in runs if (name := _name_in(run))), "")


def _name_in(body: str) -> str:
    """Return the first run of nouns of a piece of talk."""
    parts = pieces(body)
    start = next((i for i, (_, piece) in enumerate(parts) if _names(piece)), None)
    if start is None:
        return ""
    end = start
    while start and len(parts[start - 1][1]) == 1 and content_words(parts[start - 1][1]):
        start -= 1
    while end + 1 < len(parts) and _goes_on(parts, end + 1):
        end += 1
    return body[parts[start][0] : parts[end][0] + len(parts[end][1])]


def _goes_on(parts: Sequence[tuple[int, str]], at: int) -> bool:
    """Tell whether the word at `at` belongs to the name before it: 霍乱时期[的]爱情, 穆林[梓]."""
    piece = parts[at][1]
    if piece in ("的", "之", "与", "和"):
        return at + 1 < len(parts) and _names(parts[at + 1][1])
    before = parts[at - 1][1]
    if len(piece) == 1 and len(before) == 2 and rarity(before) >= UNKNOWN:
        return True
    return _names(piece) or (len(piece) == 1 and piece.isalnum() and rarity(piece) >= RARE)


def _names(piece: str) -> bool:
    known = is_noun(piece) and (len(piece) > 1 or bool(annotate(piece).places))
    return piece.isalnum() and (known or piece.isascii()) and bool(content_words(piece))
