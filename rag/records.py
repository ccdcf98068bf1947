"""The nouns: what the parts of the program hand to each other.

Text is stored once, in `Article.text`; everything else is a span into it (code points, half-open). A later stage
makes a record that contains the earlier one: `Passage.article`, `Hit.passage`, `Candidate.hit`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

__all__ = [
    "Amendment",
    "Answer",
    "Article",
    "Block",
    "BlockKind",
    "Candidate",
    "Cell",
    "Certainty",
    "Citation",
    "Context",
    "Correction",
    "Drop",
    "Embedder",
    "Fact",
    "FloatArray",
    "Hit",
    "IndexInfo",
    "Passage",
    "Reader",
    "Reading",
    "Reason",
    "Refusal",
    "Role",
    "Source",
    "Span",
    "Table",
    "TimePoint",
    "Turn",
    "Value",
    "Variant",
    "VariantValue",
    "Verified",
    "article_id",
]

FloatArray = npt.NDArray[np.float32]


class BlockKind(StrEnum):
    """What a block of an article is; every block is a run of `Article.text`."""

    TITLE = "title"
    SUBTITLE = "subtitle"
    HEADING = "heading"
    BODY = "body"
    CAPTION = "caption"
    BYLINE = "byline"
    ROW = "row"


# The key of `Article.found_by` under which stands what recognised the words of a scan.
RECOGNISED = "recognised"


def article_id(title: str, publisher: str, published: str, text: str) -> str:
    """Return 12 hex digits of sha256 over the fields, each after its length so that no two lists look alike."""
    joined = "".join(f"{len(field)}:{field}" for field in (title, publisher, published, text))
    return sha256(joined.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open run of characters."""

    start: int
    end: int

    def __len__(self) -> int:
        """Return the number of characters."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, caption, … of an article; blocks are in order and separated by one newline."""

    start: int
    end: int
    kind: BlockKind
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """A piece of the source that is not in the article's text, and the rule that left it out."""

    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where an article was read: a file, and the line (from 1) for files that hold one article a line."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}#{self.line}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with words: their span, and the rows and columns, counted from 0, that it covers."""

    start: int
    end: int
    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a table in the order of their words: those of one row are a line of the text, set apart by tabs.

    `heads` counts the rows at the top that name what stands below; `caption` is what stands right above the table and
    belongs to it, None without any.
    """

    cells: tuple[Cell, ...]
    heads: int = 0
    caption: Span | None = None

    @property
    def span(self) -> Span:
        """From the first word to the last."""
        return Span(self.cells[0].start, self.cells[-1].end)

    def line(self, cell: Cell) -> Span:
        """Return the line that a cell stands in."""
        row = [one for one in self.cells if one.row == cell.row]
        return Span(row[0].start, row[-1].end)


@dataclass(frozen=True, slots=True)
class Article:
    """One news story, cleaned.

    `id` is 12 hex digits of sha256 over title, publisher, published and text. `published` is an ISO date or "".
    `edition` is the newspaper's name of the page (第01版).
    `seams` are the offsets in `text` where two pieces were joined that are not neighbours in the source (a caption
    stood between them): a quote over a seam is checked against the source piece by piece. `found_by` names the
    rule that found a field ("title": "first line", …). `rules` is the version of the rules that made it.
    """

    id: str
    title: str
    text: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    publisher: str = ""
    author: str = ""
    published: str = ""
    external_id: str = ""
    url: str = ""
    edition: str = ""
    period_hint: tuple[int, ...] = ()
    seams: tuple[int, ...] = ()
    drops: tuple[Drop, ...] = ()
    found_by: Mapping[str, str] = field(default_factory=dict)
    rules: int = 0
    tables: tuple[Table, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """Return the page, from 1, of what stands at an offset in `text`; None where there are no pages."""
        return next((block.page for block in self.blocks if block.start <= offset < block.end), None)

    @property
    def scanned(self) -> bool:
        """Whether the words were recognised on pictures of pages, so that some may be wrong."""
        return RECOGNISED in self.found_by


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one block of an article, or of rows of one table: what is embedded and retrieved.

    `heading` is the span of the section heading it stands under, if any; for rows that of the head of their table.
    """

    article: Article
    start: int
    end: int
    kind: BlockKind = BlockKind.BODY
    heading: Span | None = None

    @property
    def text(self) -> str:
        """The words themselves, always read from the article."""
        return self.article.text[self.start : self.end]

    @property
    def heading_text(self) -> str:
        """The words of the section heading, "" without one."""
        return "" if self.heading is None else self.article.text[self.heading.start : self.heading.end]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage and how well it fits a question; `score` and every feature are better when higher."""

    passage: Passage
    passage_id: int
    score: float
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reading:
    """One span the reader marks in a text: offsets into that text, `margin` = span logit − "not here" logit.

    `titled` is the margin of the same words where the text was read under its headline.
    """

    start: int
    end: int
    margin: float
    titled: float = 0.0


@dataclass(frozen=True, slots=True)
class Fact:
    """What a cell of a table says: the heads of its row and column (spans of the article) and the unit they name for it.

    `line` is the row it stands in, `above` the head and caption that are quoted with it.
    """

    line: Span
    labels: tuple[Span, ...]
    above: tuple[Span, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible answer: a span of the hit's article.

    `margin` is the reader's (span − "not here", higher is better), `titled` that of the passage read under its headline;
    `fits` tells whether the span has the form that the question asks for (a number with a unit of the asked class, a date, …).
    `fact` is what a cell of a table is, None for words of the text.
    """

    hit: Hit
    span: Span
    margin: float
    fits: bool = True
    titled: float = 0.0
    fact: "Fact | None" = None

    @property
    def text(self) -> str:
        """The answer's words; a figure of a table has the unit that its head names."""
        words = self.hit.passage.article.text[self.span.start : self.span.end]
        return words if self.fact is None else f"{words}{self.fact.unit}"


