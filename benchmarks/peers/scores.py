"""Score what a peer ranked and answered as `eval` scores ours."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.pools import Pool
from rag.bot import Bot
from rag.evaluation.bootstrap import Resampler
from rag.evaluation.gold import Gold, by_answer, rank_scores
from rag.evaluation.match import holds_answer
from rag.evaluation.questions import Question
from rag.evaluation.scores import LONGEST, READ
from rag.records import Hit, Passage
from rag.text.sentences import sentences

__all__ = ["METRICS", "Interval", "Result", "intervals", "scored"]

METRICS = ("hit@1", "hit@5", "mrr", "answer_in_quote")
Scores = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval over articles."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Result:
    """What one system did on one pool: a row of scores for each question, and what it cost."""

    scores: Sequence[Scores]
    clusters: Sequence[str]
    costs: Mapping[str, Any]

    def interval(self, metric: str) -> Interval | None:
        """Return the mean of a metric, None if the system has none."""
        return intervals(self.scores, self.clusters).get(metric)


def intervals(scores: Sequence[Scores], clusters: Sequence[str]) -> Mapping[str, Interval]:
    """Return every metric that some question has a value of."""
    draws, found = Resampler(clusters), {}
    for metric in METRICS:
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
    quotes = [_quote(answer, bot) for answer in row["answers"][:READ]]
    right = gold.articles(question)
    counted = [text for text, article in quotes if by_answer(question) or article in right]
    return {**scores, "answer_in_quote": float(holds_answer(counted, question)) if reads else None}


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
