"""Weigh what an article says around a possible answer: which of the question's words and demands it meets."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from rag.places import names_of, places, within
from rag.query import AnswerType, Constraint, Query
from rag.quantity import quantities, unit_class
from rag.records import Article, BlockKind, Candidate, Span
from rag.text import clauses, commonness, fold, sentences
from rag.when import When, overlaps, whens

__all__ = ["Evidence", "Unmet", "aliases", "rarity", "weigh"]

# How much a word counts by where it stands, seen from the answer. Set by hand on the idea that the clause names what
# the answer is a value of, its sentence the subject, and title and heading the scope.
LEVELS = {"clause": 1.0, "sentence": 0.9, "context": 0.8, "block": 0.7, "above": 0.7, "lead": 0.5}
CLAUSE_MARKS = "，,；;：:。！？"


@dataclass(frozen=True, slots=True)
class Unmet:
    """A demand of the question that the evidence does not meet; `found` is what stands there instead, or ""."""

    kind: str
    asked: str
    found: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands around a candidate.

    `sentence` and `clause` hold the answer. `coverage` is the share (0..1) of the question's words, weighted by
    rarity and nearness, `local` the same within the clause alone. `missing` are the words found nowhere near, rarest
    first. `unmet` are the typed demands that fail.
    """

    candidate: Candidate
    sentence: Span
    clause: Span
    coverage: float
    local: float
    missing: tuple[str, ...]
    unmet: tuple[Unmet, ...]


@cache
def aliases() -> Mapping[str, frozenset[str]]:
    """Return each word of aliases.txt with the words that say the same."""
    table: dict[str, frozenset[str]] = {}
    for line in (Path(__file__).parent / "aliases.txt").read_text(encoding="utf-8").splitlines():
        group = frozenset(line.split())
        if not line.startswith("#"):
            table |= {word: table.get(word, frozenset()) | group for word in group}
    return table


def rarity(word: str) -> float:
    """Return how much a word tells, about 5 (企业) to 18 (a name): −log of its frequency in general Chinese."""
    return -math.log(commonness(word))


def weigh(query: Query, candidate: Candidate) -> Evidence:
    """Weigh the surroundings of `candidate` against what `query` asks."""
    scene = Scene.around(candidate)
    levels = {term: scene.level(term) for term in query.terms}
    total = sum(map(rarity, query.terms)) or 1.0
    missing = sorted((term for term, level in levels.items() if level == 0), key=rarity, reverse=True)
    local = sum(rarity(term) * (found_in(term, scene.texts["clause"])) for term in query.terms)
    return Evidence(
        candidate=candidate,
        sentence=scene.sentence,
        clause=scene.clause,
        coverage=sum(rarity(term) * level for term, level in levels.items()) / total,
        local=local / total,
        missing=tuple(missing),
        unmet=tuple(_unmet(query, scene)),
    )


def found_in(term: str, text: str) -> float:
    """Return how much (0..1) of `term` stands in the folded `text`: whole, as an alias, or most of a long word."""
    if term in text or any(alias in text for alias in aliases().get(term, ())):
        return 1.0
    if len(term) < 3 or term.isascii():
        return 0.0
    pairs = [term[i : i + 2] for i in range(len(term) - 1)]
    share = sum(pair in text for pair in pairs) / len(pairs)
    return share if share >= 0.5 else 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """The surroundings of a candidate, from near to far; `texts` are folded, keyed like LEVELS, and `article` all."""

    candidate: Candidate
    sentence: Span
    clause: Span
    before: tuple[Span, ...]
    texts: Mapping[str, str]

    @classmethod
    def around(cls, candidate: Candidate) -> "Scene":
        """Look around `candidate`: its clause and sentence, the sentences before it, its block, title and lead."""
        article = candidate.hit.passage.article
        block = next(b for b in article.blocks if b.start <= candidate.span.start < b.end)
        spans = [
            Span(block.start + s, block.start + e)
            for s, e in sentences(article.text[block.start : block.end])
        ]
        inside = [s for s in spans if s.start < candidate.span.end and s.end > candidate.span.start]
        sentence = Span(inside[0].start, inside[-1].end) if inside else Span(block.start, block.end)
        before = tuple(s for s in spans if s.end <= sentence.start)
        clause = _clause(article.text, sentence, candidate.span)
        texts = {
            "clause": _folded(article, clause),
            "sentence": _folded(article, sentence),
            "context": "".join(_folded(article, s) for s in before[-2:]),
            "block": _folded(article, Span(block.start, block.end)),
            "above": fold("\n".join((article.title, article.subtitle, candidate.hit.passage.heading_text))),
            "lead": fold(_lead(article)),
        }
        return cls(candidate, sentence, clause, before, texts)

    @property
    def article(self) -> Article:
        """Return the article the candidate stands in."""
        return self.candidate.hit.passage.article

    @property
    def near(self) -> str:
        """Return everything that may qualify the answer, nearest first."""
        return "\n".join(self.texts[name] for name in LEVELS)

    def level(self, term: str) -> float:
        """Return how much `term` counts: by the nearest place it stands in."""
        return max(weight * found_in(term, self.texts[name]) for name, weight in LEVELS.items())


