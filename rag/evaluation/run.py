"""Ask the questions of an evaluation, one after the other, and score each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from rag.bot import Bot
from rag.errors import RagError
from rag.evaluation.gold import Gold, rank_scores
from rag.evaluation.lost import lost_at
from rag.evaluation.match import exact, expected, f1
from rag.evaluation.metrics import Mode
from rag.evaluation.questions import Question
from rag.evaluation.rows import Row
from rag.evaluation.scores import Scores, crash_scores, score
from rag.query.analysis import Query
from rag.query.follow_up.rewrite import stand_alone
from rag.query.understand import consult
from rag.records import Answer, Embedder, FloatArray, Hit, Reader, Reading, Turn
from rag.retrieval.retriever import CANDIDATES, Filters, Retriever

__all__ = ["GoldRetriever", "evaluate"]

# Passages that are ranked for hit@10 of articles: a long article fills several places.
DEPTH = 50
ANYTHING = Filters()
# Whatever goes wrong with one question, the others are asked: what happened is named in its row.
CRASHES = (
    RagError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
RANKED = ("hit@1", "hit@5", "hit@10", "mrr", "ndcg@10")


def evaluate(
    bot: Bot,
    questions: Iterable[Question],
    *,
    mode: Mode = "end-to-end",
    today: date | None = None,
    k: int = 5,
) -> Iterator[Row]:
    """Yield a row for each question as it is asked; one that crashes is a row too.

    `mode` "reading" shows the reader the gold articles alone, all their passages, whatever the retriever finds.
    A question's own date goes before `today`.
    """
    with _watched(bot, reading=mode == "reading") as asker:
        for question in questions:
            yield asker.row(question, today or date.today(), k)


@contextmanager
def _watched(bot: Bot, *, reading: bool) -> Iterator["_Asker"]:
    """Lend the bot parts that remember what passed through them, and give it its own back."""
    retriever, reader = bot.retriever, bot.reader
    listening = _Listening(reader)
    bot.reader = listening
    gold = Gold(bot.store)
    try:
        if reading:
            bot.retriever = shown = GoldRetriever(retriever, gold)
            yield _Asker(bot, gold, listening, shown)
        else:
            with _remembering(retriever):
                yield _Asker(bot, gold, listening)
    finally:
        bot.retriever, bot.reader = retriever, reader


@contextmanager
def _remembering(retriever: Retriever) -> Iterator[None]:
    """Keep the last question's vector, so that ranking after asking embeds nothing again."""
    embedder = retriever.embedder
    retriever.embedder = _Remembering(embedder)
    try:
        yield
    finally:
        retriever.embedder = embedder


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as it was put: after its earlier turns, on its day."""

    answer: Answer
    query: Query


class _Asker:
    """Asks one bot; `shown` is its retriever when only the gold articles are read."""

    def __init__(
        self, bot: Bot, gold: Gold, reader: "_Listening", shown: "GoldRetriever | None" = None
    ) -> None:
        self.bot = bot
        self.gold = gold
        self.reader = reader
        self.shown = shown

    def row(self, question: Question, today: date, k: int) -> Row:
        """Ask and score a question."""
        try:
            return self._row(question, today, k)
        except CRASHES as error:
            scores: Scores = {**self._lost_ranks(question), **crash_scores(question)}
            return Row(question, None, scores, "crashed", error=f"{type(error).__name__}: {error}")

    def _row(self, question: Question, today: date, k: int) -> Row:
        asked = self._ask(question, today, k)
        scores = score(question, asked.answer, self.gold)
        hits = self._hits(asked.query, question, scores)
        ranked, rank = self._ranks(question, hits)
        if self.shown is not None:
            ranked |= self._reader_scores(question)
        lost = lost_at(
            question, asked.answer, scores, hits, len(hits) if self.shown is not None else k, self.gold
        )
        return Row(question, asked.answer, {**ranked, **scores}, lost, rank)

    def _ask(self, question: Question, today: date, k: int) -> _Asked:
        day = date.fromisoformat(question.question_date) if question.question_date else today
        history: list[Turn] = []
        if self.shown is not None:
            self.shown.question = question
        for earlier in question.turns:
            said = self.bot.ask(earlier, history=history, today=day, k=k)
            history.append(Turn(said.understood_as, said.answer))
        answer = self.bot.ask(question.question, history=history, today=day, k=k)
        text = stand_alone(question.question, history)
        return _Asked(answer, consult(question.question, text, day, self.bot.store))

    def _hits(self, query: Query, question: Question, scores: Scores) -> list[Hit]:
        """Return the ranked passages, as many as are needed: all candidates where an answer was lost."""
        if not question.answerable:
            return []
        found = scores["right"] and scores["answer_in_quote"]
        retriever = self.bot.retriever
        return retriever.search(query, retriever.embed(query), DEPTH if found else 2 * CANDIDATES)

    def _lost_ranks(self, question: Question) -> Scores:
        """Return the scores of a list that was never made: nothing was found, where something was to be found."""
        if self.shown is not None:
            lost = 0.0 if question.answerable and expected(question) else None
            return {**dict.fromkeys(RANKED), "reader_em": lost, "reader_f1": lost}
        return dict.fromkeys(RANKED, 0.0 if self._is_ranked(question) else None)

    def _is_ranked(self, question: Question) -> bool:
        """Tell whether it can be known where in a ranked list the answer stands."""
        return question.answerable and bool(question.article_ids or expected(question)) and self.shown is None

    def _ranks(self, question: Question, hits: Sequence[Hit]) -> tuple[Scores, int | None]:
        if (
            not question.answerable
            or self.shown is not None
            or not (question.article_ids or question.answers)
        ):
            return dict.fromkeys(RANKED), None
        scores, rank = rank_scores(question, hits[:DEPTH], self.gold)
        return {**scores}, rank

    def _reader_scores(self, question: Question) -> Scores:
        """Score the span with the reader's largest margin as it marked it, before any choice of ours."""
        if not question.answerable or not expected(question):
            return {"reader_em": None, "reader_f1": None}
        marked = self.reader.best
        return {"reader_em": exact(marked, expected(question)), "reader_f1": f1(marked, expected(question))}


