"""Questions asked as if the articles with their answers were not there."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

from rag.bot import Bot
from rag.evaluation.gold import Gold
from rag.evaluation.match import holds_answer
from rag.evaluation.questions import Question
from rag.records import Hit
from rag.request import Request

__all__ = ["taken", "unanswerable", "without_gold"]

# Passages of the gold article that may stand among the best.
TAKEN = 12


def without_gold(bot: Bot, request: Request, gold: Collection[str], question: Question) -> list[Hit] | None:
    """Return what would be read if the gold articles were not there, None if another has the answer, too."""
    found = bot.search(request).ranking.hits(0, request.k + TAKEN)
    kept = [hit for hit in found if hit.passage.article.id not in gold][: request.k]
    texts = [hit.passage.article.text for hit in kept]
    return None if not kept or holds_answer(texts, question) else kept


def taken(bot: Bot, questions: Sequence[Question], today: date) -> Iterator[tuple[Question, list[Hit]]]:
    """Yield each answerable question as one without an answer, with what is read of it without its gold articles.

    Questions that other articles answer, too, are left out.
    """
    gold = Gold(bot.store)
    for question in questions:
        day = date.fromisoformat(question.question_date) if question.question_date else today
        request = Request(question.question, today=day)
        shown = without_gold(bot, request, gold.articles(question), question) if question.answerable else None
        if shown is not None:
            yield unanswerable(question), shown


def unanswerable(question: Question) -> Question:
    """Return the question without what would be right."""
    return replace(question, answerable=False, answers=(), answer_groups=(), article_ids=())
