"""Turn a follow-up into a question that stands alone; one that does so already is not touched.

>>> stand_alone("那里有多少员工？", [Turn("诺华的总部在哪里？", "巴塞尔")])
'诺华有多少员工？'
"""

import re
from collections.abc import Sequence

from rag.query.analysis import AnswerType, understand_kind
from rag.query.follow_up.about_answer import aside
from rag.query.follow_up.coreference import CLOZE, is_talk, person, place, thing, topic_of
from rag.query.follow_up.question_parts import (
    NAMING,
    Slots,
    is_linking,
    is_relational,
    pieces,
    relational_at_end,
    slots,
)
from rag.query.follow_up.substitution import substituted
from rag.query.follow_up.topic_turn import OF_A_BODY, meant, short_answer
from rag.records import Span, Turn
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.holiday import NAMES
from rag.text.lexicon import generic, rarity
from rag.text.words import content_words, is_name, is_noun, words

__all__ = ["stand_alone"]

CORRECTION = re.compile(
    "^(?:不是的?|不对|错了|不|哦|噢|嗯)[，,。！\\s]+(?:我(?:是|想|要|其实|刚才|刚刚)*(?:问|说|指|查)(?:的(?:其实)?(?:是|不是)?|一下)?|应该是)?[，,：:\\s]*"
    "|^我(?:其实|刚才|刚刚)*(?:问|说|指)的(?:其实)?是[，,：:\\s]*|^我(?:其实|刚才|刚刚)*(?:是|想)(?:问|说|指)(?:的?是)?[，,：:\\s]*"
)
ELLIPSIS = re.compile(
    r"^(?:那么?(?![些个里边儿])|还有|换成|如果是|要是|至于|其中的?)?[，,\s]*(?P<new>.{1,24}?)(?:的情况)?(?:呢|又如何|又怎样|怎么样|又是多少)[？?。]?$"
)
BARE = re.compile(
    r"^(?:那么?(?![些个里边儿])|换成|如果是|要是|其中)(?P<new>[^，,。]{2,12}?)(?:也?有吗|有没有)?[？?。]?$"
)
THING = (
    "它们?|(?<![\u4e00-\u9fff])其(?=[的有在是一共何哪什多几占位成由总建投面年产员收销净创董])|"
    "[这那]个(?=$|[吗吧啊呢了？?。])|[该这那此](?:一|两|几|个|家|座|条|部|款|项|次|届|场|所|支|起|件|种|台|位|名|首|本|只|片|栋|处)*"
    "(?:公司|企业|集团|项目|工程|活动|比赛|赛事|品牌|产品|平台|机构|医院|学校|大学|会议|大会|展览|展会|博览会|大桥|桥|隧道|铁路|高铁|线路|地铁|基地|工厂|园区|景区|博物馆|图书馆|电影|影片|书|歌|游戏|报告|案件|案子|协议|药|车|楼|球队|俱乐部|节目|节日|政策|法规|计划|方案|系统|模型|技术|软件|动漫|小说|电视剧|剧|歌曲|菜|故事|地方|猫|狗|人物|问题|星座|名字|东西)"
)
PERSON = "他们?|她们?|[该这那此](?:一?[个位名])?(?:人|男子|女子|导演|演员|作家|老人|运动员|学者|院士|专家|教授|官员|司机|嫌疑人|歌手|明星)"
PLACE = "那里|那儿|那边|这里|这儿|当地(?!时间|媒体)|该[市县省区地国镇村州]|[这那]个?(?:城市|地方|国家|省份|县城|村子?|镇|地区)"
PRONOUN = re.compile(f"(?P<place>{PLACE})|(?P<thing>{THING})|(?P<person>(?<![其吉维])(?:{PERSON}))")
NOT_PRONOUN = re.compile("其他|其它|其实|其中|尤其|其余|其次|他人|吉他|他信|维他|其间")
THANKS = re.compile(
    "^(?:(?:好的?|谢谢你?|多谢|明白了?|知道了|懂了|了解了?|收到|原来如此|ok)+[，,。！!、\\s啊呀哦]+|(?:好的|谢谢你?|明白了|知道了)(?=那))+"
)
# 去年同期是多少
ONLY_AMOUNT = re.compile("^(?:那么?)?(?P<time>.{2,12}?)(?P<same>同期)?(?:又?是|有|为)?(?:多少|几)[呢？?。]*$")
# What stands before 怎么样 and 呢 in a sentence that says more than the other thing that is meant.
SAYS = re.compile("[你我您咱].|使|让|已经")
# 此前几个月，那里的局势怎么样 is a sentence, not another thing to ask the same of.
CLAUSES = re.compile("[^，,]{3}[，,][^，,]*[^，,呢][？?。]?$")
# Of an event that was spoken of: 有多少支球队参加.
TAKES_PART = re.compile(
    "^(?:一共|总共|共)?有(?:多少|几)[\u4e00-\u9fff]{1,5}(?:参加|参赛|参展|参会|参与|出席|到场|获奖|入围|入选|报名)了?[？?]?$"
)
# 哪个法院判的
CLEFT = re.compile("^.{3,9}的[？?]?$")
PREPOSITION = 2
# Of which papers speak without the name once it was said.
COMPANY = ("公司", "企业", "集团")
# Turns that are read: people too forget what was spoken of before.
MEMORY = 6
# A question longer than this says itself what it is about.
LONGEST = 16
# Talk leans in longer lines than news is asked in.
TALK = 12
# Characters of 主要产品 or 评委会主席 before the interrogative, and of 对外开放 behind it.
LONGEST_OPENING = 8
SHORT = 4
# 几座车站, 多久评一次: so short a question that opens with its interrogative has no subject.
SHORTEST_COUNT = 7
# A topic longer than this was not told from what is said of it.
LONGEST_TOPIC = 20
# A statement that ends in a noun of two characters names what it asks for: 景区门票.
NOUN = 2
UNQUOTED = (AnswerType.YESNO, AnswerType.OTHER, AnswerType.REASON)
# A pronoun so far from the beginning stands for something in the question itself.
REACH = 9
# A foreign name, or one in quotes, before a pronoun is what it stands for.
NAMED = re.compile("·|[》”」][^，,]*$")
# 是那里人 is written for 是哪里人.
SLIP = re.compile("(?<![但可就还于])是那[里儿个]")
# 周启明的别名, 桥梁最多的县城: whose it is stands there.
POSSESSED = re.compile("^(?P<whose>.{2,})的(?P<what>[^的]{1,5})[？?。]?$")
# 3月12日是什么节日, 离中秋节还有多少天: it is the day that is asked about.
OF_A_DAY = re.compile(f"(?:{NAMES})(?:是|由)|[日号]是什么|放假|^(?:距离?|离).+还有")
CLAUSE = re.compile("[，,。；]")
# After a question word or verb at the very beginning even a rarer noun names nothing: 有多少条公交线路.
BARE_NAMING = 14.5
_own = re.compile("[《》“”「」0-9a-z]|某")


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """Return `question` as it reads without the conversation.

    The history may hold the questions as they were typed: each is read after those before it.
    """
    turns: list[Turn] = []
    for turn in history[-MEMORY:]:
        said = _read_after(turn.question, turns)
        turns.append(Turn(said, short_answer(said, turn.answer)))
    return _read_after(question, turns)


