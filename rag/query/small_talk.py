"""Answer courtesy with courtesy: no claim, nothing to quote."""

import re

from rag.text.characters import fold

__all__ = ["small_talk"]

HELLO = "您好！请直接提问，我会引用库中的报道来回答。"
THANKS = "不客气！还有想查的，请接着问。"
BYE = "再见！"
ABOUT = "我是“有据”：只引用库中的新闻报道来回答问题，每句引文都可以对照原文核实。"
_kinds = (
    (
        re.compile(
            "(?:你好|您好|大家好|早上好|上午好|中午好|下午好|晚上好|早安|晚安|嗨|哈喽|hi|hello|在吗|在不在|有人吗)+"
        ),
        HELLO,
    ),
    (
        re.compile(
            "(?:好的?|行|嗯|哦|知道了|明白了?|收到|辛苦了?|非常感谢|十分感谢|多谢|感谢|谢谢你?们?您?|thanks|thankyou|ok)+"
        ),
        THANKS,
    ),
    (re.compile("(?:再见|拜拜|回见|bye|byebye)"), BYE),
    (
        re.compile(
            "(?:请问)?(?:你|您)(?:是谁|叫什么(?:名字)?|是什么|是做什么的|(?:能|会|可以)(?:做|干)?(?:什么|啥|哪些事|帮我什么)|有什么(?:功能|用)|怎么用)"
        ),
        ABOUT,
    ),
)
_marks = re.compile(r"[\s，。！？、~～,.!?呀啊呢吧哈]+")


def small_talk(text: str) -> str:
    """Return the reply to a greeting, thanks or a question about the program itself; "" if it is something else."""
    said = _marks.sub("", fold(text))
    return next((reply for pattern, reply in _kinds if pattern.fullmatch(said)), "")
