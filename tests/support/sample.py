"""A hand-made article, answers about it and a bot that gives them: what the page tests show."""

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from rag.errors import ArticleGone, ArticleUnknown
from rag.index.catalogue import ArticleRow, FileRecord, Shown
from rag.index.changed import Position
from rag.index.store import Counts, PassageText
from rag.records import (
    Amendment,
    Answer,
    Article,
    Block,
    BlockKind,
    Citation,
    Context,
    Correction,
    Hit,
    IndexInfo,
    Passage,
    Refusal,
    Source,
    Turn,
    Value,
    Variant,
    VariantValue,
    Verified,
)
from rag.request import Filters, Request, Tell
from rag.retrieval.keywords import Keywords, Order
from rag.tracing import Considered, Found, Trace
from tests.support.fakes import FakeEmbedder

PARTS = (
    (BlockKind.TITLE, "滨江新区今年再添十二座口袋公园"),
    (BlockKind.SUBTITLE, "推窗见绿成为日常"),
    (BlockKind.BYLINE, "本报记者 林晓岚"),
    (BlockKind.HEADING, "家门口的绿"),
    (
        BlockKind.BODY,
        "记者从滨江新区管委会获悉，截至2023年底，新区已建成各类公园超86座。其中，口袋公园达到31座，覆盖全部街道。",
    ),
    (BlockKind.CAPTION, "市民在新落成的口袋公园散步。周远 摄"),
    (BlockKind.BODY, "下一步，新区计划在2026年前再建12座口袋公园。"),
)


def article(parts: Sequence[tuple[BlockKind, str]] = PARTS, ident: str = "a1b2c3d4e5f6") -> Article:
    """Return an article of these blocks."""
    text = "\n".join(words for _, words in parts)
    blocks, at = [], 0
    for kind, words in parts:
        blocks.append(Block(at, at + len(words), kind))
        at += len(words) + 1
    title = next((words for kind, words in parts if kind is BlockKind.TITLE), "")
    return Article(
        ident, title, text, tuple(blocks), publisher="滨江日报", author="林晓岚", published="2024-03-12"
    )


PARKS = article()
INFO = IndexInfo(1, 2, 9, "e5", "reader")


def found(story: Article, words: str) -> tuple[int, int]:
    """Return where `words` stand in the text."""
    start = story.text.index(words)
    return start, start + len(words)


def citation(
    story: Article,
    quote: str,
    words: str = "",
    *,
    number: int = 1,
    context: Sequence[str] = (),
    as_of: str = "",
) -> Citation:
    """Cite `quote` of `story`, the answer `words` in it."""
    start = story.text.index(quote)
    answer = story.text.index(words, start) if words else None
    around = tuple(Context(story.text.index(c), story.text.index(c) + len(c), c) for c in context)
    return Citation(
        number=number,
        article_id=story.id,
        external_id="",
        title=story.title,
        publisher=story.publisher,
        author=story.author,
        published=story.published,
        source="seeds/parks.txt",
        url="",
        start=start,
        end=start + len(quote),
        quote=quote,
        context=around,
        answer_start=answer,
        answer_end=None if answer is None else answer + len(words),
        kind=BlockKind.BODY,
        verified="verified",
        permalink=f"/articles/{story.id}?s={start}&e={start + len(quote)}",
        as_of=as_of,
        role="answer",
    )


def corrected(words: str = "《勘误》") -> Answer:
    """Return an answer whose quote was corrected by a notice with these words for its headline and quote."""
    whole = answered()
    first = whole.citations[0]
    notice = Correction(
        "31座", "33座", first.start, first.start + 3, "n" * 12, words, "滨江日报", "2024-03-14", "n.txt", 0, 9, words, 0, 3, "verified", "/articles/n"
    )  # fmt: skip
    return replace(whole, citations=(replace(first, corrections=(notice,)), *whole.citations[1:]))


def answered(question: str = "滨江新区有多少座口袋公园？") -> Answer:
    """Return an answer with two citations."""
    first = citation(
        PARKS,
        "其中，口袋公园达到31座，覆盖全部街道。",
        "31座",
        context=["截至2023年底，新区已建成各类公园超86座。"],
        as_of="截至2023年底",
    )
    second = citation(
        PARKS, "下一步，新区计划在2026年前再建12座口袋公园。", "12座", number=2, as_of="2026年前"
    )
    second = replace(second, outlook="计划")
    return Answer(
        question=question,
        understood_as=question,
        refused=False,
        refusal=None,
        confidence=0.93,
        answer="31座",
        answers=("31座",),
        value=Value(31, "座", ""),
        as_of="截至2023年底",
        period_shift=False,
        text="截至2023年底，滨江新区口袋公园达到31座 [1]",
        citations=(first, second),
        variants=(),
        closest=(),
        timings_ms={"total": 12.0},
        index=INFO,
        certainty="sure",
        statement="截至2023年底，滨江新区口袋公园达到31座",
    )


def likely() -> Answer:
    """Return the same answer as one that is only likely."""
    said = "可能：“其中，口袋公园达到31座，覆盖全部街道” [1]；也可能：“下一步，新区计划在2026年前再建12座口袋公园” [2]"
    first, second = answered().citations
    cited = first, replace(second, role="alternative")
    return replace(answered(), confidence=0.5, certainty="likely", text=said, statement="", citations=cited)


def refused(question: str = "滨江新区有多少座体育馆？") -> Answer:
    """Return a refusal with one closest passage."""
    message = "库中的报道没有说到滨江新区有多少座体育馆。"
    return replace(
        answered(question),
        refused=True,
        refusal=Refusal("no_evidence", "", message),
        answer="",
        answers=(),
        value=None,
        as_of="",
        text=message,
        citations=(),
        certainty="",
        statement="",
        closest=(citation(PARKS, "其中，口袋公园达到31座，覆盖全部街道。"),),
    )


