"""Turn a follow-up into at most four questions that stand alone, the likeliest first; what is found decides between them.

>>> stand_alone("它有多少员工？", [Turn("诺华制药的总部在哪里？", "巴塞尔")])
'诺华制药有多少员工？'
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.query.follow_up.conversation import (
    MEMORY,
    Talk,
    bare,
    changes_topic,
    exchange,
    is_courtesy,
)
from rag.query.follow_up.joining import is_readable, joined
from rag.query.follow_up.leaning import SHORT, has_subject, is_spoken_of, names_itself
from rag.query.follow_up.question_parts import LOOSE, MARKS, MEASURING, Parts, parts, pieces
from rag.query.follow_up.substitution import is_alike, is_another, is_typed, substitutions
from rag.query.question_type import AnswerType, understand_kind
from rag.records import Turn
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.words import is_noun

__all__ = ["Rewrite", "rewrites", "stand_alone", "standing_alone"]

MOST = 4
"""Rewrites of a question: each costs a search and two passages to read."""
LONGEST = 16
"""A question longer than this says itself what it is about."""
LONGEST_NAME = 20
# What speaks (in logits) for a question as it was typed that names nothing: for one that asks something itself, and for
# one that is only a part of a question or has a pronoun.
BARE, ALONE = -0.5, -1.5

SAME_ANSWER = re.compile(
    "^(?:那么?)?[这那]?(?:个|些|条|组)?(?:数据|数字|消息|说法|信息|统计|数|结论|答案|报道)?(?:又?是)?"
    "(?:(?:什么时候|何时|哪[一个]?[年天月]|截至(?:什么时候|哪天))(?:发布|公布|统计|报道)?的?(?:数据|数字|消息|报道|统计)?"
    "|(?:的?(?:来源|出处|依据)(?:是|在)?|出自|来自)?(?:哪里|哪儿|哪篇|哪家|哪个|什么)(?:报道|媒体|报纸|报|文章|新闻|报告)?(?:上?(?:说|写|讲|报道|刊登|发|看到|来))?的?)[呢？?。]*$"
)
SPEAKER = re.compile(
    "^(?:那么?|[这那]个?话?)?(?:数据|数字)?(?:又?是)?谁(?:说|讲|介绍|透露|表示|公布|提)的?[呢？?。]*$"
)
FRAGMENT = re.compile(
    "^(?:那么?(?![些个里边儿])|还有|换成|如果是|要是|至于|其中的?)?[，,\\s]*(?P<new>[^，,。？?]{1,24}?)(?:的?情况)?(?:呢|又如何|又怎样|怎么样|又是多少)[？?。]*$"
)
WITHOUT_MARK = re.compile("^(?:那么?(?![些个里边儿]))?(?P<new>[^，,。？?:：的是为]{2,6}?)[？?。]*$")
PRONOUN = re.compile(
    "^(?:那么?)?(?:(?P<person>[他她](?:们)?(?!人))|(?P<place>[那这][里儿边]|当地(?!时间|媒体))"
    "|(?P<thing>它们?|其(?![他它实中余次间])|[这那]个(?=[是的在有]))"
    "|(?P<noun>[该此]|[这那][一两几]?[个家座条部款项次届场所支起件种台首本只片位名])(?!人))"
)
COMPARES = re.compile(
    "^(?:那么?)?(?:[同环]比|[比较](?:去年|上|前|同期|现在|原来|以前|[多少高低])|占(?!地|用)|[增涨降升]|[上下]升|下降|减少|[多少高低]了)"
)
OPENING = re.compile("^(?:那么?(?![些个里边儿])|其中的?)[，,\\s]*")
# What a pronoun of each kind may stand for, if it is what the last question asked for.
REFERENTS = {
    "person": (AnswerType.PERSON,),
    "place": (AnswerType.PLACE,),
    "thing": (AnswerType.WHICH, AnswerType.WHAT),
    "noun": (AnswerType.WHICH, AnswerType.WHAT),
}
ASKING = {AnswerType.PERSON: "是谁", AnswerType.PLACE: "在哪里", AnswerType.NUMBER: "是多少"}


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A question that stands alone, and how much (in logits, 0 is even) speaks for it before anything is looked up.

    `leans` says that it takes up the conversation: then its answer is expected in the last answer's article; one that
    is `bound` names nothing itself and is put to that article alone. `shown` is how it is shown where that is not `text`. One that is `courtesy` asks nothing,
    one that asks `again` has the answer that was given.
    """

    text: str
    prior: float = 0.0
    leans: bool = False
    bound: bool = False
    shown: str = ""
    courtesy: bool = False
    again: bool = False


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """Return `question` as it most likely reads without the conversation, with nothing looked up."""
    said = standing_alone(history)
    return rewrites(question, said)[0].text if said else question


