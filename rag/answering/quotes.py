"""Quote: cut the words that carry an answer with what qualifies them, and check them against the source."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from rag.answering.answer_features import outlook
from rag.answering.context import CLAUSE_MARKS, Scene, published
from rag.answering.evidence import Evidence
from rag.answering.validity.dating import governing_words
from rag.query.analysis import AnswerType, Query
from rag.records import (
    Amendment,
    Article,
    BlockKind,
    Candidate,
    Citation,
    Context,
    Correction,
    Fact,
    Passage,
    Role,
    Span,
    Verified,
)
from rag.text.annotation import Annotation, annotate
from rag.text.characters import squeeze
from rag.text.dates import as_of
from rag.text.sentences import NOTE_MARKS
from rag.text.time_words import OUTLOOK

__all__ = [
    "Known",
    "Quote",
    "citation",
    "corrections_of",
    "permalink",
    "quote_evidence",
    "quote_passage",
    "stands_in",
]

# A quote with its context is read at a glance: three lines of a phone.
MAX_QUOTE = 100
MAX_ALL = 160
# What a sentence may open with that only the sentence before explains.
DEPENDENT = re.compile(
    r"[“‘「『（(]?(?:其中|其(?!他|它|实|次|余)|该|此(?!外|前|后)|这|那(?!么)|同期|他|她|它|上述|双方|两者|二者|前者|后者|对此|为此|据此|届时|会上|会议|活动|目前|截至目前|总投资|共有|共|合计|累计)"
)

_note_mark = re.compile(f"[{NOTE_MARKS}]+")


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim quote with the runs of the article that qualify it, in the article's order."""

    article: Article
    span: Span
    context: tuple[Span, ...]
    answer: Span | None
    as_of: str
    kind: BlockKind
    outlook: str = ""

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.article.text[self.span.start : self.span.end]

    @property
    def pieces(self) -> tuple[str, ...]:
        """The quoted words and those of the context."""
        return (self.text, *(self.article.text[span.start : span.end] for span in self.context))


def quote_evidence(query: Query, evidence: Evidence) -> Quote:
    """Quote the sentence of the answer, or the run of clauses that supports it, with its qualifiers."""
    candidate = evidence.candidate
    scene = evidence.scene
    article = scene.article
    if candidate.fact is not None:
        return _quoted_cell(query, candidate, candidate.fact)
    span = _quoted_run(article.text, scene.sentence, candidate.span)
    budget = MAX_ALL - len(span)
    context: list[Span] = []
    for wanted in _qualifiers(query, scene, span):
        if wanted not in context and len(wanted) <= budget:
            context.append(wanted)
            budget -= len(wanted)
    context.sort(key=lambda s: s.start)
    dated = (
        candidate.text if query.type is AnswerType.TIME else _dated(article, span, context, candidate.span)
    )
    kind = candidate.hit.passage.kind
    return Quote(article, span, tuple(context), candidate.span, dated, kind, outlook(evidence))


def _quoted_cell(query: Query, candidate: Candidate, fact: Fact) -> Quote:
    """Quote the row of a cell with the head and caption of its table."""
    article = candidate.hit.passage.article
    context = sorted(fact.above, key=lambda span: span.start)
    title = [
        Span(b.start, b.end)
        for b in article.blocks
        if b.kind is BlockKind.TITLE and b.end - b.start <= MAX_QUOTE
    ]
    said = annotate("\n".join(article.text[s.start : s.end] for s in (fact.line, *context)))
    lacking = [term for term in query.terms if not said.has(term)]
    above = [s for s in title if any(annotate(article.text[s.start : s.end]).has(term) for term in lacking)]
    context = [*above, *context]
    dated = (
        candidate.text
        if query.type is AnswerType.TIME
        else _dated(article, fact.line, context, candidate.span)
    )
    return Quote(article, fact.line, tuple(context), candidate.span, dated, BlockKind.ROW)


def quote_passage(query: Query, passage: Passage) -> Quote:
    """Quote the sentence of `passage` that holds most of the question's words: no answer is marked in it."""
    spans = [Span(passage.start + s, passage.start + e) for s, e in annotate(passage.text).sentences]
    text = passage.article.text

    def shared(span: Span) -> float:
        said = annotate(text[span.start : span.end])
        return sum(said.has(term) for term in query.terms)

    best = max(spans, key=shared, default=Span(passage.start, passage.end))
    return Quote(
        passage.article, Span(best.start, min(best.end, best.start + MAX_ALL)), (), None, "", passage.kind
    )


# Before a date: it is a deadline or an aim for something else, not the time that holds for the answer.
DEADLINE = re.compile(f"(?:{OUTLOOK}|抢在|赶在|拟于|将于|定于)$")


