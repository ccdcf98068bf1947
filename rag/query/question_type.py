"""The interrogative of a question: which type of answer it asks for, in which unit, of which noun."""

import re
from enum import StrEnum

from rag.records import Span
from rag.text.annotation import annotate
from rag.text.characters import fold, is_cjk
from rag.text.lexicon import UNKNOWN, rarity
from rag.text.words import is_noun

__all__ = ["AnswerType", "understand_kind"]

# How much rarer than what follows its unit a run is (架飞机 than 飞机) that the dictionary takes for one word.
RARER = 5.0


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


# In order: the first pattern that matches decides; what it matches is what an answer takes the place of.
PATTERNS: tuple[tuple[AnswerType, str], ...] = (
    (
        AnswerType.REASON,
        "为什么|为何|为啥|缘何|怎么会|咋会|因何|凭什么|凭啥|(?:什么|啥)(?:原因|缘故|理由)|怎么回事|咋回事|"
        "原因(?:是|在于)?(?:什么|啥|哪些|何在)|何以",
    ),
    (
        AnswerType.TIME,
        "(?:什么|啥|哪个)(?:时候|时间|时刻|日子|日期|年代|年份|时期|朝代)|啥时|何时|几时|多会儿|何[年月日]|几几年|"
        "哪一?年|哪一?天|哪一?日|哪个?月份?|几月几?[日号]?|几[号日](?!线|楼)|几点(?!了?意见|建议|要求)|哪一?个?(?:日期|季度|世纪)|"
        "几世纪|(?:西元|公元|民国)(?:前|后)?几年",
    ),
    (AnswerType.LIST, "哪些|哪几|有(?:什么|啥|谁)|(?:分别|包括|包含|涉及)(?:是|有)?(?:什么|啥|谁|哪)"),
    (
        AnswerType.NUMBER,
        "百分之(?:几|多少)|几分之几|第几|多少|几多|(?<![十好近这前那数])几(?!何|乎|内亚|经|度|率|年来|十年来)|若干|"
        "(?<![很许众诸更最较太差繁])多(?=大(?![学型厦数量家国片众批])|高(?![校速])|长|宽|远|深|重(?!要|点)|快|久|厚)",
    ),
    (AnswerType.WHICH, "谁家"),
    (AnswerType.PERSON, "谁|哪一?位|何人|(?:什么|啥)人(?![员类])|哪个人"),
    (
        AnswerType.PLACE,
        "哪里|哪儿|哪边|何处|何地|(?:什么|啥)(?:地方|地点|位置|地儿)|哪块(?=[？?。]?$)|"
        "哪个?一?座?(?:城市|省份?|国家|地方|地区|县|区|市|州|镇|村)|(?<=[在到去往从于])哪(?=[？?。\s]*$|[举召开建落成])",
    ),
    (
        AnswerType.YESNO,
        r"是否|是不是|有没有|有无|能否|可否|能不能|可不可以|会不会|对不对|吗[？?。]?\s*$|了没有?[？?。]?\s*$|没有[？?]\s*$",
    ),
    (AnswerType.WHICH, "哪一?[家个项种所支款条座部届类份场次只名首艘批]|哪(?=[^里儿怕])"),
    (AnswerType.MANNER, "如何|怎么样|怎么|怎样|咋样|咋个|咋(?!舌)|何种方式"),
    (AnswerType.WHAT, "什么|啥|何种|何(?=[^时地处人以])"),
    # As people of the south-west ask; elsewhere it means many.
    (AnswerType.NUMBER, "好多"),
)
_patterns = tuple((kind, re.compile(pattern)) for kind, pattern in PATTERNS)

# 成都5G基站数量: typed like a search, without an interrogative.
_amount_sought = re.compile(
    r"(?:数量|总数|总量|人数|规模|面积|金额|总额|价格|票价|产量|销量|产值|营收|收入|利润|比例|占比|增速|增幅|涨幅|率|长度|里程|重量|身高|海拔)"
    r"(?:情况)?[？?。]?\s*$"
)
# 大会举办日期: the same of a day or a place; 收购方[是什么] asks for a name.
_noun_sought = (
    (AnswerType.TIME, re.compile(r"(?:日期|时间|年份)[？?。]?\s*$")),
    (AnswerType.PLACE, re.compile(r"(?:地点|地址|位置|所在地)在?[？?。]?\s*$")),
    (AnswerType.WHICH, re.compile(r"(?:公司|企业|集团|机构|单位|部门|组织|银行|学校|大学|国家|城市|方)$")),
)
_equals = re.compile(r"[是为][？?。]?\s*$")
# Numbers that are names: they have no unit.
_address = re.compile(r"(?:电话|号码|热线|邮箱|网址|地址|邮编|编号|代码|车牌)(?:号码?)?是?$")


