"""Score what a peer ranked and answered as `eval` scores ours."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.peers.pools import Pool
from rag.bot import Bot
from rag.evaluation.bootstrap import Resampler
from rag.evaluation.calibration import aurc, risk_coverage
from rag.evaluation.gold import Gold, by_answer, rank_scores
from rag.evaluation.match import holds_answer
from rag.evaluation.questions import Question
from rag.evaluation.scores import LONGEST, READ
from rag.records import Hit, Passage
from rag.text.sentences import sentences

__all__ = ["ANSWERS", "RANKS", "Interval", "Result", "answer_scores", "intervals", "scored"]

RANKS = ("hit@1", "hit@5", "mrr")
ANSWERS = ("answer_in_quote", "answered", "right_answered")
Scores = Mapping[str, float | None]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval over articles."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Result:
    """What one system did on one pool: a row of scores for each question, and what it cost.

    Beside RANKS and ANSWERS a row has the `confidence` in the answer, where the system tells one, and whether the answer `stands` where
    the system is set to say less.
    """

    scores: Sequence[Scores]
    clusters: Sequence[str]
    costs: Mapping[str, Any]

    def interval(self, metric: str) -> Interval | None:
        """Return the mean of a metric, None if the system has none."""
        return intervals(self.scores, self.clusters).get(metric)

    def strict(self) -> "Result":
        """Return what is left where only answers are given that stand."""
        rows = [
            row if row["stands"] else {**row, **answer_scores(0.0, answered=False)} for row in self.scores
        ]
        return replace(self, scores=rows)

    def risk(self, coverage: float) -> float | None:
        """Return the share of wrong answers if only so many of all questions are answered, those of most confidence."""
        found = risk_coverage(*self._said(), len(self.scores))
        return next((risk for covered, risk, _ in found if covered >= coverage), None)

    def aurc(self) -> float | None:
        """Return the area under the curve of that over the answers given, None if there is no confidence."""
        confidence, right = self._said()
        return aurc(confidence, right, np.ones_like(right)) if len(right) else None

    def _said(self) -> tuple[Numbers, Numbers]:
        """Return the confidence of each answer given, and whether its quote holds the gold one."""
        said = [row for row in self.scores if row["answered"] and row["confidence"] is not None]
        return np.array([row["confidence"] for row in said], float), np.array(
            [row["answer_in_quote"] for row in said], float
        )


def answer_scores(
    quoted: float, *, answered: bool, confidence: float | None = None, stands: bool = False
) -> Scores:
    """Return the scores of one answer; `quoted` is 1 if its quotes hold the gold one. A refusal counts as wrong."""
    return {
        "answer_in_quote": quoted if answered else 0.0,
        "answered": float(answered),
        "right_answered": quoted if answered else None,
        "confidence": confidence if answered else None,
        "stands": float(answered and stands),
    }


def intervals(scores: Sequence[Scores], clusters: Sequence[str]) -> Mapping[str, Interval]:
    """Return every metric that some question has a value of."""
    draws, found = Resampler(clusters), {}
    for metric in (*RANKS, *ANSWERS):
        values = np.array([np.nan if row[metric] is None else row[metric] for row in scores], float)
        ends = draws.mean(values)
        if ends is not None:
            found[metric] = Interval(float(np.nanmean(values)), *ends, int(np.isfinite(values).sum()))
    return found


def scored(path: Path, first: Path, pool: Pool, bot: Bot) -> Result:
    """Score the file that `peer.py` wrote; `first` is that of what the first answer took."""
    written = json.loads(path.read_text(encoding="utf-8"))
    rows = {row["id"]: row for row in written.pop("rows")}
    gold, questions = Gold(bot.store), pool.questions()
    reads = any(row["answers"] for row in rows.values())
    scores = [_scores(question, rows[question.id], bot, gold, reads) for question in questions]
    for name in ("search_ms", "answer_ms"):
        for clock in ("wall", "cpu"):
            written[f"{name}_{clock}"] = [row[name][clock] for row in rows.values()]
    written["cold"] = json.loads(first.read_text(encoding="utf-8"))
    return Result(scores, [cluster(question) for question in questions], written)


def cluster(question: Question) -> str:
    """Return what questions of one article share."""
    return question.article_ids[0] if question.article_ids else question.id


def _scores(question: Question, row: Mapping[str, Any], bot: Bot, gold: Gold, reads: bool) -> Scores:
    passages = bot.store.passages(row["ranked"])
    ranked = [Hit(passage, number, 0.0, {}) for passage, number in zip(passages, row["ranked"], strict=True)]
    scores, _ = rank_scores(question, ranked, gold)
    if not reads:
        return {**scores, **dict.fromkeys((*ANSWERS, "confidence", "stands"))}
    said = [answer for answer in row["answers"] if answer["id"] is not None][:READ]
    right = gold.articles(question)
    quotes = [_quote(answer, bot) for answer in said]
    counted = [text for text, article in quotes if by_answer(question) or article in right]
    confidence = said[0].get("score") if said else None
    none = next((answer["score"] for answer in row["answers"] if answer["id"] is None), 0.0)
    stands = confidence is None or confidence > none
    quoted = float(holds_answer(counted, question))
    return {**scores, **answer_scores(quoted, answered=bool(said), confidence=confidence, stands=stands)}


def _quote(answer: Mapping[str, Any], bot: Bot) -> tuple[str, str]:
    """Return the sentences that an answer touches, as many characters as we may quote, and their article."""
    passage = bot.store.passages([answer["id"]])[0]
    text = _content(passage)
    touched = [(s, e) for s, e in sentences(text) if s < answer["end"] and answer["start"] < e]
    start, end = (touched[0][0], touched[-1][1]) if touched else (answer["start"], answer["end"])
    if end - start > LONGEST:
        start = max(start, answer["start"] - LONGEST // 2)
        end = min(end, start + LONGEST)
    return text[start:end], passage.article.id


def _content(passage: Passage) -> str:
    """Return the passage as a peer got it."""
    title = passage.article.title
    return f"{title}\n{passage.text}" if title else passage.text
