"""Write the one sentence of an answer: the question with its interrogative replaced by the quoted words."""

import re

from rag.query import AnswerType, Query
from rag.quantity import numbers_supported
from rag.text import fold, words
from rag.when import whens

__all__ = ["items", "statement"]

# How people open a question; the sentence of an answer begins after it.
OPENINGS = re.compile(
    r"^(?:(?:你好|您好|请问|请教|请|麻烦|帮我|帮忙|我想|想|知道|了解|问|查|告诉我|告诉|介绍|说说|一下|一查|看看|关于|[，,：:\s])+)"
)
ENDINGS = re.compile(r"(?:呢|呀|啊|吗|来着)?[？?。！!\s]*$")
REPLACED = {
    AnswerType.NUMBER,
    AnswerType.TIME,
    AnswerType.PERSON,
    AnswerType.PLACE,
    AnswerType.WHICH,
    AnswerType.LIST,
}
# Nouns that only stand for the answer's kind: 哪些地方 is replaced whole by 雅安、达州.
GENERIC = frozenset(
    "地方 单位 机构 公司 企业 部门 人 人物 国家 城市 省份 地区 医院 学校 大学 高校 平台 项目 产品 品牌 领域 行业 方面 内容 措施 问题 原因 东西 活动 奖项 球队 组织 媒体 银行 景区 景点 节目 电影 作品 职位 职务 专业 课程 技术 系统 型号 车型 手机 游戏".split()
)


def statement(query: Query, answer: str, as_of: str, quoted: str, sentence: str, target: bool) -> str:
    """Return one readable sentence made of asked and quoted words, without a final mark.

    `quoted` is everything that is quoted: a number or date that is not in it may not be said, and then the article's
    own `sentence` stands in quotation marks.
    """
    said = _replaced(query, answer) if query.type in REPLACED and answer else ""
    if said and as_of and as_of not in said and not whens(said, None) and query.type is AnswerType.NUMBER:
        said = f"{as_of}，{said}"
    if said and target and not re.search(r"目标|计划|力争|预计|预期|拟|将|到\d{4}年", said):
        said = f"（目标）{said}"
    if not said or numbers_supported(said, [quoted]):
        said = f"“{sentence}”"
    return said


def _replaced(query: Query, answer: str) -> str:
    """Return the question as a statement, "" if there is nothing to replace."""
    text, asked = query.text, query.asked
    if asked is None:
        return f"{ENDINGS.sub('', OPENINGS.sub('', text))}：{answer}"
    before, after = OPENINGS.sub("", text[: asked.start]), text[asked.end :]
    after = after[_swallowed(query, after, answer) :]
    after = ENDINGS.sub("", after)
    if re.search(r"[？?！!。]", before + after):
        return ""
    return f"{before}{answer}{after}"


def _swallowed(query: Query, after: str, answer: str) -> int:
    """Return how many characters after the interrogative the answer takes the place of."""
    if query.type is AnswerType.NUMBER:
        unit = len(query.unit) if after.startswith(query.unit) else 0
        if (
            re.match(r"[大高长宽远深重快久厚]", after) and fold(query.text[: query.asked.end])[-1:] == "多"
            if query.asked
            else False
        ):
            unit = 1
        return unit + _shared(answer, after[unit:])
    noun = next(iter(words(query.head)), "") if query.head else ""
    generic = noun in GENERIC or (noun != "" and fold(answer).endswith(noun))
    if (
        query.type in (AnswerType.WHICH, AnswerType.LIST, AnswerType.PERSON)
        and generic
        and fold(after).startswith(noun)
    ):
        return len(noun) + _shared(answer, after[len(noun) :])
    return _shared(answer, after)


def _shared(answer: str, after: str) -> int:
    """Return the length of the longest end of `answer` that `after` begins with: 10个城市 + 城市上榜."""
    return next((n for n in range(min(len(answer), len(after)), 0, -1) if answer.endswith(after[:n])), 0)


def items(answer: str) -> tuple[str, ...]:
    """Split a list as it is written (甲、乙和丙) into its items."""
    parts = re.split(r"、|，|；|(?<=[\u4e00-\u9fff》”])(?:以及|和|及|与)(?=[\u4e00-\u9fff《“])", answer)
    return tuple(part.strip() for part in parts if part.strip())
