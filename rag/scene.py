"""The surroundings of a possible answer, from near to far, in the order a reader takes them in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rag.quantity import Quantity, quantities
from rag.records import Article, BlockKind, Candidate, Span
from rag.text import clauses, fold, sentences
from rag.when import When, whens

__all__ = ["CLAUSE_MARKS", "LEVELS", "Scene", "nearest_times", "published"]

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
CLAUSE_MARKS = "，,；;：:。！？"
# The longest piece of an enumeration that may lack its noun: 省部级.
ELLIPTIC = 4
# Sentences before the answer's own that are still about the same thing.
CONTEXT = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands around a candidate; `texts` are folded and keyed like LEVELS.

    `context` are the sentences before the answer's in its block, `segment` is the folded piece of the
    clause that belongs to the answer's number (36个[省部级]、), `rivals` are those of the clause's other numbers.
    """

    candidate: Candidate
    sentence: Span
    clause: Span
    context: tuple[Span, ...]
    texts: Mapping[str, str]
    segment: str
    rivals: tuple[str, ...]

    @classmethod
    def around(cls, candidate: Candidate) -> "Scene":
        """Look around `candidate`."""
        article, answer = candidate.hit.passage.article, candidate.span
        block = next(b for b in article.blocks if b.start <= answer.start < b.end)
        spans = [
            Span(block.start + s, block.start + e)
            for s, e in sentences(article.text[block.start : block.end])
        ]
        inside = [s for s in spans if s.start < answer.end and s.end > answer.start]
        sentence = Span(inside[0].start, inside[-1].end) if inside else Span(block.start, block.end)
        clause = _clause(article.text, sentence, answer)
        context = tuple(s for s in spans if s.end <= sentence.start)
        near = context[-CONTEXT].start if len(context) >= CONTEXT else block.start
        segment, rivals = _segments(article.text, clause, answer)
        pieces = {
            "clause": clause,
            "before": Span(sentence.start, clause.start),
            "context": Span(near, sentence.start),
            "earlier": Span(block.start, near),
            "after": Span(clause.end, sentence.end),
            "later": Span(sentence.end, max(block.end, sentence.end)),
        }
        texts = {name: fold(article.text[span.start : span.end]) for name, span in pieces.items()}
        texts["above"] = fold(
            "\n".join((article.title, article.subtitle, candidate.hit.passage.heading_text))
        )
        texts["lead"] = fold(_lead(article))
        return cls(candidate, sentence, clause, context, texts, segment, rivals)

    @property
    def article(self) -> Article:
        """The article the candidate stands in."""
        return self.candidate.hit.passage.article

    @property
    def whole_sentence(self) -> str:
        """The folded sentence of the answer."""
        return f"{self.texts['before']}{self.texts['clause']}{self.texts['after']}"

    @property
    def near(self) -> str:
        """Everything that may qualify the answer; what comes after its sentence does not."""
        return "\n".join(text for name, text in self.texts.items() if name != "later")


def _clause(text: str, sentence: Span, answer: Span) -> Span:
    """Return the run of comma-clauses that holds the answer."""
    pieces = clauses(text[sentence.start : sentence.end], CLAUSE_MARKS)
    spans = [Span(sentence.start + s, sentence.start + e) for s, e in pieces]
    inside = [s for s in spans if s.start < answer.end and s.end > answer.start]
    return Span(inside[0].start, inside[-1].end) if inside else sentence


def _segments(text: str, clause: Span, answer: Span) -> tuple[str, tuple[str, ...]]:
    """Return what the answer's number counts, and what the other numbers of its clause count.

    In 10个国家级、36个省部级 the noun follows its number, in 科研机构47家、高等院校65所 it stands before it.
    """
    whole = text[clause.start : clause.end]
    numbers = quantities(whole)
    first, last = answer.start - clause.start, answer.end - clause.start
    at = next((i for i, number in enumerate(numbers) if number.start < last and number.end > first), None)
    if at is None:
        return "", ()
    pieces = [_counted(whole, numbers, i) for i in range(len(numbers))]
    rivals = [piece for i, piece in enumerate(pieces) if i != at]
    if at + 1 < len(pieces) and _shares_its_noun(pieces):
        rivals.pop()
    return pieces[at], tuple(rivals)


def _counted(whole: str, numbers: Sequence[Quantity], at: int) -> str:
    """Return the folded noun of one number: up to the next number, or back to the last if a mark follows."""
    begin = numbers[at - 1].end if at else 0
    end = numbers[at + 1].start if at + 1 < len(numbers) else len(whole)
    following = whole[numbers[at].end : end]
    noun = whole[begin : numbers[at].start] if not following or following[0] in "、，,。；;）)" else following
    return fold(noun.strip("、，,。；;和及以与的"))


def _shares_its_noun(pieces: Sequence[str]) -> bool:
    """Tell whether the noun of the last number is that of all: 10个国家级、36个省部级、40余个市级[创新平台]."""
    return all(len(piece) <= ELLIPTIC for piece in pieces[:-1]) and len(pieces[-1]) > ELLIPTIC + 2


def _lead(article: Article) -> str:
    """Return the first paragraph of the body."""
    block = next((b for b in article.blocks if b.kind is BlockKind.BODY), None)
    return "" if block is None else article.text[block.start : block.end]


def nearest_times(scene: Scene) -> tuple[When, ...]:
    """Return the bounded times of the nearest surroundings that name any: the sentence, those before it, title, lead."""
    base = published(scene.article)
    texts = scene.texts
    for text in (scene.whole_sentence, texts["context"], texts["earlier"], texts["above"], texts["lead"]):
        found = tuple(when for when in whens(text, base) if when.first is not None or when.last is not None)
        if found:
            return found
    return ()


def published(article: Article) -> date | None:
    """Return the day the article was published, None if it is not known."""
    try:
        return date.fromisoformat(article.published[:10])
    except ValueError:
        return None
