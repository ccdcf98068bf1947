"""Edits of a question: those that keep its answer right, and those after which its passage no longer answers it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from rag.text.characters import fold, is_cjk
from rag.text.places import names_of, places, within
from rag.text.words import cut, is_noun

__all__ = ["Bank", "Edit", "apply", "constraints", "in_other_words", "other_script", "restyled", "simplified"]

# Words that cannot both be meant: the question asks for one, the passage says the other.
OPPOSITES = (
    "最大 最小|最高 最低|最长 最短|最早 最晚|最多 最少|最后 最初|首次 末次|上半年 下半年|国内 国外|进口 出口|增长 下降|"
    "增加 减少|上涨 下跌|成立 解散|出生 去世|诞生 逝世|父亲 母亲|哥哥 弟弟|姐姐 妹妹|儿子 女儿|丈夫 妻子|冠军 亚军|男子 女子|"
    "男性 女性|上午 下午|春季 秋季|夏季 冬季|之前 之后|以前 以后|开始 结束|开幕 闭幕|东部 西部|南部 北部|东北 西南|西北 东南|"
    "胜利 失败|买入 卖出|城市 农村|城镇 农村|白天 夜间|海拔 水深|长度 宽度|高度 深度|面积 人口|计划 实际|目标 完成|累计 新增|"
    "总统 总理|主席 副主席|市长 副市长|小学 中学|中学 大学|第一 第三|第二 第四|上游 下游|赞成 反对|优点 缺点|左岸 右岸|"
    "导演 编剧|作者 译者|建造 拆除|开通 关闭|上市 退市|收购 出售|早期 晚期|古代 现代|陆军 海军|主场 客场|获得 失去"
)
UNITS = (
    "公里 公斤|平方公里 公里|公顷 吨|米 元|吨 立方米|元 人|美元 日元|人 户|岁 米|年 公里|个月 公里|座 条|家 部|名 艘|"
    "集 场|层 间|小时 公里|张 台|度 米|个 元|种 亿元"
)
# Ways to ask for the same thing; each line in any direction, as long as what follows or precedes stays Chinese.
SAME = (
    "什么时候 何时 什么时间 什么时候 啥时候|哪一年 哪年 何年|谁 哪位 什么人 哪个人|哪里 何处 什么地方 哪儿|"
    "为什么 为何 因何 什么原因使得|如何 怎样 怎么 以何种方式|什么样的 怎样的 何种|哪些 哪几种 什么|哪个 哪一个|哪种 哪一种 什么|"
    "多少个 几个|多少人 几人 多少名|多少名 几名 多少位|多少年 几年|多少种 几种|多少次 几次|多少家 几家|多少座 几座|多少 几多|是多少 有多少 为多少|"
    "什么 何 啥|是什么 是啥 指的是什么|位于 坐落于 地处|建立 创立 成立|创办 创立 创建|出生 诞生|去世 逝世 过世|包括 包含 涵盖|"
    "担任 出任 任|获得 取得 赢得 荣获|举办 举行 召开|发布 公布 发表|拥有 具有 有|别名 别称 又名|主要 主要的|属于 隶属于|"
    "国内生产总值 GDP|总共 一共 共|因为 由于|使用 采用 运用|是谁 是哪位 是什么人|称为 叫做 称作|中国 我国|毕业于 就读于|的人口 的人口数量"
)
ASKING = ("请问", "我想知道", "想了解一下，", "问一下，", "")
HAN_DIGITS = "〇一二三四五六七八九"
WIDE_DIGITS = "０１２３４５６７８９"
YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d\d(?=年)")
COUNTED = re.compile(r"(?<![\d.第])\d{1,4}(?=[个名位届家座次项月日岁集层])")
ORDINAL = re.compile(r"第([一二三四五六七八九十]|\d{1,3})(?=[届次名个位季集任章代期轮条])")
MYRIADS = re.compile(r"(?<![\d.])(\d{1,4})万")


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `said` in the place of `old`, wherever that stands."""

    kind: str
    old: str
    said: str


@dataclass(frozen=True, slots=True)
class Bank:
    """Names to put in the place of others: nouns and places of the questions that are trained on."""

    nouns: Sequence[str]
    places: Sequence[str]


def apply(edit: Edit, text: str) -> str:
    """Return the text after the edit."""
    return text.replace(edit.old, edit.said)


@cache
def _table() -> dict[int, str]:
    traditional, plain, _ = (Path("rag/text/t2s.txt")).read_text(encoding="utf-8").split("\n")
    return dict(zip(map(ord, traditional), plain, strict=True))


def simplified(text: str) -> str:
    """Return the text in simplified characters, one for one."""
    return text.translate(_table())


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    return OpenCC("s2t").convert


def other_script(text: str) -> str:
    """Return a text in traditional characters simplified, and the reverse; its length stays."""
    plain = simplified(text)
    if plain != text:
        return plain
    traditional = _converter()(text)
    return traditional if len(traditional) == len(text) else text


