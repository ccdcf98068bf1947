"""When two wordings say the same: aliases, parts of long words, ordinals and names written in several ways."""

import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from rag.text.characters import fold
from rag.text.quantity import quantities
from rag.text.word_lists import read_lines, read_words
from rag.text.words import commonness, is_noun

__all__ = [
    "COMMON",
    "NAMING",
    "PLAIN",
    "SURNAMES",
    "UNKNOWN",
    "aliases",
    "found_in",
    "generic",
    "has_name",
    "is_wrong_cut",
    "names",
    "names_a_thing",
    "ordinals",
    "plain_ordinals",
    "rarity",
    "read_aliases",
    "telling",
]

# The rarity of a word that the dictionary does not have.
UNKNOWN = 17.5
# What a word counts against a noun of the same rarity.
GENERIC = 0.25
OTHER_WORDS = 0.6
# Three bands of rarity. Below the first a word stands everywhere and tells little (公司 is 7.2, 是 4); from the second on it
# may name one thing by itself (政协 10); most from the third on are names or nearly so (央行 12, 基站 14).
COMMON = 7.5
PLAIN = 10.0
NAMING = 12.0
# 两个 and 三年 say little beside what they count.
_few = re.compile(
    "[一二两三四五六七八九十几][个项种名位家次年天月条座件类所只部]?|[一两三四五六七八九十]个月"
)
_total = re.compile("(?<=[\u4e00-\u9fff])总(?=[额量数])")
# Counted things whose number names one of them: 二期 is another than 一期. With 第 any noun does, without only these.
NUMBERED = "等奖|等座|等功|等舱|期|届|批|代|季|号线|号楼|环|航站楼|轮"
_numeral = "[0-9一二三四五六七八九十百两零〇]+"
_ordinal = re.compile(
    rf"第({_numeral})(?!季度|产业)([\u4e00-\u9fff]?)|(?<![第0-9一二三四五六七八九十百两零〇月年余多上下前本每这各同]){_numeral}+(?={NUMBERED})(?:{NUMBERED})(?!间|间的|待|货|限|刊|度)|首(?:[届批个次期轮家座])"
)
# Latin names and numbers: 5g, gpt-4.
_latin = re.compile(r"[a-z0-9]+(?:[-+./][a-z0-9]+)*")
# The commonest family names, of about 98 of 100 people.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛段郝顾龚邵覃武钱戴严莫孔汤常温康施文牛樊葛邢安齐"
    "易乔伍庞颜倪庄聂章鲁岳翟申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管"
    "柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤穆农司卓古吉缪简车项连褚娄窦戚岑景党宫费卜冷晏席卫柏宗瞿桂佟应臧闵苟邬卞姬师栾"
    "隋刁沙荣巫寇桑郎甄丛仲虞敖巩佘池查麻苑迟邝匡鞠惠荆冀郁胥班储原栗燕楚鄢劳谌皮冼蔺楼盘满闻厉仝郜阚花屠朴练廉井祖"
    "漆巴丰支卿狄计宣晋初门云容亓"
    "傅万洪萧米詹阎荀仇"
)
# 陈某: a name that a court report withholds.
_withheld = re.compile(f"[{SURNAMES}]某某?(?![些个种类项])")


@cache
def aliases() -> Mapping[str, frozenset[str]]:
    """Return each word of aliases.txt with the words that say the same."""
    return read_aliases(Path(__file__).parent / "aliases.txt")


def read_aliases(path: Path) -> Mapping[str, frozenset[str]]:
    """Return the words of a file, folded, each with those of its lines; lines that begin with # are comments."""
    table: dict[str, frozenset[str]] = {}
    for line in read_lines(path):
        group = frozenset(fold(line).split())
        table |= {word: table.get(word, frozenset()) | group for word in group}
    return table


@cache
def generic() -> frozenset[str]:
    """Return the words of generic.txt."""
    return read_words(Path(__file__).parent / "generic.txt")


def names_a_thing(word: str) -> bool:
    """Tell whether a word is a noun that says more than what kind of answer is wanted.

    Two characters that the dictionary does not have are taken for a wrong cut, more for a name.
    """
    return (
        is_noun(word)
        and word not in generic()
        and not word.isascii()
        and (len(word) > 2 or rarity(word) < UNKNOWN)
    )


def rarity(word: str) -> float:
    """Return how much a word tells, about 5 (有) to 18 (a name): −log of its frequency in general Chinese.

    A number is worth a plain noun: the dictionary has none.
    """
    return PLAIN if word.isascii() else -math.log(commonness(word))


def telling(word: str) -> float:
    """Return how much it tells that a text has this word of a question: its rarity, less for words that vary.

    Around the right answer stand 92 of 100 nouns and names of a question, 75 of its other words and 60 of those that
    only say what kind of answer is wanted (cmrc2018, drcd and chronoqa); the shares are the logarithms of what lacks.
    """
    if word in generic() or _few.fullmatch(word):
        return GENERIC * rarity(word)
    if is_wrong_cut(word):
        return PLAIN
    return rarity(word) * (1.0 if is_noun(word) else OTHER_WORDS)


def is_wrong_cut(word: str) -> bool:
    """Tell whether a word is two common characters that no dictionary has side by side.

    Most often it is the end of one word and the beginning of another: 指跌 of 沪指跌到.
    """
    return len(word) == 2 and rarity(word) >= UNKNOWN > rarity(word[0]) + rarity(word[1])


def found_in(term: str, text: str) -> float:
    """Return how much (0..1) of `term` stands in the folded `text`: whole, as an alias, or most of a long word."""
    if term.isascii():
        return float(has_name(term, text))
    if term in text or any(alias in text for alias in aliases().get(term, ())):
        return 1.0
    if (short := _total.sub("", term)) != term and short in text:
        return 1.0  # 贸易总额 is 贸易额
    if len(term) < 3:
        return 0.0
    pairs = [term[i : i + 2] for i in range(len(term) - 1)]
    share = sum(pair in text for pair in pairs) / len(pairs)
    return share if share >= 0.5 else 0.0


def has_name(asked: str, text: str) -> bool:
    """Tell whether the Latin name or number `asked`, or an alias, stands in the folded `text` as a whole."""
    forms = {asked} | aliases().get(asked, frozenset())
    return any(
        form in text and re.search(rf"(?<![a-z0-9.]){re.escape(form)}(?![a-z0-9])", text) for form in forms
    )


def names(text: str) -> list[tuple[int, int]]:
    """Return the spans of the names in the folded `text` that their form tells: Latin ones, then withheld ones (陈某)."""
    return [match.span() for pattern in (_latin, _withheld) for match in pattern.finditer(text)]


def ordinals(text: str) -> list[tuple[int, int]]:
    """Return the spans of the ordinals in the folded `text`: 第二批, 首届, 二期."""
    return [match.span() for match in _ordinal.finditer(text)]


def plain_ordinals(text: str) -> list[str]:
    """Return the ordinals of the folded `text` written one way: 首批, 第一批 and 第1批 are 1批."""
    return [_plain(text[start:end]) for start, end in ordinals(text)]


def _plain(ordinal: str) -> str:
    text = re.sub("^首", "一", ordinal.removeprefix("第"))
    return re.sub(_numeral, lambda match: _integer(match.group()), text, count=1)


def _integer(numeral: str) -> str:
    found = quantities(f"{fold(numeral)}个")
    return str(int(found[0].number)) if found else numeral