def standing_alone(history: Sequence[Turn], known: Callable[[Talk], Talk] = lambda said: said) -> Talk | None:
    """Return the turns that ask something, each as it most likely reads after those before it; None if there are none.

    `known` adds to a conversation what is known of it.
    """
    said: Talk | None = None
    for turn in [turn for turn in history if not is_courtesy(turn.question)][-MEMORY:]:
        text = _in_full(turn, said) if said else turn.question
        said = known(Talk((*(said.turns if said else ()), exchange(text, turn.answer))))
    return said


def _in_full(turn: Turn, said: Talk) -> str:
    """Return an earlier question as it stands alone; one that names nothing and found nothing was of the subject before it."""
    text = rewrites(turn.question, said)[0].text
    if turn.answer or not said.subjects or has_subject(text):
        return text
    return joined(said.subjects[0], _without_opening(text)) or text


def rewrites(question: str, said: Talk) -> tuple[Rewrite, ...]:
    """Return how `question` may read without the conversation, the likeliest first; as typed alone if it does not lean."""
    if is_courtesy(question):
        return (Rewrite(question, courtesy=True),)
    if other := changes_topic(question):
        return (Rewrite(other),)
    asked = bare(question)
    found: dict[str, Rewrite] = {}
    for one in _tried(asked, said):
        if one.text and (one.text == asked or is_readable(one.text)):
            found.setdefault(fold(one.text), one)
    best = sorted(found.values(), key=lambda one: -one.prior)[:MOST]
    return tuple(best) or (Rewrite(asked),)


def _tried(asked: str, said: Talk) -> Iterator[Rewrite]:
    last, span = said.last.last, said.last.last.asked
    if span is not None and SAME_ANSWER.match(asked):  # its date and source stand beside an answer
        yield Rewrite(last.text, 1.0, leans=True, again=True)
    elif span is not None and said.last.answer and SPEAKER.match(asked):
        told = f"{last.text[: span.start]}{said.last.answer}{last.text[span.end :]}"
        yield Rewrite(f"{told.rstrip(MARKS)}由谁介绍", 1.0, leans=True)
    elif new := _fragment(asked):
        yield from _substituted(asked, new, said)
    elif kind_and_end := _pronoun(asked):
        yield from _referred(asked, *kind_and_end, said)
    else:
        yield from _of_a_question(asked, said)


def _of_a_question(asked: str, said: Talk) -> Iterator[Rewrite]:
    """Yield how a question may read that asks something itself and has no pronoun."""
    compares = COMPARES.match(asked) is not None
    named = not compares and names_itself(asked)
    long = len(asked.rstrip(MARKS)) > (SHORT if named else LONGEST)
    if not compares and (long or not is_spoken_of(asked, said.last)):
        yield Rewrite(asked, 1.0)
        if said.last.told or named or long:
            return
    elif named:
        yield Rewrite(asked, 1.0)
    else:
        yield from _within_the_article(asked, said, BARE)
    yield from _completed(asked, said)


def _within_the_article(asked: str, said: Talk, prior: float, shown: str = "") -> Iterator[Rewrite]:
    """Yield a question that names nothing as it was typed, for the article that the conversation is about."""
    if not said.last.article_id:
        yield Rewrite(asked, ALONE)
        return
    rest = _without_opening(asked)
    kind_and_end = _pronoun(rest)
    behind = rest[kind_and_end[1] :] if kind_and_end else rest
    shown = shown or next((joined(name, behind) for name in said.subjects if name not in behind), "")
    yield Rewrite(asked, prior, leans=True, bound=True, shown=shown)


def _without_opening(question: str) -> str:
    match = OPENING.match(question)
    return question[match.end() :] if match and match.end() < len(question) else question


def _fragment(asked: str) -> str:
    """Return the new part that is all a question says: 那[4G]呢, [2022年]; "" if it asks something itself."""
    match = FRAGMENT.match(asked)
    if match is None:
        match = WITHOUT_MARK.match(asked)
        words = annotate(match["new"]).pieces if match else ()
        if not match or not (is_typed(match["new"]) or all(is_noun(w) or len(w) == 1 for w in words)):
            return ""
    kind, asking, *_ = understand_kind(match["new"])
    asks = asking is not None or kind not in (AnswerType.OTHER, AnswerType.NUMBER)
    return "" if asks or re.search("[你我您咱].|使|让|已经", match["new"]) else match["new"]


