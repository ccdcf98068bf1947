"""The values of news sentences and what each is the value of: of several in one sentence, the others are its rivals.

The subject is that of the value's own clause, or of the clause before where that says only a change (同比增长9.8%).
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.text.quantity import Quantity, quantities, unit_class
from rag.text.sentences import sentences
from rag.text.words import cut

__all__ = ["CHANGE", "LINK", "Fact", "facts"]

MARKS = "，；：。！？,;!?（）()‘’\n"
# Words between a subject and its value.
LINKS = (
    "增至|升至|降至|扩至|累计达到|累计完成|累计实现|合计达到|总计达到|达到了|约占|高达|达到|达|约为|为|是|完成|实现|共有|共计|总计|合计|累计|共|有|占|"
    "突破|超过|超|接近|近|约"
)
LINK = re.compile(rf"(?:{LINKS})+$")
CHANGE = re.compile(
    r"(?P<mark>(?:(?:与|和|跟|同|比|较)?(?:上年同期|去年同期|上年|去年|上月|年初|上年末|上个月|前一周|上一年)(?:相比)?(?:同期)?|同比|环比|年均|平均)*)"
    r"(?P<real>实际|名义|累计)?(?P<verb>增长|下降|上升|提高|增加|减少|回落|上涨|下跌|下调|上调|提升)(?:了|约|超|近|超过)*$"
)
LEADING = re.compile(
    r"^(?:其中|目前|同时|此外|另外|截至目前|据统计|数据显示|预计|而|并|也(?!门)|还|已|共|从|在(?![线校建册岗职读营])|对(?!外)|与|将|的|到|至|且|均|则|即|但|仅|今天|昨天)+"
)
TIME = re.compile(
    r"(?:(?P<year>(?:20|19)\d\d年|今年|去年|上年)(?:的)?)?(?P<part>(?:前三季度|前两个?季度|[一二三四]季度|上半年|下半年|全年|"
    r"1?\d(?:月)?[—\-至到]1?\d月份?|前1?\d个月|1?\d月份?(?!\d*日)(?![一-龥]*日)|春运期间|春节假期|国庆假期|暑运期间)?)"
)
SEVERAL = re.compile(r"分别(?!是(?:在|由))")
JOIN = re.compile("、|以及|和|与|及")
MOVED = re.compile(
    r"(?:从|由)(?P<before>此前|先前|原来|原先|之前|目前|(?:19|20)\d\d年底?)?的?[每约超近]*@(?P<verb>[一-龥]{2,5}?)(?P<to>至|到|为)了?"
    r"(?P<after>目前|现在|(?:19|20)\d\d年底?)?的?[约超近]*@"
)
RISES = "提高|增长|增加|扩大|上升|提升|上调|上涨|降|降低|下降|下调|减少|缩短|缩减|调整|压缩|延长|升|涨|跃升|攀升|回落|拓展|发展"
HAN = re.compile("[一-龥A-Za-z0-9·“”《》]+")
# A subject that ends like this is no subject.
NO_END = re.compile(
    "(?:同期|较|同|的|了|在|和|与|及|从|由|比|对|将|等|于|以|来|年|月|日|每|各|达|第|占|按|超|近|约|不|多|又|把|被|已|目前|仍|还|就|也|迅速|逐步|首次)$"
)
NO_BEGIN = re.compile(
    "(?:来|就|比|较|后|前|中|内|外|上|下|时|起|间|者|也|又|仍|要|会|能|可|让|使|令|被|把|给|向|往|用|按|经|通过|由于|因|为|如|若|当|每|各|"
    "再|更|最|导致|造成|致|涉及|以来|高|低|多|少|约|近|超)"
)
NO_PART = re.compile(r"我们|他们|她们|它们|记者|这些|这个|那些|上述|该|此|其|本次|\d|同比|环比")
NO_UNITS = frozenset(("time", "ordinal", "age", ""))
# 男子200米蛙泳 is a name: nothing stands behind a length that answers.
NAMED_UNITS = frozenset(("length", "area"))


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of a line and what it is the value of: `kind` is level, change, old or new."""

    kind: str
    subject: str
    link: str
    when: str
    unit: str
    start: int
    end: int
    tail: str = ""
    size: str = ""

    def value(self, text: str) -> str:
        """Return the value as the line says it."""
        return text[self.start : self.end]


