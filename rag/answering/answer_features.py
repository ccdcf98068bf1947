"""What a possible answer is weighed by: named numbers, on scales that mean the same for every question."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from rag.answering.context import nearest_times
from rag.answering.evidence import Evidence
from rag.query.analysis import AnswerType, Query
from rag.text.annotation import Annotation, annotate
from rag.text.characters import squeeze
from rag.text.dates import overlaps
from rag.text.lexicon import COMMON, NAMING, UNKNOWN, generic, rarity
from rag.text.outlook import AIM, FORECAST
from rag.text.words import is_name, is_noun

__all__ = ["features", "outlook"]

# What is set as an aim is no fact: a question that does not ask for aims gets one only if there is nothing else.
TARGETS = re.compile(rf"{AIM}|拟(?!态)|到\s?20\d\d年")
# A forecast holds for its own clause, and for the next one if it only says when (预计到2025年，产量将达…).
FORECASTS = re.compile(rf"(?:{FORECAST})(?:[^，；,;]*|[^，；,;]*[年月日底前后季度][，,][^，；,;]*)$")
FORECAST_ASKED = re.compile(f"{FORECAST}|会|将")
# Words of a question for what was before.
FORMER = re.compile("原来|原先|之前|此前|最初|以前|从前|从多少|由多少")
# Margins beyond these say no more: where the reader is this sure, it is right or wrong for another reason.
MARGINS = -15.0, 20.0
# How alike question and passage are by meaning (rag.retrieval.passage_features) is about .2 to .6; a passage that was only shown has none.
MIDDLE, SPREAD = 0.4, 2.5
# What a sentence explains has no form of its own.
SPOKEN = frozenset(
    (AnswerType.REASON, AnswerType.MANNER, AnswerType.YESNO, AnswerType.WHAT, AnswerType.OTHER)
)

_person = re.compile(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fffa-z]+(?:[·・.\-][\u4e00-\u9fffa-z]+)+")


def features(query: Query, weighed: Sequence[Evidence]) -> list[dict[str, float]]:
    """Return the features of all possible answers of one question, in their order.

    Shares are 0..1 and flags 0 or 1; `margin` and `behind_margin` are in tens of the reader's logits, `retrieval` and `behind`
    in units of the hit's score.
    """
    best_score = max((one.candidate.hit.score for one in weighed), default=0.0)
    best_margin = max((_margin(one) for one in weighed), default=0.0)
    best_titled = max((_titled(one) for one in weighed), default=0.0)
    sums = [_margin(one) + _titled(one) for one in weighed]
    plain = [_plain(one.scene.answer) for one in weighed]
    tops = _tops(weighed)
    votes = _votes(weighed)
    rare = frozenset(term for term in query.terms if rarity(term) >= NAMING)
    return [
        {
            **_own(query, one, rare),
            "behind": one.candidate.hit.score - best_score,
            "behind_margin": _margin(one) - best_margin,
            "behind_titled": _titled(one) - best_titled,
            "ahead": sums[i] - max((sums[j] for j in range(len(sums)) if plain[j] != plain[i]), default=sums[i] - 1.0),
            "top": float(one.candidate.margin >= tops[one.candidate.hit.passage_id]),
            "votes": math.log(votes[_plain(one.scene.answer)]),
        }
        for i, one in enumerate(weighed)
    ]


def _own(query: Query, evidence: Evidence, rare: frozenset[str]) -> dict[str, float]:
    """Return the features that do not depend on the other candidates; `rare` are the rare ones of the terms."""
    found = evidence.candidate
    return {
        "bias": 1.0,
        "margin": _margin(evidence),
        "titled": _titled(evidence),
        **_unmet(evidence),
        "retrieval": found.hit.score,
        "dense": SPREAD * (found.hit.features.get("dense", MIDDLE) - MIDDLE),
        "coverage": evidence.coverage,
        "local": evidence.local,
        "names": evidence.names,
        "segment": evidence.segment if query.type is AnswerType.NUMBER else 0.0,
        **_lost(query, evidence),
        "rare": _mean([level for term, level in evidence.levels.items() if term in rare]),
        "unfit": float(not found.fits),
        "kind": _kind(query, evidence.scene.answer),
        "target": float(_is_unasked(query, outlook(evidence))),
        "former": float(evidence.scene.is_former and not FORMER.search(query.text)),
        "shifted": float(_is_shifted(query, evidence)),
        "echo": _echo(query, found.text),
        "length": 0.0 if query.type in SPOKEN else math.log1p(len(found.text)) / 3,
        "number": float(query.type is AnswerType.NUMBER),
        "time": float(query.type is AnswerType.TIME),
        "spoken": float(query.type in SPOKEN),
    }


def _margin(evidence: Evidence) -> float:
    low, high = MARGINS
    return min(high, max(low, evidence.candidate.margin)) / 10


def _titled(evidence: Evidence) -> float:
    low, high = MARGINS
    return min(high, max(low, evidence.candidate.titled)) / 10


KINDS = ("place", "time", "name", "ordinal", "quoted", "unit", "form", "object", "role", "negation")


def _unmet(evidence: Evidence) -> dict[str, float]:
    """Return for each kind of demand whether one is not met, and whether another stands in its place."""
    lost = {one.kind for one in evidence.unmet if not one.found}
    other = {one.kind for one in evidence.unmet if one.found}
    return {f"unmet_{kind}": float(kind in lost) for kind in KINDS} | {
        f"other_{kind}": float(kind in other) for kind in KINDS
    }


def _tops(weighed: Sequence[Evidence]) -> Mapping[int, float]:
    """Return the best margin of each passage."""
    best: dict[int, float] = {}
    for one in weighed:
        number = one.candidate.hit.passage_id
        best[number] = max(best.get(number, -math.inf), one.candidate.margin)
    return best


def _votes(weighed: Sequence[Evidence]) -> Mapping[str, int]:
    """Return how many articles give each answer."""
    given = {(_plain(one.scene.answer), one.candidate.hit.passage.article.id) for one in weighed}
    return Counter(answer for answer, _ in given)


def _plain(answer: Annotation) -> str:
    """Return an answer as it is compared with others: 8万个 and 80000个 are one."""
    numbers = answer.quantities
    if len(numbers) == 1:
        return f"{numbers[0].number}{numbers[0].unit}"
    return "".join(char for char in squeeze(answer.folded) if char.isalnum())


def _lost(query: Query, evidence: Evidence) -> dict[str, float]:
    """Return how rare the rarest word is that the question has and nothing near the answer says: of names, nouns, others."""
    rarest = dict.fromkeys(("lost_name", "lost_noun", "lost_word"), 0.0)
    for word in evidence.missing:
        if word in query.sought or word in generic() or word.isdigit():
            continue
        kind = (
            "lost_name" if word.isascii() or is_name(word) else "lost_noun" if is_noun(word) else "lost_word"
        )
        rarest[kind] = max(rarest[kind], _loss(word))
    return rarest


def _loss(word: str) -> float:
    """Return what it costs that a word stands nowhere: a common one nothing, one as rare as a name 1."""
    return min(1.0, max(0.0, (rarity(word) - COMMON) / (UNKNOWN - COMMON)))


def _mean(levels: Sequence[float]) -> float:
    """Return the mean level of some of the question's words, 1 if it has none such."""
    return sum(levels) / len(levels) if levels else 1.0


