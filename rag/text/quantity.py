"""Numbers with their units and bound words, as annotations on a text that is never rewritten.

    >>> [found] = quantities("建成5G基站超8万个")
    >>> found.number, found.unit, found.bound, (found.start, found.end)
    (Fraction(80000, 1), '个', '超', (6, 10))

5G, GPT-4 and K12 are names, 2023年 and 8月16日 are dates (`rag.text.dates`), 一方面 is a word: none of them is a quantity.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from rag.text.characters import fold
from rag.text.number import NOT_NUMBER, NUMBER, TRIGGER, YEAR, Stated, stated
from rag.text.numeral import numeral
from rag.text.unit import comparable, factor, unit_class, units

__all__ = ["Quantity", "quantities", "same_value", "unit_class"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A stated number: 超8万个 is 80000, 个, 超; 3至5年 has the `upper` number 5; 第三 has the unit 第.

    `start` and `end` hold the bound words, `core_start` and `core_end` only number and unit (第3 of 第3届). `bound` is one of "",
    超 (more than), 以上 (at least), 近 (almost), 约 (about), 不足 (less than), 以下 (at most). 35% is 35 with the unit %.
    """

    start: int
    end: int
    number: Fraction
    upper: Fraction | None
    unit: str
    bound: str
    core_start: int
    core_end: int


BEFORE = {
    "超": "超过了 超过 超出 超 逾 多于 高于 大于 突破了 突破 不止 不下于 不下 破",
    "以上": "至少 不少于 不低于 不小于 起码 最少 上",
    "近": "接近 将近 近",
    "约": "大约 大概 大致 约占 约为 约有 约合 约达 约 差不多",
    "不足": "不足 不到 不满 未满 低于 少于 小于 未到 未达",
    "以下": "不超过 不高于 不多于 不大于 至多 最多 不逾",
}
AFTER = {"以上": "以上 及以上", "以下": "以下 及以下 以内 之内", "约": "左右 上下 许", "超": "有余"}
BOUNDS_BEFORE = {word: bound for bound, words in BEFORE.items() for word in words.split()}
BOUNDS_AFTER = {word: bound for bound, words in AFTER.items() for word in words.split()}
# What an ordinal may count: 第3届, 第5年, 第二名, but not 第1元.
ORDERED = frozenset(("count", "people", "time"))
# Parts of a larger unit that are no round part of it by the table: 三年六个月.
MONTHS_OF = {"年": Fraction(1, 12), "岁": Fraction(1, 12)}
# Amounts that are said in several units at once.
MEASURED = frozenset(("time", "length", "mass", "money", "area"))
# What may stand between the parts of one amount.
LINKS = ("", "零", "又")
# Resolutions, not amounts of computing power: 1080p is a name.
RESOLUTIONS = frozenset(map(Fraction, (240, 360, 480, 540, 576, 720, 1080, 1440, 2160, 4320)))
# 2G to 7G are generations of networks.
LAST_GENERATION = 7

# 3.2×10⁵, 10^-6: a power of ten in digits of any size; of another base it is no amount that news states.
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
LARGEST_POWER = 30
_power = re.compile(
    r"(?:(?P<times>\d{1,12}(?:\.\d{1,12})?)\s?[×x*]\s?)?(?P<base>\d{1,12})(?:\^(?P<typed>[-−]?\d{1,3})|(?P<raised>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))(?![\d⁰¹²³⁴⁵⁶⁷⁸⁹])"
)

