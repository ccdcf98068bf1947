"""Ask the questions of an evaluation, one after the other, and score each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from rag.answering.candidates import Read
from rag.bot import Bot
from rag.errors import RagError
from rag.evaluation.gold import Gold, rank_scores, ranked_articles
from rag.evaluation.lost import lost_at
from rag.evaluation.match import exact, expected, f1
from rag.evaluation.metrics import Mode
from rag.evaluation.questions import Question
from rag.evaluation.rows import Row
from rag.evaluation.scores import Scores, crash_scores, score
from rag.pipeline import Run
from rag.records import Hit, Turn
from rag.request import DEFAULT_K, Request

__all__ = ["evaluate"]

# Passages that are ranked for hit@10 of articles: a long article fills several places.
DEPTH = 50
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
    k: int = DEFAULT_K,
    shown: Callable[[Question], Sequence[Hit]] | None = None,
) -> Iterator[Row]:
    """Yield a row for each question as it is asked; one that crashes is a row too.

    `mode` "reading" shows the reader the gold articles alone, all their passages, whatever the retriever finds.
    `shown` gives what is read of a question in place of what is found. A question's own date goes before `today`.
    """
    gold = Gold(bot.store)
    asker = _Asker(bot, gold, mode == "reading", k, gold.hits if mode == "reading" else shown)
    for question in questions:
        yield asker.row(question, today or date.today())


class _Asker:
    """Asks one bot; with `reading` the gold articles alone are read."""

    def __init__(
        self, bot: Bot, gold: Gold, reading: bool, k: int, shown: Callable[[Question], Sequence[Hit]] | None
    ) -> None:
        self.bot = bot
        self.gold = gold
        self.reading = reading
        self.k = k
        self.shown = shown

    def row(self, question: Question, today: date) -> Row:
        """Ask and score a question."""
        try:
            return self._row(question, today)
        except CRASHES as error:
            scores: Scores = {**self._lost_ranks(question), **crash_scores(question)}
            return Row(question, None, scores, "crashed", error=f"{type(error).__name__}: {error}")

    def _row(self, question: Question, today: date) -> Row:
        run = self._run(question, today)
        scores = score(question, run.answer, self.gold)
        hits = self._hits(run, question, scores)
        ranks, rank = self._ranks(question, hits)
        if self.reading:
            ranks |= _reader_scores(question, run.reads)
        lost = lost_at(question, run.answer, scores, hits, run.read_ids, self.gold)
        ranked = () if self.reading else ranked_articles(question, hits[:DEPTH], self.gold)
        gold = tuple(dict.fromkeys(map(self.gold.ident, question.article_ids)))
        return Row(question, run.answer, {**ranks, **scores}, lost, rank, ranked=ranked, gold=gold)

    def _run(self, question: Question, today: date) -> Run:
        """Put a question as it is meant: after its earlier turns, on its day."""
        day = date.fromisoformat(question.question_date) if question.question_date else today
        shown = self.shown(question) if self.shown is not None else None
        history: tuple[Turn, ...] = ()
        for earlier in question.turns:
            said = self.bot.run(Request(earlier, history, day, k=self.k), shown=shown).answer
            history = (*history, Turn(said.understood_as, said.answer))
        return self.bot.run(Request(question.question, history, day, k=self.k), shown=shown)

    def _hits(self, run: Run, question: Question, scores: Scores) -> list[Hit]:
        """Return the ranked passages, as many as are needed: all that were found where an answer was lost."""
        if not question.answerable:
            return []
        if self.reading:
            return list(run.hits)
        found = scores["right"] and scores["answer_in_quote"]
        ranking = run.search.ranking
        return ranking.hits(0, DEPTH if found else len(ranking))

    def _lost_ranks(self, question: Question) -> Scores:
        """Return the scores of a list that was never made: nothing was found, where something was to be found."""
        if self.reading:
            lost = 0.0 if question.answerable and expected(question) else None
            return {**dict.fromkeys(RANKED), "reader_em": lost, "reader_f1": lost}
        return dict.fromkeys(RANKED, 0.0 if self._is_ranked(question) else None)

    def _is_ranked(self, question: Question) -> bool:
        """Tell whether it can be known where in a ranked list the answer stands."""
        return question.answerable and bool(question.article_ids or expected(question)) and not self.reading

    def _ranks(self, question: Question, hits: Sequence[Hit]) -> tuple[Scores, int | None]:
        if not question.answerable or self.reading or not (question.article_ids or question.answers):
            return dict.fromkeys(RANKED), None
        scores, rank = rank_scores(question, hits[:DEPTH], self.gold)
        return {**scores}, rank


def _reader_scores(question: Question, reads: Sequence[Read]) -> Scores:
    """Score the span with the reader's largest margin as it marked it, before any choice of ours."""
    if not question.answerable or not expected(question):
        return {"reader_em": None, "reader_f1": None}
    spans = [
        (one.margin, read.hit.passage.text[one.start : one.end]) for read in reads for one in read.readings
    ]
    marked = max(spans, default=(0.0, ""))[1]
    return {"reader_em": exact(marked, expected(question)), "reader_f1": f1(marked, expected(question))}