def _clause(text: str, sentence: Span, answer: Span) -> Span:
    """Return the run of comma-clauses that holds the answer."""
    pieces = clauses(text[sentence.start : sentence.end], CLAUSE_MARKS)
    spans = [Span(sentence.start + s, sentence.start + e) for s, e in pieces]
    inside = [s for s in spans if s.start < answer.end and s.end > answer.start]
    return Span(inside[0].start, inside[-1].end) if inside else sentence


def _folded(article: Article, span: Span) -> str:
    return fold(article.text[span.start : span.end])


def _lead(article: Article) -> str:
    """Return the first paragraph of the body."""
    block = next((b for b in article.blocks if b.kind is BlockKind.BODY), None)
    return "" if block is None else article.text[block.start : block.end]


def _unmet(query: Query, scene: Scene) -> Iterator[Unmet]:
    checks = {"place": _place, "name": _name, "ordinal": _ordinal, "quoted": _quoted}
    for constraint in query.constraints:
        failed = checks[constraint.kind](query, scene, constraint)
        if failed is not None:
            yield failed
    for failed in (_unit(query, scene), _period(query, scene)):
        if failed is not None:
            yield failed


def _place(query: Query, scene: Scene, constraint: Constraint) -> Unmet | None:
    """Demand the asked place in or above the sentence; a number of a part is not the number of the whole."""
    asked = places(fold(constraint.text))[0].name
    here = [p.name for p in places(scene.texts["sentence"])]
    if _names(asked, scene.texts["sentence"]) or (
        query.type is not AnswerType.NUMBER and _part_of(asked, here)
    ):
        return None
    around = "\n".join(scene.texts[name] for name in ("context", "above", "lead", "block"))
    rivals = [name for name in here if not within(asked, name)]
    if not rivals and (_names(asked, around) or _last_place(scene) == asked):
        return None
    if rivals and query.type is not AnswerType.NUMBER and _names(asked, around):
        return None
    return Unmet("place", constraint.text, next(iter(rivals), _last_place(scene)))


def _names(asked: str, text: str) -> bool:
    """Tell whether `text` names the place, short forms included where they stand like one (在蓉, 蓉城)."""
    if any(place.name == asked for place in places(text)):
        return True
    short = "".join(name for name in names_of(asked) if len(name) == 1)
    return bool(short) and re.search(f"[在来驻赴抵离全][{short}]|[{short}][城市内企]", text) is not None


def _part_of(asked: str, here: list[str]) -> bool:
    return any(within(name, asked) for name in here)


def _last_place(scene: Scene) -> str:
    """Return the place named last before the sentence: what the story is at, "" if none was named."""
    start = max(0, scene.sentence.start - 600)
    named = places(fold(scene.article.text[start : scene.sentence.start]))
    return named[-1].name if named else ""


