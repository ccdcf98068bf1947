"""The surroundings of a possible answer, from near to far, in the order a reader takes them in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.budget import spend
from rag.query.expansion import Form, with_forms
from rag.records import Article, BlockKind, Candidate, Fact, Span
from rag.text.annotation import Annotation, annotate
from rag.text.characters import fold
from rag.text.dates import When
from rag.text.quantity import Quantity

__all__ = [
    "BEHIND",
    "CLAUSE_MARKS",
    "DAYS",
    "LEVELS",
    "Scene",
    "nearest_times",
    "published",
    "respective_time",
]

# How much a word of the question counts by where it stands. What was said before carries on (the subject of the first
# clause is that of the second, the place of the title that of all); what comes after the answer explains it less.
LEVELS = {
    "clause": 1.0,
    "before": 0.9,
    "context": 0.75,
    "above": 0.75,
    "earlier": 0.6,
    "after": 0.5,
    "lead": 0.5,
    "later": 0.25,
}
_marks = re.compile("[、，,。；;]")
_leads = re.compile("^[^以及和与、，]{0,5}(?:到|至|为|成)$")
CLAUSE_MARKS = "，,；;：:。！？"
# The longest piece of an enumeration that may lack its noun: 省部级.
ELLIPTIC = 4
# A time no longer than this is the day of an event, not a period.
DAYS = 3
# Characters between a time and the number right behind it: 2022年末[的]393.4万人.
BEHIND = 6
# Characters kept of what leads from number to number in one piece: a piece without end is no item of a list.
LONGEST_LEFT = 200
# Characters before the row of an answer in a table that are still about it.
ABOVE_TABLE = 600
# Sentences before the answer's own that are still about the same thing.
CONTEXT = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands around a candidate; `texts` are folded and keyed like LEVELS.

    What is added to a text for matching stands on lines at its end. `whole_sentence` is the folded sentence of the answer,
    `near` all that may qualify it: what comes after its sentence does not. `context` are the sentences before the answer's
    in its block, `segment` is the folded piece of the clause that belongs to the answer's number (36个[省部级]、), `rivals`
    are those of the clause's other numbers.
    """

    candidate: Candidate
    answer: Annotation
    sentence: Span
    clause: Span
    context: tuple[Span, ...]
    texts: Mapping[str, Annotation]
    whole_sentence: Annotation
    near: Annotation
    segment: Annotation
    rivals: tuple[Annotation, ...]

    @classmethod
    def around(cls, candidate: Candidate, forms: Sequence[Form] = ()) -> "Scene":
        """Look around `candidate`; what the texts write otherwise than the question (`forms`) is added to them."""
        article, answer = candidate.hit.passage.article, candidate.span
        if candidate.fact is not None:
            return cls._of_cell(candidate, candidate.fact, forms)
        block = next(b for b in article.blocks if b.start <= answer.start < b.end)
        said = annotate(article.text[block.start : block.end])
        spans = [Span(block.start + s, block.start + e) for s, e in said.sentences]
        inside = [s for s in spans if s.start < answer.end and s.end > answer.start]
        sentence = Span(inside[0].start, inside[-1].end) if inside else Span(block.start, block.end)
        clause = _clause(article.text, sentence, answer)
        context = tuple(s for s in spans if s.end <= sentence.start)
        near = context[-CONTEXT].start if len(context) >= CONTEXT else block.start
        pieces = {
            "clause": clause,
            "before": Span(sentence.start, clause.start),
            "context": Span(near, sentence.start),
            "earlier": Span(block.start, near),
            "after": Span(clause.end, sentence.end),
            "later": Span(sentence.end, max(block.end, sentence.end)),
        }
        folded = {
            name: said.folded[s.start - block.start : s.end - block.start] for name, s in pieces.items()
        }
        folded["above"] = fold(
            "\n".join((article.title, article.subtitle, candidate.hit.passage.heading_text))
        )
        folded["lead"] = annotate(_lead(article)).folded
        texts = {name: with_forms(text, forms, article.id) for name, text in folded.items()}
        return cls(
            candidate,
            annotate(candidate.text),
            sentence,
            clause,
            context,
            {name: annotate(text) for name, text in texts.items()},
            annotate(f"{texts['before']}{texts['clause']}{texts['after']}"),
            annotate("\n".join(text for name, text in texts.items() if name != "later")),
            *_segments(article.text, clause, answer),
        )

    @classmethod
    def _of_cell(cls, candidate: Candidate, fact: Fact, forms: Sequence[Form]) -> "Scene":
        """Look around a cell: what its row and column are called is said of it, other cells are not."""
        article = candidate.hit.passage.article
        told = "\n".join(article.text[span.start : span.end] for span in fact.labels)
        above = "\n".join(article.text[span.start : span.end] for span in fact.above)
        passage = candidate.hit.passage
        folded = dict.fromkeys(LEVELS, "")
        folded["clause"] = fold(f"{told}\n{candidate.text}")
        folded["above"] = fold("\n".join((article.title, article.subtitle, passage.heading_text, above)))
        folded["context"] = fold(article.text[: fact.line.start][-ABOVE_TABLE:])
        folded["lead"] = annotate(_lead(article)).folded
        texts = {name: annotate(with_forms(text, forms, article.id)) for name, text in folded.items()}
        near = annotate("\n".join(text.text for text in texts.values()))
        whole = texts["clause"]
        return cls(
            candidate,
            annotate(candidate.text),
            fact.line,
            fact.line,
            (),
            texts,
            whole,
            near,
            annotate(""),
            (),
        )

    @property
    def article(self) -> Article:
        """The article the candidate stands in."""
        return self.candidate.hit.passage.article


