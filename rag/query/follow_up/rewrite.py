"""Turn a follow-up into at most four questions that stand alone, the likeliest first; what is found decides between them.

>>> stand_alone("那里有多少员工？", [Turn("诺华制药的总部在哪里？", "巴塞尔")])
'诺华制药有多少员工？'
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.query.follow_up.about_answer import about_the_answer
from rag.query.follow_up.conversation import (
    MEMORY,
    Talk,
    bare,
    changes_topic,
    exchange,
    is_courtesy,
)
from rag.query.follow_up.joining import is_readable, joined
from rag.query.follow_up.leaning import MEASURED, SHORT, is_spoken_of, names_itself
from rag.query.follow_up.question_parts import LOOSE, MARKS, MEASURING, Parts, ends_of_words, pieces
from rag.query.follow_up.substitution import is_alike, substitutions
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

CORRECTION = re.compile(
    "^(?:不是的?|不对|错了|不)[，,。！\\s]+(?:我?(?:是|想|要|其实|刚才|刚刚)*(?:问|说|指|查)?(?:的?(?:其实)?(?:是|不是)?|一下)?|应该是)?[，,：:\\s]*"
    "|^我(?:其实|刚才|刚刚|是|想)*(?:问|说|指)的?(?:其实)?是[，,：:\\s]*"
)
FRAGMENT = re.compile(
    "^(?:那么?(?![些个里边儿])|还有|换成|如果是|要是|至于|其中的?)?[，,\\s]*(?P<new>[^，,。？?]{1,24}?)(?:的?情况)?(?:呢|又如何|又怎样|怎么样|又是多少)[？?。]*$"
)
WITHOUT_MARK = re.compile(
    "^(?:那么?(?![些个里边儿])|换成|如果是|要是|其中)?(?P<new>[^，,。？?:：的是为]{2,6}?)[？?。]*$"
)
ONLY_AMOUNT = re.compile("^(?:那么?)?(?P<new>[^，,。？?]{2,12}?)(?:又?是|有|为)?(?:多少|几)[呢？?。]*$")
COMPARES = re.compile(
    "^(?:那么?)?(?:同比|环比|(?:比|较)(?:去年|上[年月周季届次]|前|同期|现在|原来|以前|多|少|高|低)|增[长加幅速]|[上下]升|下降|减少|涨|降|占|多了?多少|少了?多少|高了?多少|低了?多少)"
)
PERSON = (
    "[他她](?:们)?(?!人)|[该这那此]位?(?:一?个)?(?:人(?![工口均才民])|先生|女士|选手|演员|导演|作家|运动员)"
)
PLACE = "那里|那儿|那边|这里|这儿|当地(?!时间|媒体)|[该这那]个?(?:市|县|省|区|地方|地区|国家|城市|镇|村)"
THING = "它们?|其(?![他它实中余次间])|[该这那此](?:一|两|几|个|家|座|条|部|款|项|次|届|场|所|支|起|件|种|台|首|本|只|片){0,2}[\u4e00-\u9fff]{0,2}(?:公司|企业|集团|项目|工程|活动|比赛|赛事|产品|机构|医院|学校|大学|会议|大会|展览|展会|桥|隧道|铁路|线路|基地|工厂|园区|景区|馆|电影|影片|书|案件|案子|政策|计划|方案|系统|技术|球队|乐团)"
PRONOUN = re.compile(f"^(?:那么?)?(?:(?P<person>{PERSON})|(?P<place>{PLACE})|(?P<thing>{THING})|这个|那个)")
OPENING = re.compile("^(?:那么?(?![些个里边儿])|其中的?)[，,\\s]*")


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
        text = rewrites(turn.question, said)[0].text if said else turn.question
        said = known(Talk((*(said.turns if said else ()), exchange(text, turn.answer))))
    return said


def rewrites(question: str, said: Talk) -> tuple[Rewrite, ...]:
    """Return how `question` may read without the conversation, the likeliest first; as typed alone if it does not lean."""
    if is_courtesy(question):
        return (Rewrite(question, courtesy=True),)
    if other := changes_topic(question):
        return (Rewrite(other),)
    asked = _without(CORRECTION, bare(question))
    corrects = asked != bare(question)
    found: dict[str, Rewrite] = {}
    asked = asked.rstrip("。") if corrects else asked
    for one in _tried(asked, said):
        if one.text and (one.text == asked or is_readable(one.text)):
            found.setdefault(fold(one.text), one)
    best = sorted(found.values(), key=lambda one: -one.prior)[:MOST]
    return tuple(best) or (Rewrite(asked),)


def _tried(asked: str, said: Talk) -> Iterator[Rewrite]:
    if again := about_the_answer(asked, said.last):
        yield Rewrite(again, 1.0, leans=True, again=again == said.last.last.text)
        return
    new = _fragment(asked)
    if new:
        yield from _substituted(asked, new, said)
        return
    pronoun = PRONOUN.match(asked)
    if pronoun and pronoun.end() in ends_of_words(asked):  # 他信 is a name
        yield from _referred(asked, pronoun, said)
        return
    yield from _of_a_question(asked, said)


def _of_a_question(asked: str, said: Talk) -> Iterator[Rewrite]:
    """Yield how a question may read that asks something itself and has no pronoun."""
    named, compares = names_itself(asked), COMPARES.match(asked) is not None
    long = len(asked.rstrip(MARKS)) > (SHORT if named else LONGEST)
    if not compares and (long or not is_spoken_of(asked, said.last)):
        yield Rewrite(asked, 1.0)
        if said.last.told or named or long:
            return
    elif named and not compares:
        yield Rewrite(asked, 1.0)
    else:
        yield from _within_the_article(asked, said, ALONE if compares else BARE)
    yield from _completed(asked, said)
    if named:
        yield from _of_the_same_kind(asked, said)


def _within_the_article(asked: str, said: Talk, prior: float) -> Iterator[Rewrite]:
    """Yield a question that names nothing as it was typed, for the article that the conversation is about."""
    if said.last.article_id:
        rest = _without(OPENING, asked)
        pronoun = PRONOUN.match(rest)
        behind = rest[pronoun.end() :] if pronoun and pronoun.end() in ends_of_words(rest) else rest
        shown = next((joined(name, behind) for name in said.subjects if name not in behind), "")
        yield Rewrite(asked, prior, leans=True, bound=True, shown=shown)
    else:
        yield Rewrite(asked, ALONE)


def _of_the_same_kind(asked: str, said: Talk) -> Iterator[Rewrite]:
    """Yield the last question with the place that a short one names, if both ask for a number: 中国卖了多少."""
    last, places = said.last.last, annotate(asked).places
    if last.kind is _kind(asked) is AnswerType.NUMBER and len(places) == 1 and annotate(last.text).places:
        new = asked[places[0].start : places[0].end]
        for text in substitutions(last, new, next(iter(said.subjects), ""))[:1]:
            yield Rewrite(text, 0.5, leans=True)


def _without(opening: re.Pattern[str], question: str) -> str:
    match = opening.match(question)
    return question[match.end() :] if match and match.end() < len(question) else question


def _fragment(asked: str) -> str:
    """Return the new part that is all a question says: 那[4G]呢, [2022年]; "" if it asks something itself."""
    match = FRAGMENT.match(asked)
    if match is None:
        amount, other = ONLY_AMOUNT.match(asked), WITHOUT_MARK.match(asked)
        match = (
            amount
            if amount and _is_time(amount["new"])
            else other
            if other and _is_one_part(other["new"])
            else None
        )
    if (
        match is None
        or (_kind(match["new"]) not in (AnswerType.OTHER, AnswerType.NUMBER))
        or _asks(match["new"])
    ):
        return ""
    return "" if re.search("[你我您咱].|使|让|已经", match["new"]) else match["new"]


def _is_one_part(words: str) -> bool:
    """Tell whether words without an interrogative are one time, place or noun."""
    said = annotate(words)
    return _is_typed(words) or (
        not MEASURED.search(words)
        and all(is_noun(word) or len(word) == 1 for word in said.pieces)
        and is_noun(said.pieces[-1])
    )


def _is_time(words: str) -> bool:
    return any(when.end - when.start >= len(words.removesuffix("同期")) for when in annotate(words).whens())


def _kind(text: str) -> AnswerType:
    return understand_kind(text)[0]


def _asks(text: str) -> bool:
    return understand_kind(text)[1] is not None


def _substituted(asked: str, new: str, said: Talk) -> Iterator[Rewrite]:
    if pronoun := PRONOUN.match(new):
        new = next((one.text for one in _referred(new, pronoun, said)), new)
    turn = next((turn for turn in reversed(said.turns) if is_alike(turn.last, new)), said.last)
    turns = [said.last] if turn is said.last else [turn, said.last]
    made = [
        text for one in turns for text in substitutions(one.last, new, one.subject, fold(new) in one.told)
    ]
    first, step = (1.5, 1.25) if len(turns) > 1 else (1.0, 0.5)
    for number, text in enumerate(made[: MOST - 1]):
        yield Rewrite(text, first - step * number, leans=True)
    name, place = said.last.subject, next(iter(annotate(said.last.subject).places), None)
    measured = MEASURED.search(new) is not None
    if place is not None and measured:
        name = name[place.start : place.end]
    if len(made) < MOST - 1 and name and not (made and _is_typed(new.strip(LOOSE))):
        prior = (
            1.0 if not made or (measured and said.last.last.head is not None) else 0.5 if measured else 0.0
        )
        kept = _time_kept(said.last.last, new)
        yield Rewrite(
            joined(f"{kept}{name}", f"{new.strip(LOOSE)}{_asking(said.last.last)}"), prior, leans=True
        )
    yield from _within_the_article(asked, said, ALONE)


def _time_kept(last: Parts, new: str) -> str:
    """Return the time of the last question, which still holds where the new words name none: 净利润 of 前三季度."""
    times = annotate(last.before).whens()
    return last.before[times[0].start : times[0].end] if times and not annotate(new).whens() else ""


def _is_typed(words: str) -> bool:
    """Tell whether words are one time, place, ordinal or name by form: they replace another, and nothing is left."""
    said = annotate(words)
    spans = [*said.ordinals, *said.names]
    return _is_time(words) or _is_place(words) or any(end - start >= len(words) - 1 for start, end in spans)


def _asking(last: Parts) -> str:
    return {AnswerType.PERSON: "是谁", AnswerType.PLACE: "在哪里", AnswerType.NUMBER: "是多少"}.get(
        last.kind, "是什么"
    )


def _referred(asked: str, pronoun: re.Match[str], said: Talk) -> Iterator[Rewrite]:
    """Yield the question with the last answer, if it is such a thing, and with the subject in the pronoun's place."""
    rest = asked[pronoun.end() :]
    kinds = {
        "person": (AnswerType.PERSON,),
        "place": (AnswerType.PLACE,),
        "thing": (AnswerType.WHICH, AnswerType.WHAT),
    }
    fits = said.last.last.kind in kinds.get(pronoun.lastgroup or "", ())
    name = _name(said.last.answer) if fits else ""
    noun = re.sub("^[该这那此].", "", pronoun.group())
    called = [_called(turn.last.text, noun) for turn in reversed(said.turns)] if len(noun) > 1 else []
    by_noun = next(filter(None, called), "")
    for number, one in enumerate(dict.fromkeys(filter(None, (by_noun, name, *said.subjects)))):
        yield Rewrite(joined(one, rest), 1.0 - number, leans=True)
    yield from _within_the_article(asked, said, ALONE)


