"""Understand a question: what kind of answer it asks for and what it demands of the evidence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rag.meaning import UNKNOWN, names_a_thing, ordinals, rarity
from rag.places import Place, places
from rag.quantity import quantities, unit_class
from rag.records import Span
from rag.text import bigrams, content_words, cut, fold, is_cjk, is_noun, words
from rag.when import When, whens

__all__ = ["MONEY", "AnswerType", "Constraint", "Query", "measures_in", "understand", "understand_kind"]


class AnswerType(StrEnum):
    """What an answer must look like."""

    NUMBER = "number"
    TIME = "time"
    PERSON = "person"
    PLACE = "place"
    WHICH = "which"
    LIST = "list"
    REASON = "reason"
    MANNER = "manner"
    YESNO = "yesno"
    WHAT = "what"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Constraint:
    """Something the evidence must hold: `kind` is place, time, name, ordinal or quoted; `text` as it was asked."""

    kind: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Query:
    """A stand-alone question, analysed.

    `asked` is the span of the interrogative in `text` (多少个, 哪家), None if there is none. `head` is the noun after
    it (多少个[基站]), "" if nothing follows. `unit` is the literal unit that was asked for (亿元, 个), `unit_class` the
    class an answer's unit must have, both "" where the question leaves it open. `measure` is the measure whose number is asked for (净利润), "" for none; `things` are the
    nouns right before that narrow it ([玉米]平均亩产). `sought` are
    the words that name the kind of answer (哪位[球员]). `terms` are content words without
    the interrogative. `period` is the time the question is about; `relative` says it was named relative to today.
    """

    question: str
    text: str
    type: AnswerType
    asked: Span | None
    unit: str
    unit_class: str
    head: str
    counted: tuple[str, ...]
    measure: str
    things: tuple[str, ...]
    sought: tuple[str, ...]
    terms: tuple[str, ...]
    words: tuple[str, ...]
    bigrams: tuple[str, ...]
    places: tuple[Place, ...]
    constraints: tuple[Constraint, ...]
    period: When | None
    relative: bool
    today: date

    @property
    def folded(self) -> str:
        """The folded question."""
        return fold(self.text)


# In order: the first pattern that matches decides; what it matches is what an answer takes the place of.
PATTERNS: tuple[tuple[AnswerType, str], ...] = (
    (AnswerType.REASON, "为什么|为何|为啥|缘何|怎么会|因何|什么原因|原因(?:是|在于)?(?:什么|哪些|何在)|何以"),
    (
        AnswerType.TIME,
        "什么时候|什么时间|何时|哪一?年|哪一?天|哪一?日|哪个?月份?|几月几?[日号]?|几号(?!线|楼)|几点|哪个(?:年份|日期|季度)",
    ),
    (AnswerType.LIST, "哪些|哪几|有什么|(?:分别|包括|包含|涉及)(?:是|有)?(?:什么|谁|哪)"),
    (
        AnswerType.NUMBER,
        "百分之(?:几|多少)|第几|多少|(?<![十好近这前那数])几(?!何|乎|内亚|经|度|率|年来|十年来)|若干|"
        "(?<![很许众诸更最较太差繁])多(?=大(?![学型厦数量家国片众批])|高(?![校速])|长|宽|远|深|重(?!要|点)|快|久|厚)",
    ),
    (AnswerType.PERSON, "谁|哪一?位|何人|什么人|哪个人"),
    (
        AnswerType.PLACE,
        "哪里|哪儿|何处|何地|什么地方|哪个?一?座?(?:城市|省份?|国家|地方|地区|县|区|市|州|镇|村)",
    ),
    (AnswerType.YESNO, r"是否|是不是|有没有|能否|可否|能不能|会不会|吗[？?。]?\s*$"),
    (AnswerType.WHICH, "哪一?[家个项种所支款条座部届类份场次只名首艘批]|哪(?=[^里儿怕])"),
    (AnswerType.MANNER, "如何|怎么样|怎么|怎样|何种方式"),
    (AnswerType.WHAT, "什么|啥|何种|何(?=[^时地处人以])"),
)
_patterns = tuple((kind, re.compile(pattern)) for kind, pattern in PATTERNS)

# The class a number must have when the question names a measure instead of a unit. Longest names first.
MEASURES: tuple[tuple[str, str], ...] = (
    (
        "percent",
        "百分比|百分点|比例|比重|占比|增速|增幅|涨幅|跌幅|降幅|同比|环比|通达率|覆盖率|进度|概率|幅度|率(?!领|先)",
    ),
    (
        "money",
        "总金额|金额|总额|产值|营收|收入|利润|投资额|成交额|交易额|销售额|总投资|市值|生产总值|gdp|首付款|价格|售价|票价|票房|费用|造价|资金|奖金|罚款|工资|薪酬|债务|分红|罚金|索赔|贸易额|进口额|出口额|净利润|亏损",
    ),
    ("area", "面积|占地"),
    ("length", "全长|长度|里程(?!碑)|高度|身高|距离|宽度|深度|海拔|多长|多高|多远|多宽|多深"),
    ("mass", "重量|体重|多重|亩产|单产"),
    ("temperature", "温度|气温|体温"),
    ("time", "多久|时长|年限|期限|历时|用时|耗时"),
)
# 成都5G基站数量: typed like a search, without an interrogative.
_amount_sought = re.compile(
    r"(?:数量|总数|总量|人数|规模|面积|金额|总额|价格|票价|产量|销量|产值|营收|收入|利润|比例|占比|增速|增幅|涨幅|率|长度|里程|重量|身高|海拔)"
    r"(?:情况)?[？?。]?\s*$"
)
# Characters between a measure and the interrogative: 净利润[达到]多少.
REACH = 4
# What the unit of a number shows by itself.
MONEY = frozenset(("钱", "亿"))
SHOWN = frozenset(
    (
        "面积",
        "金额",
        "总额",
        "总金额",
        "资金",
        "费用",
        "长度",
        "距离",
        "重量",
        "比例",
        "比重",
        "占比",
        "时长",
        "温度",
        "价格",
        "价钱",
        "价",
        "售价",
        "数量",
        "总数",
        "人数",
        "规模",
    )
)
# Numbers that are names: they have no unit.
_address = re.compile(r"(?:电话|号码|热线|邮箱|网址|地址|邮编|编号|代码|车牌)(?:号码?)?是?$")
_measures = tuple((name, re.compile(pattern)) for name, pattern in MEASURES)
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

_names = re.compile(r"[a-z0-9]+(?:[-+./][a-z0-9]+)*")
# 陈某: a name that a court report withholds.
_withheld = re.compile(
    "[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻苏潘葛范彭郎鲁韦马苗方俞任袁柳史唐费薛雷贺倪汤罗毕郝安常于傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛米戴宋熊纪舒屈项董梁杜阮蓝闵季贾路江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍万柯管卢莫房缪干解应宗丁宣邓洪包左石崔吉龚程邢裴陆荣翁荀甄曲封储段焦侯全班秋仲伊宫宁仇甘厉祖武符刘景詹束龙叶司黎薄印白蒲卓池乔胥闻党翟谭劳姬申冉雍桑桂牛寿通边燕冀尚农温庄晏柴瞿阎连习容向古易廖终步耿满文寇东欧沃利越隆师巩聂关相查游]某某?"
)
_quoted = re.compile(r"《([^《》]{2,60})》|“([^“”]{2,40})”|「([^「」]{2,40})」|\"([^\"]{2,40})\"")
_tail = re.compile(
    r"(?:一共|总共|共计|合计|累计|大约|大概|目前|已经|现在|全部|[共有是为达到约占要了能会高就\s])+$"
)


def understand(question: str, text: str, today: date) -> Query:
    """Analyse the stand-alone question `text`; `question` is what was typed."""
    folded = fold(text)
    kind, asked, unit, head = understand_kind(text)
    rest = text if asked is None else f"{_tail.sub(' ', text[: asked.start])} {text[asked.end + len(unit) :]}"
    period = next(iter(_periods(text, asked, today)), None)
    return Query(
        question=question,
        text=text,
        type=kind,
        asked=asked,
        unit=unit,
        unit_class=_unit_class(folded, kind, asked, unit),
        head=head,
        counted=_counted(text, kind, asked, head),
        measure=_measure_named(folded, asked) if kind is AnswerType.NUMBER and not unit else "",
        things=_things(text, kind, asked),
        sought=_sought(text, kind, asked, head),
        terms=_longest(content_words(rest)),
        words=tuple(dict.fromkeys(words(rest))),
        bigrams=tuple(dict.fromkeys(bigrams(rest))),
        places=tuple(places(folded)),
        constraints=_constraints(text, folded, asked, unit),
        period=period,
        relative=period is not None
        and not re.search(r"\d{4}|[〇零一二三四五六七八九]{4}", text[period.start : period.end]),
        today=today,
    )


def understand_kind(text: str) -> tuple[AnswerType, Span | None, str, str]:
    """Return the type of answer asked for, the interrogative's span, and the literal unit and noun after it."""
    kind, asked = _kind(fold(text))
    return kind, asked, *_unit_and_head(text, kind, asked)


