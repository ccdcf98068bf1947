"""Find again the article that an earlier answer came from: the history has only what was asked and said."""

from dataclasses import replace

from rag.index.store import Store
from rag.query.follow_up.conversation import Exchange, Talk
from rag.text.characters import fold, squeeze
from rag.text.words import bigrams, words

__all__ = ["answered_by"]

LOOKED_AT = 10
"""Passages among which that of the answer is looked for; asked with the answer's own words it is one of the first."""


def answered_by(talk: Talk, store: Store) -> Talk:
    """Return the conversation with the article of its last turn: lexical search alone, so nothing is encoded."""
    before = talk.turns[-2].article_id if len(talk.turns) > 1 else ""
    return Talk((*talk.turns[:-1], _with_article(talk.last, before, store)))


def _with_article(turn: Exchange, before: str, store: Store) -> Exchange:
    """Return the turn with the article that says its answer; one without an answer stays with that `before`, if it can."""
    asked = f"{turn.last.text} {turn.answer}"
    ids = [number for number, _ in store.search_lexical(words(asked), bigrams(asked), LOOKED_AT)]
    rows = store.passage_texts(ids)
    said = squeeze(fold(turn.answer))
    likely = (row for row in rows if (said in squeeze(fold(row.text)) if said else row.article_id == before))
    found = next(likely, next(iter(rows), None))
    if found is None:
        return turn
    article = store.article(found.article_id)
    return replace(turn, article_id=article.id, told=squeeze(fold(f"{article.title}\n{article.text}")))
