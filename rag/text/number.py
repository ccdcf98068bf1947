"""Numbers as a text writes them, in digits or as numerals: where one may stand, and what it says."""

import re
from fractions import Fraction
from typing import NamedTuple

from rag.text.numeral import digits, numeral

__all__ = ["DIGIT", "NOT_NUMBER", "NUMBER", "TRIGGER", "YEAR", "Stated", "stated", "value"]

_PLACES = {"": 1, "十": 10, "百": 100, "千": 1000}
MULTIPLES = {"": 1, "百": 100, "千": 1000} | {
    small + large: size * power
    for small, size in _PLACES.items()
    for large, power in {"万": 10**4, "亿": 10**8, "万亿": 10**12}.items()
}
SYMBOLS = {"¥": "元", "￥": "元", "$": "美元", "us$": "美元", "hk$": "港元", "€": "欧元", "£": "英镑"}

DIGIT = "一二两三四五六七八九"
_HAN_NUMBER = f"[零〇{DIGIT}十百千万亿]"
_STEP = "(?:[十百千]?万亿|[十百千]?万(?!能|向|里长城)|[百千]?亿|千(?![米瓦克卡伏帕赫焦万])|百(?!分|帕))"
# Longer runs of digits are codes; int() refuses those of thousands.
_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,8}(?!\d)|\d{1,24}(?!\d))(?:\.\d{1,24}(?!\d))?"
# What follows the first step: 1亿2000万, 2万8千, 3万5000; a year does not.
_REST = rf"(?:\d{{1,4}}(?:\.\d{{1,24}})?{_STEP})+(?:\d{{3,4}}(?![\d.]|\s?年))?|\d{{3,4}}(?![\d.]|\s?年)"
_rest_part = re.compile(rf"(\d+(?:\.\d+)?)({_STEP})?")
# 数百 is some hundreds, but not in 人数百余.
_SOME = "[十百千]?[万亿]|万亿|[十百千]"
_COUNT_OF = "[人次户总倍分指岁件个参系基票家单双小整函]"
ROMAN = {numeral: value for value, numeral in enumerate("ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻ", 1)}
_LATIN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
ROMAN |= {numeral: value for value, numeral in enumerate(_LATIN, 1)}
YEAR = r"(?:1[2-9]|20|21)\d\d"

# What looks like a number and is none: dates, clock times, scores, versions, addresses.
NOT_NUMBER = re.compile(
    rf"""
      \d{{4}}([-/.])\d{{1,2}}\1\d{{1,2}}(?!\d)
    | {YEAR}\s?[-—–~至到]\s?(?:{YEAR}|\d\d(?=\s?年))(?:\s?[年财学]度?|(?=[^\d]|$))
    | {YEAR}\s?(?:财年|学年|财政年度|年度?)(?!历史|的历史|树龄)
    | \d{{2}}\s?年代 | \d{{1,2}}\s?世纪
    | \d{{1,2}}\s?[-—–~至到、]\s?(?=\d{{1,2}}\s?[月日]) | \d{{1,2}}\s?月(?:份|\s?\d{{1,2}}\s?[日号])? | \d{{1,2}}\s?日(?!内)
    | \d{{1,2}}\s?(?:时(?!代)(?:\s?\d{{1,2}}\s?分?)?(?:\d{{1,2}}秒)?(?:许|整)? | 点(?:\d{{1,2}}分|许|钟|整|半|左右|多(?!元)))
    | \d{{1,24}}+(?::\d{{1,24}}+)++(?:\.\d{{1,24}}+)? | \d{{1,24}}+(?:\.\d{{1,24}}+)?比\d{{1,24}}+(?:\.\d{{1,24}}+)? | v?\d{{1,24}}+(?:\.\d{{1,24}}+){{2,}}+
    | [〇零一二]{{1,2}}[〇零{DIGIT}]{{2,3}}年 | [一二][九〇零][〇零{DIGIT}]{{2}}
    | (?:十[一二]?|[{DIGIT}])月(?:份|(?:[二三]?十[{DIGIT}]?|[{DIGIT}])[日号])?
    | \d{{4,6}}(?:\.(?:sh|sz|hk|bj|of)|(?<=[(:]\d{{4}})\)|(?<=[(:]\d{{5}})\)|(?<=[(:]\d{{6}})\)) | 前(?:\d{{1,24}}+|[{DIGIT}十]{{1,4}}+)个?(?:月|季)
    | \d{{1,24}}+\.(?=\s) | \d{{1,2}}·\d{{1,2}} | (?<![^\n])\d{{1,2}}、
    | (?:https?://|www\.)[\x21-\x7e]+
    | \d{{1,24}}+\s?(?:号|年级) | [{DIGIT}十]{{1,4}}+年级
    | \d{{1,24}}+年(?!来|多|内|间|后|前|期|的|以|时|历|，|。|、|,|$|\s)[初底末中度第]
    | 三心二意|一心一意|三位一体|万无一失|千方百计|千家万户|千军万马|成千上万|成百上千|百分点|十全十美|五花八门|七上八下|一五一十|四面八方|三三两两|一分为二
      |百分百|十分(?![钟之])|万一|千万(?=[别不要注])|二十大|十九大|[一二三四]季度|[三四]分之[一二三]季
    """,
    re.VERBOSE,
)
NUMBER = re.compile(
    rf"""
      (?P<ordinal>第(?:\d{{1,24}}(?!\d)|{_HAN_NUMBER}+))(?!季度|方|产业)
    | 百分之(?P<percent>{_NUMBER}|{_HAN_NUMBER}+(?:点[零〇{DIGIT}]+)?)
    | (?P<under>\d{{1,24}}|{_HAN_NUMBER}+)分之(?P<over>{_NUMBER}|[零〇{DIGIT}十百]+(?:点[零〇{DIGIT}]+)?)
    | (?P<tenths>[{DIGIT}])成(?P<half>[{DIGIT}])?(?![立为功长员果都年熟绩效交本人分品就型群套片名])
    | (?P<part>过?半数|一半|过半(?!个))
    | (?P<money>(?:us|hk)?[$]|[¥￥€£])?\s?(?P<sign>[-−](?=\d)|零下)?
      (?:(?P<low>{_NUMBER})\s?(?P<lowstep>{_STEP})?\s?(?P<joint>[-—–~至到])\s?(?=\d))?(?P<arabic>{_NUMBER})
      (?P<odd>余|多|几)?(?:\s?(?P<step>{_STEP})(?P<rest>{_REST})?)?(?P<more>余|多)?
    | (?P<vague>好?(?<!{_COUNT_OF})[数几](?P<some>{_SOME}))
    | (?P<roman>[ⅰ-ⅻ]|(?<![a-z])(?:i{{1,3}}|iv|vi{{0,3}}|ix|x))(?=\s?[级类期])
    | (?P<below>零下)?(?:(?P<hanlow>[{DIGIT}十百千万]+)[至到](?=[{DIGIT}十]))?(?P<han>{_HAN_NUMBER}+(?:点[零〇{DIGIT}]+[万亿]*)?)(?P<hanodd>余|多|来|几)?(?P<hanstep>{_STEP})?
    | (?P<halfof>(?<![上下前])半)(?=年(?!报|度)|个?小时|个月|天|个世纪)
    """,
    re.VERBOSE,
)
TRIGGER = re.compile(
    rf"[\d$¥￥€£第前半过{DIGIT}零〇十百千万亿]|[-−](?=\d)|https?:|www\.|好?[数几](?=[十百千万亿])|[ⅰ-ⅻ]|[ivx](?=[ivx]{{0,3}}\s?[级类期])"
)


