"""A choice as it stands with other words: those of a notice, a denial, or the first article that said the same."""

from dataclasses import replace

from rag.answering.context import Scene
from rag.answering.ranking import Choice
from rag.query.analysis import Query
from rag.records import Article, Hit, Passage, Span

__all__ = ["moved"]


def moved(query: Query, choice: Choice, article: Article, span: Span, *, fits: bool = True) -> Choice:
    """Return the choice with the words `span` of `article` for its own; its score and confidence stay."""
    block = next(one for one in article.blocks if one.start <= span.start < one.end)
    hit = choice.candidate.hit
    passage = Passage(article, block.start, block.end, block.kind)
    candidate = replace(
        choice.candidate,
        hit=Hit(passage, hit.passage_id, hit.score, hit.features),
        span=span,
        fits=choice.candidate.fits and fits,
    )
    return replace(choice, evidence=replace(choice.evidence, scene=Scene.around(candidate, query.forms)))