def understand_kind(text: str) -> tuple[AnswerType, Span | None, str, str]:
    """Return the type of answer asked for, the interrogative's span, and the literal unit and noun after it."""
    kind, asked = _kind(fold(text))
    return kind, asked, *_unit_and_head(text, kind, asked)


def _kind(folded: str) -> tuple[AnswerType, Span | None]:
    for kind, pattern in _patterns:
        if match := pattern.search(folded):
            if match.group() == "为何" and _asks_what(folded, match):
                return AnswerType.WHAT, Span(*match.span())
            if kind is AnswerType.WHAT and not folded[match.end() :].strip("？?。 "):
                kind = _noun_asked(folded[: match.start()]) or kind
            is_address = kind is AnswerType.NUMBER and _address.search(folded[: match.start()])
            return (AnswerType.WHAT if is_address else kind), Span(*match.span())
    return _noun_asked(folded) or AnswerType.OTHER, None


def _noun_asked(before: str) -> AnswerType | None:
    """Return the type of answer that the last noun asks for: a number of 中标金额[是什么], a time of 举办日期."""
    plain = _equals.sub("", before)
    if _amount_sought.search(plain):
        return AnswerType.NUMBER
    return next((kind for kind, pattern in _noun_sought if pattern.search(plain)), None)


def _asks_what(folded: str, match: re.Match[str]) -> bool:
    """Tell whether 为何 stands after a noun at the end: 第二大城市为何？ asks which it is, not why."""
    before = annotate(folded[: match.start()]).pieces[-1:]
    return (
        not folded[match.end() :].strip("？?。 ")
        and bool(before)
        and len(before[0]) > 1
        and is_noun(before[0])
    )


def _unit_and_head(text: str, kind: AnswerType, asked: Span | None) -> tuple[str, str]:
    """Split what follows the interrogative: 多少|亿元, 几|个|城市, 哪家|医院; both as they are written."""
    if asked is None:
        return "", ""
    folded = fold(text)
    following = re.match(r"[^，。？?、；：\s]*", folded[asked.end :])
    rest = following.group() if following else ""
    last = folded[asked.end - 1]
    unit = _leading_unit(rest) if kind is AnswerType.NUMBER and last in "少几干多" else ""
    adjective = len(rest) - len(rest.lstrip("大高长宽远深重快久厚")) if last == "多" else 0
    head = re.match(r"[^是的在有被和与了过]*", rest[len(unit) + adjective :])
    at = asked.end + len(unit) + adjective
    return text[asked.end : asked.end + len(unit)], text[at : at + len(head.group())] if head else ""


def _leading_unit(rest: str) -> str:
    """Return the unit `rest` begins with: that of 亿元增加值 is 亿元; 人才 and 国家级 begin with none."""
    if rest[:1].isdigit():
        return ""
    # 几年第一 is not the year 1 with its first.
    found = annotate(f"1{rest}").quantities or annotate(f"1{rest[:1]}").quantities
    if rest[:1] == "钱" or (rest[:1] == "亿" and not (found and found[0].unit)):
        return rest[:1]
    if not found or found[0].start != 0:
        return ""
    end = found[0].end - 1
    if end > 1 and not _parts_word(rest, end - 1) and len(_first_word(rest[end - 1 :])) > 1:
        end -= 1  # 个|人工智能, not 个人|工智能
    return "" if _parts_word(rest, end) else rest[:end]


def _parts_word(rest: str, end: int) -> bool:
    """Tell whether a cut at `end` goes through the first word, one that the dictionary has."""
    first = _first_word(rest)
    known = min(UNKNOWN, rarity(first[end:]) + RARER)  # 架|飞机
    return len(first) > end and is_cjk(rest[end]) and rarity(first) < known


def _first_word(text: str) -> str:
    return next(iter(annotate(text).pieces), "")