def restyled(text: str, random: Random) -> str:
    """Return the text with its digits in full width, or its years in Chinese digits: one character for one."""
    if random.random() < 0.5:
        return text.translate(str.maketrans("0123456789", WIDE_DIGITS))
    return YEAR.sub(lambda match: "".join(HAN_DIGITS[int(digit)] for digit in match[0]), text)


def in_other_words(question: str, random: Random) -> str:
    """Return the question asked in other words, with the same answer: one to three edits of those that apply."""
    ways = list(_phrasings(question, random))
    random.shuffle(ways)
    for edit in ways[: random.choice((1, 1, 2, 3))]:
        question = question.replace(edit.old, edit.said, 1)
    return random.choice(ASKING) + (question.rstrip("？?") + random.choice(("？", "？", "", "?", "呢？")))


def _phrasings(question: str, random: Random) -> Iterator[Edit]:
    """Yield what can be said in another way: phrases, names of places, numerals."""
    taken = ""
    for line in SAME.split("|"):
        old = next((word for word in line.split() if word in question and word not in taken), None)
        if old is not None and len(old) > 1:
            taken += old + " "
            yield Edit("phrase", old, random.choice([word for word in line.split() if word != old]))
    for place in places(question):
        old = question[place.start : place.end]
        names = [name for name in names_of(place.name) if len(name) > 1 and name != old]
        if names and place.name != "中国":
            yield Edit("alias", old, random.choice(names))
    for match in MYRIADS.finditer(question):
        yield Edit("numeral", match[0], match[1] + "0000")
    for match in YEAR.finditer(question):
        yield Edit("numeral", match[0], restyled(match[0], random))


def constraints(question: str, passage: str, bank: Bank, near: Sequence[str], random: Random) -> list[Edit]:
    """Return edits, one or two of each kind that applies, which make the question ask for what the passage lacks.

    `near` are nouns of texts about similar things: they make the near misses that are hard to tell.
    """
    plain = fold(passage)
    found = [
        *_places(question, bank, random),
        *_numbers(question, random),
        *_words(question, OPPOSITES, "qualifier"),
        *_units(question),
        *_nouns(question, plain, near, random),
        *_nouns(question, plain, bank.nouns, random),
    ]
    return [edit for edit in found if fold(edit.said) not in plain and edit.said not in question]


def _places(question: str, bank: Bank, random: Random) -> Iterator[Edit]:
    for place in places(question):
        old = question[place.start : place.end]
        others = [
            one for one in random.sample(bank.places, min(40, len(bank.places))) if len(one) <= len(old) + 1
        ]
        for said in others:
            name = next((place.name for place in places(said)), "")
            if name and not within(name, place.name) and not within(place.name, name):
                yield Edit("place", old, said + ("市" if old.endswith("市") and said[-1] != "市" else ""))
                break


def _numbers(question: str, random: Random) -> Iterator[Edit]:
    for match in YEAR.finditer(question):
        step = random.choice((-10, -5, -3, -2, -1, 1, 2, 3, 5, 10))
        yield Edit("year", match[0] + "年", f"{int(match[0]) + step}年")
    for match in COUNTED.finditer(question):
        unit = question[match.end()]
        yield Edit(
            "number", match[0] + unit, f"{max(int(match[0]) + random.choice((-2, -1, 1, 2, 3)), 1)}{unit}"
        )
    for match in ORDINAL.finditer(question):
        unit = question[match.end()]
        others = "一二三四五六七八九" if not match[1].isdigit() else "123456789"
        yield Edit("ordinal", match[0] + unit, f"第{random.choice(others)}{unit}")


def _words(question: str, table: str, kind: str) -> Iterator[Edit]:
    for pair in table.split("|"):
        one, other = pair.split()
        for old, said in ((one, other), (other, one)):
            if old in question and said not in question:
                yield Edit(kind, old, said)


def _units(question: str) -> Iterator[Edit]:
    for pair in UNITS.split("|"):
        one, other = pair.split()
        for asks in ("多少", "几"):
            if asks + one in question and not (one == "元" and "元素" in question):
                yield Edit("unit", asks + one, asks + other)


def _nouns(question: str, plain: str, others: Sequence[str], random: Random) -> Iterator[Edit]:
    """Yield up to two edits that put another noun or name for one that the passage has."""
    known = [word for word in nouns(question) if word in plain]
    random.shuffle(known)
    for word in known[:2]:
        at = fold(question).find(word)
        old = question[at : at + len(word)]
        drawn = random.sample(others, min(30, len(others)))
        said = next((one for one in drawn if abs(len(one) - len(word)) <= 1 and one not in plain), None)
        if at >= 0 and said is not None:
            yield Edit("object", old, said)


def nouns(question: str) -> list[str]:
    """Return the nouns and names of a question, folded, two characters or more."""
    return [
        word
        for word in cut(question)
        if len(word) > 1 and is_noun(word) and is_cjk(word[0]) and not _asks(word)
    ]


def _asks(word: str) -> bool:
    return any(
        part in word for part in ("什么", "哪", "谁", "多少", "几", "何", "怎", "时候", "时间", "原因")
    )
