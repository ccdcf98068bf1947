"""The readings of a question, each with what was found for it, and which of them is answered."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.candidates import Read, worth_reading
from rag.answering.ranking import Choice
from rag.query.analysis import Query
from rag.records import Candidate, Hit
from rag.request import Request
from rag.retrieval.retriever import Ranking
from rag.text.characters import fold, squeeze

__all__ = ["Reading", "Search", "Trial", "new_first", "preferred"]

# What it costs a reading (in logits) that a veto stands against its best answer.
VETOED = 3.0
# That of an answer that was given already: who asks on expects another.
GIVEN = 2.5
# A name may be this many times as long with what its bearer is: 顾明川, 乐团音乐总监顾明川.
PART = 3
# That of a reading without any possible answer.
NOTHING = 8.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a question, and how it is `shown`: `prior` (in logits) speaks for it before anything is found.

    `article_id` is the article the conversation was about, where the reading leans on it, else ""; one that is `bound`
    is answered by no other. To `courtesy` within a conversation nothing is looked for. `given` are the answers given
    before, where another is expected. `apart` is the conversation's article where the reading does not lean on it and
    names no subject either: an answer from another article then says which.
    """

    query: Query
    shown: str
    prior: float = 0.0
    article_id: str = ""
    bound: bool = False
    courtesy: bool = False
    given: tuple[str, ...] = ()
    apart: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """A reading of a question and what was found for it: a run as far as retrieval.

    `ranking` has every passage found, `hits` are those of them that are put before the reader; both best first.
    """

    request: Request
    reading: Reading
    ranking: Ranking
    hits: tuple[Hit, ...]

    @property
    def query(self) -> Query:
        """The question in its stand-alone form."""
        return self.reading.query


@dataclass(frozen=True, slots=True)
class Trial:
    """A reading with the possible answers to it, best first."""

    search: Search
    reads: tuple[Read, ...]
    candidates: tuple[Candidate, ...]
    choices: tuple[Choice, ...]

    @property
    def is_whole(self) -> bool:
        """Tell whether all hits that are worth it were read."""
        worth = worth_reading(self.search.hits)
        return {one.hit.passage_id for one in self.reads} >= {hit.passage_id for hit in worth}

    @property
    def certainty(self) -> float:
        """The confidence of the best answer, 0 if there is none."""
        return self.choices[0].confidence if self.choices else 0.0

    def settles(self, enough: float) -> bool:
        """Tell whether its answer is new and as certain as `enough`, so that no less likely reading is worth a look."""
        if not self.choices or self.choices[0].vetoed is not None:
            return False
        return self.certainty >= enough and not _is_given(self.choices[0], self.search.reading.given)

    @property
    def score(self) -> float:
        """What speaks for the reading, in logits: its prior and its answer's certainty."""
        reading = self.search.reading
        if not self.choices:
            return reading.prior - NOTHING
        best = self.choices[0]
        again = GIVEN * _is_given(best, reading.given)
        return reading.prior + _logit(best.confidence) - again - VETOED * (best.vetoed is not None)


def new_first(choices: Sequence[Choice], given: Sequence[str]) -> list[Choice]:
    """Put the best answer that was not `given` first, unless the one that was is far more certain."""
    if not choices or not _is_given(choices[0], given):
        return list(choices)
    least = _logit(choices[0].confidence) - GIVEN
    for choice in choices:
        if choice.vetoed is None and _logit(choice.confidence) >= least and not _is_given(choice, given):
            return [choice, *(one for one in choices if one is not choice)]
    return list(choices)


def preferred(trials: Sequence[Trial], least: float) -> Trial:
    """Return the trial to answer by: of those that come to one answer the readings speak together.

    Of these it is the likeliest whose answer is at least as certain as `least`, if there is one.
    """
    groups: list[list[Trial]] = []
    for trial in sorted(trials, key=lambda one: -one.score):
        same = next((group for group in groups if _agree(group[0], trial)), None)
        if same is None:
            groups.append([trial])
        else:
            same.append(trial)
    best = max(groups, key=lambda group: _together([one.score for one in group]))
    return next((one for one in best if one.certainty >= least and not _is_vetoed(one)), best[0])


def _agree(one: Trial, other: Trial) -> bool:
    """Tell whether two readings have one answer at one place."""
    if not one.choices or not other.choices:
        return False
    first, second = one.choices[0].candidate, other.choices[0].candidate
    apart = first.span.end <= second.span.start or second.span.end <= first.span.start
    return first.hit.passage.article.id == second.hit.passage.article.id and not apart


def _is_vetoed(trial: Trial) -> bool:
    return bool(trial.choices) and trial.choices[0].vetoed is not None


def _together(scores: Sequence[float]) -> float:
    """Return the sum of odds, in logits."""
    return math.log(sum(map(math.exp, scores)))


def _is_given(choice: Choice, given: Sequence[str]) -> bool:
    """Tell whether an answer was given before, of names also in part: 顾明川 for 乐团音乐总监顾明川."""
    said = squeeze(fold(choice.candidate.text))
    return any(_is_same(said, squeeze(fold(one))) for one in given)


def _is_same(said: str, other: str) -> bool:
    if said == other or any(map(str.isdigit, said + other)):
        return said == other
    shorter, longer = sorted((said, other), key=len)
    return shorter in longer and PART * len(shorter) >= len(longer)


def _logit(probability: float) -> float:
    return math.log(probability + 1e-6) - math.log(1 - probability + 1e-6)