_bound_words = "|".join(sorted(BOUNDS_BEFORE, key=len, reverse=True))
_before = re.compile(rf"(?P<word>{_bound_words})(?:了|为|有|达到|达)?\s?$")
_after = re.compile("|".join(sorted(BOUNDS_AFTER, key=len, reverse=True)))
# 签约10个 is no estimate, 附近3家 no shortfall, 最近三年 a period.
_not_bound = re.compile(
    "(?:[签预节合违条制契解履毁公]约|[最附临邻靠晋新就亲邻]近|赶超|以上|之上|马上|加上|晚上|早上|[^突]爆破|打破)(?:了|为|有|达到|达)?$"
)
# 两个半小时 is 2.5; the half stands inside the unit.
_and_half = re.compile("个半(?P<unit>小时|月|钟头|星期)|(?P<year>年)半(?!导)")
_joins = re.compile(r"(?![为是约达额润率])[\w)）%‰℃]\s?$")
# 康定-9℃ is nine below zero, 神舟-19 a name: what can be below zero is measured, not counted.
_word_end = re.compile("(?![零〇一二两三四五六七八九十百千万亿])[\u4e00-\u9fff]$")
_signed = re.compile(r"[-−]\d{1,24}(?:\.\d{1,24})?\s?(?:[%‰℃度]|°c|摄氏度|个?百分点|米|厘米|元)")
_rest_of_name = re.compile(r"[-−]|[\d.a-z_/-]+")
# What makes a length a speed: 时速达到[100公里].
_an_hour = re.compile(r"(?:时速|每小时)(?:[约近达超为是]|达到|超过|高达|可达|提高到|不低于|不超过){0,2}\s?$")
_more = re.compile("(?<=[年天岁时里米元斤周])[多余](?![个样种次元])")
_joint = re.compile(r"\s?[-—–~至到]\s?")
_hundredths = re.compile(r"\d{1,2}(?![\d.,:%a-z])(?!\s?[年月日号人名个米秒元吨分度])")
# 一 before these is an article or part of a word, not the number one.
_not_one = re.compile(
    r"一(?:(.)\1|头[撞扎栽钻]|起|直|定|些|般|样|致|切|旦|面|边|度|时|再|同|律|向|系列|下|手|带|体|线|流|共|代|道|路|部分|点|次性|级|期|号|等|行|把|口|方|经|心|段|句|声|步|层|批|揽|并|家人|家三口|份子|位数|对一|条龙|站式|站|窝|场|刻|席|首|件事)"
)


@cache
def _unit_pattern() -> re.Pattern[str]:
    names = sorted(units(), key=len, reverse=True)
    names.remove("第")
    one = "|".join(
        re.escape(name) + ("(?![a-z0-9])" if name[-1].isascii() and name[-1].isalnum() else "")
        for name in names
    )
    # 300家庭 and 5年级 are caught here; what follows the unit tells it from a longer word.
    fine = "(?<!年(?=[级代]))(?<!分(?=[之别析布公局店会校支钟]))(?<!天(?=[津下然]))(?<!部(?=[分队长委署]))(?<!线(?=城))(?<!位(?=数))"
    return re.compile(rf"\s?(?P<unit>{one}){fine}(?:(?P<per>/(?:{one}))|(?P<cny>人民币))?")


def quantities(text: str) -> list[Quantity]:
    """Return the quantities of `text` in order; they do not overlap."""
    plain = _plain(text)
    return list(_merged(plain, _singles(text, plain)))


def same_value(a: Quantity, b: Quantity) -> bool:
    """Say whether two quantities state the same amount: 10.84亿元 is 108400万元, 35% is 百分之三十五, 3公里 is 3000米.

    The bound words are not compared. A number without a unit goes with any unit; 个 stands for every classifier.
    """
    return _amounts(a) == _amounts(b) and comparable(a.unit, b.unit)


def _plain(text: str) -> str:
    """Return the text to search, with the full-width comma kept apart from the one in 52,000."""
    return fold(text.replace("，", "、"))


def _amounts(quantity: Quantity) -> tuple[Fraction, Fraction | None]:
    scale = factor(quantity.unit)
    return quantity.number * scale, None if quantity.upper is None else quantity.upper * scale


def _singles(original: str, text: str) -> Iterator[Quantity]:
    position = 0
    while trigger := TRIGGER.search(text, position):
        at = trigger.start()
        position = at + 1
        if skipped := NOT_NUMBER.match(text, at):
            position = skipped.end()
        elif power := _power.match(text, at):
            position = power.end()
            if not _is_name(text, at) and (found := _raised(original, text, power)):
                position = found.end
                yield found
        elif match := NUMBER.match(text, at):
            position = match.end()
            if _is_name(text, at):
                position = _name_end(text, at)
            elif found := _read(original, text, match):
                position = found.end
                yield found
        elif text[at].isdecimal():
            position = _name_end(text, at)


