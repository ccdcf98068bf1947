"""Weigh what an article says around a possible answer: which of the question's words and demands it meets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.answering.constraints import Unmet, unmet
from rag.answering.context import LEVELS, Scene
from rag.query.analysis import AnswerType, Query
from rag.records import Candidate
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.lexicon import generic, has_name, rarity
from rag.text.places import names_of

__all__ = ["Evidence", "weigh"]

# What the first clauses of a sentence name carries on into the later ones.
INHERITED = 0.8
# In 10个国家级、40余个市级平台 the last noun belongs to all numbers, so a word that only another number has tells more
# than one that this number has.
RIVAL = 3.0
# A word that stands only in later sentences was not yet said when the answer was.
SAID = 0.3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands around a candidate; all shares are 0..1, weighted by how much the words tell.

    `levels` says how near each word of the question stands, `weights` how much it tells, `coverage` is the share of all; `local` the same in the clause and
    what its sentence says before, places and times apart. `names` is the share of the asked names and ordinals in the clause, those only in its sentence
    counting half. `segment` (−3..1) tells whether the words that set the numbers of an enumeration apart speak for this one or
    another. `stated` tells whether its sentence up to there holds every asked word that is not generic (数量). `missing` are
    the words found nowhere before the answer, rarest first.
    """

    scene: Scene
    levels: Mapping[str, float]
    weights: Mapping[str, float]
    local: float
    names: float
    segment: float
    stated: bool
    missing: tuple[str, ...]
    unmet: tuple[Unmet, ...]

    @property
    def coverage(self) -> float:
        """How much of the question's words stands around the answer."""
        return self.coverage_without(())

    def coverage_without(self, asked: Sequence[str]) -> float:
        """Return the coverage with the words of the demands `asked` (folded) left out."""
        kept = {
            term: level for term, level in self.levels.items() if not any(term in words for words in asked)
        }
        return _share({term: self.weights[term] for term in kept}, kept)

    @property
    def candidate(self) -> Candidate:
        """The candidate that is weighed."""
        return self.scene.candidate


def weigh(query: Query, candidate: Candidate) -> Evidence:
    """Weigh the surroundings of `candidate` against what `query` asks."""
    scene = Scene.around(candidate, query.forms)
    levels = {term: max(_level(form, scene) for form in _forms(query, term)) for term in query.terms}
    core = [term for term in query.terms if not _is_scope(query, term)]
    missing = sorted(
        (term for term, level in levels.items() if level < SAID and query.weights[term]),
        key=rarity,
        reverse=True,
    )
    return Evidence(
        scene=scene,
        levels=levels,
        weights=query.weights,
        local=_share(
            {term: query.weights[term] for term in core}, {term: _here(term, scene) for term in core}
        ),
        names=_named(query, scene),
        segment=_segment(query, core, scene) if query.type is AnswerType.NUMBER else 0.0,
        stated=all(_here(term, scene) >= INHERITED for term in core if term not in generic()),
        missing=tuple(missing),
        unmet=unmet(query, scene),
    )


def _forms(query: Query, term: str) -> tuple[str, ...]:
    """Return a word with the other names of the place that it names."""
    same = [place.name for place in query.places if term in query.folded[place.start : place.end]]
    return (term, *(name for name in (names_of(same[0]) if same else ()) if len(name) > 1))


def _level(term: str, scene: Scene) -> float:
    """Return how much `term` counts: by the nearest place it stands in."""
    most = 0.0
    for name, weight in LEVELS.items():
        if weight <= most:  # the nearest come first
            break
        most = max(most, weight * scene.texts[name].has(term))
    return most


def _here(term: str, scene: Scene) -> float:
    """Return how much `term` counts in the answer's clause, or in its sentence before it."""
    return max(scene.texts["clause"].has(term), INHERITED * scene.texts["before"].has(term))


def _share(weights: Mapping[str, float], found: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(weight * found[term] for term, weight in weights.items()) / total if total else 1.0


def _is_scope(query: Query, term: str) -> bool:
    """Tell whether a word only names the place or time that the question is about."""
    named = [query.folded[place.start : place.end] for place in query.places]
    times = "" if query.period is None else query.folded[query.period.start : query.period.end]
    return any(term in words for words in (times, *named))


def _named(query: Query, scene: Scene) -> float:
    names = [
        fold(constraint.text) for constraint in query.constraints if constraint.kind in ("name", "ordinal")
    ]
    return sum(_nearness(name, scene) for name in names) / len(names) if names else 1.0


def _nearness(asked: str, scene: Scene) -> float:
    ordinal = next(iter(annotate(asked).plain_ordinals), "")
    for text, worth in ((scene.texts["clause"], 1.0), (scene.whole_sentence, 0.5)):
        if has_name(asked, text.text) or ordinal in text.plain_ordinals:
            return worth
    return 0.0


def _segment(query: Query, core: list[str], scene: Scene) -> float:
    """Return what of the core words the answer's piece of an enumeration has, less what only a rival's piece has."""
    total = sum(query.weights[term] for term in core)
    if not total or not scene.rivals:
        return 0.0
    mine = {term: scene.segment.has(term) for term in core}
    theirs = {term: max((rival.has(term) for rival in scene.rivals), default=0.0) for term in core}
    return sum(query.weights[term] * (mine[term] or -RIVAL * theirs[term]) for term in core) / total