def _read_after(question: str, turns: Sequence[Turn]) -> str:
    """Return `question` as it reads without `turns`, which stand alone themselves."""
    if not turns:
        return question
    asked = _without(THANKS, question)
    corrected = _without(CORRECTION, asked)
    turn = meant(corrected, turns)
    last = slots(turn.question)
    if corrected != asked:
        asked = corrected.rstrip("。")
        if last.asked is not None and not _asks(asked) and (said := substituted(last, asked.rstrip("？?"))):
            return said
    return _resolved(asked, last, turn.answer) or asked


def _without(opening: re.Pattern[str], question: str) -> str:
    """Return the question without an opening that says nothing, if more than that stands there."""
    match = opening.match(question)
    return question[match.end() :] if match and match.end() < len(question) else question


def _resolved(question: str, last: Slots, answer: str) -> str:
    """Return the question without what leans on the last one, "" if it does not lean or cannot be told."""
    if said := aside(question, last):
        return said
    if (again := ONLY_AMOUNT.match(question)) and not _timeless(again["time"]):
        return substituted(last, f"{again['time']}{again['same'] or ''}")
    match = ELLIPSIS.match(question) or BARE.match(question)
    if (
        match
        and not CLAUSES.search(question)
        and not _asks(match.group("new"))
        and not SAYS.search(match.group("new"))
    ):
        return substituted(last, _pronounced(match.group("new"), last, answer))
    said = _pronounced(question, last, answer)
    if said != question:
        return said
    body = OF_A_BODY.match(question)
    if (
        body
        and body["body"] in COMPANY
        and _asks(question)
        and is_linking(next(iter(annotate(question[body.end() :]).pieces), ""))
    ):
        return _completed(question, last, answer)
    return _completed(question, last, answer) if _leans(question, last, answer) else ""


def _asks(new: str) -> bool:
    kind, asked, _, _ = understand_kind(new)
    return (asked is not None and kind is not AnswerType.YESNO) or new in ("为什么", "为何", "然后")


