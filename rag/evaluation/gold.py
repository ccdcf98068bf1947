"""What the index holds of a question's gold articles and answers, and how well a ranked list finds them."""

from collections.abc import Sequence
from functools import cached_property, lru_cache

from rag.evaluation.match import holds_answer, holds_folded
from rag.evaluation.questions import Question
from rag.evaluation.ranking import first_rank, hit, ndcg, reciprocal_rank
from rag.index.store import Store
from rag.records import Citation, Hit
from rag.text.characters import fold, squeeze

__all__ = ["Gold", "by_answer", "rank_scores", "ranked_articles"]


class Gold:
    """Looks gold articles up in one store; an article that carries the same text as a gold one counts as it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._named = lru_cache(None)(self._find)

    def articles(self, question: Question) -> dict[str, str]:
        """Return the ids of the articles that count, each with the gold article it stands for."""
        return {ident: name for name in question.article_ids for ident in self._named(name)}

    def hits(self, question: Question) -> list[Hit]:
        """Return the passages of its articles, in the order of the text; none scores above another."""
        ids = [number for ident in self.articles(question) for number in self.store.passage_ids_of(ident)]
        passages = self.store.passages(ids)
        return [Hit(passage, number, 0.0, {}) for passage, number in zip(passages, ids, strict=True)]

    def ident(self, name: str) -> str:
        """Return the id under which a gold article stands in lists: its own in the index, else what it is called."""
        return next(iter(self._named(name)), name)

    def missing(self, question: Question) -> list[str]:
        """Return the gold articles that the index does not hold."""
        return [name for name in question.article_ids if not self._named(name)]

    def is_held(self, question: Question) -> bool:
        """Tell whether a passage holds an answer: one of the gold articles', of all where these are not known."""
        if by_answer(question):
            return holds_folded(self._all_passages, question)
        ids = [number for ident in self.articles(question) for number in self.store.passage_ids_of(ident)]
        return holds_answer([row.text for row in self.store.passage_texts(ids)], question)

    def counts(self, citation: Citation, question: Question) -> bool:
        """Tell whether a citation is of a gold article; where those are only guessed, every article counts."""
        return by_answer(question) or citation.article_id in self.articles(question)

    def counted(self, hits: Sequence[Hit], question: Question) -> list[Hit]:
        """Return the hits that may answer: those of gold articles, or all where these are not known."""
        if by_answer(question):
            return list(hits)
        articles = self.articles(question)
        return [hit for hit in hits if hit.passage.article.id in articles]

    @cached_property
    def _all_passages(self) -> list[str]:
        """The text of every passage, folded once for all questions that look for an answer anywhere."""
        ids = [
            n for row in self.store.catalogue.articles() for n in self.store.passage_ids_of(row.article_id)
        ]
        return [squeeze(fold(row.text)) for row in self.store.passage_texts(ids)]

    def _find(self, name: str) -> tuple[str, ...]:
        found = self.store.catalogue.find(name)
        copies = [other for ident in found for other in self.store.catalogue.reprints(ident)]
        return tuple(dict.fromkeys([*found, *copies]))


def by_answer(question: Question) -> bool:
    """Tell whether relevance is "an answer stands in the passage": gold articles are unknown or only guessed."""
    return question.silver or not question.article_ids


def ranked_articles(question: Question, hits: Sequence[Hit], gold: Gold) -> tuple[tuple[str, float], ...]:
    """Return the articles of a ranked list of passages, each at its best one; a copy of a gold article is that one."""
    stands_for = {ident: gold.ident(name) for ident, name in gold.articles(question).items()}
    best: dict[str, float] = {}
    for one in hits:
        best.setdefault(stands_for.get(one.passage.article.id, one.passage.article.id), one.score)
    return tuple(best.items())


def rank_scores(question: Question, hits: Sequence[Hit], gold: Gold) -> tuple[dict[str, float], int | None]:
    """Return hit@1, hit@5, hit@10, mrr and ndcg@10 of a question, and the rank of the first relevant one.

    With gold articles the list is that of articles, each at its best passage; else it is that of passages, and the
    best order is taken to have as many relevant ones as the list.
    """
    if by_answer(question):
        relevant = [holds_answer([hit.passage.text], question) for hit in hits]
        total = sum(relevant)
    else:
        stands_for = gold.articles(question)
        ranked = dict.fromkeys(stands_for.get(one, one) for one in (hit.passage.article.id for hit in hits))
        relevant = [name in question.article_ids for name in ranked]
        total = len(set(question.article_ids))
    scores = {f"hit@{k}": hit(relevant, k) for k in (1, 5, 10)}
    return {
        **scores,
        "mrr": reciprocal_rank(relevant),
        "ndcg@10": ndcg(relevant, total),
    }, first_rank(relevant)