def _clause(text: str, sentence: Span, answer: Span) -> Span:
    """Return the run of comma-clauses that holds the answer."""
    pieces = annotate(text[sentence.start : sentence.end]).clauses(CLAUSE_MARKS)
    spans = [Span(sentence.start + s, sentence.start + e) for s, e in pieces]
    inside = [s for s in spans if s.start < answer.end and s.end > answer.start]
    return Span(inside[0].start, inside[-1].end) if inside else sentence


def _segments(text: str, clause: Span, answer: Span) -> tuple[Annotation, tuple[Annotation, ...]]:
    """Return what the answer's number counts, and what the other numbers of its clause count.

    In 10个国家级、36个省部级 the noun follows its number, in 科研机构47家、高等院校65所 it stands before it.
    """
    whole = text[clause.start : clause.end]
    numbers = annotate(whole).quantities
    first, last = answer.start - clause.start, answer.end - clause.start
    at = next((i for i, number in enumerate(numbers) if number.start < last and number.end > first), None)
    if at is None:
        return annotate(""), ()
    items = list(_items(whole, numbers))
    rivals = [_item(right or left) for i, (left, right) in enumerate(items) if i != at]
    if at + 1 < len(items) and _shares_its_noun([right for _, right in items]):
        rivals.pop()
    return _item("".join(items[at])), tuple(rivals)


def _item(words: str) -> Annotation:
    return annotate(fold(words.strip("和及以与的")))


def _items(whole: str, numbers: Sequence[Quantity]) -> Iterator[tuple[str, str]]:
    """Yield the words before and after each number that belong to it: up to the marks of its item.

    What stands between two numbers is the first's (7000万美元[首付款]以及11亿美元), unless it leads to the second (由780分
    [调整为]750分). The last number has the rest of the clause.
    """
    left = ""
    for at, number in enumerate(numbers):
        spend()
        last = at + 1 == len(numbers)
        after = whole[number.end : len(whole) if last else numbers[at + 1].start]
        right = after if last else "" if _leads.search(after) else _marks.split(after)[0]
        between = whole[numbers[at - 1].end if at else 0 : number.start]
        if at and _leads.search(between):
            left = f"{left}{between}"[-LONGEST_LEFT:]
        else:
            begin = len(_marks.split(between)[0]) if at else 0
            left = _marks.split(between[begin:])[-1]
        yield left, right


def _shares_its_noun(rights: Sequence[str]) -> bool:
    """Tell whether the noun of the last number is that of all: 10个国家级、36个省部级、40余个市级[创新平台]."""
    return all(0 < len(right) <= ELLIPTIC for right in rights[:-1]) and len(rights[-1]) > ELLIPTIC + 2


def _lead(article: Article) -> str:
    """Return the first paragraph of the body."""
    block = next((b for b in article.blocks if b.kind is BlockKind.BODY), None)
    return "" if block is None else article.text[block.start : block.end]


def nearest_times(scene: Scene) -> tuple[When, ...]:
    """Return the bounded times that hold for the answer: the last one named before it, near or far.

    Failing that those named after it, in the title or in the lead. Where periods (2023年) and days (3月28日) stand together
    the periods hold: the day is that of the announcement. What is only compared with (比2022年末增加) counts for the
    number right behind it alone.
    """
    base = published(scene.article)
    texts = scene.texts
    if respective := respective_time(scene):
        return (respective,)
    offset = scene.candidate.span.start - scene.clause.start
    clause = [
        when for when in texts["clause"].whens(base) if when.first is not None and when.last is not None
    ]
    ahead = [w for w in clause if w.end <= offset and (w.kind != "compared" or offset - w.end <= BEHIND)]
    if ahead:
        return (ahead[-1],)
    if clause := [when for when in clause if when.kind != "compared"]:
        return tuple(clause)
    for name in ("before", "context", "after", "earlier", "above", "lead"):
        found = [when for when in texts[name].whens(base) if _bounds(when)]
        periods = [when for when in found if not _is_day(when)]
        if found:
            last = name in ("before", "context", "earlier")
            return ((periods or found)[-1],) if last else tuple(periods or found)
    return ()


def respective_time(scene: Scene) -> When | None:
    """Return the time of one number of a list: 2022年末和2021年末分别为393.4万人和391.8万人."""
    base = published(scene.article)
    said = fold(scene.article.text[scene.sentence.start : scene.clause.end])
    at = said.find("分别")
    answer = scene.candidate.span.start - scene.sentence.start
    if not 0 <= at < answer:
        return None
    times = [when for when in annotate(said[:at]).whens(base) if when.first is not None]
    numbers = [number for number in annotate(said).quantities if number.start > at]
    place = next((i for i, number in enumerate(numbers) if number.start <= answer < number.end), None)
    if len(times) == 1 and len(numbers) > 1:
        times = _yearly(times[0])
    return times[place] if place is not None and len(times) == len(numbers) else None


def _yearly(range_: When) -> list[When]:
    """Return the years of a range, the last of them up to its end: 2019年至2022年6月分别 gives four numbers."""
    first, last = range_.first, range_.last
    if first is None or last is None:
        return [range_]
    years = range(first.year, last.year + 1)
    return [
        replace(range_, first=max(first, date(year, 1, 1)), last=min(last, date(year, 12, 31)))
        for year in years
    ]


def _bounds(when: When) -> bool:
    return when.kind != "compared" and when.first is not None and when.last is not None


def _is_day(when: When) -> bool:
    return when.first is not None and when.last is not None and (when.last - when.first).days <= DAYS


def published(article: Article) -> date | None:
    """Return the day the article was published, None if it is not known."""
    try:
        return date.fromisoformat(article.published[:10])
    except ValueError:
        return None
