"""The measure a question asks for: the class of unit that its answer must have."""

import re

from rag.query.question_type import AnswerType
from rag.records import Span
from rag.text.characters import is_cjk
from rag.text.quantity import quantities, unit_class

__all__ = ["MONEY", "has_measure", "measure_named", "unit_class_asked"]

# The class a number must have when the question names a measure instead of a unit. Longest names first. A rate is a per
# cent unless it is one of so much in a time (频率), for a unit of money (汇率) or the like.
MEASURES: tuple[tuple[str, str], ...] = (
    (
        "percent",
        "百分比|百分点|比例|比重|占比|增速|增幅|涨幅|跌幅|降幅|同比|环比|通达率|覆盖率|进度|概率|幅度|(?<![功汇心频速斜曲帧码倍辨样])率(?!领|先)",
    ),
    (
        "money",
        "总金额|金额|总额|产值|营收|收入|利润|投资额|成交额|交易额|销售额|总投资|市值|生产总值|gdp|首付款|价格|售价|票价|票房|费用|造价|资金|奖金|罚款|工资|薪酬|债务|分红|罚金|索赔|贸易额|进口额|出口额|净利润|亏损",
    ),
    ("power", "功率"),
    ("area", "面积|占地"),
    ("length", "全长|长度|里程(?!碑)|高度|身高|距离|宽度|深度|海拔|多长|多高|多远|多宽|多深"),
    ("mass", "重量|体重|多重|亩产|单产"),
    ("temperature", "温度|气温|体温"),
    ("age", "年龄|岁数|年纪|多大了"),
    ("time", "多久|时长|年限|期限|历时|用时|耗时"),
)
_measures = tuple((name, re.compile(pattern)) for name, pattern in MEASURES)
# Characters between a measure and the interrogative: 净利润[达到]多少.
REACH = 4
# Money of whatever country: who asks 多少元 wants the price, also where it is one of 美元.
MONEY = frozenset(
    ("钱", "亿", "块", "块钱", *(f"{step}元" for step in ("", "百", "千", "万", "百万", "千万", "亿")))
)
# 多高 asks for a length whatever noun stands around it.
ASKED_MEASURES = {
    "高": "length",
    "长": "length",
    "宽": "length",
    "远": "length",
    "深": "length",
    "厚": "length",
}
ASKED_MEASURES |= {"重": "mass", "久": "time", "快": "speed"}


def unit_class_asked(folded: str, kind: AnswerType, asked: Span | None, unit: str) -> str:
    """Return the class of unit that the folded question asks for, "" if it leaves it open."""
    if kind is not AnswerType.NUMBER:
        return ""
    if asked is None:
        return _measured(folded, Span(len(folded), len(folded)))
    if folded[asked.start : asked.end].startswith("百分之"):
        return "percent"
    if folded[asked.start : asked.end] == "第几":
        return "ordinal"
    after = folded[asked.end : asked.end + 3]
    if unit == "块" and after[1:2] != "钱" and is_cjk(after[1:2]):
        return "count"  # 几块金牌
    if unit == "个" and after in ("个点", "个点?", "个点了"):
        return "points"  # 降了几个点
    if unit:
        return "money" if unit in MONEY else _class_of(unit)
    if folded[asked.end - 1] == "多" and after[:1] in ASKED_MEASURES:
        return "time" if after == "长时间" else ASKED_MEASURES[after[:1]]
    return _measured(folded, asked) or ("size" if folded[asked.end - 1] == "多" and after[:1] == "大" else "")


def _class_of(unit: str) -> str:
    """Return the class of a unit as it is asked for: that of 亿元 is the one of 元."""
    return unit_class(next((quantity.unit for quantity in quantities(f"1{unit}")), unit))


def _measured(folded: str, asked: Span) -> str:
    """Return the class of the measure named nearest to the interrogative: …增速是多少, 多少投资额."""
    return _nearest_measure(folded, asked)[0]


def measure_named(folded: str, asked: Span | None) -> str:
    """Return the name of the measure nearest to the interrogative (净利润), "" for none within reach."""
    return _nearest_measure(folded, asked or Span(len(folded), len(folded)))[1]


def _nearest_measure(folded: str, asked: Span) -> tuple[str, str]:
    """Return class and name of the measure named nearest to the interrogative, two "" for none within reach."""
    near = [
        (min(abs(asked.start - match.end()), abs(match.start() - asked.end)), name, match.group())
        for name, pattern in _measures
        for match in pattern.finditer(folded)
    ]
    distance, name, word = min(near, default=(99, "", ""))
    return (name, word) if distance <= REACH else ("", "")


def has_measure(word: str) -> bool:
    """Tell whether a folded word names a measure."""
    return any(pattern.search(word) for _, pattern in _measures)
