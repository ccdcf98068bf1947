"""The bot: an index and the models that answer from it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Self

from rag.budget import budgeted
from rag.config import Settings, read_settings
from rag.errors import IndexEmpty
from rag.index.changed import Position
from rag.index.place import place_of
from rag.index.store import Store
from rag.models.embedder import load_embedder
from rag.models.span_reader import load_reader
from rag.pipeline import Run, Search, search
from rag.records import Answer, Article, Embedder, Hit, Reader, Turn
from rag.request import DEFAULT_K, Filters, Request, Tell
from rag.retrieval.keywords import Keywords, Order, keyword_search
from rag.retrieval.retriever import Retriever, unrelated_cosine
from rag.several import ask_each
from rag.suggestions import examples, next_questions
from rag.text.words import load_words
from rag.tracing import Trace, retrace
from rag.verify import Sources

__all__ = ["Bot", "open_store"]


class Bot:
    """An index and the models that answer from it; any number of threads may ask."""

    def __init__(self, store: Store, embedder: Embedder, reader: Reader, settings: Settings) -> None:
        self.store = store
        self.reader = reader
        self.settings = settings
        self.sources = Sources(store)
        self.embedder = embedder
        self.retriever = Retriever(store, embedder)
        self._examples: tuple[Position, list[str]] | None = None

    @classmethod
    def open(
        cls,
        settings: Settings | None = None,
        *,
        index: str | Path | None = None,
        build_if_empty: bool = False,
    ) -> Self:
        """Open the index and load the models that `settings` name; raises IndexEmpty, IndexMismatch, ModelError.

        Without `settings` the RAG_* variables are read, and `index` names another folder than they do. With `build_if_empty` an index that holds nothing is built from seeds/ first. What the first question needs is
        read side by side.
        """
        settings = settings or read_settings(index=None if index is None else Path(index))
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
        k: int = DEFAULT_K,
        explain: bool = False,
    ) -> Answer:
        """Answer `question` by quoting, or refuse; `k` passages are read; `explain` adds how it came about.

        `since` and `until` are ISO dates or "". Raises AskError if the question has no words or too many, OverBudget
        if it costs too much.
        """
        question = question.encode(errors="replace").decode()  # half of a surrogate pair breaks nothing here
        return self.run(Request(question, tuple(history), today, since, until, publisher, k, explain)).answer

    def run(self, request: Request, tell: Tell | None = None, *, shown: Sequence[Hit] | None = None) -> Run:
        """Answer `request` and return what each stage gave; `tell` hears of each stage as it begins.

        Of several questions in one message the stages are those of the first, and the Answer is that to all. `shown` are read in place of what would be found.
        """
        with budgeted(), self.store.asked():
            return ask_each(self, request, shown=shown, tell=tell)

    def search(self, request: Request) -> Search:
        """Find the passages for the likeliest reading of `request` and read none."""
        with budgeted(), self.store.asked():
            return search(self, request)[0]

    def keyword_search(self, text: str, filters: Filters, order: Order = "relevance") -> Keywords:
        """Return the passages that have the words of `text`; nothing is answered."""
        return keyword_search(self.store, text, filters, order)

    def examples(self) -> list[str]:
        """Return questions to begin with, which the index answers."""
        if self._examples is None or self._examples[0] != self.store.position:
            self._examples = (self.store.position, examples(self.store, self.ask))
        return self._examples[1]

    def next_questions(self, article: Article, asked: str) -> list[str]:
        """Return questions that go on from `asked` and that `article` answers."""
        return next_questions(article, asked, self.ask)

    def trace(self, request: Request, expected: str = "") -> Trace:
        """Answer `request` and retrace it stage by stage; see `rag.tracing`."""
        with budgeted(), self.store.asked():
            return retrace(self.run(request), self.store, expected)


def _open(settings: Settings, embedder: Embedder, build_if_empty: bool) -> Store:
    try:
        return Store.open(place_of(settings), embedder.name, embedder.dim)
    except IndexEmpty:
        if not build_if_empty:
            raise
    from rag.index.build.builder import build  # reading files takes half the program, answering none of it
    from rag.index.build.progress import ProgressBar

    with ProgressBar() as bar:
        build((), place_of(settings), embedder, progress=bar.show)
    return Store.open(place_of(settings), embedder.name, embedder.dim)


def open_store(settings: Settings) -> Store:
    """Open the index alone, for what needs no question answered."""
    embedder = load_embedder(settings)
    return Store.open(place_of(settings), embedder.name, embedder.dim)
