"""Choose among the candidates: reader, retrieval and evidence weighed into one score and one probability."""

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rag.demands import Unmet
from rag.evidence import Evidence, weigh
from rag.meaning import names_a_thing, rarity
from rag.query import AnswerType, Query
from rag.records import Candidate
from rag.scene import nearest_times
from rag.text import fold
from rag.when import overlaps

__all__ = ["Choice", "choose", "is_target", "weights"]

# What is set as an aim is no fact: a question that does not ask for aims gets one only if there is nothing else.
TARGETS = re.compile(r"力争|计划|目标|有望|拟(?!态)|到\s?20\d\d年|规划|争取|预期")


# Words of a question for what was before.
FORMER = re.compile("原来|原先|之前|此前|最初|以前|从前|从多少|由多少")


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate with its evidence: `score` orders (higher is better), `confidence` is the probability of being right.

    `but_for` is the confidence that there would be if the demands it does not meet had not been made.
    """

    evidence: Evidence
    score: float
    confidence: float
    but_for: float
    unmet: tuple[Unmet, ...]

    @property
    def candidate(self) -> Candidate:
        """The candidate itself."""
        return self.evidence.candidate


@cache
def weights() -> Mapping[str, Mapping[str, float]]:
    """Return the tables of choice.toml."""
    return tomllib.loads((Path(__file__).parent / "choice.toml").read_text(encoding="utf-8"))


def choose(query: Query, candidates: Sequence[Candidate]) -> list[Choice]:
    """Return the candidates as choices, best first: those that meet every demand before the others.

    A number whose clause lacks an asked name (15.96万个 of all 基站) yields to one of the same article whose clause
    has it with all that is asked (5G基站超8万个).
    """
    choices = [_choice(query, weigh(query, candidate)) for candidate in candidates]
    stated = {_article(choice) for choice in choices if query.type is AnswerType.NUMBER and _states(choice)}

    def order(choice: Choice) -> tuple[bool, bool, float]:
        yields = choice.evidence.names < 1 and _article(choice) in stated
        return bool(choice.unmet), yields, -choice.score

    return sorted(choices, key=order)


def _article(choice: Choice) -> str:
    return choice.candidate.hit.passage.article.id


def _states(choice: Choice) -> bool:
    """Tell whether the clause of a choice has every asked name and word, and a number of the asked kind."""
    evidence = choice.evidence
    return not choice.unmet and choice.candidate.fits and evidence.names == 1 and evidence.stated


def _choice(query: Query, evidence: Evidence) -> Choice:
    features = _features(query, evidence)
    unmet = (*evidence.unmet, *_missing(query, evidence))
    without = {**features, "coverage": evidence.coverage_without([fold(failed.asked) for failed in unmet])}
    return Choice(
        evidence,
        _sum(weights()["score"], features),
        _sigmoid(_sum(weights()["confidence"], features)),
        _sigmoid(_sum(weights()["confidence"], without)),
        unmet,
    )


def _features(query: Query, evidence: Evidence) -> Mapping[str, float]:
    candidate = evidence.candidate
    return {
        "bias": 1.0,
        "margin": candidate.margin,
        "retrieval": candidate.hit.score,
        "coverage": evidence.coverage,
        "local": evidence.local,
        "names": evidence.names,
        "segment": evidence.segment if query.type is AnswerType.NUMBER else 0.0,
        "unfit": float(not candidate.fits),
        "target": float(is_target(evidence) and not TARGETS.search(query.text)),
        "former": float(evidence.scene.is_former and not FORMER.search(query.text)),
        "shifted": float(_is_shifted(query, evidence)),
        "echo": _echo(query, candidate.text),
    }


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


def is_target(evidence: Evidence) -> bool:
    """Tell whether the answer's clause, or what its sentence says before it, speaks of an aim or a plan."""
    article = evidence.candidate.hit.passage.article
    said = article.text[evidence.scene.sentence.start : evidence.candidate.span.start]
    return TARGETS.search(said) is not None


def _missing(query: Query, evidence: Evidence) -> list[Unmet]:
    """Return the rare nouns of the question that nothing near the answer names: the asked object is another."""
    rare = weights()["missing"]["rare"]
    words = (word for word in evidence.missing if word not in query.sought and rarity(word) >= rare)
    return [Unmet("object", word) for word in words if names_a_thing(word)]


def _sum(table: Mapping[str, float], features: Mapping[str, float]) -> float:
    return sum(weight * features[name] for name, weight in table.items())


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))
