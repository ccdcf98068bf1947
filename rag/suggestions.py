"""Questions to begin with, drawn from the index: a stated number asked for, kept if the answer is that number."""

import re
from collections.abc import Callable, Iterator

from rag.index.catalogue import Shown
from rag.index.store import Store
from rag.records import Answer, Article, BlockKind
from rag.text.characters import squeeze
from rag.text.lexicon import NAMING, rarity
from rag.text.places import places
from rag.text.quantity import Quantity, quantities, unit_class
from rag.text.sentences import clauses
from rag.text.words import is_noun, words

__all__ = ["examples", "names_something", "next_questions", "number_question"]

WANTED = 4
NEXT = 2
"""Next questions of one article."""
# Each is asked once to see whether it is answered: about a second in all.
TRIED = 10
ARTICLES = 40
SHORTEST, LONGEST = 8, 24
ASKED = frozenset(("count", "people", "money", "area", "length"))
# A clause that begins so leans on the one before it.
LEANING = re.compile(
    "^[其该此这那同并且而另还也均各]|^[上下本首][届次轮季场期]|^[全我本][国省市县区州镇村校院]|^(?:目前|现在|据|为|将|以|从|在|与|和|对|由|到|至|共|总|约|超|近|占|达)"
)
UNFIT = re.compile("[“”‘’（）()《》]")
LIGHT = frozenset("共总有是为达到多少几了的？?")
_verb_end = re.compile("(?:已经?|共有?|达到?|突破|超过|实现|为|有|约|近){1,6}$")
_multiple = re.compile("^[十百千万亿余多]+")


def examples(store: Store, ask: Callable[[str], Answer]) -> list[str]:
    """Return up to four questions that the articles of `store` answer, from as many articles as possible."""
    found: dict[str, str] = {}
    for tried, (article, question, stated) in enumerate(_by_turns(store)):
        if tried >= TRIED or len(found) >= WANTED:
            break
        answer = ask(question)
        if not answer.refused and answer.answer == stated:
            found[question] = article
    return list(found)


def next_questions(article: Article, asked: str, ask: Callable[[str], Answer]) -> list[str]:
    """Return up to `NEXT` questions that `article` answers, other than `asked`: each is asked once to see."""
    found: list[str] = []
    for question, stated in _questions(article, 2 * NEXT):
        if len(found) < NEXT and _gist(question) != _gist(asked):
            answer = ask(question)
            cited = any(citation.article_id == article.id for citation in answer.citations)
            found += [question] if answer.answer == stated and cited else []
    return found


def _gist(question: str) -> frozenset[str]:
    """Return the characters that carry a question: 湾里共有渔船多少艘？ and 湾里有多少艘渔船 have the same."""
    return frozenset(squeeze(question)) - LIGHT


def _by_turns(store: Store) -> Iterator[tuple[str, str, str]]:
    """Yield questions with their article and answer, one of each article before the second of any."""
    rows = [row.article_id for row in store.catalogue.listed(Shown(), 0, ARTICLES)]
    waiting = [(ident, _questions(store.article(ident))) for ident in rows]
    while waiting:
        waiting = [(ident, rest) for ident, rest in waiting if rest]
        for ident, rest in waiting:
            yield (ident, *rest.pop(0))


def _questions(article: Article, limit: int = 3) -> list[tuple[str, str]]:
    """Return the first questions of one article with the number each asks for."""
    found = []
    for block in article.blocks:
        text = article.text[block.start : block.end]
        if block.kind is BlockKind.BODY:
            found += [
                asked
                for start, end in clauses(text, "，；。！？：")
                if (asked := number_question(text[start:end]))
            ]
    return list(dict(found).items())[:limit]


def number_question(clause: str) -> tuple[str, str] | None:
    """Turn 成都市共建成移动通信基站约15.96万个 into 成都市共建成移动通信基站多少个？, and its number."""
    clause = clause.rstrip("，；。！？：")
    stated = quantities(clause)
    if len(stated) != 1 or not SHORTEST <= len(clause) <= LONGEST or LEANING.match(clause):
        return None
    number = stated[0]
    before, after = clause[: number.start], clause[number.end :]
    if unit_class(number.unit) not in ASKED or UNFIT.search(clause) or not names_something(before):
        return None
    return _asked(before, number, after), clause[number.start : number.end]


def _asked(before: str, number: Quantity, after: str) -> str:
    unit = _multiple.sub("", number.unit)
    if after:
        return f"{before}多少{unit}{after}？"
    subject = _verb_end.sub("", before)
    if unit_class(number.unit) in ("count", "people"):
        return f"{subject}有多少{unit}？" if subject != before else f"{before}多少{unit}？"
    return f"{subject}是多少？"


def names_something(text: str) -> bool:
    """Tell whether a question that begins so says whom it is about: it names a place or something rare."""
    first = next(iter(words(text)), "")
    return (
        len(first) > 1
        and is_noun(first)
        and (bool(places(text)) or any(rarity(w) >= NAMING for w in words(text)))
    )
