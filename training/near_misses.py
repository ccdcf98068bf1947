"""Change exactly one constraint of a question, so that what answered it answers it no longer.

>>> from random import Random
>>> pool = Pool({"a": "2023年成都有5G基站8万个"})
>>> [edit.question for edit in edits("2023年成都有多少5G基站？", pool, ["a"], Random(0))]
['2023年眉山有多少5G基站？', '2020年成都有多少5G基站？', '2023年成都有多少1G基站？']

A pair of such questions tells whether a reader looks at the constraint or only at the words around it. Both members stand
or fall by the same article, and the changed words stand in none that says the rest of the question.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from rag.query.analysis import AnswerType, understand_kind
from rag.records import Span
from rag.text.characters import fold
from rag.text.dates import whens
from rag.text.lexicon import has_name, ordinals, plain_ordinals, rarity
from rag.text.places import names_of, places
from rag.text.words import content_words, cut

__all__ = ["Edit", "Pool", "edits"]

WORDS = Path(__file__).parent / "near_misses.txt"
PLACES = Path(__file__).parent.parent / "rag" / "text" / "places.txt"
# An article that holds the changed words may answer if it says this share of the question's other words, by rarity.
SAYS_THE_REST = 0.5
HUNDRED = 100
# How far a changed year, day or ordinal may lie from the one that was asked.
YEARS, LATER_YEARS, DAYS, ORDINALS, VERSIONS = 6, 2, 9, 4, 6
HAN = "零一二三四五六七八九"
SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁马方任袁柳史唐薛雷贺汤罗毕郝常于傅齐康余顾孟黄萧尹姚邵汪毛宋熊项董梁杜阮季贾江郭梅林钟徐邱骆高夏蔡田樊胡万柯管卢莫房丁邓洪石崔龚程陆翁"
# What holds for the whole question, wherever it stands; any other edit must be in the clause that asks.
SCOPE = frozenset(("place", "time", "ordinal", "name", "person", "title"))
NAMES = frozenset(("nr", "nrt", "nrfg"))
# A name of a person is no common word: 洪水 is 12.
RARE = 14
CLAUSE_END = re.compile("[，。；！？,;]")
# Characters between a measure and the interrogative.
REACH = 4
# Characters that foreign names are spelled with.
SPELLING = "阿埃艾安奥巴班鲍贝本比彼别波伯勃布查达戴德迪蒂丁杜顿多厄恩尔法菲费弗福夫盖甘戈哥格古哈海汉赫亨霍基吉加贾杰金卡凯康柯科克肯库奎拉莱赖兰朗劳勒雷蕾里丽利莉连廉林琳龙卢鲁路伦罗洛马玛迈曼梅门蒙米密敏明莫姆穆纳娜南内尼涅宁纽努诺欧帕潘佩皮普齐奇契恰乔切琼瑞萨塞桑森沙莎舍申史施斯松苏索塔泰坦汤特图托瓦万威韦维魏温文沃乌武西希锡夏谢辛休雅亚扬耶叶伊因英尤约宰赞泽扎詹兹佐蓬朴默惠"
FOREIGN = re.compile(f"(?<![{SPELLING}·])[{SPELLING}]{{2,6}}(?:·[{SPELLING}]{{1,6}})*(?![{SPELLING}·])")
CURRENCY = re.compile("(?:多少|几)[十百千万亿]*(美元|欧元|英镑|日元|卢布|元)")
# Without 第 only these are numbered: 二期, not 一批.
CLASSES = ("期", "届", "等奖", "等座", "号线")
LATIN = re.compile(r"(?<![a-z0-9.])(?=[a-z0-9-]*[a-z])[a-z]*-?\d+[a-z]*(?![a-z0-9.%])")
PARTS = re.compile(r"(?P<year>(?:19|20)\d\d)|(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?|(?P<only>\d{1,2})日")
TITLE = re.compile("《([^《》]{2,30})》|“([^“”]{2,20})”")


@dataclass(frozen=True, slots=True)
class Edit:
    """A question with one constraint changed: `asked` became `changed`.

    `kind` is place, time, ordinal, unit, name, title, person, qualifier, phase, measure, object or role.
    """

    kind: str
    asked: str
    changed: str
    question: str


class Pool:
    """The articles that may be asked: folded texts by id."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = {ident: fold(text) for ident, text in texts.items()}

    def say(self, gold: Sequence[str], forms: Sequence[str]) -> bool:
        """Tell whether one of the articles `gold` has one of the words `forms`."""
        return any(_stands(form, self.texts[ident]) for ident in gold for form in forms)

    def lack(self, gold: Sequence[str], forms: Sequence[str], rest: Sequence[str]) -> bool:
        """Tell whether no article may answer a question for `forms`: where they stand, the `rest` is not said."""
        if self.say(gold, forms):
            return False
        total = sum(map(rarity, rest))
        for text in self.texts.values():
            if any(_stands(form, text) for form in forms):
                said = sum(rarity(word) for word in rest if word in text)
                if said >= SAYS_THE_REST * total:
                    return False
        return True


