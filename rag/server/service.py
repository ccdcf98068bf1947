"""A bot with what all requests to it share: one line of work, links, feedback."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeVar

from rag.answering.quotes import Known
from rag.budget import Budget, budgeted
from rag.config import Settings
from rag.editing.desk import Desk
from rag.editing.push import Pushes
from rag.errors import Busy, ClientLeft, Internal, RagError
from rag.index.changed import Position
from rag.index.place import place_of
from rag.index.shared.follower import Follower
from rag.index.state import state_of
from rag.records import Answer, Article, Citation, Embedder, Hit
from rag.render.citation_html import article_path
from rag.render.library_html import Lists, Shelf
from rag.request import Filters, Request, Tell
from rag.retrieval.keywords import Keywords, Order
from rag.retrieval.publishers import check_publisher
from rag.server.desk.inbox import Inbox
from rag.server.feedback import FeedbackStore
from rag.server.given_answers import Given
from rag.server.metrics import Metrics
from rag.server.permalinks import below
from rag.server.work_queue import Worker
from rag.tracing import Trace

__all__ = ["Answered", "Answers", "Articles", "Found", "ListsOf", "Ranked", "Server", "SourcesOf"]

_log = logging.getLogger("youju.server")
T = TypeVar("T")
PATIENCE = 5.0
"""Seconds that a question of a batch lets others go first: twice what a full line takes."""
FAULT = "服务出错了，请稍后再试。"
"""What whoever meets a fault of ours is told."""
REMEMBERED = 2_000
"""Articles whose next questions are kept: each costs a few asks."""


class ListsOf(Lists, Protocol):
    """What the pages need of `rag.index.catalogue.Catalogue`."""

    def with_external_id(self, text: str, /) -> Sequence[str]:
        """Return the ids of the articles with this external id."""
        ...

    def sources(self, ident: str, /) -> Sequence[object]:
        """Return where an article was read; each prints as path or path#line."""
        ...


class Articles(Shelf, Protocol):
    """What the pages need of `rag.index.store.Store`."""

    @property
    def catalogue(self) -> ListsOf:
        """Its lists."""
        ...

    def article(self, ident: str, /) -> Article:
        """Return the article; raises ArticleUnknown or ArticleGone."""
        ...

    def refresh(self) -> bool:
        """Follow the writer to a newer generation."""
        ...

    def asked(self) -> AbstractContextManager[None]:
        """Answer one question of the newest generation and of no other."""
        ...

    @property
    def position(self) -> Position:
        """What is searched, told apart from whatever had the same number before."""
        ...

    @property
    def outdated(self) -> bool:
        """Whether the index has moved on to another embedder."""
        ...


class SourcesOf(Known, Protocol):
    """What the pages need of `rag.verify.Sources`."""

    def original(self, article_id: str) -> Path | None:
        """Return the file that a browser shows as it was printed, None without one."""
        ...


class Answered(Protocol):
    """What the server needs of `rag.pipeline.Run`."""

    @property
    def answer(self) -> Answer:
        """What is said."""
        ...


class Ranked(Protocol):
    """What the server needs of `rag.retrieval.retriever.Ranking`."""

    def __len__(self) -> int: ...

    def hits(self, start: int, stop: int) -> list[Hit]:
        """Return the hits from place `start` up to before `stop`, best first."""
        ...


class Found(Protocol):
    """What the server needs of `rag.readings.Search`."""

    @property
    def ranking(self) -> Ranked:
        """Every passage found."""
        ...


class Answers(Protocol):
    """What the server needs of `rag.bot.Bot`."""

    def run(self, request: Request, tell: Tell | None = None) -> Answered:
        """Answer `request`; `tell` hears of each stage as it begins."""
        ...

    @property
    def store(self) -> Articles:
        """The articles."""
        ...

    @property
    def embedder(self) -> Embedder:
        """What makes the vectors of passages."""
        ...

    def search(self, request: Request) -> Found:
        """Find the passages for `request` and read none."""
        ...

    def keyword_search(self, text: str, filters: Filters, order: Order = "relevance") -> Keywords:
        """Return the passages that have the words of `text`."""
        ...

    def examples(self) -> Sequence[str]:
        """Return questions the articles can answer."""
        ...

    @property
    def sources(self) -> SourcesOf:
        """The files of the articles, as they are now."""
        ...

    def next_questions(self, article: Article, asked: str) -> Sequence[str]:
        """Return questions that `article` answers, other than `asked`."""
        ...

    def trace(self, request: Request, expected: str = "") -> Trace:
        """Retrace a question stage by stage."""
        ...