def _kind(folded: str) -> tuple[AnswerType, Span | None]:
    for kind, pattern in _patterns:
        if match := pattern.search(folded):
            is_address = kind is AnswerType.NUMBER and _address.search(folded[: match.start()])
            return (AnswerType.WHAT if is_address else kind), Span(*match.span())
    return (AnswerType.NUMBER if _amount_sought.search(folded) else AnswerType.OTHER), None


def _unit_and_head(text: str, kind: AnswerType, asked: Span | None) -> tuple[str, str]:
    """Split what follows the interrogative: 多少|亿元, 几|个|城市, 哪家|医院."""
    if asked is None:
        return "", ""
    following = re.match(r"[^，。？?、；：\s]*", text[asked.end :])
    rest = following.group() if following else ""
    unit = ""
    if kind is AnswerType.NUMBER and text[asked.end - 1] in "少几干":
        unit = _leading_unit(rest)
    adjective = len(rest) - len(rest.lstrip("大高长宽远深重快久厚")) if text[asked.end - 1] == "多" else 0
    head = re.match(r"[^是的在有被和与了过]*", rest[len(unit) + adjective :])
    return unit, head.group() if head else ""


def _sought(text: str, kind: AnswerType, asked: Span | None, head: str) -> tuple[str, ...]:
    """Return the words that name the kind of answer: 哪位[球员], [比赛结果]是什么; the text need not have them."""
    if asked is None or kind in (AnswerType.NUMBER, AnswerType.YESNO):
        return ()
    before = content_words(_tail.sub("", text[: asked.start]))[-1:] if kind is not AnswerType.PERSON else []
    first = [next(iter(cut(head)), "")] if head else []
    return tuple(fold(word) for word in (*first, *(before if not head else ())))


