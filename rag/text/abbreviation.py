"""Names that an article abbreviates itself: 中国人民银行（以下简称央行）, 世界卫生组织（WHO）.

>>> abbreviations("日前，北京大学（以下简称“北大”）宣布")
[Abbreviation(short='北大', long='北京大学')]
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.text.characters import fold
from rag.text.lexicon import PLAIN, rarity
from rag.text.words import content_words, cut, is_noun

__all__ = ["RULES", "Abbreviation", "abbreviations"]

# Raise it when the same text gives other abbreviations: the next build finds those of all articles anew.
RULES = 1


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """Two names of the same, folded; `long` is taken no longer than it must be (without a city before a company)."""

    short: str
    long: str


SHORTEST, LONGEST = 4, 30
_name = r"[^\s\"'“”‘’「」『』《》<>()\[\],，;；:：、。!?…]{2,14}"
_marker = r"(?:(?:以下|下文|后文|文中|股票|证券)(?:统一)?简称|简称|(?:以下|下)称)(?:为|作)?[:：]?\s?"
_marked = re.compile(
    rf"(?P<before>\((?:[^()\n]{{0,40}}[,，;；])?|[,，]?){_marker}(?P<open>[\"“「『《‘]?)(?P<name>{_name})"
)
# Two capitals at least: a name in brackets (Mattel) is a spelling, no abbreviation.
_acronym = re.compile(r"(?<=[\u4e00-\u9fff”》])[(（]([A-Za-z][A-Za-z0-9&-]{1,11})[)）]")
_no_acronym = re.compile(r"[IVX]+|HK|SH|SZ|US|NYSE|NASDAQ|PDF|APP|[A-Z]{2}\d{5,6}")
# 本公司 and 市医院 name another thing in every article, 甲方 a part in a contract.
_relative = re.compile("[本该我此其省市县区州贵两双各上下前后]|[甲乙丙][方醇]|.*(?:某|或|\\d{5})")
_inside = re.compile("[《“「『]([^《》“”「」『』\n]{3,40})[》”」』]$")
_clause_end = re.compile(r"[。，,；;：:！？!?、\s“”「」『』《》…]")


def abbreviations(text: str) -> list[Abbreviation]:
    """Return the abbreviations that `text` defines, each once, in order."""
    return list(dict.fromkeys([*_said(fold(text)), *_acronyms(text)]))


def _said(folded: str) -> Iterator[Abbreviation]:
    """Yield what is called 简称 or 下称."""
    if "称" not in folded:
        return
    for match in _marked.finditer(folded):
        short, bracketed = match["name"], match["before"].startswith("(")
        closed = folded[match.end() : match.end() + 1]
        if not (match["open"] or (bracketed and closed in ")）,，;；")) or _relative.match(short):
            continue
        inner = match["before"][1:].rstrip(",，;； ")
        whole = folded[max(0, match.start() - LONGEST - 10) : match.start()].rstrip()
        long = _long(inner, short) or _long(whole, short)
        if long and _tells(short, long):
            yield Abbreviation(short, long)


def _acronyms(text: str) -> Iterator[Abbreviation]:
    for match in _acronym.finditer(text):
        if sum(map(str.isupper, match[1])) < 2 or _no_acronym.fullmatch(match[1]):
            continue
        long = _quoted_or_nouns(fold(text[max(0, match.start() - LONGEST) : match.start()]))
        if long and _tells(fold(match[1]), long):
            yield Abbreviation(fold(match[1]), long)


def _long(before: str, short: str) -> str:
    """Return the name at the end of `before` that `short` abbreviates, "" if none is recognised."""
    if inside := _inside.search(before):
        return inside[1] if len(inside[1]) > len(short) else ""
    clause = _clause_end.split(before)[-1]
    starts = [at for at in _boundaries(clause) if _abbreviates(short, clause[at:].removeprefix("第"))]
    if starts:
        return clause[starts[-1] :] if len(short) < len(clause) - starts[-1] <= LONGEST else ""
    long = _quoted_or_nouns(before)
    return long if set(short) & set(long) or re.search("[a-z]", short) else ""


def _abbreviates(short: str, long: str) -> bool:
    """Tell whether `long` begins as `short` and has all its characters in their order."""
    rest = iter(long)
    return long.startswith(short[0]) and all(char in rest for char in short)


def _boundaries(clause: str) -> list[int]:
    ends, at = [0], 0
    for piece in cut(clause):
        at += len(piece)
        ends.append(at)
    return ends


def _quoted_or_nouns(before: str) -> str:
    """Return what stands in quotes at the end of `before`, else the run of nouns there."""
    if inside := _inside.search(before):
        return inside[1]
    run = ""
    for piece in reversed(cut(_clause_end.split(before)[-1])):
        if not is_noun(piece) or not content_words(piece):
            break
        run = piece + run
    return run if SHORTEST <= len(run) <= LONGEST else ""


def _tells(short: str, long: str) -> bool:
    """Tell whether `short` names the thing by itself: 条例 for a law and 公司 for a company name any."""
    if long.endswith(short) or short == long or long.isascii() or _is_general(long):
        return False
    common = rarity(short) < PLAIN and short[0] != long[0]
    return not (common or _is_general(short))


def _is_general(name: str) -> bool:
    return all(piece in GENERAL for piece in cut(name))


_general = "公司 条例 意见 办法 报告 方案 章程 协议 合同 通知 项目 基金 集团 大会 活动 平台 中心 股份 有限 责任 有限公司 股份公司 合伙 企业"
GENERAL = frozenset(_general.split())
