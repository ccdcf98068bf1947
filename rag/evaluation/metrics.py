"""The metrics: what each means, over which questions, and whether more is better."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["METRICS", "Metric", "Mode", "help_text", "metric"]


Mode = Literal["end-to-end", "reading"]
"""What is asked: the whole bot, or its reader with the gold articles before it."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A mean over rows: of `score` (the name in a row's scores), for the rows of the denominator `of`.

    `higher` tells whether more is better, `binary` whether each row scores 0 or 1. Rows that score null are left out.
    """

    name: str
    of: str
    means: str
    higher: bool = True
    binary: bool = False
    score: str = ""

    @property
    def field(self) -> str:
        """The name of the score in a row."""
        return self.score or self.name


WITH_GOLD = "answerable"
METRICS: tuple[Metric, ...] = (
    Metric("hit@1", WITH_GOLD, "a gold article is the first in the ranked list", binary=True),
    Metric("hit@5", WITH_GOLD, "a gold article is among the first 5", binary=True),
    Metric("hit@10", WITH_GOLD, "a gold article is among the first 10", binary=True),
    Metric("mrr", WITH_GOLD, "1 / rank of the first gold article in the list of the first 50 passages"),
    Metric("ndcg@10", WITH_GOLD, "discounted gain of the first 10 ÷ that of the best order"),
    Metric(
        "em",
        "answerable",
        "the short answer equals an expected one, marks and space apart (CMRC 2018)",
        binary=True,
    ),
    Metric(
        "f1", "answerable", "F1 by the longest common run of characters, best expected answer (CMRC 2018)"
    ),
    Metric(
        "numeral_accuracy",
        "answerable",
        "as em, or the same amounts: 5.2万 = 52000 = 五万二千, 10.84亿元 = 108400万元",
        binary=True,
    ),
    Metric(
        "contains",
        "answerable",
        "the short answer holds an expected one, or one of every answer group",
        binary=True,
    ),
    Metric(
        "right",
        "answerable",
        "the short answer is right: contains, numeral_accuracy, or F1 ≥ 0.6 with the same numbers",
        binary=True,
    ),
    Metric(
        "answer_in_quote",
        "answerable",
        "the first two citations, each ≤ 160 characters with context, hold an expected answer; those of a gold article, "
        "where the answer is right of any",
        binary=True,
    ),
    Metric("reader_em", "answerable", "em of the reader's best span (--mode reading)", binary=True),
    Metric("reader_f1", "answerable", "f1 of the reader's best span (--mode reading)"),
    Metric(
        "citation_precision",
        "answered",
        "share of the citations that are of a gold article, or hold a right answer elsewhere",
    ),
    Metric("citation_recall", "answered", "share of the gold articles that are cited"),
    Metric(
        "qualifiers",
        "answered",
        "every expected qualifier stands in the first two quotes, their context or as_of",
        binary=True,
    ),
    Metric(
        "quote_chars",
        "answered",
        "characters of the first quote with its context; a length, no grade",
        higher=False,
    ),
    Metric("verified", "answered", "share of the citations that were found unchanged in their source file"),
    Metric("answered_rate", "all", "an answer was given, sure or likely", binary=True),
    Metric("sure_rate", "all", "an answer was given as sure", binary=True),
    Metric("risk", "answered", "the answer, sure or likely, is wrong (not `right`)", False, True),
    Metric("risk_sure", "sure", "the answer that was given as sure is wrong", False, True),
    Metric(
        "right_answered",
        "answered",
        "as right; an answer to an unanswerable question is wrong",
        True,
        True,
        "right",
    ),
    Metric("answer_in_quote_answered", "answered", "as answer_in_quote", True, True, "answer_in_quote"),
    Metric("em_answered", "answered", "as em", True, True, "em"),
    Metric("f1_answered", "answered", "as f1", score="f1"),
    Metric(
        "false_answer_rate", "unanswerable", "an answer was given all the same", False, True, "false_answer"
    ),
    Metric("false_sure_rate", "unanswerable", "an answer was given all the same, and as sure", False, True),
    Metric("false_refusal_rate", "answerable", "no answer was given", False, True, "false_refusal"),
)
# What is no mean over rows.
OTHERS: Mapping[str, tuple[str, str]] = {
    "false_refusal_rate/REASON": ("answerable", "refused for this reason"),
    "right_refusal_rate/REASON": ("unanswerable", "refused for this reason"),
    "aurc": (
        "answered",
        "area under the risk–coverage curve: mean share of wrong answers (not `right`) over all cuts",
    ),
    "ece": ("answered", "gap between confidence and share right, over 10 bins of equally many answers"),
    "latency_ms": ("all", "median and 95th percentile of the time for one question; /STAGE for each stage"),
}
LOWER = {"aurc", "ece", "latency_ms"}


def metric(name: str) -> Metric:
    """Return the metric of this name in a summary; names with a / belong to the part before it."""
    whole = next((one for one in METRICS if one.name == name), None)
    base = name.partition("/")[0]
    if whole is not None:
        return whole
    of = next((of for key, (of, _) in OTHERS.items() if key.partition("/")[0] == base), "all")
    return Metric(name, of, "", higher=base not in LOWER | {"false_refusal_rate", "quote_chars"})


def help_text() -> str:
    """Return a line for each metric, for `eval --help`."""
    lines = [f"{one.name} [{one.of}]: {one.means}." for one in METRICS]
    lines += [f"{name} [{of}]: {means}." for name, (of, means) in OTHERS.items()]
    return "\n\n".join(lines)
