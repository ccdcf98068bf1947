"""Name the stage that lost an answer: the first one after which it was no longer there."""

from collections.abc import Sequence, Set

from rag.evaluation.gold import Gold
from rag.evaluation.match import holds_answer, right
from rag.evaluation.questions import Question
from rag.evaluation.scores import LONGEST, Scores, in_quote
from rag.records import Answer, Hit

__all__ = ["STAGES", "lost_at"]

STAGES = {
    "in_no_passage": "no passage of the gold articles (of the index, where these are not known) holds an answer",
    "both_legs_missed": "a passage holds it, but neither leg found that passage",
    "fused_out": "it was found, but ranked behind the passages that were read",
    "refused": "a passage that was read holds it, but the question was refused (the reason follows)",
    "ledger": "the answer was withheld because its quotes do not carry its numbers",
    "reader_chose_another": "a passage that was read holds it, but another answer was chosen",
    "quote_too_long": "it is quoted, but in more characters than are read at a glance",
    "false_answer": "the question has no answer here, but one was given",
    "crashed": "asking failed",
}
ANY_LENGTH = 1 << 30


def lost_at(
    question: Question, answer: Answer, scores: Scores, hits: Sequence[Hit], read: Set[int], gold: Gold
) -> str:
    """Return the stage that lost the answer, "" if it is right.

    `hits` are all that was found, `read` the ids of the passages among them that were read.
    """
    if not question.answerable:
        return "" if answer.refused else "false_answer"
    if scores["right"] and scores["answer_in_quote"]:
        return ""
    if scores["right"] is None:
        return f"refused:{_reason(answer)}" if answer.refused else ""
    if not gold.is_held(question):
        return "in_no_passage"
    return _among(question, answer, gold.counted(hits, question), read, gold)


def _among(question: Question, answer: Answer, hits: Sequence[Hit], read: Set[int], gold: Gold) -> str:
    """Return the stage that lost an answer which a stored passage holds."""
    if not holds_answer([hit.passage.text for hit in hits], question):
        return "both_legs_missed"
    if not holds_answer([hit.passage.text for hit in hits if hit.passage_id in read], question):
        return "fused_out"
    if answer.refused:
        return "ledger" if _reason(answer) == "ledger" else f"refused:{_reason(answer)}"
    return "quote_too_long" if _too_long(question, answer, gold) else "reader_chose_another"


def _reason(answer: Answer) -> str:
    """Return why a question was refused; answers that the ledger withheld are told by their constraint."""
    if answer.refusal is None:
        return ""
    return "ledger" if answer.refusal.constraint.startswith("ledger") else answer.refusal.reason


def _too_long(question: Question, answer: Answer, gold: Gold) -> bool:
    good = bool(right(answer.answer, question))
    short, long = (
        in_quote(question, answer.citations, gold, most, anywhere=good) for most in (LONGEST, ANY_LENGTH)
    )
    return long and not short
