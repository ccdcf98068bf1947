"""Near copies of one story are one source: the article that said it first is cited, the others are named with it."""

from collections.abc import Sequence

from rag.answering.quotes import Known
from rag.answering.ranking import Choice
from rag.answering.validity.moving import moved
from rag.query.analysis import Query
from rag.records import Article, Span
from rag.text.characters import squeeze

__all__ = ["one_of_each_story"]

# Copies of a story that are looked through for the first of them.
MOST = 20


def one_of_each_story(query: Query, chosen: Sequence[Choice], known: Known) -> list[Choice]:
    """Return one choice of each story and value, in order, each from the earliest article that has its very sentence."""
    found: dict[tuple[str, str], Choice] = {}
    for choice in chosen:
        article = choice.evidence.scene.article
        copies = list(known.versions(article.id))[:MOST]
        key = min([article.id, *copies]), squeeze(choice.candidate.text)
        if key not in found:
            found[key] = _first(query, choice, [known.article(ident) for ident in copies])
    return list(found.values())


def _first(query: Query, choice: Choice, copies: Sequence[Article]) -> Choice:
    """Return the choice in the copy that came out first and has its sentence; an article without a date is no earlier."""
    scene = choice.evidence.scene
    article, sentence = scene.article, scene.sentence
    said = article.text[sentence.start : sentence.end]
    earlier = (one for one in copies if one.published and one.published < article.published)
    for one in sorted(earlier, key=lambda one: (one.published, one.id)):
        at = one.text.find(said)
        if at >= 0:
            span = choice.candidate.span
            shift = at - sentence.start
            return moved(query, choice, one, Span(span.start + shift, span.end + shift))
    return choice