def _pronounced(question: str, last: Slots, answer: str) -> str:
    """Put what they stand for in place of the pronouns near the beginning."""
    for match in PRONOUN.finditer(question):
        if (
            (match.start() and _within(question, match, last))
            or NOT_PRONOUN.match(question, max(0, match.start() - 1))
            or NOT_PRONOUN.match(question, match.start())
        ):
            continue
        word = match.group()
        found = (place if match["place"] else person if match["person"] else thing)(
            last, answer, word, question
        )
        if found and found not in question:
            return f"{question[: match.start()].removeprefix('那么').removeprefix('那')}{found}{question[match.end() :]}"
    return question


def _within(question: str, match: re.Match[str], last: Slots) -> bool:
    """Tell whether a pronoun inside a question stands for nothing before it; talk names less before it goes on."""
    before = question[: match.start()]
    if SLIP.search(question[: match.end()]) and understand_kind(question)[1] is None:
        return True
    if match.start() > REACH and CLAUSE.search(before):
        return True
    return NAMED.search(before) is not None or (not is_talk(last) and _refers_back(question, match))


def _refers_back(question: str, match: re.Match[str]) -> bool:
    """Tell whether a pronoun stands for something in the question itself, or is a slip of the pen: 是那个国家发明的."""
    if match.start() > REACH or (match.group().startswith("那个") and understand_kind(question)[1] is None):
        return True
    before = fold(_timeless(question[: match.start()]))
    return bool(annotate(before).places) or any(
        _may_name(word) and (rarity(word) >= NAMING or is_name(word)) for _, word in pieces(before)
    )


def _leans(question: str, last: Slots, answer: str) -> bool:
    """Tell whether a question leaves open what it is about: it names nothing, or the last topic only by its noun."""
    plain = fold(question)
    if len(question) > LONGEST or annotate(plain).places or (_own.search(plain) and not _only_time(plain)):
        return False
    if plain.startswith("其中"):
        return True
    if CLOZE.search(plain):
        return is_relational(plain.rstrip("是:：?？"))
    if re.search("^什么是|知道什么是|^何为", plain) or _of_a_day(plain):
        return False
    kind, asked, _, _ = understand_kind(question)
    nouns = [word for at, word in pieces(plain) if _may_name(word) and not _asks_itself(at, word, asked)]
    own = [word for word in nouns if not _belongs(word, plain)]
    talk = is_talk(last)
    if asked is None and talk:
        return True
    if asked is None and (_possessed(plain) or SLIP.search(plain)):
        return False
    named = any(rarity(word) >= NAMING or (is_name(word) and not talk) for word in own)
    states = asked is None and (not nouns or not plain.endswith(nouns[-1]) or len(nouns[-1]) != NOUN)
    if (states or (talk and len(question) <= TALK)) and not named:
        return True
    if asked is None or any(rarity(word) >= BARE_NAMING for word in own):
        return False
    if kind is AnswerType.MANNER and not talk:
        return not nouns and SHORTEST_COUNT >= len(plain.rstrip("？?")) > asked.end + 1
    return kind not in UNQUOTED and _asks_of_the_last(question, last, asked)


def _of_a_day(plain: str) -> bool:
    """Tell whether a question is about the day or holiday that it names."""
    return OF_A_DAY.search(plain) is not None and _timeless(plain) != plain


def _possessed(plain: str) -> bool:
    """Tell whether a statement says itself whose it is that it asks for: 周启明的别名."""
    match = POSSESSED.match(plain)
    return match is not None and any(
        _may_name(word) and not _belongs(word, plain) for _, word in pieces(match["whose"])
    )


def _asks_of_the_last(question: str, last: Slots, asked: Span) -> bool:
    """Tell whether an interrogative asks for something that only the last topic can have."""
    plain = fold(question)
    kind, _, unit, head = understand_kind(question)
    if asked.start == 0 and len(plain) <= SHORTEST_COUNT and kind is AnswerType.NUMBER:
        return True
    if kind is AnswerType.WHICH and asked.start < PREPOSITION and CLEFT.search(plain):
        return True
    if TAKES_PART.match(plain):
        return True
    return _opens(question, last, asked) and _ends(question, kind, asked, unit, head)