def _dated(article: Article, span: Span, context: Sequence[Span], answer: Span) -> str:
    """Return the words that date the answer: of the quote, else of the nearest context."""
    text = article.text
    for run in _nearest_first(span, context):
        said = text[run.start : run.end]
        words = as_of(said, answer.start - run.start if run == span else None)
        if run == span and words:
            inside = Span(answer.start - run.start, answer.end - run.start)
            words = governing_words(said, published(article), words, inside)
        at = text.find(words, run.start, run.end)
        if words and not DEADLINE.search(text[max(run.start, at - 3) : at]):
            return words
    return ""


def _nearest_first(span: Span, context: Sequence[Span]) -> list[Span]:
    return [span, *sorted(context, key=lambda s: abs(span.start - s.end))]


def _quoted_run(text: str, sentence: Span, answer: Span) -> Span:
    """Return the sentence, or the shortest run of its clauses around the answer that is long enough to be read."""
    if len(sentence) <= MAX_QUOTE:
        return sentence
    run = _run(text, sentence, answer, "；;。！？")
    if len(run) > MAX_QUOTE:
        run = _run(text, run, answer, CLAUSE_MARKS)
        run = _grown(text, sentence, run)
    return run if len(run) <= MAX_ALL else _window(run, answer)


def _window(run: Span, answer: Span) -> Span:
    """Return the part of a run without any mark that has the answer in its middle and is as long as a quote may be."""
    room = max(MAX_QUOTE - len(answer), 0)
    start = max(run.start, answer.start - room // 2)
    return Span(start, max(answer.end, min(run.end, start + MAX_QUOTE)))


def _run(text: str, outer: Span, answer: Span, marks: str) -> Span:
    pieces = [
        Span(outer.start + s, outer.start + e)
        for s, e in annotate(text[outer.start : outer.end]).clauses(marks)
    ]
    inside = [s for s in pieces if s.start < answer.end and s.end > answer.start]
    return Span(inside[0].start, inside[-1].end) if inside else outer


def _grown(text: str, sentence: Span, run: Span) -> Span:
    """Add clauses before the run, then after it, while the whole stays short."""
    pieces = [
        Span(sentence.start + s, sentence.start + e)
        for s, e in annotate(text[sentence.start : sentence.end]).clauses(CLAUSE_MARKS)
    ]
    for piece in reversed([p for p in pieces if p.end <= run.start]):
        if run.end - piece.start > MAX_QUOTE:
            break
        run = Span(piece.start, run.end)
    for piece in (p for p in pieces if p.start >= run.end):
        if piece.end - run.start > MAX_QUOTE:
            break
        run = Span(run.start, piece.end)
    return run


def _qualifiers(query: Query, scene: Scene, span: Span) -> list[Span]:
    """Return what must stand beside the quote, the most needed first."""
    text = scene.article.text
    quoted = annotate(text[span.start : span.end])
    wanted: list[Span] = []
    lacking = [term for term in query.terms if not quoted.has(term)]
    opening = _opening(text, scene.sentence, span)
    if opening is not None and _explains(annotate(text[opening.start : opening.end]), lacking):
        wanted.append(opening)
    wanted += _notes(scene)
    before = [_trimmed_context(text, s) for s in reversed(scene.context[-2:])]
    if before and DEPENDENT.match(text[scene.sentence.start : scene.sentence.end]):
        wanted.append(before[0])
    if not as_of(text[span.start : span.end]):
        wanted += [s for s in before if as_of(text[s.start : s.end])][:1]
    for place in (*before, *_above(scene)):
        held = [term for term in lacking if annotate(text[place.start : place.end]).has(term) == 1]
        if held:
            wanted.append(place)
            lacking = [term for term in lacking if term not in held]
    return wanted


def _notes(scene: Scene) -> list[Span]:
    """Return the notes that the sentence refers to, of a note the sentence that it explains; both are of one paragraph."""
    text, sentence = scene.article.text, scene.sentence
    said = text[sentence.start : sentence.end]
    if found := _note_mark.match(said):
        return [s for s in scene.context if found[0] in text[s.start + 1 : s.end]][:1]
    marks = _note_mark.findall(said)
    if not marks:
        return []
    end = text.find("\n", sentence.end)
    below = annotate(text[sentence.end : end if end >= 0 else len(text)]).sentences
    later = [Span(sentence.end + s, sentence.end + e) for s, e in below]
    return [s for mark in marks for s in later if text.startswith(mark, s.start)]


def _explains(words: Annotation, lacking: Sequence[str]) -> bool:
    return bool(as_of(words.folded)) or any(words.has(term) == 1 for term in lacking)


def _opening(text: str, sentence: Span, span: Span) -> Span | None:
    """Return the first clause of a sentence that was cut: its date or subject."""
    if span.start == sentence.start:
        return None
    first = annotate(text[sentence.start : span.start]).clauses(CLAUSE_MARKS)[0]
    opening = Span(sentence.start + first[0], sentence.start + first[1])
    return opening if len(opening) <= MAX_QUOTE // 2 else None


def _trimmed_context(text: str, sentence: Span) -> Span:
    """Return the sentence, or the end of it that is short enough, beginning at a clause."""
    if len(sentence) <= MAX_QUOTE:
        return sentence
    start = sentence.end
    for piece in reversed(annotate(text[sentence.start : sentence.end]).clauses(CLAUSE_MARKS)):
        if sentence.end - (sentence.start + piece[0]) > MAX_QUOTE:
            break
        start = sentence.start + piece[0]
    return Span(start, sentence.end) if start < sentence.end else Span(sentence.end - MAX_QUOTE, sentence.end)


def _above(scene: Scene) -> list[Span]:
    """Return the section heading and the title."""
    heading = scene.candidate.hit.passage.heading
    title = next((Span(b.start, b.end) for b in scene.article.blocks if b.kind is BlockKind.TITLE), None)
    return [span for span in (heading, title) if span is not None and span != scene.sentence]


class Known(Protocol):
    """What the store knows of an article: its files and whether they still say the same."""

    def source_of(self, article_id: str) -> tuple[str, Verified]:
        """Return the source as it was ingested and what checking it gave."""
        ...

    def reprints(self, article_id: str) -> Sequence[str]:
        """Return the sources of other articles that tell the same story in the same words."""
        ...

    def versions(self, article_id: str) -> Sequence[str]:
        """Return the ids of the other articles that tell the same story in the same words."""
        ...

    def corrections(self, article_id: str) -> Sequence[Amendment]:
        """Return what notices mend in an article, the latest notice of the same words first."""
        ...

    def article(self, article_id: str) -> Article:
        """Return an article by its id."""
        ...


def citation(number: int, quote: Quote, known: Known, role: Role = "closest") -> Citation:
    """Make the citation of `quote`; the source file is checked now."""
    article, span, answer = quote.article, quote.span, quote.answer
    source, verified = known.source_of(article.id)
    inside = answer is not None and span.start <= answer.start and answer.end <= span.end
    return Citation(
        number=number,
        article_id=article.id,
        external_id=article.external_id,
        title=article.title,
        publisher=article.publisher,
        author=article.author,
        published=article.published,
        source=source,
        url=article.url,
        start=span.start,
        end=span.end,
        quote=quote.text,
        context=tuple(Context(s.start, s.end, article.text[s.start : s.end]) for s in quote.context),
        answer_start=answer.start if inside and answer is not None else None,
        answer_end=answer.end if inside and answer is not None else None,
        kind=quote.kind,
        verified=verified,
        permalink=permalink(article.id, span),
        reprints=tuple(known.reprints(article.id)),
        page=article.page_at(answer.start if inside and answer is not None else span.start),
        scanned=article.scanned,
        corrections=tuple(_corrections(quote, known)),
        as_of=quote.as_of,
        outlook=quote.outlook,
        role=role,
    )


def _corrections(quote: Quote, known: Known) -> Iterator[Correction]:
    """Yield what notices say of the quoted words; a notice itself says it in its quote."""
    shown = [quote.span, *quote.context]
    article = quote.article
    for one in known.corrections(article.id):
        if not any(one.was.start < span.end and span.start < one.was.end for span in shown):
            continue
        if one.notice_id != article.id or not any(span.start <= one.now.start < span.end for span in shown):
            yield _correction(article, one, known)


def corrections_of(article: Article, known: Known) -> list[Correction]:
    """Return what notices say of an article, whatever of it is quoted."""
    return [_correction(article, one, known) for one in known.corrections(article.id)]


def _correction(article: Article, one: Amendment, known: Known) -> Correction:
    notice = known.article(one.notice_id)
    source, verified = known.source_of(notice.id)
    return Correction(
        was=article.text[one.was.start : one.was.end],
        now=notice.text[one.now.start : one.now.end],
        was_start=one.was.start,
        was_end=one.was.end,
        article_id=notice.id,
        title=notice.title,
        publisher=notice.publisher,
        published=notice.published,
        source=source,
        start=one.quote.start,
        end=one.quote.end,
        quote=notice.text[one.quote.start : one.quote.end],
        now_start=one.now.start,
        now_end=one.now.end,
        verified=verified,
        permalink=permalink(notice.id, one.quote),
        denied=one.denied,
    )


def permalink(article_id: str, span: Span) -> str:
    """Return the path of the page that shows the article with the quote marked."""
    return f"/articles/{article_id}?s={span.start}&e={span.end}"


def stands_in(article: Article, span: Span, plain: str) -> bool:
    """Tell whether the words of `span` stand in the decoded source `plain` (without white space), whatever cleaning did.

    Where pieces were joined that are no neighbours in the source, each piece must stand there.
    """
    cuts = [span.start, *(seam for seam in article.seams if span.start < seam < span.end), span.end]
    return all(squeeze(article.text[a:b]) in plain for a, b in pairwise(cuts))