def facts(line: str) -> list[Fact]:
    """Return the values of a line whose subject is clear, in order."""
    found: list[Fact] = []
    for start, end in sentences(line):
        found += _of_sentence(line, start, end)
    return [replace(fact, size="".join(re.findall("[万亿]", fact.value(line)))) for fact in found]


def _of_sentence(line: str, start: int, end: int) -> Iterator[Fact]:
    inside = [q for q in quantities(line[start:end]) if _is_value(line[start:end], q)]
    when, before = "", list[str]()
    for a, b in _clauses(line, start, end):
        clause = line[a:b]
        said = _time(clause)
        when = said or when
        held = [q for q in inside if a <= start + q.start and start + q.end <= b]
        offset = start
        if SEVERAL.search(clause) and len(held) > 1:
            yield from _several(line, a, b, offset, held, when, before)
            before = []
        elif len(held) == 2 and (moved := list(_moved(line, a, b, offset, held, when))):
            yield from moved
            before = [moved[0].subject]
        elif len(held) == 1:
            one = _single(line, a, b, offset, held[0], when, before)
            if one is None:
                before = []
            else:
                yield one
                before = [*(before if one.kind == "level" else []), one.subject]
        elif held:
            before = []


def _is_value(text: str, q: Quantity) -> bool:
    digits = text[q.core_start : q.core_end]
    plain = q.upper is None and q.unit != "点" and any(map(str.isdigit, digits))
    return plain and unit_class(q.unit) not in NO_UNITS


def _clauses(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for place in range(start, end):
        if line[place] in MARKS and not (line[place] == "," and line[place + 1 : place + 2].isdigit()):
            if place > at:
                yield at, place
            at = place + 1
    if end > at:
        yield at, end


def _time(clause: str) -> str:
    found = [match[0] for match in TIME.finditer(clause) if match["part"]]
    return found[0] if found else ""


def _subject(text: str) -> str:
    """Return the words that name what is measured, without times and what leads in; "" if they are none."""
    plain = TIME.sub(lambda match: "" if match["part"] or match["year"] else match[0], text)
    plain = re.sub(r"^(?:\d+月\d+日)", "", plain)
    plain = LEADING.sub("", plain)
    plain = re.sub(r"^(?:我国|全国)(?=.{4})", "", plain) if len(plain) > 6 else plain
    good = (
        2 <= len(plain) <= 20
        and HAN.fullmatch(plain)
        and not NO_PART.search(plain)
        and not NO_BEGIN.match(plain)
    )
    return plain if good and not NO_END.search(plain) and _balanced(plain) else ""


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("“”", "《》"))


def _single(
    line: str, a: int, b: int, offset: int, q: Quantity, when: str, before: Sequence[str]
) -> Fact | None:
    left, right = line[a : offset + q.start], line[offset + q.end : b]
    core = offset + q.core_start, offset + q.core_end
    changed = CHANGE.search(left)
    if changed is not None and (changed["mark"] or unit_class(q.unit) in ("percent", "points")):
        subject = _subject(left[: changed.start()]) if changed.start() else (before[-1] if before else "")
        said = f"{changed['mark']}{changed['real'] or ''}{changed['verb']}"
        return Fact("change", subject, said, when, q.unit, *core) if subject and not right else None
    link = LINK.search(left)
    bare = left[: link.start()] if link else left
    subject = _subject(bare)
    if not subject or re.search("增长|下降|增幅|降幅|同比|环比|倍", bare) or not _noun_tail(right):
        return None
    if right and unit_class(q.unit) in NAMED_UNITS:
        return None
    if link is None and unit_class(q.unit) == "percent":
        return None
    return Fact("level", subject, link[0] if link else "", when, q.unit, *core, tail=right)