def _is_name(text: str, at: int) -> bool:
    """Say whether the number at `at` belongs to a name: A4, GPT-4, 4K/8K, XeSS 1.2."""
    before = text[max(0, at - 3) : at]
    if text[at] in "-−":
        return bool(_joins.search(before)) and not (_word_end.search(before) and _signed.match(text, at))
    return text[at].isdecimal() and bool(re.search(r"[a-z_][-_]?$|[a-z]\s$|\d[-/.·]$", before))


def _name_end(text: str, at: int) -> int:
    match = _rest_of_name.match(text, at)
    return match.end() if match else at + 1


def _read(text: str, plain: str, match: re.Match[str]) -> Quantity | None:
    said = stated(match)
    if said is None:
        return None
    start, end = match.start(), match.end()
    if said.unit == "第":
        end = _counted_end(plain, end)
    elif not (said.unit or match["under"] or match["part"]):
        measured = _measured(text, plain, match, said)
        if measured is None:
            return None
        said, end = measured
    core_end = match.end() if said.unit == "第" else end
    found = Quantity(start, end, said.number, said.upper, said.unit, said.bound, start, core_end)
    return _bounded(plain, match["han"] or "", found)


def _raised(text: str, plain: str, match: re.Match[str]) -> Quantity | None:
    """Return a power of ten with its unit; None for one of another base."""
    power = int((match["typed"] or match["raised"]).translate(RAISED))
    if match["base"] != "10" or abs(power) > LARGEST_POWER:
        return None
    unit = _unit_pattern().match(plain, match.end())
    end = unit.end("unit") if unit else match.end()
    number = Fraction(match["times"] or 1) * Fraction(10) ** power
    said = text[unit.start("unit") : end] if unit else ""
    return _bounded(plain, "", Quantity(match.start(), end, number, None, said, "", match.start(), end))


def _counted_end(plain: str, end: int) -> int:
    """Return where an ordinal ends with what it counts: 第12[天], 第3[届]."""
    found = _unit_pattern().match(plain, end)
    return found.end("unit") if found and unit_class(found["unit"]) in ORDERED else end


def _measured(text: str, plain: str, match: re.Match[str], said: Stated) -> tuple[Stated, int] | None:
    """Return the number with its unit and the end of both; None if what follows shows that it is no quantity."""
    end = match.end()
    if half := _and_half.match(plain, end):
        unit = "年" if half["year"] else half["unit"].replace("月", "个月")
        return said._replace(number=said.number + Fraction(1, 2), unit=unit), half.end()
    found = _unit_pattern().match(plain, end)
    if not found or not _fits(plain, match, found["unit"]):
        return (said, end) if _stands_alone(plain, match, end) else None
    unit, end = text[found.start("unit") : found.end("per" if found["per"] else "unit")], found.end()
    if unit in ("米", "秒") and (rest := _hundredths.match(plain, end)):  # 1米78, 9秒83
        part = Fraction(int(rest[0]), 10 ** len(rest[0]))
        return said._replace(number=said.number + part, unit=unit), rest.end()
    if unit_class(unit) == "length" and _speed_start(plain, match.start()) < match.start():
        return said._replace(unit=f"{unit}/小时"), end
    more = _more.match(plain, end)
    bound = "超" if more or unit.startswith("个多") else said.bound
    return said._replace(unit=unit.replace("个多", "个"), bound=bound), more.end() if more else end


def _speed_start(plain: str, start: int) -> int:
    """Return where 时速 stands before the number at `start`, `start` if it does not."""
    found = _an_hour.search(plain, max(0, start - 8), start)
    return found.start() if found else start


def _fits(plain: str, match: re.Match[str], unit: str) -> bool:
    """Say whether `unit` can be one after this number: 一起, 5G and 1080P are words or names."""
    han = match["han"]
    if han is None:
        number = Fraction((match["arabic"] or "0").replace(",", ""))
        return not (unit == "p" and number in RESOLUTIONS) and not (unit == "g" and number <= LAST_GENERATION)
    if unit.isascii() and unit != "%":
        return False
    if han == "一" and _not_one.match(plain, match.start()):
        return False
    return len(han) > 1 or bool(match["below"] or match["hanlow"]) or not units()[unit].weak


