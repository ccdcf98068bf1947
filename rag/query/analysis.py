"""Understand a question: what kind of answer it asks for and what it demands of the evidence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rag.query.expansion import Form
from rag.query.measure import MONEY, measure_named, unit_class_asked
from rag.query.question_type import AnswerType, understand_kind
from rag.records import Span
from rag.text.annotation import Annotation, annotate
from rag.text.characters import fold, simplified
from rag.text.dates import When
from rag.text.lexicon import UNKNOWN, rarity, telling
from rag.text.places import Place
from rag.text.words import bigrams, content_words, cut, words

__all__ = ["MONEY", "AnswerType", "Constraint", "Query", "understand", "understand_kind"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """Something the evidence must hold: `kind` is place, time, name, ordinal or quoted; `text` as it was asked."""

    kind: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Query:
    """A stand-alone question, analysed.

    `annotation` holds its text with what that says. `asked` is the span of the interrogative in `text` (多少个, 哪家), None if there is none. `head` is the noun after
    it (多少个[基站]), "" if nothing follows. `unit` is the literal unit that was asked for (亿元, 个), `unit_class` the
    class an answer's unit must have, both "" where the question leaves it open. `measure` is the measure whose number is asked for (净利润), "" for none. `sought` are
    the words that name the kind of answer (哪位[球员]). `terms` are content words without
    the interrogative, `weights` how much each tells (`rag.text.lexicon.telling`), `timely` those of all words that name a time relative to another (去年, 当天). `period` is the time the question is about; `relative` says it was named relative to today.
    `forms` are other ways to write what it says (`rag.query.understand` knows those of an index).
    """

    question: str
    annotation: Annotation
    type: AnswerType
    asked: Span | None
    unit: str
    unit_class: str
    head: str
    counted: tuple[str, ...]
    measure: str
    sought: tuple[str, ...]
    terms: tuple[str, ...]
    weights: Mapping[str, float] = field(compare=False)
    timely: frozenset[str]
    words: tuple[str, ...]
    bigrams: tuple[str, ...]
    places: tuple[Place, ...]
    constraints: tuple[Constraint, ...]
    period: When | None
    relative: bool
    today: date
    forms: tuple[Form, ...] = ()

    @property
    def text(self) -> str:
        """The question as it stands alone."""
        return self.annotation.text

    @property
    def plain(self) -> str:
        """The question in simplified characters, for texts that are."""
        return simplified(self.text)

    @property
    def folded(self) -> str:
        """The folded question."""
        return self.annotation.folded

    @property
    def other_words(self) -> tuple[str, ...]:
        """The words of the other forms, to search for."""
        return tuple(dict.fromkeys(word for form in self.forms for word in annotate(form.said).words))

    @property
    def other_bigrams(self) -> tuple[str, ...]:
        """The bigrams of the other forms, to search for."""
        return tuple(dict.fromkeys(pair for form in self.forms for pair in bigrams(form.said)))

    @property
    def asking(self) -> tuple[str, ...]:
        """The bigrams of the clause that asks: 英国发布了哪份报告 after 大会闭幕当天; all if it says nothing else."""
        at = self.asked.start if self.asked is not None else len(self.text)
        ends = [*(match.end() for match in _ends_of_clauses.finditer(self.text)), len(self.text)]
        start = max((end for end in ends if end <= at), default=0)
        said = set(bigrams(self.text[start : next((end for end in ends if end > at), len(self.text))]))
        return tuple(pair for pair in self.bigrams if pair in said) or self.bigrams


# What a word that names the kind of answer counts: 披露日期 of 披露日期是什么 seldom stands beside the day.
SOUGHT = 0.4
# What the unit of a number shows by itself.
_shown = "面积 金额 总额 总金额 资金 费用 长度 距离 重量 比例 比重 占比 时长 温度 价格 价钱 价 售价 数量 总数 人数 规模"
SHOWN = frozenset(_shown.split())
_compared = re.compile("(?:[比较]|相较于|对比)$")
_beside = re.compile("[和与跟同]$")
_with = re.compile("(?:同期|同月|同季)?(?:相?比|比较|对比)")
_ends_of_clauses = re.compile("[，,；;：:。？?！!]")
_particles = "是为于因与和从被把将对向在会了的指当也则并"
_particle = re.compile(
    f"^[{_particles}][\u4e00-\u9fff]$|^[\u4e00-\u9fff][{_particles}]$|^[\u4e00-\u9fff][和与及的或][\u4e00-\u9fff]$"
)
_quoted = re.compile(r"《([^《》]{2,60})》|“([^“”]{2,40})”|「([^「」]{2,40})」|\"([^\"]{2,40})\"")
_tail = re.compile(
    r"(?:一共|总共|共计|合计|累计|大约|大概|目前|已经|现在|全部|[共有是为达到约占要了能会高就\s]){1,8}$"
)


def understand(question: str, text: str, today: date) -> Query:
    """Analyse the stand-alone question `text`; `question` is what was typed."""
    said = annotate(text)
    folded = said.folded
    kind, asked, unit, head = understand_kind(text)
    rest = annotate(_without_interrogative(folded, asked, unit))
    period = next(iter(_periods(said, asked, today)), None)
    sought, timely = _sought(folded, kind, asked, head), _timely(said, today)
    terms = _longest(_well_cut(rest.content_words))
    return Query(
        question=question,
        annotation=said,
        type=kind,
        asked=asked,
        unit=unit,
        unit_class=unit_class_asked(folded, kind, asked, unit),
        head=head,
        counted=_counted(folded, kind, asked, head),
        measure=measure_named(folded, asked) if kind is AnswerType.NUMBER and not unit else "",
        sought=sought,
        terms=terms,
        weights={term: _weight(term, sought, timely) for term in terms},
        timely=timely,
        words=tuple(dict.fromkeys(rest.words)),
        bigrams=tuple(dict.fromkeys(bigrams(rest.text))),
        places=tuple({folded[one.start : one.end]: one for one in reversed(said.places)}.values())[::-1],
        constraints=_constraints(said, asked, unit),
        period=period,
        relative=period is not None
        and not re.search(r"\d{4}|[〇零一二三四五六七八九]{4}", text[period.start : period.end]),
        today=today,
    )


def _without_interrogative(folded: str, asked: Span | None, unit: str) -> str:
    """Return what is left of the question when what the answer takes the place of is taken out."""
    if asked is None:
        return folded
    after = folded[asked.end + len(unit) :]
    if folded[asked.end - 1] == "多":
        after = after.lstrip("大高长宽远深重快久厚")
    return f"{_tail.sub(' ', folded[: asked.start])} {after}"


def _well_cut(found: Sequence[str]) -> list[str]:
    """Leave out what the dictionary does not have and a particle begins, ends or parts: 企和链 is cut wrongly."""
    return [word for word in found if not (rarity(word) >= UNKNOWN and _particle.search(word))]


def _weight(term: str, sought: Sequence[str], timely: frozenset[str]) -> float:
    """Return how much a term tells: a time is checked as a time, what names the kind of answer may be missing."""
    if term in timely:
        return 0.0
    return telling(term) * (SOUGHT if term in sought else 1.0)


def _timely(question: Annotation, today: date) -> frozenset[str]:
    """Return the words of times that are relative (去年, 今年前9个月): articles write them otherwise."""
    found = [question.folded[when.start : when.end] for when in question.whens(today)]
    relative = [said for said in found if not re.search(r"\d{4}", said)]
    others = [word for said in found for word in words(said) if not any(map(str.isdigit, word))]
    return frozenset([*others, *(word for said in relative for word in words(said))])


def _sought(text: str, kind: AnswerType, asked: Span | None, head: str) -> tuple[str, ...]:
    """Return the words that name the kind of answer: 哪位[球员], [比赛结果]是什么; the text need not have them."""
    if asked is None or kind in (AnswerType.NUMBER, AnswerType.YESNO):
        return ()
    before = content_words(_tail.sub("", text[: asked.start]))[-1:] if kind is not AnswerType.PERSON else []
    first = [next(iter(cut(head)), "")] if head else []
    return tuple(fold(word) for word in (*first, *(before if not head else ())))


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


def _periods(question: Annotation, asked: Span | None, today: date) -> list[When]:
    """Return the times that bound the question; 目前 and 近年来 bound nothing, nor does 比去年; 哪一年哪一月 is no January."""
    bounded = (w for w in question.whens(today) if w.first is not None or w.last is not None)
    found = [when for when in bounded if when.kind != "now" and not _is_base(question.folded, when)]
    return [w for w in found if asked is None or w.end <= asked.start or asked.end + 1 < w.start]


def _is_base(folded: str, when: When) -> bool:
    """Tell whether a time is only what is compared with: 比[去年]增长多少, 与[去年同期]相比."""
    beside = _beside.search(folded, 0, when.start) and _with.match(folded, when.end)
    return _compared.search(folded, 0, when.start) is not None or beside is not None


def _constraints(question: Annotation, asked: Span | None, unit: str) -> tuple[Constraint, ...]:
    text = question.text
    taken = [Span(when.start, when.end) for when in question.whens()]
    if asked is not None:
        taken.append(Span(asked.start, asked.end + len(unit)))
    found = [
        Constraint("quoted", next(filter(None, m.groups())), Span(*m.span())) for m in _quoted.finditer(text)
    ]
    inside = [constraint.span for constraint in found]
    for kind, spans in (("ordinal", question.ordinals), ("name", question.names)):
        for span in (Span(*ends) for ends in spans):
            if not any(_meet(span, other) for other in [*taken, *inside]):
                found.append(Constraint(kind, text[span.start : span.end], span))
    found += [Constraint("place", text[p.start : p.end], Span(p.start, p.end)) for p in question.places]
    distinct = {
        (one.kind, fold(one.text)): one for one in reversed(found)
    }  # what is said twice is asked once
    return tuple(distinct.values())[::-1]


def _meet(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end
