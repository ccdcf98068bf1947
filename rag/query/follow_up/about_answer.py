"""Understand follow-ups about the last answer itself: what more there is, how many, which part, of when and from where.

>>> aside("一共有几部？", slots("电影节有哪些影片获奖？"))
'电影节有几部影片获奖？'
"""

import re

from rag.query.follow_up.question_parts import Slots, pieces, relational_at_end
from rag.query.question_type import AnswerType
from rag.text.annotation import annotate
from rag.text.words import is_noun

__all__ = ["aside"]

MORE = re.compile(
    r"^(?:那|那么)?(?:还|其他|其它|别的|另外)(?:的|还)?(?:有)?(?:没有|哪些|什么|谁|哪几个)?(?:其他|其它|别)?的?(?:吗|呢|么)?[？?。]?$"
)
NUMBERS = "(?:数据|数字|消息|说法|信息|统计|数|结论|答案|报道)"
WHEN = "(?:什么时候|何时|哪年|哪一年|哪天|哪个?月|截至什么时候|截至哪天)"
WHERE = "(?:哪里|哪儿|什么|哪|哪篇报道|哪家媒体|哪份报告)"
# The date and the source stand beside the answer when it is given again.
OF_THE_ANSWER = re.compile(
    f"^(?:那么?)?[这那](?:个|些|条|组)?{NUMBERS}?(?:又?是)?{WHEN}(?:的|发布的|公布的|统计的)+{NUMBERS}?[？?。]?$"
    f"|^(?:那么?)?[这那]?(?:个|些|条|组)?{NUMBERS}?的?(?:来源|出处|依据)(?:又?是|在)?{WHERE}?[呢？?。]*$"
    f"|^(?:那么?)?[这那](?:个|些|条|组)?{NUMBERS}?(?:又?是)?(?:出自|来自|谁说|谁报道|从?哪里来|哪家媒体报道|哪篇报道说?){WHERE}?的?[呢？?。]*$"
)
COUNTED = "[个家座所名位只头条项件部台辆支种张间片艘架套款批棵株户届场次篇本起]"
HOW_MANY = re.compile(
    f"^(?:那么?)?(?P<total>(?:截?[至到])?目前(?:为止)?|迄今(?:为止)?|累计)?(?:(?:一|总)共|共|共计|合计)?有?(?P<count>(?:多少|几){COUNTED}?)[呢？?。]*$"
)
PART = re.compile(
    f"^(?:那么?)?(?:其中(?P<which>[^，,。？?]{{1,12}}?)的?|(?P<those>[^，,。？?]{{2,4}}?)的)(?:(?:一|总)共)?[有占是]?(?:多少|几){COUNTED}?[呢？?。]*$"
)
BATCHES = "批轮"
GROWTH = re.compile(
    "^(?:那么?)?(?:同比|环比|比(?:上年|去年|上月|前一年|上一?年)(?:同期)?)?(?:是)?(?:增长|增加|增|上升|上涨|提高|下降|减少|降|涨|增幅|增速|涨幅|降幅|跌幅|增长率|变化)了?(?:率|幅度)?(?:有|是|为)?"
    "(?:多少|几成|多大|几个百分点|多少个百分点|百分之几|怎样|如何)[呢？?。]*$"
)
RATE = re.compile(
    "^(?:那么?)?(?P<rate>同比|环比|(?:同比|环比)?(?:增速|增幅|涨幅|降幅|跌幅|增长率))(?:的?情况)?(?:呢|怎么样|如何|怎样)[？?。]*$"
)
# What stands between what was counted and the interrogative.
ASKING = re.compile("(?:了|是|有|为|达到?|共|一共|总共|约|要){1,8}$")


def aside(question: str, last: Slots) -> str:
    """Return what is asked about the last answer as a whole question, "" where the question is no such one."""
    if MORE.match(question):
        return _more(last)
    if OF_THE_ANSWER.match(question):
        return last.text if last.asked is not None else ""
    if match := HOW_MANY.match(question):
        return _how_many(last, match)
    if GROWTH.match(question):
        return _growth(question, last)
    if match := RATE.match(question):
        return _growth(
            f"{match['rate']}{'增长多少' if match['rate'] in ('同比', '环比') else '是多少'}", last
        )
    if match := PART.match(question):
        return _part(last, match)
    return ""


def _more(last: Slots) -> str:
    """Ask the last question for what was not said: 还有哪些."""
    if last.asked is None or last.kind not in (
        AnswerType.LIST,
        AnswerType.WHICH,
        AnswerType.WHAT,
        AnswerType.PERSON,
    ):
        return ""
    return f"{last.text[: last.asked.start]}还有{last.text[last.asked.start :]}".replace("有还有", "还有")


def _how_many(last: Slots, match: re.Match[str]) -> str:
    """Ask how many there are of what was listed; of what was counted in one batch, how many of all."""
    if last.asked is None or last.head is None or last.kind not in COUNTABLE:
        return ""
    before, again = last.text[: last.asked.start], last.kind is AnswerType.NUMBER
    if again and not match["total"]:
        return ""
    for low, high in reversed(annotate(before).ordinals if again else ()):
        if before[high - 1] in BATCHES:
            before = before[:low] + before[high:]
    total = match["total"] or ""
    before = (
        f"{before.removesuffix('有')}{total}有" if total and before.endswith("有") else f"{before}{total}"
    )
    return f"{before}{match['count']}{last.text[last.head.start :]}"


COUNTABLE = (AnswerType.LIST, AnswerType.WHICH, AnswerType.NUMBER)


def _growth(question: str, last: Slots) -> str:
    """Ask how much a number grew: 销量是多少 → 销量同比增长多少."""
    if last.kind is not AnswerType.NUMBER or last.asked is None or annotate(question).whens():
        return ""
    before = ASKING.sub("", last.text[: last.asked.start])
    noun = "" if last.head is None else last.words(last.head)
    return f"{before}{noun}{question.removeprefix('那么').removeprefix('那')}"


def _part(last: Slots, match: re.Match[str]) -> str:
    """Ask for a part of what was counted: 有多少张床位, 其中重症的 → 有多少张重症的床位."""
    which, head = match["which"] or match["those"], last.head
    if last.kind is not AnswerType.NUMBER or head is None or relational_at_end(which) < len(which):
        return ""
    named = match["those"] or match.string[match.end("which") :].startswith("的")
    if not named and is_noun(pieces(which)[-1][1]):
        return ""
    if not is_noun(pieces(last.words(head))[0][1]):  # 多少人死亡, 失踪的有多少
        return f"{last.text[: head.start]}{which}{last.text[head.end :]}"
    return f"{last.text[: head.start]}{which}的{last.text[head.start :]}"