def _stands_alone(plain: str, match: re.Match[str], end: int) -> bool:
    """Say whether a number without a unit is meant as one: 52000, 五万二千, but not 315晚会 or 000036."""
    following = plain[end : end + 1]
    if match["halfof"] or match["joint"] == "-" or match["step"] or match["hanstep"]:
        return not match["halfof"] and match["joint"] != "-"
    if han := match["han"]:
        return (
            numeral(han) is not None
            and len(han) > 1
            and (not _letter(following) or bool(set(han) & set("百千万亿")))
        )
    word = match["arabic"] or ""
    if re.match("0[0-9]", word) or re.fullmatch(YEAR, word) or re.fullmatch(r"\d{9,}", word):
        return False
    return not _letter(following) or following in "和与至到为的是及或"


def _letter(char: str) -> bool:
    return char.isalnum() or char in ("/", "_", "-", "+")


def _bounded(text: str, han: str, found: Quantity) -> Quantity | None:
    """Return the quantity with the bound words around it; None for 数百 and 百 alone, which name no number."""
    start, end, bound = found.start, found.end, found.bound
    window = text[max(0, start - 6) : start]
    before = _before.search(window)
    if before and not _not_bound.search(window) and found.unit != "第":
        word = before["word"]
        if word != "上" or text[start] in "百千万亿十":
            named = BOUNDS_BEFORE.get(word, "")
            period = named == "近" and unit_class(found.unit) == "time"
            bound, start = (
                (bound, start) if period else (named or bound, start - len(window) + before.start())
            )
    if han[:1] in ("百", "千", "万", "亿") and not bound:
        return None
    if after := _after.match(text, end):
        bound, end = bound or BOUNDS_AFTER[after[0]], after.end()
    if unit_class(found.unit) == "speed":  # 100公里 alone would be a length
        start = min(start, _speed_start(text, found.start))
    return replace(found, start=start, end=end, bound=bound)


def _merged(text: str, singles: Iterator[Quantity]) -> Iterator[Quantity]:
    """Join the parts of one amount (2小时28分37秒) and the two ends of a range (3至5年, 10%-15%, 8-10万人)."""
    last: Quantity | None = None
    for found in _chained(text, singles):
        if last and _joint.fullmatch(text, last.end, found.start) and _one_range(last, found):
            last = _range(last, found)
            continue
        if last:
            yield last
        last = found
    if last:
        yield last


def _chained(text: str, singles: Iterator[Quantity]) -> Iterator[Quantity]:
    """Join what is said in ever smaller units without a gap: 2小时28分37秒 and 2年零3个月 are one amount each."""
    last, least = None, ""
    for found in singles:
        if last and text[last.end : found.start] in LINKS and (part := _part_of(last, least, found)):
            whole, share = part
            bound = last.bound or found.bound
            last = replace(
                whole, end=found.end, number=whole.number + share, bound=bound, core_end=found.core_end
            )
        else:
            if last:
                yield last
            last = found
        least = found.unit
    if last:
        yield last


def _part_of(whole: Quantity, least: str, found: Quantity) -> tuple[Quantity, Fraction] | None:
    """Return the amount with its unit and what `found` adds to it; None if it is no smaller part of the same."""
    if whole.upper is not None or found.upper is not None or found.unit == "第" or not least:
        return None
    if least == "分" and unit_class(found.unit) == "time":  # 28分37秒
        whole = replace(whole, unit="分钟") if whole.unit == "分" else whole
        least = "分钟"
    unit = "分钟" if found.unit == "分" and unit_class(least) == "time" else found.unit
    if whole.unit in MONTHS_OF and unit == "个月":
        return whole, found.number * MONTHS_OF[whole.unit]
    if not unit or unit_class(unit) != unit_class(least) or unit_class(unit) not in MEASURED:
        return None
    if not (factor(unit) < factor(least) and comparable(unit, least)):
        return None
    return whole, found.number * factor(unit) / factor(whole.unit)


def _one_range(low: Quantity, high: Quantity) -> bool:
    if low.upper is not None or low.unit == "第" or low.unit not in ("", high.unit):
        return False
    return low.number < high.number or (low.number != high.number and unit_class(high.unit) == "temperature")


def _range(low: Quantity, high: Quantity) -> Quantity:
    """Return the range; 8-10万 means 80000 to 100000, 3℃至-2℃ the same as the other way round."""
    least, most = sorted((low.number, high.number))
    return replace(
        low,
        end=high.end,
        number=least,
        upper=most,
        unit=high.unit,
        bound=low.bound or high.bound,
        core_end=high.core_end,
    )