def _name(query: Query, scene: Scene, constraint: Constraint) -> Unmet | None:
    """Demand a Latin name or a number in the sentence or, if no sibling (4G for 5G) stands there, around it."""
    asked = fold(constraint.text)
    if _has_name(asked, scene.texts["sentence"]):
        return None
    letters = re.sub(r"\d", "", asked)
    sibling = (
        letters
        and letters != asked
        and re.search(rf"(?<![a-z0-9])\d+{re.escape(letters)}", scene.texts["sentence"])
    )
    if not sibling and _has_name(asked, scene.near):
        return None
    return Unmet("name", constraint.text, sibling.group() if sibling else "")


def _has_name(asked: str, text: str) -> bool:
    forms = {asked} | aliases().get(asked, frozenset())
    return any(re.search(rf"(?<![a-z0-9]){re.escape(form)}(?![a-z0-9])", text) for form in forms)


_DIGITS = str.maketrans("零〇一二三四五六七八九两", "0012345678922"[:12])


def _ordinal(query: Query, scene: Scene, constraint: Constraint) -> Unmet | None:
    asked = _plain_ordinal(fold(constraint.text))
    if asked in _plain_ordinal(scene.near):
        return None
    other = re.search(rf"第\d+{re.escape(asked[-1])}", _plain_ordinal(scene.texts["sentence"]))
    return Unmet("ordinal", constraint.text, other.group() if other else "")


def _plain_ordinal(text: str) -> str:
    """Write ordinals one way: 首批 and 第一批 are 第1批, 第十二届 is 第12届."""
    text = re.sub(r"首(?=[届批个次])", "第一", text)
    return re.sub(r"第([一二三四五六七八九十百零〇两]+)", lambda m: f"第{_integer(m.group(1))}", text)


def _integer(numeral: str) -> str:
    found = quantities(f"{numeral}个")
    return str(int(found[0].number)) if found else numeral


def _quoted(query: Query, scene: Scene, constraint: Constraint) -> Unmet | None:
    """Demand what the question puts in quotes somewhere in the article, word for word or nearly."""
    asked = re.sub(r"[^\w]", "", fold(constraint.text))
    text = re.sub(r"[^\w]", "", fold(scene.article.text))
    pairs = [asked[i : i + 2] for i in range(len(asked) - 1)]
    near = sum(pair in text for pair in pairs) >= 0.8 * len(pairs)
    return None if asked in text or near else Unmet("quoted", constraint.text)


def _unit(query: Query, scene: Scene) -> Unmet | None:
    """Demand the literal currency or measure that was asked for: 美元 is not 欧元."""
    if query.unit_class != "money" or not query.unit:
        return None
    said = [q.unit for q in quantities(scene.candidate.text) if unit_class(q.unit) == "money"]
    currency = _currency(query.unit)
    wrong = [unit for unit in said if _currency(unit) != currency]
    return Unmet("unit", query.unit, wrong[0]) if wrong and len(wrong) == len(said) else None


def _currency(unit: str) -> str:
    return re.sub(r"^[十百千万亿]+|人民币", "", unit) or "元"


def _period(query: Query, scene: Scene) -> Unmet | None:
    """Demand the asked time where the nearest time words are; relative times are shifted, not refused."""
    if query.period is None or query.relative:
        return None
    times = nearest_times(scene)
    if any(overlaps(query.period, time) for time in times):
        return None
    asked = query.text[query.period.start : query.period.end]
    if not times and _hinted(query.period, scene.article):
        return None
    return Unmet("time", asked, "")


def nearest_times(scene: Scene) -> tuple[When, ...]:
    """Return the bounded times of the nearest surroundings that name any: sentence, those before, heading, title, lead."""
    base = _published(scene.article)
    for name in ("sentence", "context", "block", "above", "lead"):
        found = tuple(w for w in whens(scene.texts[name], base) if w.first is not None or w.last is not None)
        if found:
            return found
    return ()


def _published(article: Article) -> date | None:
    try:
        return date.fromisoformat(article.published[:10])
    except ValueError:
        return None


def _hinted(period: When, article: Article) -> bool:
    """Tell whether the article names no time near the answer, but the asked year somewhere, or is of that year."""
    years = set(article.period_hint) | ({published.year} if (published := _published(article)) else set())
    first, last = period.first or period.last, period.last or period.first
    return first is not None and last is not None and any(first.year <= year <= last.year for year in years)
