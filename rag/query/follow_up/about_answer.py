"""Understand questions about the last answer itself: of when it is, who said it, which report says so, what more there is."""

import re

from rag.query.follow_up.conversation import Exchange
from rag.query.follow_up.question_parts import MARKS
from rag.query.question_type import AnswerType

__all__ = ["about_the_answer"]

SAME_ANSWER = re.compile(
    "^(?:那么?)?[这那]?(?:个|些|条|组)?(?:数据|数字|消息|说法|信息|统计|数|结论|答案|报道)?(?:又?是)?"
    "(?:(?:什么时候|何时|哪[一个]?[年天月]|截至(?:什么时候|哪天))(?:发布|公布|统计|报道)?的?(?:数据|数字|消息|报道|统计)?"
    "|(?:的?(?:来源|出处|依据)(?:是|在)?|出自|来自)?(?:哪里|哪儿|哪篇|哪家|哪个|什么)(?:报道|媒体|报纸|报|文章|新闻|报告)?(?:上?(?:说|写|讲|报道|刊登|发|看到|来))?的?)[呢？?。]*$"
)
SPEAKER = re.compile(
    "^(?:这话?|那|这些?)?(?:个?数据|个?数字)?(?:又?是)?谁(?:说|讲|介绍|透露|表示|公布|提)的?[呢？?。]*$"
)
MORE = re.compile(
    "^(?:那么?)?(?:还|其他|其它|别的|另外)的?(?:还)?(?:有)?(?:没有|哪些|什么|谁|哪几个)?(?:其他|其它|别)?的?(?:吗|呢|么)?[？?。]*$"
)


def about_the_answer(asked: str, last: Exchange) -> str:
    """Return the last question where its answer's date or source is asked for: both stand beside the answer."""
    if last.last.asked is None:
        return ""
    if SAME_ANSWER.match(asked):
        return last.last.text
    if SPEAKER.match(asked) and last.answer:
        told = (
            f"{last.last.text[: last.last.asked.start]}{last.answer}{last.last.text[last.last.asked.end :]}"
        )
        return f"{told.rstrip(MARKS)}由谁介绍"
    if MORE.match(asked) and last.last.kind in (
        AnswerType.LIST,
        AnswerType.WHICH,
        AnswerType.WHAT,
        AnswerType.PERSON,
    ):
        at = last.last.asked.start
        return f"{last.last.text[:at].removesuffix('有')}还有{last.last.text[at:].removeprefix('有')}"
    return ""