class Stated(NamedTuple):
    """What a number says before its unit is read."""

    number: Fraction
    upper: Fraction | None = None
    unit: str = ""
    bound: str = ""


def stated(match: re.Match[str]) -> Stated | None:
    """Return what the number itself says, None if it is no well-formed number."""
    part = match.groupdict()
    if part["arabic"]:
        return _arabic(part)
    if part["han"]:
        return _han(part)
    if part["vague"]:
        return Stated(Fraction(MULTIPLES[part["some"]] if part["some"] != "十" else 10), bound="以上")
    if part["roman"]:
        return Stated(Fraction(ROMAN[part["roman"]]))
    if part["under"]:
        named = part["under"]  # 千分之三 says 一千 as 千
        under, over = value(f"一{named}" if named[0] in "百千万亿" else named), value(part["over"])
        return Stated(over / under) if under and over is not None else None
    if part["part"] or part["halfof"]:
        return Stated(Fraction(1, 2), bound="超" if part["part"] and part["part"][0] == "过" else "")
    tenths = part["tenths"] and part["tenths"] + ("点" + part["half"] if part["half"] else "")
    number = value(part["percent"] or tenths or part["ordinal"][1:])
    unit = "%" if part["percent"] else "成" if tenths else "第"
    return None if number is None else Stated(number, unit=unit)


def value(word: str) -> Fraction | None:
    """Return the value of digits or of a numeral, None if it is not well formed."""
    return Fraction(word.replace(",", "")) if word[0].isdecimal() else numeral(word)


def _odd(word: str | None) -> str:
    return "" if not word else "约" if word == "来" else "超"


def _arabic(part: dict[str, str]) -> Stated:
    size = Fraction(part["arabic"].replace(",", ""))
    number = size * MULTIPLES[part["step"] or ""]
    number += sum(Fraction(more) * MULTIPLES[step] for more, step in _rest_part.findall(part["rest"] or ""))
    number = -number if part["sign"] else number
    unit, bound = SYMBOLS.get(part["money"] or "", ""), _odd(part["odd"] or part["more"])
    if not part["low"]:
        return Stated(number, None, unit, bound)
    low = Fraction(part["low"].replace(",", ""))
    shared = not part["lowstep"] and low < size  # 8-10万 is 80000 to 100000, 8000-1万 is not
    return Stated(low * MULTIPLES[(part["step"] if shared else part["lowstep"]) or ""], number, unit, bound)


def _han(part: dict[str, str]) -> Stated | None:
    word, scale = part["han"], MULTIPLES[part["hanstep"] or ""]
    number = numeral("一" + word if word[0] in "百千万亿" else word)
    low = numeral(part["hanlow"]) if part["hanlow"] else None
    if number is None and len(word) == 2 and digits(word) is not None:  # 五六个: neighbours are a range
        low, number = numeral(word[0]), numeral(word[1])
        return Stated(low * scale, number * scale) if low and number == low + 1 else None
    if number is None or (part["hanlow"] and low is None):
        return None
    scale = -scale if part["below"] else scale
    bound = _odd(part["hanodd"])
    if low is None:
        return Stated(number * scale, bound=bound)
    least, most = sorted((low * (-1 if part["below"] else 1), number * scale))
    return Stated(least, most, bound=bound)
