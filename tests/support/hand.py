"""Articles, hits and readers made by hand: what the tests of answering work on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from rag.answering.answer import Reply, reply
from rag.answering.quotes import Known
from rag.answering.ranking import Limits, choose
from rag.query.analysis import Query, understand
from rag.records import (
    Amendment,
    Article,
    Block,
    BlockKind,
    Candidate,
    Hit,
    Passage,
    Reading,
    Span,
    Verified,
    article_id,
)

__all__ = [
    "LIKELY",
    "NEEDED",
    "SURE",
    "TODAY",
    "KnownFiles",
    "MarkingReader",
    "candidate",
    "hit",
    "make",
    "passages",
    "query",
    "replied",
]

TODAY = date(2024, 12, 1)
# What an answer needs in these tests, and confidences that make one sure or likely: the stored ones are fitted anew.
NEEDED = Limits(0.4, 0.8)
SURE, LIKELY = 0.9, 0.6


def make(
    *parts: str | tuple[BlockKind, str],
    title: str = "",
    published: str = "",
    publisher: str = "",
    period_hint: tuple[int, ...] = (),
) -> Article:
    """Return an article of these blocks; plain text is body, `title` goes before them as a block of its own."""
    named = [(BlockKind.TITLE, title)] if title else []
    named += [part if isinstance(part, tuple) else (BlockKind.BODY, part) for part in parts]
    blocks, at = [], 0
    for kind, words in named:
        blocks.append(Block(at, at + len(words), kind))
        at += len(words) + 1
    text = "\n".join(words for _, words in named)
    ident = article_id(title, publisher, published, text)
    return Article(
        ident,
        title,
        text,
        tuple(blocks),
        publisher=publisher,
        published=published,
        period_hint=period_hint,
    )


def passages(article: Article) -> list[Passage]:
    """Return each body or caption block as a passage, under the heading above it."""
    found: list[Passage] = []
    heading: Span | None = None
    for block in article.blocks:
        if block.kind is BlockKind.HEADING:
            heading = Span(block.start, block.end)
        elif block.kind in (BlockKind.BODY, BlockKind.CAPTION):
            found.append(Passage(article, block.start, block.end, block.kind, heading))
    return found


def hit(passage: Passage, score: float = 2.0, number: int = 1) -> Hit:
    """Return `passage` as if it had been found."""
    return Hit(passage, number, score, {})


def candidate(article: Article, words: str, margin: float = 5.0, *, fits: bool = True) -> Candidate:
    """Return `words` (where they stand first in the body) as a possible answer."""
    inside = next(p for p in passages(article) if words in p.text)
    start = article.text.index(words, inside.start)
    return Candidate(hit(inside), Span(start, start + len(words)), margin, fits)


def query(question: str, today: date = TODAY) -> Query:
    """Return the analysed question."""
    return understand(question, question, today)


def replied(
    asked: Query,
    hits: Sequence[Hit],
    found: Sequence[Candidate],
    known: Known,
    needed: Limits = NEEDED,
    confidence: float = SURE,
) -> Reply:
    """Return what is said to `asked` where these are the possible answers, each of this confidence."""
    choices = [replace(choice, confidence=confidence) for choice in choose(asked, found)]
    return reply(asked, hits, choices, known, needed)


class MarkingReader:
    """Marks given words wherever they stand: {words: margin}; `asked` keeps what it was asked."""

    name = "marking"

    def __init__(self, margins: Mapping[str, float]) -> None:
        self.margins = margins
        self.asked: list[str] = []

    def read(
        self, question: str, texts: Sequence[str], *, best: int = 3, titles: Sequence[str] = ()
    ) -> list[list[Reading]]:
        """Return where the words stand in each text, best first."""
        self.asked.append(question)
        return [self._marks(text)[:best] for text in texts]

    def _marks(self, text: str) -> list[Reading]:
        found = [
            Reading(text.index(words), text.index(words) + len(words), margin)
            for words, margin in self.margins.items()
            if words in text
        ]
        return sorted(found, key=lambda reading: -reading.margin)


class KnownFiles:
    """Says of every article that its file is as it was; `reprinted` are its other sources."""

    def __init__(
        self,
        reprinted: Sequence[str] = (),
        verified: Verified = "verified",
        path: Callable[[str], str] = "news/{}.txt".format,
    ) -> None:
        self.reprinted = reprinted
        self.verified: Verified = verified
        self.path = path

    def source_of(self, article_id: str) -> tuple[str, Verified]:
        """Return a file named like the article."""
        return self.path(article_id), self.verified

    def reprints(self, article_id: str) -> Sequence[str]:
        """Return the sources that were given."""
        return self.reprinted

    def versions(self, article_id: str) -> Sequence[str]:
        """Return none: see tests/answering/validity."""
        return ()

    def corrections(self, article_id: str) -> Sequence[Amendment]:
        """Return none: see tests/answering/validity."""
        return ()

    def article(self, article_id: str) -> Article:
        """Raise: without corrections nobody asks."""
        raise KeyError(article_id)