def _stands(form: str, text: str) -> bool:
    if form not in text:
        return False
    return has_name(form, text) if form[0].isascii() or form[-1].isdecimal() else _not_in_a_number(form, text)


def _not_in_a_number(form: str, text: str) -> bool:
    return not form[0].isdecimal() or re.search(rf"(?<!\d){re.escape(form)}", text) is not None


@dataclass(frozen=True, slots=True)
class _Change:
    """What may be exchanged: the folded run of the question, and the words it may become, with the forms of each."""

    kind: str
    span: Span
    said: tuple[str, ...]
    others: tuple[tuple[str, tuple[str, ...]], ...]


def edits(question: str, pool: Pool, gold: Sequence[str], rng: Random) -> list[Edit]:
    """Return the edits of `question`, which the articles `gold` answer: one for each constraint that they state.

    A constraint that the article does not name itself is left alone, as is a question of yes or no.
    """
    kind, asked, _, _ = understand_kind(question)
    if kind is AnswerType.YESNO:
        return []
    found: list[Edit] = []
    for change in _changes(fold(question)):
        span = change.span
        if not _asked_for(question, change, asked) or _one_of_two(question, change):
            continue
        word = question[span.start : span.end]
        if fold(question).count(fold(word)) > 1 or not pool.say(gold, change.said):
            continue
        rest = [term for term in content_words(question) if term not in fold(word) and fold(word) not in term]
        other = _other(change, pool, gold, rest, fold(question), rng)
        if other:
            changed = f"{question[: span.start]}{other}{question[span.end :]}"
            found.append(Edit(change.kind, word, other, changed))
    return found


def _asked_for(question: str, change: _Change, asked: Span | None) -> bool:
    """Tell whether the run is a constraint of what is asked, not the interrogative or a remark beside it."""
    start, end = change.span.start, change.span.end
    if asked is None or change.kind == "unit":
        return True
    between = question[min(end, asked.end) : max(start, asked.start)]
    if start < asked.end and end > asked.start:
        return False
    return change.kind in SCOPE or not (
        CLAUSE_END.search(between) or (change.kind == "measure" and len(between) > REACH)
    )


def _one_of_two(question: str, change: _Change) -> bool:
    """Tell whether the name is one of several: without it the others still are what was meant."""
    beside = question[max(0, change.span.start - 2) : change.span.start] + question[change.span.end :][:2]
    return change.kind in ("person", "title") and re.search("[和与及、]", beside) is not None


def _other(
    change: _Change, pool: Pool, gold: Sequence[str], rest: Sequence[str], question: str, rng: Random
) -> str:
    """Return one of the other words that nothing answers for, "" if there is none."""
    others = list(change.others)
    rng.shuffle(others)
    for word, forms in others:
        if not any(_stands(form, question) for form in forms) and pool.lack(gold, forms, rest):
            return word
    return ""


def _changes(folded: str) -> Iterator[_Change]:
    """Yield what may be changed in the folded question."""
    yield from _places(folded)
    yield from _times(folded)
    yield from _ordinals(folded)
    yield from _latin(folded)
    yield from _units(folded)
    yield from _words(folded)
    yield from _names(folded)


def _places(folded: str) -> Iterator[_Change]:
    for place in places(folded):
        if folded.startswith("外", place.end):
            continue  # 国内外
        others = tuple((other, _forms(other)) for other in _siblings().get(place.name, ()))
        yield _Change(
            "place",
            Span(place.start, place.start + _bare(folded, place.start, place.end)),
            _forms(place.name),
            others,
        )


def _bare(folded: str, start: int, end: int) -> int:
    """Return the length of a place's name without 市, 省, …: that stays when the name changes."""
    suffix = re.search("(?:特别行政区|自治区|地区|省|市|州)$", folded[start:end])
    return end - start - (len(suffix.group()) if suffix and suffix.start() > 1 else 0)