def _opens(question: str, last: Slots, asked: Span) -> bool:
    """Tell whether nothing before the interrogative is a subject of its own: a verb, or a noun that belongs to something."""
    before = fold(_timeless(question[: asked.start]))
    if len(before) > LONGEST_OPENING:
        return False
    said = [
        word
        for at, word in pieces(before)
        if len(word) > 1 and content_words(word) and (at or word[0] != "那")
    ]
    nouns = [word for word in said if is_noun(word)]
    known, spoken = fold(last.subject), fold(last.text)
    verbs = [word for word in said if not is_noun(word) and not _belongs(word, before) and word not in spoken]
    if re.search("的.{1,2}是?$", before) and nouns == [] and not _belongs(before[-2:], before):
        return False  # 被逮捕的人是谁
    return (
        all(_belongs(word, before) or word in known for word in nouns)
        and len(verbs) < 2
        and not (nouns and verbs and before.find(verbs[0]) < before.find(nouns[-1]))
    )


def _ends(question: str, kind: AnswerType, asked: Span, unit: str, head: str) -> bool:
    """Tell whether nothing behind the interrogative is a subject of its own."""
    rest = fold(question[asked.end :]).strip("？?。的了吗呢 ")
    parts = [word for _, word in pieces(rest.removeprefix(unit)) if word.strip()]
    if kind in (AnswerType.TIME, AnswerType.PLACE, AnswerType.PERSON):
        return len(rest) <= SHORT and not re.search("[了着过].{2}", rest)
    if asked.start == 0 and parts and is_noun(parts[0]) and len(parts[0]) > 1:
        return False
    acts = (
        len(parts) > 1
        and is_noun(parts[0])
        and any(not is_noun(word) and len(word) > 1 for word in parts[1:])
    )
    return not acts or annotate(question).pieces[0] in ("由", "被", "从", "在", "来自")


def _asks_itself(at: int, word: str, asked: Span | None) -> bool:
    """Tell whether a word is, or shares a character with, the interrogative: 哪年."""
    return asked is not None and at < asked.end and asked.start < at + len(word)


def _may_name(word: str) -> bool:
    return is_noun(word) and len(word) > 1 and word not in generic() and word.isalnum()


def _timeless(text: str) -> str:
    """Return the text without its words of time."""
    for when in reversed(annotate(text).whens()):
        text = text[: when.start] + text[when.end :]
    return text


def _only_time(plain: str) -> bool:
    rest = _timeless(plain)
    return rest != plain and not _own.search(rest)


def _belongs(word: str, plain: str) -> bool:
    """Tell whether a word is, or is part of, a noun that belongs to something."""
    at = plain.find(word)
    return (
        is_relational(word)
        or any(
            is_relational(plain[low:high])
            for low in range(max(0, at - 3), at + 1)
            for high in range(at + len(word), at + len(word) + 4)
        )
        or relational_at_end(word) < len(word)
    )


def _completed(question: str, last: Slots, answer: str) -> str:
    """Put before the question what the conversation is about, and the time where an amount is asked again."""
    topic = topic_of(last, answer, question)
    rest = re.sub(
        "^(?:那么?(?![些个])|其中的?|请问|我?想(?:知道|了解|问)一?下?|一共|总共)[，,]?", "", question
    )
    if (
        not topic
        or (not is_talk(last) and not _names(topic))
        or fold(topic) in fold(rest)
        or len(topic) > LONGEST_TOPIC
        or re.search("[，。？！；：]", topic)
    ):
        return ""
    first = next((piece for _, piece in pieces(rest) if piece.strip()), "")
    at = topic.rfind(first) if len(first) > 1 and is_noun(first) else -1
    if at > 0:
        topic, rest = topic[: at + len(first)], rest[len(first) :]
    fresh, old = annotate(rest).ordinals, annotate(topic).ordinals
    if len(fresh) == len(old) == 1 and fresh[0][0] == 0:
        topic, rest = f"{topic[: old[0][0]]}{rest[: fresh[0][1]]}{topic[old[0][1] :]}", rest[fresh[0][1] :]
    return f"{topic}{_carried(last, question)}{rest}"


def _names(topic: str) -> bool:
    """Tell whether a topic names something: a place, a rare word, a name in quotes or Latin, or several words."""
    parts = [word for _, word in pieces(topic) if len(word) > 1]
    return (
        len(parts) > 1
        or bool(annotate(topic).places or _own.search(fold(topic)))
        or any(rarity(word) >= NAMING for word in parts)
    )


def _carried(last: Slots, question: str) -> str:
    """Return the time of the last question if the new one asks for an amount of the same kind and names no time."""
    kind, asked, _, _ = understand_kind(question)
    if (
        kind is not AnswerType.NUMBER
        or last.kind is not AnswerType.NUMBER
        or annotate(question).whens()
        or not last.times
    ):
        return ""
    before = question if asked is None else question[: asked.start]
    return "" if before.endswith("有") or not words(before) else last.words(last.times[0])
