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
# The rarity of a plain noun.
PLAIN = 10.0
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
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻苏潘葛范彭郎鲁韦马苗方俞任袁柳史唐费薛雷贺倪汤罗毕郝安常于傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛米戴宋熊纪舒屈项董梁杜阮蓝闵季贾路江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍万柯管卢莫房缪干解应宗丁宣邓洪包左石崔吉龚程邢裴陆荣翁荀甄曲封储段焦侯全班秋仲伊宫宁仇甘厉祖武符刘景詹束龙叶司黎薄印白蒲卓池乔胥闻党翟谭劳姬申冉雍桑桂牛寿通边燕冀尚农温庄晏柴瞿阎连习容向古易廖终步耿满文寇东欧沃利越隆师巩聂关相查游"
# 陈某: a name that a court report withholds.
_withheld = re.compile(f"[{SURNAMES}]某某?")


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
