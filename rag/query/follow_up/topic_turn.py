"""Find in a conversation the turn that a follow-up is about, and in an answer the name that it gives.

>>> short_answer("临江茶厂的创始人是谁？", "临江茶厂的创始人是周启明 [1]")
'周启明'
"""

import re
from collections.abc import Sequence

from rag.query.follow_up.question_parts import slots
from rag.query.question_type import AnswerType
from rag.records import Turn

__all__ = ["OF_A_BODY", "meant", "short_answer"]

# What may be spoken of without its name: 公司有多少员工, 这家医院是哪年建的.
BODIES = (
    "公司|企业|集团|工厂|银行|医院|学校|大学|学院|博物馆|图书馆|景区|公园|园区|基地|机构|平台|项目|工程|"
    "大桥|桥|隧道|铁路|高铁|线路|地铁|港口|港区|机场|车站|电影节|大赛|比赛|赛事|大会|展览|展会|论坛|灯会|影片|电影|球队|俱乐部"
)
OF_A_BODY = re.compile(
    f"^(?:那么?)?(?:[该这那此本][一-鿿]{{0,2}}?)?(?P<body>{BODIES})(?![一-鿿]{{0,3}}[”》])"
)
OF_IT = re.compile("^(?:那么?)?(?:它们?|其(?![他它实中余次间]))")
OF_A_PERSON = re.compile("^(?:那么?)?(?:[他她](?!人)们?|[该这那]位?一?个?人(?![工口均才民]))")
# What is asked of people.
PERSONAL = re.compile(
    "出生|毕业|多大|几岁|年龄|籍贯|哪里人|老家|职务|担任|任职|学历|生日|去世|妻子|丈夫|父|母|儿|女|代表作|作品|主演"
)
CITED = re.compile(r"(?:(?<!\s)\s++)?(?:\[\d{1,6}\]){1,20}\s*+$")


def meant(question: str, turns: Sequence[Turn]) -> Turn:
    """Return the turn that `question` goes on from: the last one, unless its pronoun or noun stands for another's topic."""
    people = {turn.answer for turn in turns if turn.answer and _asks_person(turn)}
    if OF_A_PERSON.match(question):
        fitting = [turn for turn in turns if _asks_person(turn) or _topic(turn) in people]
    elif body := OF_A_BODY.match(question):
        things = [turn for turn in turns if _topic(turn) not in people]
        fitting = [turn for turn in things if body["body"] in turn.question] or things
    elif OF_IT.match(question) or (_names_nothing(question) and not PERSONAL.search(question)):
        fitting = [turn for turn in turns if _topic(turn) not in people]
    else:
        fitting = []
    return (fitting or turns)[-1]


def _names_nothing(question: str) -> bool:
    """Tell whether a question begins with a noun that belongs to something: 总部在哪里, 员工有多少."""
    asked = slots(question)
    return asked.attribute is not None and asked.attribute.start == 0


def _topic(turn: Turn) -> str:
    return slots(turn.question).topic


def _asks_person(turn: Turn) -> bool:
    return slots(turn.question).kind is AnswerType.PERSON


def short_answer(question: str, answer: str) -> str:
    """Return the part of an answer that the question does not say; one without [1] is short already."""
    cited = CITED.search(answer)
    if cited is None:
        return answer
    said, asked = answer[: cited.start()].strip("。 "), slots(question)
    if marked := re.search(r"\*\*(.+?)\*\*", said):
        return marked.group(1)
    if asked.asked is None:
        return said
    said = said[_same(said, question[: asked.asked.start]) :]
    behind = question[asked.asked.end :].rstrip("？?。 ")
    return said[: len(said) - _same(said[::-1], behind[::-1])]


def _same(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