def _things(text: str, kind: AnswerType, asked: Span | None) -> tuple[str, ...]:
    """Return the nouns that narrow the measure before the interrogative: [玉米]平均亩产是多少."""
    if kind is not AnswerType.NUMBER or asked is None:
        return ()
    pieces = [word for word in cut(text[: asked.start]) if word.strip()]
    while pieces and not is_noun(pieces[-1]):
        pieces.pop()
    run: list[str] = []
    for word in reversed(pieces):
        if not (is_noun(word) or word == "平均") or places(word):
            break
        run.append(word)
    if not run or not any(pattern.search(run[0]) for _, pattern in _measures):
        return ()
    return tuple(word for word in reversed(run[1:]) if names_a_thing(word))


def _longest(found: Sequence[str]) -> tuple[str, ...]:
    """Return the distinct words that are no part of another."""
    distinct = dict.fromkeys(found)
    return tuple(word for word in distinct if not any(word in other and word != other for other in distinct))


def _counted(text: str, kind: AnswerType, asked: Span | None, head: str) -> tuple[str, ...]:
    """Return the words of the counted thing: what follows the interrogative, else the last noun before it.

    A plain measure (面积, 总额) is not demanded: the unit of the answer shows it.
    """
    before = "" if asked is None else text[: asked.start]
    if asked is None or not (
        kind is AnswerType.NUMBER or (kind is AnswerType.PERSON and before[-1:] in ("是", "为"))
    ):
        return ()
    head = head if kind is AnswerType.NUMBER else ""
    noun = head or _tail.sub("", before)
    found = _longest(content_words(noun))
    chosen = found if head else found[-1:]
    return tuple(word for word in chosen if word not in SHOWN)


