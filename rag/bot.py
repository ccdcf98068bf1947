"""The bot: the only place where all parts meet."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Self

from rag.answering.answer import Reply, reply
from rag.answering.candidates import candidates
from rag.budget import budgeted
from rag.config import Settings
from rag.errors import AskError, IndexEmpty
from rag.explain import explain as explained
from rag.index.store import Store
from rag.models.embedder import load_embedder
from rag.models.span_reader import load_reader
from rag.query.analysis import Query
from rag.query.follow_up.rewrite import stand_alone
from rag.query.understand import consult
from rag.records import Answer, Article, Embedder, Hit, IndexInfo, Reader, Turn
from rag.request import Request, Tell
from rag.retrieval.retriever import Filters, Retriever, unrelated_cosine
from rag.suggestions import examples, next_questions
from rag.text.words import load_words
from rag.tracing import Trace, retrace
from rag.verify import Sources

__all__ = ["MAX_QUESTION", "Bot", "Stopwatch", "check_question", "open_store"]

MAX_QUESTION = 1000
MAX_READ = 20
# Hits looked through for another source of the same fact.
OTHERS = 3


class Bot:
    """An index and the models that answer from it; any number of threads may ask."""

    def __init__(self, store: Store, embedder: Embedder, reader: Reader, settings: Settings) -> None:
        self.store = store
        self.reader = reader
        self.settings = settings
        self.sources = Sources(store)
        self.retriever = Retriever(store, embedder)
        self._examples: tuple[int, list[str]] | None = None

    @classmethod
    def open(cls, settings: Settings, *, build_if_empty: bool = False) -> Self:
        """Open the index and load the models that `settings` name; raises IndexEmpty, IndexMismatch, ModelError.

        With `build_if_empty` an index that holds nothing is built from seeds/ first. What the first question needs is
        read side by side.
        """
        with ThreadPoolExecutor(3, thread_name_prefix="opening") as side:
            reader, _ = side.submit(load_reader, settings), side.submit(load_words)
            embedder = load_embedder(settings)
            floor = side.submit(unrelated_cosine, embedder)
            store = _open(settings, embedder, build_if_empty)
            bot = cls(store, embedder, reader.result(), settings)
            bot.retriever.floor = floor.result()
        return bot

    def close(self) -> None:
        """Close the index."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        today: date | None = None,
        since: str = "",
        until: str = "",
        publisher: str = "",
        k: int = 5,
        explain: bool = False,
        tell: Tell | None = None,
    ) -> Answer:
        """Answer `question` by quoting, or refuse; `k` passages are read; `explain` adds how it came about.

        `tell` hears of each stage as it begins.

        `since` and `until` are ISO dates or "". Raises AskError if the question has no words or too many, OverBudget
        if it costs too much.
        """
        request = Request(question, tuple(history), today, since, until, publisher, k, explain)
        with budgeted():
            return self._asked(request, tell or _nobody)

    def _asked(self, request: Request, tell: Tell) -> Answer:
        clock, asked = Stopwatch(), check_question(request.question)
        self.store.refresh()
        filters = Filters(request.since, request.until, request.publisher)
        alone = stand_alone(asked, request.history)
        query = consult(asked, alone, request.today or date.today(), self.store)
        clock.lap("understand")
        tell("retrieving")
        hits = self._heard(query, max(1, min(request.k, MAX_READ)), filters, clock)
        tell("reading")
        found = candidates(query, hits, self.reader)
        clock.lap("read")
        said = reply(query, hits, found, self.sources, self.settings.min_confidence)
        clock.lap("answer")
        answer = self._answer(request.question, query.text, said, clock)
        if not request.explain:
            return answer
        legs = self.retriever.legs(query, self.retriever.embed(query), filters)
        return replace(answer, explain=explained(query, hits, legs, found, self.settings.min_confidence))

    def _heard(self, query: Query, k: int, filters: Filters, clock: "Stopwatch") -> list[Hit]:
        """Return the hits to read: `k`, and where these are all of one article those of others that come next."""
        hits = self.retriever.find(query, k, filters, clock.lap)
        articles = {hit.passage.article.id for hit in hits}
        if len(hits) < k or len(articles) > 1:
            return hits
        more = self.retriever.find(query, k + OTHERS, filters)
        return [*hits, *(hit for hit in more[k:] if hit.passage.article.id not in articles)]

    def examples(self) -> list[str]:
        """Return questions to begin with, which the index answers."""
        if self._examples is None or self._examples[0] != self.store.generation:
            self._examples = (self.store.generation, examples(self.store, self.ask))
        return self._examples[1]

    def next_questions(self, article: Article, asked: str) -> list[str]:
        """Return questions that go on from `asked` and that `article` answers."""
        return next_questions(article, asked, self.ask)

    def trace(self, request: Request, expected: str = "") -> Trace:
        """Retrace `request` stage by stage; see `rag.tracing`."""
        with budgeted():
            return retrace(self, request, expected)

    def _answer(self, question: str, understood: str, said: Reply, clock: "Stopwatch") -> Answer:
        counts = self.store.counts()
        return Answer(
            question=question,
            understood_as=understood,
            refused=said.refusal is not None,
            refusal=said.refusal,
            confidence=round(said.confidence, 4),
            answer=said.answer,
            answers=said.answers,
            value=said.value,
            as_of=said.as_of,
            period_shift=said.period_shift,
            text=said.text,
            citations=said.citations,
            variants=said.variants,
            closest=said.closest,
            timeline=said.timeline,
            timings_ms=clock.laps(),
            index=IndexInfo(
                self.store.generation,
                counts.articles,
                counts.passages,
                self.store.embedder_name,
                self.reader.name,
            ),
        )


def _open(settings: Settings, embedder: Embedder, build_if_empty: bool) -> Store:
    try:
        return Store.open(settings.index, embedder.name, embedder.dim)
    except IndexEmpty:
        if not build_if_empty:
            raise
    from rag.index.build.builder import build  # reading files takes half the program, answering none of it
    from rag.index.build.progress import ProgressBar

    with ProgressBar() as bar:
        build((), settings.index, embedder, progress=bar.show)
    return Store.open(settings.index, embedder.name, embedder.dim)


def open_store(settings: Settings) -> Store:
    """Open the index alone, for what needs no question answered."""
    embedder = load_embedder(settings)
    return Store.open(settings.index, embedder.name, embedder.dim)


def _nobody(stage: str) -> None:
    """Hear of a stage for which nobody waits."""


class Stopwatch:
    """Measures the stages of one question in milliseconds of wall time."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """End the stage `name`, which began where the last one ended."""
        now = time.perf_counter()
        self._laps[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def laps(self) -> dict[str, float]:
        """Return the stages in order and their `total`."""
        return {**self._laps, "total": round((self._last - self._start) * 1000, 2)}


def check_question(question: str) -> str:
    """Return the question without white space around it; raises AskError if it is empty or too long."""
    asked = " ".join(question.encode(errors="replace").decode().split())
    if not any(map(str.isalnum, asked)):
        raise AskError(
            f"The question {question[:20]!r} has no words: write what you want to know.", "请输入要问的内容。"
        )
    if len(asked) > MAX_QUESTION:
        raise AskError(
            f"The question has {len(asked)} characters, more than {MAX_QUESTION}: ask one thing at a time.",
            f"问题有{len(asked)}个字，超过了{MAX_QUESTION}个字的上限，请只问一件事。",
        )
    return asked