Verified = Literal["verified", "source_changed", "source_missing"]
Certainty = Literal["sure", "likely", ""]
Role = Literal["answer", "alternative", "corrected", "other_time", "closest"]
Reason = Literal["no_evidence", "constraint_not_met", "not_quotable", "overview", "courtesy", "empty"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation: what was asked (as it was understood) and the short answer."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """A run of the cited article that qualifies a quote: `text == article.text[start:end]`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """Words of an article that a notice mends: `was` lies in the article, `quote` and the right words `now` in the notice.

    Of a rumour that is `denied` no words are right: `now` is the sentence that denies it.
    """

    was: Span
    notice_id: str
    quote: Span
    now: Span
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """What a notice mends in the quote of a citation: `was` became `now`, as `quote == notice.text[start:end]` says.

    `was_start` and `was_end` lie in the cited article, `now_start` and `now_end` in the notice, which the other fields name.
    `denied` tells that the notice denies a rumour that was told: then `now` is its sentence.
    """

    was: str
    now: str
    was_start: int
    was_end: int
    article_id: str
    title: str
    publisher: str
    published: str
    source: str
    start: int
    end: int
    quote: str
    now_start: int
    now_end: int
    verified: Verified
    permalink: str
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote and where it stands: `quote == article.text[start:end]`.

    `answer_start` and `answer_end` have the same base and are None if the answer is not in this quote. `context` is
    in the order of the article. `reprints` are the sources of the other articles that tell the story in the same words. `corrections` mend
    words of the quote: where there are any, these words are shown with them and answer nothing.
    `page`, from 1, is that of the answer, else of the quote, in a file of pages; `scanned` tells that its words were
    recognised on a picture. `as_of` are the date words that hold for its own answer, `outlook` tells what is no fact in it: 目标, 预计 or
    "". `role` says what it is quoted for: the answer or what agrees or differs, the next best answer of one that is not sure, the value that a
    notice corrects, the answer of another time; closest where nothing is answered.
    """

    number: int
    article_id: str
    external_id: str
    title: str
    publisher: str
    author: str
    published: str
    source: str
    url: str
    start: int
    end: int
    quote: str
    context: tuple[Context, ...]
    answer_start: int | None
    answer_end: int | None
    kind: BlockKind
    verified: Verified
    permalink: str
    reprints: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    page: int | None = None
    scanned: bool = False
    as_of: str = ""
    outlook: str = ""
    role: Role = "closest"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer; `constraint` names what was not met, `message` is Chinese for the reader."""

    reason: Reason
    constraint: str
    message: str


@dataclass(frozen=True, slots=True)
class Value:
    """A number as the article states it: 超8万个 is 80000, 个, 超; `bound` is "" for a plain value."""

    number: float | int
    unit: str
    bound: str


@dataclass(frozen=True, slots=True)
class VariantValue:
    """One stated value and the number of the citation that holds it."""

    value: str
    citation: int


@dataclass(frozen=True, slots=True)
class Variant:
    """What several articles say of the same fact."""

    relation: Literal["equal", "compatible", "different"]
    values: tuple[VariantValue, ...]


@dataclass(frozen=True, slots=True)
class TimePoint:
    """A value of the asked indicator at another time: `as_of` as the article dates it, and the citation that holds it."""

    as_of: str
    value: str
    citation: int


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What an answer was made from."""

    generation: int
    articles: int
    passages: int
    embedder: str
    reader: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to a question: quoted and verified, or refused with its reason.

    `text` is one readable sentence with [1] markers, made only of asked and quoted words; a refusal's text is its
    message (`refusal.reason` courtesy: a greeting returned; overview: nothing is picked, `closest` tells). `as_of` is the date words that hold for the answer as the article has them (截至2023年底). `confidence` is
    the probability, 0 to 1, that the best candidate is right; `certainty` is "sure", "likely" (`text` says 可能 and has the next
    best answer where they are close) or "" for a refusal. `citations` are best first, numbered from 1, the first
    two carry the answer; `closest` is only filled when refused. `timeline` has the values of the same indicator at
    other times with that of the answer, oldest first; () if only one time is known. `timings_ms` has understand,
    embed, retrieve, read, answer, total. `parts` are the answers to the questions of a message that asks several, each as if it had been
    asked alone; `text` has a line for each, `citations` those of all, and confidence and certainty are the lowest of the answered. () for one
    question. `statement` is the sentence of `text` without markers, "" where `text` only quotes; of several questions what is concluded of all.
    `notice` says that the asked time is not covered, as `text` does first. `explain` is what `rag.explain` says, None if it was not asked for.
    """

    question: str
    understood_as: str
    refused: bool
    refusal: Refusal | None
    confidence: float
    answer: str
    answers: tuple[str, ...]
    value: Value | None
    as_of: str
    period_shift: bool
    text: str
    citations: tuple[Citation, ...]
    variants: tuple[Variant, ...]
    closest: tuple[Citation, ...]
    timings_ms: Mapping[str, float]
    index: IndexInfo
    schema: int = 1
    timeline: tuple[TimePoint, ...] = ()
    certainty: Certainty = ""
    parts: tuple["Answer", ...] = ()
    statement: str = ""
    notice: str = ""
    explain: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the Answer of the command line, HTTP and evaluation: every key is always there but `explain`."""
        told = self.explain is not None
        fields = {name: value for name, value in asdict(self).items() if told or name != "explain"}
        fields["parts"] = [part.to_json() for part in self.parts]
        return {"schema": fields.pop("schema"), **fields}


class Embedder(Protocol):
    """A model that turns text into vectors of length one."""

    name: str
    """What the index records: a digest or a model name; two embedders of one name give the same vectors."""
    dim: int

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return `(n, dim)` unit vectors in the order of `texts`; a vector does not depend on its neighbours."""
        ...


class Reader(Protocol):
    """A model that marks the answer to a question in a text."""

    name: str

    def read(
        self, question: str, texts: Sequence[str], *, best: int = 3, titles: Sequence[str] = ()
    ) -> list[list[Reading]]:
        """Return for each text its `best` non-overlapping spans, best first (offsets into that text).

        `titles` say, one for each text or none at all, what stands above it: read, but never marked.
        """
        ...