def _noun_tail(right: str) -> bool:
    """Tell whether nothing but a noun follows the value."""
    return (
        not right
        or right in ("左右", "以上")
        or (len(right) <= 8 and bool(re.fullmatch("[一-龥]+", right)) and right[0] not in "的以左多余级")
    )


def _several(
    line: str, a: int, b: int, offset: int, held: Sequence[Quantity], when: str, before: Sequence[str]
) -> Iterator[Fact]:
    """Yield a fact for each value of A和B分别为x和y; the names may be the subjects of the clauses before."""
    clause = line[a:b]
    match = SEVERAL.search(clause)
    assert match is not None
    first, last = offset + held[0].start - a, offset + held[-1].end - a
    verb = re.sub("^(?:约|超|近)+|(?:约|超过|超|近|了)+$", "", clause[match.end() : first])
    gaps = [clause[offset + x.end - a : offset + y.start - a] for x, y in itertools.pairwise(held)]
    if (
        clause[last:] not in ("", "左右")
        or len(verb) > 8
        or not all(JOIN.fullmatch(gap.strip("约超近")) for gap in gaps)
    ):
        return
    names, suffix = _names(re.sub(r"^.*?(?:其中)", "", clause[: match.start()]))
    if (
        not names
        and len(before) == len(held)
        and not _subject(re.sub("(?:比|较|同|环).*$", "", clause[: match.start()]))
    ):
        names, suffix = list(before), clause[: match.start()]
    if len(names) != len(held):
        return
    changed = CHANGE.search(suffix + verb)
    for name, q in zip(names, held, strict=True):
        if changed is not None:
            subject, kind, link = _subject(name + (suffix + verb)[: changed.start()]), "change", changed[0]
        else:
            subject, kind, link = _subject(name + suffix), "level", verb
        if subject:
            yield Fact(kind, subject, link, when, q.unit, offset + q.core_start, offset + q.core_end)


def _names(text: str) -> tuple[list[str], str]:
    """Return the names that 、 and 和 join and what is said of all of them: 煤炭、成品油 and 销售量."""
    plain = LEADING.sub("", TIME.sub(lambda match: "" if match["part"] or match["year"] else match[0], text))
    if plain.endswith("产销量"):
        return [plain[:-3] + "产量", plain[:-3] + "销量"], ""
    parts = [part for part in JOIN.split(plain) if part]
    if len(parts) < 2 or any(re.search(r"\d|的", part) for part in parts):
        return [], ""
    sizes = [len(cut(part)) for part in parts]
    if len(set(sizes)) == 1 or len({part[-2:] for part in parts}) == 1:
        return parts, ""
    if len(set(sizes[:-1])) == 1 and sizes[-1] > sizes[0]:
        words = cut(parts[-1])
        item = "".join(words[: sizes[0]])
        alike = (
            len({len(part) for part in [*parts[:-1], item]}) == 1
            or len({part[-1] for part in [*parts[:-1], item]}) == 1
        )
        if alike and not NO_END.search(item):
            return [*parts[:-1], item], parts[-1][len(item) :]
    return [], ""


def _moved(line: str, a: int, b: int, offset: int, held: Sequence[Quantity], when: str) -> Iterator[Fact]:
    """Yield the old and the new value of 由x提高到y."""
    x, y = held
    at = [offset + q.core_start - a for q in held] + [offset + q.core_end - a for q in held]
    shape = line[a : a + at[0]] + "@" + line[a + at[2] : a + at[1]] + "@"
    match = MOVED.search(shape)
    if match is None or not re.fullmatch(RISES, match["verb"]) or unit_class(x.unit) != unit_class(y.unit):
        return
    subject, rest = _subject(line[a : a + match.start()]), line[a + at[3] : b]
    if not subject or rest:
        return
    verb = match["verb"] + match["to"]
    for kind, q, said in (("old", x, match["before"]), ("new", y, match["after"])):
        yield Fact(kind, subject, verb, said or when, q.unit, offset + q.core_start, offset + q.core_end)