def _called(question: str, noun: str) -> str:
    """Return the nouns of a question up to the one that ends with `noun`: [威海海湾医院]的院长是谁 for 这家医院."""
    run = ""
    for _, word in pieces(question):
        run = f"{run}{word}" if is_noun(word) and word.isalnum() else ""
        if run and word.endswith(noun):
            return run
    return ""


def _name(answer: str) -> str:
    """Return an answer that may be a name: short, without number, date or mark."""
    if not answer or len(answer) > LONGEST_NAME or re.search("[，。；：、]", answer):
        return ""
    said = annotate(answer)
    return "" if said.quantities or said.whens() else answer


def _completed(asked: str, said: Talk) -> Iterator[Rewrite]:
    """Yield the question behind the subjects of the conversation, and behind all that the last one was about."""
    rest = _without(OPENING, asked)
    last = said.last.last
    compares = COMPARES.match(asked) is not None
    part, numbered = said.last.part, bool(annotate(rest).ordinals)
    if part and not numbered:
        yield Rewrite(joined(part, rest), 1.0, leans=True)
    names = [name for name in said.subjects if name not in rest]
    for number, name in enumerate(names):
        yield Rewrite(joined(name, rest), (-0.5 if part and not numbered else 0.5) - 0.5 * number, leans=True)
    if said.last.last.kind in (AnswerType.PLACE, AnswerType.PERSON, AnswerType.WHICH) and not compares:
        yield Rewrite(joined(_name(said.last.answer), rest), 0.0, leans=True)
    about = _all_of(last) if compares else last.before if _kind(asked) is AnswerType.NUMBER else last.timeless
    if (
        about
        and about not in (*said.subjects, part)
        and about not in rest
        and not (numbered and annotate(about).ordinals)
    ):
        wide = any(_is_place(subject) for subject in said.subjects[:1])
        kept = MEASURING.search(about) is not None and not compares
        yield Rewrite(joined(about, rest), (1.0 if compares or wide else 0.0) - 0.5 * kept, leans=True)


def _is_place(words: str) -> bool:
    """Tell whether words are the name of a place alone, which is seldom what one speaks of."""
    return any(place.end - place.start == len(words) for place in annotate(words).places)


def _all_of(last: Parts) -> str:
    """Return the last question without its interrogative: what a number was asked of."""
    if last.kind is not AnswerType.NUMBER or last.asked is None or last.head is None:
        return last.before
    before = last.text[: last.asked.start].removesuffix("有").removesuffix("了")
    return joined(before, last.text[last.head.start : last.head.end])
