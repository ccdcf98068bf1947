"""Score one answer against what was expected; None marks a score whose denominator the question is not in."""

from collections.abc import Sequence

from rag.evaluation.gold import Gold, by_answer
from rag.evaluation.match import (
    contains,
    exact,
    expected,
    f1,
    holds,
    right,
    same_numerals,
    states_answer,
    states_part,
)
from rag.evaluation.questions import Question
from rag.records import Answer, Citation
from rag.text.characters import fold, squeeze

__all__ = ["LONGEST", "READ", "Scores", "crash_scores", "in_quote", "score"]

Scores = dict[str, float | None]
# What is read without scrolling: the first two citations, each with its context at most this many characters.
READ = 2
LONGEST = 160
TEXTUAL = ("em", "f1", "numeral_accuracy", "contains", "right", "answer_in_quote")
CITED = ("citation_precision", "citation_recall", "qualifiers", "quote_chars", "verified")


def score(question: Question, answer: Answer, gold: Gold) -> Scores:
    """Return every score of an answer that does not need the ranked list."""
    return {
        **_words(question, answer, gold),
        **_citations(question, answer, gold),
        "false_refusal": float(answer.refused) if question.answerable else None,
        "false_answer": None if question.answerable else float(not answer.refused),
        "confidence": answer.confidence,
    }


def crash_scores(question: Question) -> Scores:
    """Return the scores of a question that could not be asked: always the mistake."""
    known = bool(expected(question))
    mistake: Scores = {name: 0.0 if question.answerable and known else None for name in TEXTUAL}
    return {
        **mistake,
        "right": 0.0 if known or not question.answerable else None,
        **dict.fromkeys(CITED),
        "false_refusal": 1.0 if question.answerable else None,
        "false_answer": None if question.answerable else 1.0,
        "confidence": None,
    }


def _words(question: Question, answer: Answer, gold: Gold) -> Scores:
    """Score the words; a refusal of an answerable question scores 0, a question without expected words nothing."""
    wanted = expected(question)
    if not question.answerable:
        return {**dict.fromkeys(TEXTUAL), "right": None if answer.refused else 0.0}
    if not wanted:
        return dict.fromkeys(TEXTUAL)
    given = answer.answer
    good = right(given, question) if given else 0.0
    return {
        "em": exact(given, wanted),
        "f1": f1(given, wanted),
        "numeral_accuracy": same_numerals(given, wanted),
        "contains": contains(given, question),
        "right": good,
        "answer_in_quote": float(in_quote(question, answer.citations, gold, anywhere=bool(good))),
    }


def in_quote(
    question: Question,
    citations: Sequence[Citation],
    gold: Gold,
    longest: int = LONGEST,
    *,
    anywhere: bool = False,
) -> bool:
    """Tell whether the first two citations hold an answer, each at most `longest` characters with its context.

    Where the gold articles are known, only quotes from them count; `anywhere`, for an answer that is right, those of
    other articles, too: whoever wrote the question need not have known every article that answers it.
    """
    pieces = [
        piece
        for citation in citations[:READ]
        if _length(citation) <= longest and (anywhere or gold.counts(citation, question))
        for piece in _pieces(citation)
    ]
    return states_answer(pieces, question)


def _pieces(citation: Citation) -> list[str]:
    return [citation.quote, *(context.text for context in citation.context)]


def _length(citation: Citation) -> int:
    """Return the characters of a quote with its context."""
    return sum(map(len, _pieces(citation)))


def _citations(question: Question, answer: Answer, gold: Gold) -> Scores:
    """Score the citations of an answer that was given."""
    cited = answer.citations
    if answer.refused or not cited:
        return dict.fromkeys(CITED)
    known = question.answerable and not by_answer(question)
    return {
        "citation_precision": _precision(question, answer, gold) if known else None,
        "citation_recall": _recall(question, cited, gold) if known else None,
        "qualifiers": _qualifiers(question, answer) if question.qualifiers else None,
        "quote_chars": float(_length(cited[0])),
        "verified": sum(citation.verified == "verified" for citation in cited) / len(cited),
    }


def _precision(question: Question, answer: Answer, gold: Gold) -> float:
    """Return the share of the citations that are of a gold article, or of another that has the right answer."""
    cited = answer.citations
    good = bool(expected(question)) and bool(right(answer.answer, question))
    return sum(
        gold.counts(citation, question) or (good and states_part(_pieces(citation), question))
        for citation in cited
    ) / len(cited)


def _recall(question: Question, cited: Sequence[Citation], gold: Gold) -> float:
    """Return the share of the gold articles that are cited."""
    stands_for = gold.articles(question)
    found = {stands_for[citation.article_id] for citation in cited if citation.article_id in stands_for}
    return len(found) / len(set(question.article_ids))


def _qualifiers(question: Question, answer: Answer) -> float:
    """Return 1 if every qualifier stands in the first two quotes, their context or the date of the answer."""
    shown = [piece for citation in answer.citations[:READ] for piece in _pieces(citation)]
    folded = [squeeze(fold(text)) for text in (*shown, answer.as_of)]
    return float(all(any(holds(text, wanted) for text in folded) for wanted in question.qualifiers))