def _leading_unit(rest: str) -> str:
    """Return the unit `rest` begins with: that of 亿元增加值 is 亿元; 人才 and 国家级 begin with none."""
    if rest[:1].isdigit():
        return ""
    if rest[:1] == "钱" or re.match("亿(?![个件人户吨台家元美欧日港斤立平千次])", rest):
        return rest[:1]
    found = quantities(f"1{rest}")
    if not found or found[0].start != 0:
        return ""
    end = found[0].end - 1
    if end > 1 and not _parts_word(rest, end - 1) and len(_first_word(rest[end - 1 :])) > 1:
        end -= 1  # 个|人工智能, not 个人|工智能
    return "" if _parts_word(rest, end) else rest[:end]


def _parts_word(rest: str, end: int) -> bool:
    """Tell whether a cut at `end` goes through the first word, one that the dictionary has."""
    first = _first_word(rest)
    return len(first) > end and is_cjk(rest[end]) and rarity(first) < UNKNOWN


def _first_word(text: str) -> str:
    return next(iter(cut(text)), "")


def _unit_class(folded: str, kind: AnswerType, asked: Span | None, unit: str) -> str:
    if kind is not AnswerType.NUMBER:
        return ""
    if asked is None:
        return _measured(folded, Span(len(folded), len(folded)))
    if folded[asked.start : asked.end].startswith("百分之"):
        return "percent"
    if folded[asked.start : asked.end] == "第几":
        return "ordinal"
    if unit:
        return "money" if unit in MONEY else _class_of(unit)
    after = folded[asked.end : asked.end + 3]
    if folded[asked.end - 1] == "多" and after[:1] in ASKED_MEASURES:
        return "time" if after == "长时间" else ASKED_MEASURES[after[:1]]
    return _measured(folded, asked) or ("size" if folded[asked.end - 1] == "多" and after[:1] == "大" else "")


def _class_of(unit: str) -> str:
    """Return the class of a unit as it is asked for: that of 亿元 is the one of 元."""
    return unit_class(next((quantity.unit for quantity in quantities(f"1{unit}")), unit))


def _measured(folded: str, asked: Span) -> str:
    """Return the class of the measure named nearest to the interrogative: …增速是多少, 多少投资额."""
    return _nearest_measure(folded, asked)[0]


def _measure_named(folded: str, asked: Span | None) -> str:
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


def measures_in(folded: str, unit_kind: str) -> list[str]:
    """Return the names of measures of one class that stand in the folded text."""
    return [
        match.group()
        for name, pattern in _measures
        if name == unit_kind
        for match in pattern.finditer(folded)
    ]


def _periods(text: str, asked: Span | None, today: date) -> list[When]:
    """Return the times that bound the question; 目前 and 近年来 bound nothing, 哪一年哪一月 is no January."""
    found = [w for w in whens(text, today) if w.kind != "now" and (w.first is not None or w.last is not None)]
    return [w for w in found if asked is None or w.end <= asked.start or asked.end + 1 < w.start]


def _constraints(text: str, folded: str, asked: Span | None, unit: str) -> tuple[Constraint, ...]:
    taken = [Span(when.start, when.end) for when in whens(text, None)]
    if asked is not None:
        taken.append(Span(asked.start, asked.end + len(unit)))
    found = [
        Constraint("quoted", next(filter(None, m.groups())), Span(*m.span())) for m in _quoted.finditer(text)
    ]
    inside = [constraint.span for constraint in found]
    named = [match.span() for match in (*_names.finditer(folded), *_withheld.finditer(folded))]
    for kind, spans in (("ordinal", ordinals(folded)), ("name", named)):
        for span in (Span(*ends) for ends in spans):
            if not any(_meet(span, other) for other in [*taken, *inside]):
                found.append(Constraint(kind, text[span.start : span.end], span))
    found += [Constraint("place", text[p.start : p.end], Span(p.start, p.end)) for p in places(folded)]
    return tuple(found)


def _meet(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end