class _Remembering:
    """An embedder that does not embed the same question twice in a row."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self.name = embedder.name
        self.dim = embedder.dim
        self._last: tuple[list[str], FloatArray] | None = None

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return the vectors of `texts`."""
        if kind == "passage":
            return self.embedder.embed(texts, kind=kind)
        if self._last is None or self._last[0] != list(texts):
            self._last = list(texts), self.embedder.embed(texts, kind=kind)
        return self._last[1]


def _unheard(_: str) -> None:
    """Stand where nobody wants to know how long a stage took."""


class _Listening:
    """A reader that remembers the best span it marked for the last question; `best` is "" if there was none."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.name = reader.name
        self.best = ""

    def read(self, question: str, texts: Sequence[str], *, best: int = 3) -> list[list[Reading]]:
        """Return the spans of every text."""
        found = self.reader.read(question, texts, best=best)
        marked = [
            (one.margin, text[one.start : one.end])
            for text, ones in zip(texts, found, strict=True)
            for one in ones
        ]
        self.best = max(marked, default=(0.0, ""))[1]
        return found


class GoldRetriever(Retriever):
    """Finds the passages of the asked question's gold articles, all of them and nothing else."""

    def __init__(self, retriever: Retriever, gold: Gold) -> None:
        super().__init__(retriever.store, retriever.embedder)
        self.gold = gold
        self.question: Question | None = None

    def find(
        self, query: Query, k: int, filters: Filters = ANYTHING, lap: Callable[[str], None] = _unheard
    ) -> list[Hit]:
        """Return the same as `search`, which needs no vector: the same question may be asked of other articles."""
        lap("embed")
        hits = self.search(query, np.empty(0, np.float32), k, filters)
        lap("retrieve")
        return hits

    def search(self, query: Query, vector: FloatArray, k: int, filters: Filters = ANYTHING) -> list[Hit]:
        """Return the passages in the order of the articles; none scores above another."""
        if self.question is None:
            return []
        articles = self.gold.articles(self.question)
        ids = [number for ident in articles for number in self.store.passage_ids_of(ident)]
        passages = self.store.passages(ids)
        return [Hit(passage, number, 0.0, {}) for number, passage in zip(ids, passages, strict=True)]
