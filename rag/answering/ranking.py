"""Choose among the candidates: their features weighed into one score, which orders, and one probability."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rag.answering.answer_features import features
from rag.answering.constraints import Unmet, in_time
from rag.answering.evidence import Evidence, weigh
from rag.answering.validity.newest import mere_aims
from rag.budget import spend
from rag.query.analysis import AnswerType, Query
from rag.records import Candidate
from rag.text.characters import fold

__all__ = ["Choice", "Limits", "choose", "limits", "weights"]

# What must be true of a number of the asked time before one of another time yields to it.
LIKELY = 0.5
AS_WELL = 0.85
# Another time, ordinal, office or currency that governs the answer, or the contrary, is proof that something else is told.
PROVABLE = frozenset(("time", "name", "ordinal", "unit", "form", "role", "negation", "amount"))
# How the features of unmet demands are named.
COSTS = "unmet_", "other_"
# A word or demand is compared with a candidate so many times in all: of a question of 30 words 400 candidates are
# weighed, more than 20 passages have; of one of 500 words those that the reader likes best.
MOST_COMPARED = 12_000
LEAST_WEIGHED = 12


@dataclass(frozen=True, slots=True)
class Limits:
    """The confidence that a likely answer needs, and a sure one."""

    likely: float
    sure: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate with its evidence: `score` orders (higher is better), `confidence` is the probability of being right.

    `unmet` are the demands it does not meet: each has its cost. `but_for` is the confidence that there would be if they
    had not been made.
    """

    evidence: Evidence
    features: Mapping[str, float]
    score: float
    confidence: float
    but_for: float
    unmet: tuple[Unmet, ...]

    @property
    def candidate(self) -> Candidate:
        """The candidate itself."""
        return self.evidence.candidate

    @property
    def vetoed(self) -> Unmet | None:
        """The demand that stands against it whatever its score."""
        return _veto(self.unmet)


@cache
def weights() -> Mapping[str, Mapping[str, float]]:
    """Return the tables of choice.toml."""
    return tomllib.loads((Path(__file__).parent / "choice.toml").read_text(encoding="utf-8"))


def limits(own: float | None) -> Limits:
    """Return the confidence from which an answer is given at all, `own` or the stored one, and from which it is sure."""
    stored = weights()["limits"]
    likely = stored["likely"] if own is None else own
    return Limits(likely, max(likely, stored["sure"]))


def choose(query: Query, candidates: Sequence[Candidate]) -> list[Choice]:
    """Return the candidates as choices, best first: those that a veto stands against behind the others.

    A number yields to its neighbour that is proved to be the asked one, an aim to the fact of which 目前 was asked, and one of another time to one of the asked 去年 or 今年一季度.
    """
    compared = 1 + len(query.terms) + len(query.constraints)
    weighed = []
    for candidate in candidates[: max(LEAST_WEIGHED, MOST_COMPARED // compared)]:
        spend(compared)
        weighed.append(weigh(query, candidate))
    neighbours = [a or b for a, b in zip(_neighbours(query, weighed), mere_aims(query, weighed), strict=True)]
    aside = [yields or _veto(one.unmet) is not None for one, yields in zip(weighed, neighbours, strict=True)]
    valued = features(query, weighed, aside)
    choices = [_choice(one, values) for one, values in zip(weighed, valued, strict=True)]
    yielding = {id(choice.evidence) for choice, yields in zip(choices, neighbours, strict=True) if yields}
    timely = _timely(query, choices)

    def order(choice: Choice) -> tuple[bool, bool, bool, float, float]:
        late = bool(timely) and choice not in timely
        # One reading over two numbers scores both alike: what is asked of them tells which.
        unlike = -choice.score, -choice.confidence
        return choice.vetoed is not None, late, id(choice.evidence) in yielding, *unlike

    return sorted(choices, key=order)


def _veto(unmet: Sequence[Unmet]) -> Unmet | None:
    """Return the demand that stands against an answer whatever its score: the text itself states another of the kind."""
    return next((one for one in unmet if one.found and one.kind in PROVABLE), None)


def _neighbours(query: Query, weighed: Sequence[Evidence]) -> list[bool]:
    """Tell of each number whether another of its article or clause is proved to be the asked one.

    A number whose clause lacks an asked name (15.96万个 of all 基站) yields to one whose clause has it with all that is
    asked (5G基站超8万个), one whose own piece of an enumeration lacks the asked words (10个国家级) to one whose piece has them
    (36个省部级).
    """
    if query.type is not AnswerType.NUMBER:
        return [False] * len(weighed)
    stated = {one.scene.article.id for one in weighed if _states(one)}
    named = {_clause(one) for one in weighed if one.segment > 0 and one.candidate.fits and not one.unmet}
    return [
        (one.names < 1 and one.scene.article.id in stated) or (one.segment < 0 and _clause(one) in named)
        for one in weighed
    ]


def _states(evidence: Evidence) -> bool:
    """Tell whether the clause has every asked name and word, and a number of the asked kind."""
    return not evidence.unmet and evidence.candidate.fits and evidence.names == 1 and evidence.stated


def _clause(evidence: Evidence) -> tuple[str, int]:
    return evidence.scene.article.id, evidence.scene.clause.start


def _timely(query: Query, choices: Sequence[Choice]) -> list[Choice]:
    """Return the choices that hold for the asked 去年 or 今年一季度 and state what is asked as well as the best."""
    if query.type is not AnswerType.NUMBER or query.period is None or not query.relative:
        return []
    likely = [c for c in choices if not c.vetoed and c.candidate.fits and c.confidence >= LIKELY]
    most = max((c.evidence.coverage for c in likely), default=0.0)
    return [c for c in likely if c.evidence.coverage >= AS_WELL * most and in_time(query, c.evidence.scene)]


def _choice(evidence: Evidence, values: Mapping[str, float]) -> Choice:
    without = {name: 0.0 if name.startswith(COSTS) else value for name, value in values.items()}
    without["coverage"] = evidence.coverage_without([fold(one.asked) for one in evidence.unmet])
    return Choice(
        evidence,
        values,
        _sum(weights()["score"], values),
        _sigmoid(_sum(weights()["confidence"], values)),
        _sigmoid(_sum(weights()["confidence"], without)),
        evidence.unmet,
    )


def _sum(table: Mapping[str, float], values: Mapping[str, float]) -> float:
    return sum(weight * values[name] for name, weight in table.items())


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))