def _kind(query: Query, answer: Annotation) -> float:
    """Return 1 if the answer is of the kind that is asked for, 0.5 where the question leaves that open."""
    folded = squeeze(answer.folded)
    if query.type is AnswerType.PERSON:
        return float(_person.fullmatch(folded) is not None)
    if query.type is AnswerType.PLACE and not query.sought:
        return float(
            bool(annotate(folded).places) or folded[-1:] in "省市县区镇乡村路街园馆院校厅站场州岛港山"
        )
    if query.type in (AnswerType.WHICH, AnswerType.PLACE) and query.sought and query.sought[0]:
        return 1.0 if folded.endswith(query.sought[0][-1]) else 0.3
    return 0.5


def _is_shifted(query: Query, evidence: Evidence) -> bool:
    """Tell whether the question's 今年 or 去年 is another time than the evidence's."""
    if query.period is None or not query.relative:
        return False
    period = query.period
    return not any(overlaps(period, time) for time in nearest_times(evidence.scene))


def _echo(query: Query, answer: str) -> float:
    """Return the share of the answer's characters that the question has already: an echo tells nothing."""
    if query.type in (AnswerType.NUMBER, AnswerType.TIME, AnswerType.YESNO) or not answer:
        return 0.0
    return sum(char in query.text for char in answer) / len(answer)


def outlook(evidence: Evidence) -> str:
    """Return what the answer is if it is no fact: 目标 (an aim or a plan) or 预计 (a forecast), else ""."""
    article = evidence.candidate.hit.passage.article
    said = article.text[evidence.scene.sentence.start : evidence.candidate.span.start]
    if FORECASTS.search(said):
        return "预计"
    return "目标" if TARGETS.search(said) else ""


def _is_unasked(query: Query, found: str) -> bool:
    asked = FORECAST_ASKED if found == "预计" else TARGETS
    return bool(found) and not asked.search(query.text)