def _forms(name: str) -> tuple[str, ...]:
    return tuple(form for form in names_of(name) if len(form) > 1) or (name,)


@cache
def _siblings() -> Mapping[str, tuple[str, ...]]:
    """Return for each place those that lie beside it: cities of a province, provinces, countries."""
    wholes: list[str] = []
    table: dict[str, tuple[str, ...]] = {}
    for line in PLACES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            whole, _, parts = line.partition(":")
            wholes.append(whole.split("=")[0])
            inside = [part.split("=")[0] for part in parts.split()]
            if wholes[-1] != "中国":  # its parts (东部, 长三角) overlap one another
                table |= {name: tuple(other for other in inside if other != name) for name in inside}
    at = wholes.index("中国")
    for group in (wholes[:at], wholes[at : wholes.index("欧盟")]):
        table |= {name: tuple(other for other in group if other != name) for name in group}
    cities = [name for name, beside in table.items() if beside and name not in wholes]
    few = {name for name, beside in table.items() if len(beside) < 4 and name not in wholes}
    return table | {name: tuple(other for other in cities if other != name) for name in few}


def _times(folded: str) -> Iterator[_Change]:
    inside = [Span(when.start, when.end) for when in whens(folded, None)]
    years = re.finditer(r"(?<![\d.])20[012]\d(?=[\u4e00-\u9fffa-z“《])", folded)  # 2023世界机器人大会
    spans = [*inside, *(Span(*match.span()) for match in years)]
    taken: set[int] = set()
    for span in spans:
        for match in PARTS.finditer(folded, span.start, span.end):
            if match.start() not in taken:
                taken.add(match.start())
                yield _time_part(match)


def _time_part(match: re.Match[str]) -> _Change:
    said = match.group()
    if year := match["year"]:
        others = [str(int(year) + step) for step in range(-YEARS, LATER_YEARS) if step]
        return _Change("time", Span(*match.span()), (said,), tuple((o, (o,)) for o in others))
    if match["day"]:
        month, day = int(match["month"]), int(match["day"])
        days = [d for d in range(day - DAYS, day + DAYS) if 0 < d < 29 and d != day]
        shown = [(f"{month}月{d}日", (f"{month}月{d}日", f"{d}日")) for d in days]
        return _Change("time", Span(*match.span()), (said, f"{day}日"), tuple(shown))
    if match["only"]:
        day = int(match["only"])
        days = [d for d in range(day - DAYS, day + DAYS) if 0 < d < 29 and d != day]
        return _Change("time", Span(*match.span()), (said,), tuple((f"{d}日", (f"{d}日",)) for d in days))
    months = [f"{m}月" for m in range(1, 13) if f"{m}月" != said]
    return _Change("time", Span(*match.span()), (said,), tuple((m, (m,)) for m in months))


def _ordinals(folded: str) -> Iterator[_Change]:
    for start, end in ordinals(folded):
        plain = next(iter(plain_ordinals(folded[start:end])), "")
        number, noun = re.sub(r"\D", "", plain), re.sub(r"^\d+", "", plain)
        named = folded[start] in "第首" or noun in CLASSES
        if not number or int(number) >= HUNDRED or not noun or not named or noun in "时分秒天年月日名":
            continue
        near = [
            n
            for n in range(int(number) - ORDINALS, int(number) + ORDINALS)
            if 0 < n < HUNDRED and n != int(number)
        ]
        first = "第" if folded[start] in "第首" else ""
        others = tuple((f"{first}{_han(n)}{noun}", _ordinal_forms(n, noun)) for n in near)
        yield _Change("ordinal", Span(start, end), _ordinal_forms(int(number), noun), others)


def _ordinal_forms(number: int, noun: str) -> tuple[str, ...]:
    forms = (f"{_han(number)}{noun}", f"{number}{noun}")
    return (*forms, f"首{noun}") if number == 1 else forms


def _han(number: int) -> str:
    tens, ones = divmod(number, 10)
    front = "" if not tens else "十" if tens == 1 else f"{HAN[tens]}十"
    return f"{front}{HAN[ones] if ones else ''}"


