"""What a number says of its measure: how much there is, how far that changed, or how many there are to so many."""

import re

from rag.answering.context import Scene
from rag.query.analysis import AnswerType, Query
from rag.text.characters import fold

__all__ = ["asks_change", "other_amount"]

# How far something changed, as it is said right before 多少; 比去年高多少 and 快多少 need the 比.
_VERB = "增长|增加|提高|提升|上升|上涨|上调|下降|下跌|下调|下滑|降低|减少|回落|缩短|延长|扩大|收窄|涨|增|升|降|跌|减"
_grown = re.compile(rf"(?:{_VERB})[了过]?(?:大约|约)?$")
_more = re.compile("(?:比|较|相比)[^，。？]{1,20}(?:[高低快慢多少早晚长短大小])[了出]?(?:大约|约)?$")
# What tells of a change beside a number; 增速为5% and 同比+5% do, too.
_changed = re.compile(
    f"{_VERB}|[涨降跌增升]幅|增[速量]|变化|同比|环比|[比较](?!例|重|赛|分|价|特)|[高低快慢多少早晚]出?$|翻番|负增长|新增"
)
# The number behind these is the level reached: 由2100元提高到2330元.
_reached = re.compile(f"(?:{_VERB}|调整|变|转)(?:到|至|为|成)(?:了)?(?:大约|约|近|超)?$")
# So many to each thousand or ten thousand: 每万人拥有5G基站31.2个.
_each = re.compile(r"每\s?(?:\d+|[十百千万亿]+)[^，。；;]{1,16}$")

# The number behind these is how far it changed: 增加24.6万吨, not 新增2例, which counts those that came.
_changed_by = re.compile(rf"(?<!新)(?:{_VERB})[了过]?(?:大约|约|近|超过?|逾)?$")
# A question with one of these may mean the change in words of its own.
_about_change = re.compile(
    "[增减涨降升跌调延缩扩差]|提高|回落|收窄|下滑|变化|[高低快慢多少早晚长短大小][了出]?(?:多少|几)"
)

# What asks for so much to each: 多少钱一度电.
_by_piece = re.compile("每|平均|人均|(?:多少|几)(?:钱|元|块钱?)一|单价")


def asks_change(query: Query) -> bool:
    """Tell whether a question asks how far something rose or fell, not how high it is."""
    if query.type is not AnswerType.NUMBER or query.asked is None:
        return False
    before = query.folded[: query.asked.start]
    return _grown.search(before) is not None or _more.search(before) is not None


def other_amount(query: Query, scene: Scene) -> str:
    """Return how the text names the answer if it is another kind of amount than is asked, else "".

    A change that is asked is not the level reached, a level not how far it changed, and nothing in all is told by how
    many there are to each thousand.
    """
    if query.type is not AnswerType.NUMBER or scene.candidate.fact is not None or not scene.answer.quantities:
        return ""
    text, answer = scene.article.text, scene.candidate.span
    left, said = fold(text[scene.clause.start : answer.start]), fold(text[answer.start : answer.end])
    if asks_change(query):
        around = (left + said + fold(text[answer.end : scene.clause.end])).replace("增加值", "")
        if not _changed.search(around) or (_reached.search(left) and not _changed.search(said)):
            return scene.candidate.text
    elif (by := _changed_by.search(left)) and not _about_change.search(query.folded):
        return text[scene.clause.start + by.start() : answer.end]
    each = _each.search(left)
    if each and not _by_piece.search(query.folded):
        return text[scene.clause.start + each.start() : answer.end]
    return ""
