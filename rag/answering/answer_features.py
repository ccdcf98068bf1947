"""What a possible answer is weighed by: named numbers, on scales that mean the same for every question.

Each was kept because leaving it out costs on sets that its weight was not fitted on (`python -m benchmarks.choice`).
"""

import re
from collections.abc import Mapping, Sequence

from rag.answering.evidence import Evidence
from rag.query.analysis import AnswerType, Query
from rag.text.annotation import Annotation
from rag.text.characters import squeeze
from rag.text.time_words import AIM, FORECAST

__all__ = ["COSTED", "features", "outlook"]

TARGETS = re.compile(rf"{AIM}|拟(?!态)|到\s?20\d\d年")
# A forecast holds for its own clause, and for the next one if it only says when (预计到2025年，产量将达…).
FORECASTS = re.compile(rf"(?:{FORECAST})(?:[^，；,;]*|[^，；,;]*[年月日底前后季度][，,][^，；,;]*)$")
# Margins beyond these say no more: where the reader is this sure, it is right or wrong for another reason.
MARGINS = -15.0, 20.0
# How alike question and passage are by meaning (rag.retrieval.passage_features) is about .2 to .6; a passage that was only shown has none.
MIDDLE, SPREAD = 0.4, 2.5
# How far ahead the only answer is.
ALONE = 1.0
# The demands whose not being met costs, each by itself where nothing and where another stands in its place.
COSTED = ("time", "place")


def features(query: Query, weighed: Sequence[Evidence], aside: Sequence[bool] = ()) -> list[dict[str, float]]:
    """Return the features of all possible answers of one question, in their order.

    Shares are 0..1 and flags 0 or 1; `margin`, `titled` and `ahead` are in tens of the reader's logits, `retrieval` and `behind`
    in units of the hit's score. `ahead` is how far both margins together are ahead of the best other answer's; those set
    `aside`, which cannot be it, are no rivals.
    """
    best_score = max((one.candidate.hit.score for one in weighed), default=0.0)
    sums = [_clipped(one.candidate.margin) + _clipped(one.candidate.titled) for one in weighed]
    rivals = [not out for out in aside] or [True] * len(weighed)
    ahead = _ahead([_plain(one.scene.answer) for one in weighed], sums, rivals)
    return [
        {
            **_own(query, one),
            "behind": one.candidate.hit.score - best_score,
            "ahead": lead,
        }
        for one, lead in zip(weighed, ahead, strict=True)
    ]


def _own(query: Query, evidence: Evidence) -> dict[str, float]:
    """Return the features that do not depend on the other candidates."""
    found = evidence.candidate
    return {
        "bias": 1.0,
        "margin": _clipped(found.margin),
        "titled": _clipped(found.titled),
        "retrieval": found.hit.score,
        "dense": SPREAD * (found.hit.features.get("dense", MIDDLE) - MIDDLE),
        "coverage": evidence.coverage,
        "number": float(query.type is AnswerType.NUMBER),
        **_costs(evidence),
    }


def _clipped(margin: float) -> float:
    low, high = MARGINS
    return min(high, max(low, margin)) / 10


def _ahead(answers: Sequence[str], sums: Sequence[float], rivals: Sequence[bool]) -> list[float]:
    """Return how far each sum is ahead of the best rival of another answer."""
    best: dict[str, float] = {}
    for answer, value, rival in zip(answers, sums, rivals, strict=True):
        if rival:
            best[answer] = max(best.get(answer, value), value)
    ranked = sorted(best, key=lambda answer: -best[answer])[:2]
    ahead = (next((best[other] for other in ranked if other != answer), None) for answer in answers)
    return [ALONE if rival is None else value - rival for value, rival in zip(sums, ahead, strict=True)]


def _plain(answer: Annotation) -> str:
    """Return an answer as it is compared with others: 8万个 and 80000个 are one."""
    numbers = answer.quantities
    if len(numbers) == 1:
        return f"{numbers[0].number}{numbers[0].unit}"
    return "".join(char for char in squeeze(answer.folded) if char.isalnum())


def _costs(evidence: Evidence) -> Mapping[str, float]:
    """Return for each kind of demand whether one is not met, and whether another stands in its place."""
    lost = {one.kind for one in evidence.unmet if not one.found}
    other = {one.kind for one in evidence.unmet if one.found}
    return {f"unmet_{kind}": float(kind in lost) for kind in COSTED} | {
        f"other_{kind}": float(kind in other) for kind in COSTED
    }


def outlook(evidence: Evidence) -> str:
    """Return what the answer is if it is no fact: 目标 (an aim or a plan) or 预计 (a forecast), else ""."""
    article = evidence.candidate.hit.passage.article
    said = article.text[evidence.scene.sentence.start : evidence.candidate.span.start]
    if FORECASTS.search(said):
        return "预计"
    return "目标" if TARGETS.search(said) else ""