def differing() -> Answer:
    """Return an answer whose two sources differ."""
    values = (VariantValue("31座", 1), VariantValue("12座", 2))
    return replace(answered(), variants=(Variant("different", values),))


@dataclass
class Shelf:
    """A store of a few articles."""

    articles: dict[str, Article]
    records: Sequence[FileRecord] = ()
    generation: int = 1
    outdated: bool = False

    @property
    def position(self) -> Position:
        return Position("", self.generation)

    def article(self, ident: str) -> Article:
        if ident == "000000000000":
            raise ArticleGone("The article was removed.", "这篇报道已从库中移除。")
        if ident not in self.articles:
            raise ArticleUnknown("No such article.", "库中没有这篇报道。")
        return self.articles[ident]

    def with_external_id(self, text: str) -> list[str]:
        return [one.id for one in self.articles.values() if text and one.external_id == text]

    def sources(self, ident: str) -> Sequence[Source]:
        return [Source("seeds/parks.txt")]

    @property
    def catalogue(self) -> Self:
        return self

    def _titled(self, text: str, offset: int, limit: int) -> list[ArticleRow]:
        rows = [
            ArticleRow(one.id, one.title, one.publisher, one.published, 1, 3)
            for one in self.articles.values()
            if text in one.title
        ]
        return rows[offset : offset + limit]

    def count_listed(self, shown: Shown) -> int:
        return len(self.listed(shown, 0, len(self.articles)))

    def listed(self, shown: Shown, offset: int, limit: int) -> list[ArticleRow]:
        rows = self._titled(shown.text, 0, len(self.articles))
        fits = [row for row in rows if shown.publisher in ("", row.publisher)]
        return fits[offset : offset + limit]

    def folders(self, limit: int) -> list[str]:
        return ["2024"]

    def span(self) -> tuple[str, str]:
        return ("2024-03-12", "2024-03-12")

    def refresh(self) -> bool:
        return False

    def asked(self) -> AbstractContextManager[None]:
        return nullcontext()

    def publishers(self, limit: int) -> list[str]:
        return sorted({one.publisher for one in self.articles.values()})[:limit]

    def files(self) -> Sequence[FileRecord]:
        return self.records

    def counts(self) -> Counts:
        return Counts(len(self.articles), 9)


@dataclass(frozen=True)
class Checked:
    """Files that are as they were read; one of them may be shown as it was printed."""

    printed: Path | None = None

    def original(self, article_id: str) -> Path | None:
        return self.printed

    def source_of(self, article_id: str) -> tuple[str, Verified]:
        return "seeds/parks.txt", "verified"

    def reprints(self, article_id: str) -> Sequence[str]:
        return ["江畔晚报.txt"]

    def versions(self, article_id: str) -> Sequence[str]:
        return []

    def corrections(self, article_id: str) -> Sequence[Amendment]:
        return []

    def article(self, article_id: str) -> Article:
        return PARKS


@dataclass(frozen=True)
class Said:
    """What a run gives of which only the answer is read."""

    answer: Answer


@dataclass(frozen=True)
class Sought:
    """What a search gives of which only the ranking is read, which is itself."""

    all: Sequence[Hit]

    @property
    def ranking(self) -> Self:
        return self

    def __len__(self) -> int:
        return len(self.all)

    def hits(self, start: int, stop: int) -> list[Hit]:
        return list(self.all[start:stop])


@dataclass
class FakeBot:
    """Refuses what holds 体育馆, waits for `gate`, remembers what it was asked."""

    store: Shelf = field(default_factory=lambda: Shelf({PARKS.id: PARKS}))
    gate: threading.Event | None = None
    asked: list[tuple[str, tuple[Turn, ...]]] = field(default_factory=list)
    sources: Checked = field(default_factory=Checked)
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)

    def next_questions(self, article: Article, asked: str) -> Sequence[str]:
        return [f"{article.title}有多少字？"]

    def trace(self, request: Request, expected: str = "") -> Trace:
        passage = Passage(PARKS, *found(PARKS, "其中，口袋公园达到31座，覆盖全部街道。"))
        return Trace(
            answer=refused(request.question),
            terms=("新区", "体育馆"),
            hidden=bool(request.publisher),
            found=7,
            passages=(Found(passage, 1, True),),
            considered=(Considered("31座", PARKS.title, 0.12, ("体育馆",)),),
            lost="refused" if expected else "",
            place=passage if expected else None,
        )

    def search(self, request: Request) -> "Sought":
        passage = Passage(PARKS, *found(PARKS, "其中，口袋公园达到31座，覆盖全部街道。"))
        return Sought([Hit(passage, 1, 0.5, {})] if "公园" in request.question else [])

    def keyword_search(self, text: str, filters: Filters, order: Order = "relevance") -> Keywords:
        words = tuple(text.split())
        said = "其中，口袋公园达到31座，覆盖全部街道。"
        start, _ = found(PARKS, said)
        row = PassageText(1, PARKS.id, said, PARKS.title, "", PARKS.publisher, PARKS.published, start)
        return Keywords(words, (row,) if words and all(word in said for word in words) else ())

    def examples(self) -> Sequence[str]:
        return ["滨江新区有多少座口袋公园？", "新区公园什么时候再建？"]

    def run(self, request: Request, tell: Tell | None = None) -> "Said":
        self.asked.append((request.question, request.history))
        if self.gate:
            self.gate.wait(10)
        if tell is not None:
            tell("retrieving")
            tell("reading")
        answer = refused(request.question) if "体育馆" in request.question else answered(request.question)
        return Said(replace(answer, explain={"hits": []}) if request.explain else answer)
