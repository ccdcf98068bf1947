"""Tell whether a question leans on the conversation: it names nothing, and what it says is spoken of there."""

import re

from rag.query.follow_up.conversation import Exchange
from rag.query.follow_up.question_parts import MARKS, MEASURING, NAMING, pieces
from rag.query.question_type import understand_kind
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.lexicon import generic, is_wrong_cut, rarity
from rag.text.words import content_words, is_name, is_noun

__all__ = ["SHORT", "is_spoken_of", "names_itself"]

SHORT = 8
DEFINES = re.compile("^什么(?:是|叫)|^何为|[是为:：][？?]?$")
PAIR = 2
OWN = re.compile("[《》“”「」0-9a-z]|某")


def is_spoken_of(asked: str, last: Exchange) -> bool:
    """Tell whether the conversation speaks of what a question names: its nouns stand in the last answer's article, in part at least.

    Of a longer question half of its other words must stand there too; where the article is not known none is taken up.
    """
    if DEFINES.search(asked):
        return False
    if not last.told:
        return len(asked.rstrip(MARKS)) <= SHORT and _takes_up(asked, last)
    named = [word for word in _nouns(asked) if not MEASURING.search(word)]
    if not all(word in last.told or (len(word) > PAIR and word[:PAIR] in last.told) for word in named):
        return False
    words = [word for word in content_words(asked) if len(word) >= PAIR and not MEASURING.search(word)]
    return len(asked.rstrip(MARKS)) <= SHORT or 2 * sum(word in last.told for word in words) >= len(words)


def _takes_up(asked: str, last: Exchange) -> bool:
    """Tell whether a question says nothing before its interrogative but a measure or what the last one says."""
    span = understand_kind(asked)[1]
    before = content_words(asked[: span.start] if span is not None else asked)
    return all(len(word) < PAIR or word in last.last.text or MEASURING.search(word) for word in before)


def names_itself(question: str) -> bool:
    """Tell whether a question names what it is about: a place, a name, a rare noun, something in quotes or digits."""
    timeless = fold(question)
    for when in reversed(annotate(timeless).whens()):
        timeless = timeless[: when.start] + timeless[when.end :]
    if annotate(timeless).places or OWN.search(timeless):
        return True
    named = _nouns(question)
    return any(is_name(word) or (rarity(word) >= NAMING and not MEASURING.search(word)) for word in named)


def _nouns(question: str) -> list[str]:
    """Return the nouns of a question that say something, without its interrogative and ordinals."""
    asked = understand_kind(question)[1]
    return [
        word
        for at, word in pieces(fold(question))
        if is_noun(word)
        and len(word) > 1
        and word.isalnum()
        and not is_wrong_cut(word)
        and word not in generic()
        and content_words(word)
        and not (asked is not None and at < asked.end and asked.start < at + len(word))
        and not annotate(word).ordinals
    ]
