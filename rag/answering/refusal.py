"""Say why there is no answer: only what the passages shown beside it prove."""

from collections.abc import Sequence

from rag.answering.constraints import Unmet
from rag.answering.quotes import Known, citation, quote_evidence, quote_passage
from rag.answering.ranking import Choice
from rag.query.analysis import Query
from rag.records import Citation, Hit, Refusal
from rag.text.annotation import annotate
from rag.text.characters import fold, is_cjk, squeeze
from rag.text.lexicon import COMMON, UNKNOWN, generic, names_a_thing, rarity

__all__ = ["LIBRARY", "WITHIN", "closest", "reason"]

CLOSEST = 3
# A refusal names the demand that was not met from this share of what an answer would need: the reader itself doubts a
# passage about another place.
NAMED = 0.5
# Conflicts that are tried until one is proved by its quote.
PROOFS = 3
# Words that are named as missing: a reader looks for no more.
MOST_MISSING = 2

LIBRARY, WITHIN = "库中", "筛选范围内"
NOTHING = f"{LIBRARY}没有找到足够可靠的依据，因此不作回答。"
FOREIGN = f"{LIBRARY}没有找到可靠的依据；报道是中文的，请用中文提问。"
MISSING = LIBRARY + "没有找到可以引用的依据：相近的报道没有提到{words}。"
INSTEAD = {
    "time": "相近的报道说的是{found}，不是{asked}。",
    "name": "相近的报道说的是{found}，不是{asked}。",
    "ordinal": "相近的报道说的是{found}，不是{asked}。",
    "unit": "相近的报道以{found}计，不是以{asked}计。",
    "form": "相近的报道给出的是{found}，不是问到的{asked}。",
    "role": "相近的报道说的是{found}，不是{asked}。",
    "amount": "相近的报道给出的{found}不是问到的{asked}。",
    "negation": "相近的报道说的是“{found}”，与问到的相反。",
}
# What is said of these denies that the report tells of what was asked.
OF_ANOTHER = ("name", "ordinal", "role")


def reason(
    query: Query, hits: Sequence[Hit], choices: Sequence[Choice], least: float
) -> tuple[Refusal, Choice | None]:
    """Return why nothing is answered, and the choice whose quote proves it, if the reason is a conflict."""
    against = [choice for choice in choices if choice.vetoed and choice.but_for >= NAMED * least]
    for nearest in sorted(against, key=lambda choice: -choice.score)[:PROOFS]:
        if nearest.vetoed is not None and _is_shown(query, nearest, nearest.vetoed):
            return _conflict(nearest.vetoed), nearest
    if not any(map(is_cjk, query.text)):
        return Refusal("no_evidence", "", FOREIGN), None
    words = _missing(query, hits)
    message = MISSING.format(words="、".join(f"“{word}”" for word in words)) if words else NOTHING
    return Refusal("no_evidence", "", message), None


def _is_shown(query: Query, choice: Choice, veto: Unmet) -> bool:
    """Tell whether the quote beside the refusal shows what its reason says: 2024年 may stand elsewhere in the article.

    Where it tells of both (三价疫苗48元，四价疫苗128元), 不是三价疫苗 would be untrue.
    """
    quote = quote_evidence(query, choice.evidence)
    shown = "\n".join((quote.article.title, *quote.pieces))
    told, words, asked = (squeeze(fold(text)) for text in (shown, veto.found, veto.asked))
    if veto.kind in OF_ANOTHER and asked in told.replace(words, ""):  # 市长 stands in 副市长
        return False
    return words in told or words.removeprefix("第") in annotate(shown).plain_ordinals


def _conflict(veto: Unmet) -> Refusal:
    message = INSTEAD[veto.kind].format(asked=veto.asked, found=veto.found)
    return Refusal("constraint_not_met", f"{veto.kind}: {veto.asked}", message)


def _missing(query: Query, hits: Sequence[Hit]) -> list[str]:
    """Return the asked words as the question writes them, rarest first, that no article of the hits has in any form."""
    articles = {hit.passage.article.id: hit.passage.article for hit in hits}.values()
    texts = [annotate(f"{article.title}\n{article.text}") for article in articles]
    named = (word for word in query.terms if texts and _is_named(query, word))
    lost = [word for word in named if not any(text.has(word) for text in texts)]
    return [_as_asked(query, word) for word in sorted(lost, key=rarity, reverse=True)[:MOST_MISSING]]


def _as_asked(query: Query, word: str) -> str:
    at = query.folded.find(word)
    return word if at < 0 else query.text[at : at + len(word)]


def _is_named(query: Query, word: str) -> bool:
    """Tell whether readers know the word as one: a noun of the dictionary, or a name told by its form."""
    if word in query.sought or word in generic() or len(word) < 2:
        return False
    if word.isascii():  # a number alone is a part of a date or an amount
        return not word.isdecimal() and any(
            query.folded[start:end] == word for start, end in query.annotation.names
        )
    return names_a_thing(word) and COMMON <= rarity(word) < UNKNOWN


def closest(query: Query, hits: Sequence[Hit], proof: Choice | None, known: Known) -> tuple[Citation, ...]:
    """Return what is shown beside a refusal: the quote that proves its reason, then the nearest passages."""
    first = [] if proof is None else [quote_evidence(query, proof.evidence)]
    shown = {quote.article.text[quote.span.start : quote.span.end] for quote in first}
    others = (quote_passage(query, hit.passage) for hit in hits)
    quotes = [*first, *(quote for quote in others if quote.text not in shown)][:CLOSEST]
    return tuple(citation(number, quote, known) for number, quote in enumerate(quotes, 1))
