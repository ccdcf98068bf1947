"""The question sets of `benchmarks.retrieval` and `training.fit_fusion`: candidates with their gold marks."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from benchmarks.quality_sets import DATA, TODAY, is_dev, set_rows
from benchmarks.vectors import KeptVectors
from rag.bot import Bot
from rag.config import read_settings
from rag.evaluation.corpus import open_corpus
from rag.evaluation.gold import Gold, by_answer
from rag.evaluation.match import holds_folded
from rag.evaluation.questions import Question, read_questions
from rag.models.embedder import load_embedder
from rag.pipeline import understand
from rag.request import Request
from rag.retrieval.retriever import Candidates, ranked
from rag.text.characters import fold, squeeze

__all__ = ["CACHE", "SETS", "Asked", "RetrievalSet", "asked", "open_pool"]

CACHE = Path.home() / ".cache" / "youju" / "quality"
# What every big pool has besides the articles of the set.
NEWS = ("crud_rag", "xinwenlianbo")
# Passages that are ranked: articles are counted by their best one.
DEPTH = 50

Fields = Mapping[str, Any]
Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Questions of one folder that are asked of `pool`, the articles of these folders.

    `family` is what weights may not have seen when they are reported on this set; `fits` says that weights are fitted
    on it. `limit` questions are drawn, 0 takes all.
    """

    name: str
    folder: str
    pool: tuple[str, ...]
    family: str
    keep: Callable[[Fields], bool] = lambda row: True
    fits: bool = False
    reported: bool = True
    limit: int = 0

    def questions(self) -> list[Question]:
        """Read the answerable questions that need no article shown."""
        path = DATA / self.folder / "qa.jsonl"
        rows = {row["id"]: row for row in set_rows(path)}
        found = [q for q in read_questions([path]).questions if q.answerable and self._is_kept(rows[q.id])]
        return random.Random(0).sample(found, self.limit) if 0 < self.limit < len(found) else found

    def _is_kept(self, row: Fields) -> bool:
        return self.keep(row) and not row.get("context_only")


def _extractive_dev(row: Fields) -> bool:
    return bool(row["extractive"]) and is_dev(row)


def _extractive_train(row: Fields) -> bool:
    return bool(row["extractive"]) and not is_dev(row)


def _vetted(row: Fields) -> bool:
    return bool(row["vetted"])


SETS: Sequence[RetrievalSet] = (
    RetrievalSet("crud_rag", "crud_rag", ("crud_rag",), "crud_rag", fits=True),
    RetrievalSet("crud_rag vetted", "crud_rag", ("crud_rag",), "crud_rag", _vetted),
    RetrievalSet("webqa", "webqa", ("webqa",), "webqa", fits=True),
    RetrievalSet("finqa", "finqa", ("finqa",), "finqa", fits=True),
    RetrievalSet("chronoqa dev", "chronoqa", ("chronoqa",), "chronoqa", _extractive_dev),
    RetrievalSet(
        "chronoqa train",
        "chronoqa",
        ("chronoqa",),
        "chronoqa",
        _extractive_train,
        fits=True,
        reported=False,
        limit=800,
    ),
    RetrievalSet("crud_rag, big pool", "crud_rag", NEWS, "crud_rag"),
    RetrievalSet("webqa, big pool", "webqa", (*NEWS, "webqa"), "webqa"),
    RetrievalSet("finqa, big pool", "finqa", (*NEWS, "finqa"), "finqa"),
    RetrievalSet("chronoqa dev, big pool", "chronoqa", (*NEWS, "chronoqa"), "chronoqa", _extractive_dev),
)


@dataclass(frozen=True)
class Asked:
    """A question with its candidates.

    `holds` marks the candidates with an answer, `gold` those of a gold article, `stands_for` names the gold article
    that each counts as (itself for the others).
    """

    question: Question
    candidates: Candidates
    holds: Marks
    gold: Marks
    stands_for: Sequence[str]

    @property
    def right(self) -> Marks:
        """The passages that should come first: of a gold article and with the answer, if there are any."""
        both = self.gold & self.holds
        return both if both.any() else self.gold

    @property
    def unknown(self) -> Marks:
        """The passages of other articles that hold the answer, for all we know for the right reason."""
        return self.holds & ~self.right

    def leg(self, found: Sequence[tuple[int, float]]) -> Numbers:
        """Return the scores of one leg, −inf for the candidates that only the other found."""
        scores = dict(found)
        return np.array([scores.get(row.passage_id, -np.inf) for row in self.candidates.rows])

    @cached_property
    def _words(self) -> Sequence[str]:
        return [squeeze(row.text) for row in self.candidates.rows]

    def hit(self, scores: Numbers, k: int) -> float:
        """Return 1 if one of the first `k` is relevant, as `eval` counts it, else 0; equal passages count once."""
        order = np.lexsort([np.array([row.passage_id for row in self.candidates.rows]), -scores]).tolist()
        first: dict[str, int] = {}
        for i in order:
            first.setdefault(self._words[i], i)
        return self._hit([i for i in first.values() if scores[i] > -np.inf], k)

    def fused_hit(self, scores: Numbers, k: int) -> float:
        """Return 1 if one of the first `k` is relevant where the fused list has these scores, else 0."""
        return self._hit(ranked(self.candidates, scores, DEPTH), k)

    def _hit(self, order: Sequence[int], k: int) -> float:
        if by_answer(self.question):
            return float(self.holds[list(order[:k])].any())
        articles = list(dict.fromkeys(self.stands_for[i] for i in order[:DEPTH]))[:k]
        return float(any(name in self.question.article_ids for name in articles))


def open_pool(folders: Sequence[str], threads: int = 1) -> Bot:
    """Open an index of these folders' articles, made at the first time."""
    settings = read_settings({}, threads=threads)
    embedder = KeptVectors(load_embedder(settings), CACHE / "vectors")
    return open_corpus(
        [DATA / name / "articles.jsonl" for name in folders], settings, CACHE / "index", embedder
    )


def asked(chosen: RetrievalSet) -> list[Asked]:
    """Ask the questions of a set, on their own day where they have one."""
    with open_pool(chosen.pool) as bot:
        gold = Gold(bot.store)
        questions = tqdm(chosen.questions(), chosen.name, mininterval=5)
        return [found for one in questions if (found := _ask(bot, gold, one)) is not None]


def _ask(bot: Bot, gold: Gold, question: Question) -> Asked | None:
    query = understand(bot, Request(question.question, today=_day(question)))[0].query
    found = bot.retriever.candidates(query, bot.retriever.embed(query))
    if not found.rows:
        return None
    articles = gold.articles(question)
    names = [row.article_id for row in found.rows]
    return Asked(
        question,
        found,
        np.array([holds_folded([squeeze(fold(row.text))], question) for row in found.rows], np.bool_),
        np.array([name in articles for name in names], np.bool_),
        [articles.get(name, name) for name in names],
    )


def _day(question: Question) -> date:
    return date.fromisoformat(question.question_date) if question.question_date else TODAY
