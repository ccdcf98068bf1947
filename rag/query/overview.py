"""Recognise a request that no single fact answers: an overview of a subject, or what is new.

>>> overview_asked("介绍一下成都马拉松")
Overview(topic='成都马拉松', newest=False)
>>> overview_asked("最近有哪些关于绵阳的新闻？")
Overview(topic='绵阳', newest=True)
"""

import re
from dataclasses import dataclass

from rag.query.opening import REQUEST
from rag.query.question_type import understand_kind

__all__ = ["Overview", "overview_asked"]


@dataclass(frozen=True, slots=True)
class Overview:
    """What is to be told about: `topic` is "" for all there is; `newest` asks for the latest articles, not for what one says."""

    topic: str
    newest: bool


_NEWS = "(?:新闻|消息|报道|动态|要闻|大事)"
_ARTICLE = "(?:报道|文章|新闻|稿子|稿件|通讯)"
_told = re.compile(
    rf"^(?:{REQUEST}){{0,3}}+(?:总结|概括|概述|归纳|梳理|综述|简述|介绍|讲讲|讲一讲|说说|说一说|聊聊|谈谈)(?:一?下)?(?:一?些)?"
    rf"(?:关于|有关)?(?P<topic>.{{2,40}}?)(?:的?(?:[这那]一?[篇条则])?{_ARTICLE})?"
    r"(?:的?(?:基本|总体|主要|具体|相关|最新)?(?:情况|概况|内容|要点|进展|经过|始末|来龙去脉))?[。！!？?\s]*"
)
_matter = re.compile(
    rf"^(?:{REQUEST}){{0,3}}+(?P<topic>.{{2,40}}?)的?(?:基本|总体|具体|整体|最新)?(?:情况|概况|经过|始末|来龙去脉|进展)"
    r"(?:是?(?:怎么样|怎样|如何|什么样?)的?)?[。！!？?\s]*"
)
_article_told = re.compile(
    rf"^(?P<topic>.{{2,40}}?)的?(?:[这那]一?[篇条则])?{_ARTICLE}(?:主要|都|大概)?(?:讲|说|写|介绍|报道)了?(?:些|的是)?(?:什么|啥)(?:内容|事情?)?[。！!？?\s]*"
)
_newest = re.compile(
    "^(?:今[天日]|昨[天日]|最近|近期|近日|近来|本[周月]|这[周月]|这几天|这两天|最新)的?(?:都|又)?"
    rf"(?:有(?:什么|啥|哪些|没有)(?:最?新的?)?)?(?:关于|有关)?(?P<topic>.{{0,30}}?)的?(?:最?新的?)?{_NEWS}(?:有哪些|吗|呢)?[。！!？?\s]*"
)


def overview_asked(question: str) -> Overview | None:
    """Return what an overview is asked of, None where the question asks for something in particular."""
    plain = question.strip()
    for pattern, newest in ((_newest, True), (_article_told, False), (_told, False), (_matter, False)):
        found = pattern.fullmatch(plain)
        if found and understand_kind(found["topic"])[1] is None:
            return Overview(found["topic"].strip("，, 的"), newest)
    return None
