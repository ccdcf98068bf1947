"""Tell whether a question leans on the conversation: it names nothing, and what it says is spoken of there."""

import re

from rag.query.follow_up.conversation import Exchange
from rag.query.follow_up.question_parts import MARKS, MEASURING, NAMING, pieces
from rag.query.question_type import understand_kind
from rag.text.annotation import annotate
from rag.text.characters import fold, squeeze
from rag.text.lexicon import generic, is_wrong_cut, rarity
from rag.text.words import content_words, is_name, is_noun

__all__ = ["SHORT", "has_subject", "is_spoken_of", "names_itself", "speaks_of"]

SHORT = 8
DEFINES = re.compile("^什么(?:是|叫)|^何为|[是为:：][？?]?$")
PAIR = 2
QUOTES = "《》“”「」"
OWN = re.compile("[《“「][^》”」]{1,30}|[0-9a-z]{1,30}|[\u4e00-\u9fff]?某{1,3}|[》”」]")


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
    return bool(_named(question))


def has_subject(question: str) -> bool:
    """Tell whether a question has a subject: something it names, or a noun with another that tells which."""
    return names_itself(question) or len(_nouns(question)) > 1


def speaks_of(question: str, told: str) -> bool:
    """Tell whether a folded text without white space has all that a question names."""
    return all(squeeze(name).strip(QUOTES) in told for name in _named(question))


def _named(question: str) -> list[str]:
    """Return the places, names and rare nouns of a question, and what stands in quotes or digits."""
    timeless = fold(question)
    for when in reversed(annotate(timeless).whens()):
        timeless = timeless[: when.start] + timeless[when.end :]
    places = [timeless[place.start : place.end] for place in annotate(timeless).places]
    own = [match.group() for match in OWN.finditer(timeless)]
    rare = [
        word
        for word in _nouns(question)
        if is_name(word) or (rarity(word) >= NAMING and not MEASURING.search(word))
    ]
    return [*places, *own, *rare]


def _nouns(question: str) -> list[str]:
    """Return the nouns of a question that say something, without its interrogative with the unit and ordinals."""
    folded, (_, asked, unit, _) = fold(question), understand_kind(question)
    if asked is not None:
        folded = f"{folded[: asked.start]}，{folded[asked.end + len(unit) :]}"
    return [
        word
        for _, word in pieces(folded)
        if is_noun(word)
        and len(word) > 1
        and word.isalnum()
        and not is_wrong_cut(word)
        and word not in generic()
        and content_words(word)
        and not annotate(word).ordinals
    ]