class Server:
    """A bot, its settings and the one line of work that HTTP and the page share."""

    def __init__(self, bot: Answers, settings: Settings) -> None:
        self.bot = bot
        self.settings = settings
        place = place_of(settings)
        self.follower = Follower(place)
        self.worker = Worker(threads=settings.threads)
        self.metrics = Metrics(lambda: self.worker.held, bot.store, self.follower)
        self.base = settings.root_path.rstrip("/")
        self.feedback = FeedbackStore(state_of(settings))
        self.desk = Desk(place, settings.added, settings.state, lambda: bot.embedder)
        self.pushes = Pushes(place, settings.added, settings.state, lambda: bot.embedder, self.desk.patience)
        self.inbox = Inbox(state_of(settings))
        self.given = Given(state_of(settings))
        self._next: dict[tuple[Position, str, str], list[str]] = {}

    def checked(self, request: Request) -> Request:
        """Return `request`; raises AskError where its publisher is none of the library."""
        self.check_publisher(request.publisher)
        return request

    def check_publisher(self, name: str) -> None:
        """Raise AskError where no article is of this publisher."""
        if name:
            self.bot.store.refresh()
            check_publisher(self.bot.store.catalogue, name)

    def link(self, citation: Citation) -> str:
        """Return where a page of this server opens the quote."""
        return article_path(citation, self.base)

    def follow(self, request: Request) -> AsyncIterator[str | Answer]:
        """Queue the question at once (raises Busy, NotReady), then yield "queued", each stage, and the Answer."""
        loop = asyncio.get_running_loop()
        reached: asyncio.Queue[str | None] = asyncio.Queue()

        def tell(stage: str) -> None:
            loop.call_soon_threadsafe(reached.put_nowait, stage)

        budget = Budget()
        work = self._submit(request, budget, tell)
        return self._stages(request, asyncio.wrap_future(work), reached, budget)

    async def ask(self, request: Request) -> Answer:
        """Wait for the answer; raises Busy, NotReady and what the bot raises.

        Cancelled, it takes the question out of the line, or breaks it off at its next step.
        """
        budget = Budget()
        work = self._submit(request, budget)
        try:
            return self._counted(request, await asyncio.wrap_future(work))
        except BaseException as error:
            self.metrics.failed(_code(error))
            raise
        finally:
            budget.leave()

    async def ask_patiently(self, request: Request) -> Answer:
        """Let those in line go first, for a while, then ask: for batches, which nobody watches.

        Raises Busy if the line is full even then.
        """
        end = time.monotonic() + PATIENCE
        while self.worker.held > self.worker.hands and time.monotonic() < end:
            await asyncio.sleep(PATIENCE / 50)
        return await self.ask(request)

    def turns_away(self) -> bool:
        """Tell whether the line is full; whoever asks then is counted as turned away."""
        full = self.worker.is_full
        if full:
            self.metrics.failed(Busy.code)
        return full

    async def run(self, work: Callable[[], T]) -> T:
        """Do `work` in the line, within a budget; raises Busy, NotReady, OverBudget and what it raises.

        Cancelled, it takes the work out of the line, or breaks it off at its next step.
        """
        budget = Budget()
        try:
            return await asyncio.wrap_future(self.worker.submit(self._following(work, budget)))
        except BaseException as error:
            self.metrics.failed(_code(error))
            raise
        finally:
            budget.leave()

    def _submit(self, request: Request, budget: Budget, tell: Tell | None = None) -> Future[Answer]:
        def told(stage: str) -> None:
            budget.spend()
            if tell is not None:
                tell(stage)

        try:
            return self.worker.submit(self._following(lambda: self._answer(request, told), budget))
        except RagError as error:
            self.metrics.failed(error.code)
            raise

    def _answer(self, request: Request, told: Tell) -> Answer:
        answer = below(self.bot.run(request, told).answer, self.base)
        if self.settings.keep_questions and answer.refused:
            self.inbox.keep(answer)
        return answer

    def _counted(self, request: Request, answer: Answer) -> Answer:
        self.metrics.answered(answer)
        self.given.remember(request, answer)
        return answer

    async def _stages(
        self,
        request: Request,
        answer: asyncio.Future[Answer],
        reached: asyncio.Queue[str | None],
        budget: Budget,
    ) -> AsyncIterator[str | Answer]:
        """Yield each stage as it is reached; whoever stops listening takes the question out of the line.

        A fault of ours is logged and raised as Internal: the stream that carries the stages can say so.
        """
        answer.add_done_callback(lambda _: reached.put_nowait(None))
        try:
            yield "queued"
            while (stage := await reached.get()) is not None:
                yield stage
            said = self._counted(request, await answer)
        except BaseException as error:
            self.metrics.failed(_code(error))
            if isinstance(error, RagError) or not isinstance(error, Exception):
                raise
            _log.exception("A question could not be answered.")
            raise Internal("The program has failed.", FAULT) from error
        finally:
            budget.leave()
            answer.cancel()
        yield said

    def _following(self, work: Callable[[], T], budget: Budget) -> Callable[[], T]:
        """Return `work` done within a budget on the newest index: a build may have written one since."""

        def follow() -> T:
            with budgeted(budget), self.bot.store.asked():
                return work()

        return follow

    async def next_questions(self, ident: str, asked: str) -> list[str]:
        """Return questions that go on from an answer that quoted the article; none while others wait."""
        key = (self.bot.store.position, ident, asked)
        if key not in self._next:
            article = self.bot.store.article(ident)
            try:
                found = await self.run(lambda: list(self.bot.next_questions(article, asked)))
            except Busy:
                return []
            while len(self._next) >= REMEMBERED:
                del self._next[next(iter(self._next))]
            self._next[key] = found
        return self._next[key]


def _code(error: BaseException) -> str:
    """Return the outcome that is counted for a question that ends in `error`; being cancelled is none of ours."""
    if isinstance(error, RagError):
        return error.code
    return Internal.code if isinstance(error, Exception) else ClientLeft.code