def _substituted(asked: str, new: str, said: Talk) -> Iterator[Rewrite]:
    turn = next((turn for turn in reversed(said.turns) if is_alike(turn.last, new)), said.last)
    last, name = turn.last, turn.subject
    made = substitutions(last, new, name)[: MOST - 1]
    for number, text in enumerate(made):
        yield Rewrite(text, 1.0 - 0.5 * number, leans=True)
    new = new.strip(LOOSE)
    if name and not (made and (is_typed(new) or is_another(name, new))):
        behind = f"{new}{ASKING.get(last.kind, '是什么')}"
        yield Rewrite(joined(f"{_time_kept(last, new)}{name}", behind), 0.0 if made else 1.0, leans=True)
    shown = next((text for text in made if is_readable(text)), "")
    yield from _within_the_article(asked, said, ALONE, shown)


def _time_kept(last: Parts, new: str) -> str:
    """Return the time of the last question, which still holds where the new words name none: 净利润 of 前三季度."""
    times = annotate(last.before).whens()
    return last.before[times[0].start : times[0].end] if times and not annotate(new).whens() else ""


def _pronoun(asked: str) -> tuple[str, int] | None:
    """Return the kind of pronoun a question begins with and its end, with the noun that belongs to it: 这家[医院]."""
    match = PRONOUN.match(asked)
    if match is None:
        return None
    kind, ends = str(match.lastgroup), [(at + len(word), word) for at, word in pieces(asked)]
    at = next(number for number, (end, _) in enumerate(ends) if end >= match.end())
    if kind != "noun":
        return (kind, match.end()) if ends[at][0] == match.end() else None  # 他信 is a name
    if ends[at][0] == match.end():
        at += 1 if at + 1 < len(ends) and is_noun(ends[at + 1][1]) else 0
    return (kind, ends[at][0]) if ends[at][0] > match.end() and is_noun(ends[at][1]) else None


def _referred(asked: str, kind: str, end: int, said: Talk) -> Iterator[Rewrite]:
    """Yield the question with the last answer, if it is such a thing, and with the subject in the pronoun's place."""
    name = _name(said.last.answer) if said.last.last.kind in REFERENTS[kind] else ""
    noun = pieces(asked[:end])[-1][1].lstrip("该此")
    called = [turn.subject for turn in reversed(said.turns) if kind == "noun" and turn.subject.endswith(noun)]
    for number, one in enumerate(dict.fromkeys(filter(None, (*called[:1], name, *said.subjects)))):
        yield Rewrite(joined(one, asked[end:]), 1.0 - number, leans=True)
    yield from _within_the_article(asked, said, ALONE)


def _name(answer: str) -> str:
    """Return an answer that may be a name: short, without number, date or mark."""
    if not answer or len(answer) > LONGEST_NAME or re.search("[，。；：、]", answer):
        return ""
    said = annotate(answer)
    return "" if said.quantities or said.whens() else answer


def _completed(asked: str, said: Talk) -> Iterator[Rewrite]:
    """Yield the question behind the subjects of the conversation, and behind all that the last one was about."""
    rest, last = _without_opening(asked), said.last.last
    about = last.before if understand_kind(rest)[0] is AnswerType.NUMBER else last.timeless
    own = parts(rest)
    if (own.before or own.head) and not COMPARES.match(rest):  # no ticket has a total investment
        about = MEASURING.sub("", about)
    if annotate(rest).places and (places := annotate(about).places):  # no 全球 beside 中国
        about = about[: places[0].start] + about[places[0].end :]
    whole = (
        COMPARES.match(rest)
        or is_typed(said.last.subject)
        or (annotate(about).ordinals and not annotate(f"{said.last.subject}，{rest}").ordinals)
    )
    names, first = ([about, *said.subjects], 1.0) if whole else ([*said.subjects, about], 0.5)
    for number, name in enumerate(dict.fromkeys(name for name in names if name and name not in rest)):
        yield Rewrite(joined(name, rest), first - first * number, leans=True)
    if last.kind in (AnswerType.PLACE, AnswerType.PERSON, AnswerType.WHICH):
        yield Rewrite(joined(_name(said.last.answer), rest), 0.0, leans=True)