def _latin(folded: str) -> Iterator[_Change]:
    """Yield the names with a number in them: 5G, MQ-9."""
    for match in LATIN.finditer(folded):
        name = match.group()
        number = int(re.findall(r"\d+", name)[0])
        near = [n for n in range(number - VERSIONS, number + VERSIONS) if n > 0 and n != number]
        others = [re.sub(r"\d+", str(n), name, count=1) for n in near]
        yield _Change("name", Span(*match.span()), (name,), tuple((o.upper(), (o,)) for o in others))


def _units(folded: str) -> Iterator[_Change]:
    if match := CURRENCY.search(folded):
        kinds = [group for kind, groups in _classes() if kind == "unit" for group in groups]
        others = [group[0] for group in kinds if group[0] not in ("元", match.group(1))]
        yield _Change("unit", Span(*match.span(1)), (match.group(1),), tuple((o, (o,)) for o in others))


def _words(folded: str) -> Iterator[_Change]:
    """Yield the words of near_misses.txt that the question has as words of its own."""
    edges = {0}
    for piece in cut(folded):
        edges.add(max(edges) + len(piece))
    taken: list[Span] = []
    for word, kind, group, groups in _by_length():
        at = folded.find(word)
        span = Span(at, at + len(word))
        whole = (
            at >= 0 and (kind == "period" or span.start in edges) and (kind != "phase" or span.end in edges)
        )
        if not whole or any(span.start < other.end and span.end > other.start for other in taken):
            continue
        taken.append(span)
        if kind == "role" and _beside_a_name(folded, span):
            continue  # 总统马克龙: who is meant is clear whatever he is called
        others = tuple((other[0], other) for other in groups if other is not group)
        yield _Change("time" if kind == "period" else kind, span, group, others)


def _beside_a_name(folded: str, span: Span) -> bool:
    """Tell whether a person's name ends or begins at the run."""
    at = 0
    for word, tag in _tagged(folded):
        if tag in NAMES and (at == span.end or at + len(word) == span.start):
            return True
        at += len(word)
    return FOREIGN.match(folded, span.end) is not None


def _names(folded: str) -> Iterator[_Change]:
    table = {kind: groups for kind, groups in _classes() if kind in ("person", "foreign", "title")}
    for match in TITLE.finditer(folded):
        if not whens(match.group(), None) and not match.group().startswith("“"):
            span = Span(match.start() + 1, match.end() - 1)
            yield _Change("title", span, (match.group(1),), _given(table["title"]))
    at = 0
    for word, tag in _tagged(folded):
        own = tag == "nr" and 1 < len(word) < 4 and word[0] in SURNAMES and rarity(word) > RARE
        if own and not FOREIGN.fullmatch(word):
            yield _Change("person", Span(at, at + len(word)), (word,), _given(table["person"]))
        at += len(word)
    tags = dict(_tagged(folded))
    for match in FOREIGN.finditer(folded):
        parts = [word for word in tags if word in match.group()]
        if (
            len(match.group()) > 2
            and not places(match.group())
            and any(tags[word] in NAMES for word in parts)
        ):
            yield _Change("person", Span(*match.span()), (match.group(),), _given(table["foreign"]))


def _given(groups: Sequence[tuple[str, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((group[0], group) for group in groups)


@cache
def _classes() -> tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]:
    """Return the lines of near_misses.txt: kind, and groups of words of one meaning."""
    lines = [line.split(": ") for line in WORDS.read_text(encoding="utf-8").splitlines() if ": " in line]
    kept = [line for line in lines if not line[0].startswith("#")]
    return tuple((kind, tuple(tuple(group.split("=")) for group in words.split())) for kind, words in kept)


@cache
def _by_length() -> list[tuple[str, str, tuple[str, ...], tuple[tuple[str, ...], ...]]]:
    """Return the words that exclude others, longest first, each with its kind, its group and all groups of its line."""
    found = [
        (word, kind, group, groups)
        for kind, groups in _classes()
        if kind not in ("unit", "person", "foreign", "title")
        for group in groups
        for word in group
    ]
    return sorted(found, key=lambda entry: -len(entry[0]))


@cache
def _tagger() -> Any:
    """Return jieba's tagger over a dictionary of our own: the shared one lies in a file anyone may have written."""
    import jieba.posseg

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    with TemporaryDirectory() as folder:
        tokenizer.tmp_dir = folder
        tokenizer.initialize()
        return jieba.posseg.POSTokenizer(tokenizer)


def _tagged(folded: str) -> list[tuple[str, str]]:
    """Return the words of the folded question with jieba's tags; joined they are the question."""
    return [(pair.word, pair.flag) for pair in _tagger().cut(folded)]
