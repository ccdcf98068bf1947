"""Measure ourselves as the peers are measured."""

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from benchmarks.peers.pools import Pool
from benchmarks.peers.process import measured
from benchmarks.peers.scores import RANKS, Result, Scores, answer_scores, cluster
from benchmarks.quality import code_digest
from benchmarks.quality_sets import TODAY
from rag.bot import Bot
from rag.config import read_settings
from rag.evaluation.match import holds_answer
from rag.evaluation.questions import Question
from rag.evaluation.run import evaluate
from rag.index.build.builder import build
from rag.models.embedder import load_embedder
from rag.records import Answer
from rag.request import Request
from rag.retrieval.retriever import Retriever

__all__ = ["result"]

# As many passages are built anew by everyone to see what building costs.
SPEED = 48
Row = dict[str, Any]


def result(pool: Pool, cache: Path, *, refusing: bool = True) -> Result:
    """Return what we do on a pool, from the cache if this very program did it before; never refusing without costs."""
    path = cache / "results" / f"{pool.name}-Youju-{code_digest()}{'' if refusing else '-all'}.json"
    if not path.exists():
        print(f"Youju, {pool.name}{'' if refusing else ', never refusing'} …", file=sys.stderr)
        path.parent.mkdir(parents=True, exist_ok=True)
        with pool.open(cache, **({} if refusing else {"min_confidence": 0.0})) as bot:
            found = {"scores": _scores(pool, bot)}
            if refusing:
                found |= _costs(pool, bot, cache)
        path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    written = json.loads(path.read_text(encoding="utf-8"))
    questions = pool.questions()
    return Result(written.pop("scores"), [cluster(question) for question in questions], written)


def _scores(pool: Pool, bot: Bot) -> list[Scores]:
    questions = pool.questions()
    found: list[Scores] = []
    for row in tqdm(evaluate(bot, questions, today=TODAY), pool.name, len(questions), mininterval=5):
        answered = row.result is not None and not row.result.refused
        sure = row.result is not None and row.result.certainty == "sure"
        said = answer_scores(
            row.scores["answer_in_quote"] or 0.0,
            answered=answered,
            confidence=row.scores["confidence"],
            stands=sure,
        )
        near = row.result is not None and not answered and holds_answer(_near(row.result), row.question)
        found.append({name: row.scores[name] for name in RANKS} | dict(said) | {"near": float(near)})
    return found


def _near(answer: Answer) -> list[str]:
    """Return the quotes of what a refusal shows as possibly related."""
    return [one.quote for one in answer.closest]


def _costs(pool: Pool, bot: Bot, cache: Path) -> Row:
    questions = pool.questions()
    found = {**_times(bot, questions), "resident_with_reader_mb": _resident()}
    command = [sys.executable, "-m", "rag", "ask", "--index", bot.settings.index, questions[0].question]
    return {**found, "build_sample": _build_sample(pool, cache), "cold": measured(command)}


def _times(bot: Bot, questions: Sequence[Question]) -> Row:
    """Return the milliseconds of finding ten passages and of a whole answer, by both clocks."""
    bot.retriever = _fresh(bot)
    found: Row = {f"{name}_ms_{clock}": [] for name in ("search", "answer") for clock in ("wall", "cpu")}
    for question in questions:
        began = time.perf_counter(), time.process_time()
        bot.search(Request(question.question, today=TODAY, k=10))
        _add(found, "search", began)
    bot.retriever = _fresh(bot)
    for question in questions:
        began = time.perf_counter(), time.process_time()
        bot.ask(question.question, today=TODAY)
        _add(found, "answer", began)
    return found


def _fresh(bot: Bot) -> Retriever:
    """Return a retriever that remembers no question."""
    fresh = Retriever(bot.store, bot.retriever.embedder)
    fresh.floor = bot.retriever.floor
    return fresh


def _add(found: Row, name: str, began: tuple[float, float]) -> None:
    found[f"{name}_ms_wall"].append(round((time.perf_counter() - began[0]) * 1e3, 2))
    found[f"{name}_ms_cpu"].append(round((time.process_time() - began[1]) * 1e3, 2))


def _build_sample(pool: Pool, cache: Path) -> Row:
    """Build an index of every so-manieth passage, each an article, as the peers do."""
    passages = json.loads((cache / f"{pool.name}.json").read_text(encoding="utf-8"))["passages"]
    sample = passages[:: max(1, len(passages) // SPEED)][:SPEED]
    embedder = load_embedder(read_settings({}, threads=1))
    embedder.embed(["预热"], kind="passage")
    with TemporaryDirectory() as folder:
        news = Path(folder) / "news.jsonl"
        rows = [json.dumps({"title": one["title"], "text": one["text"]}) for one in sample]
        news.write_text("\n".join(rows), encoding="utf-8")
        began = time.perf_counter(), time.process_time()
        report = build([news], Path(folder) / "index", embedder)
        wall, cpu = time.perf_counter() - began[0], time.process_time() - began[1]
    return {"wall": round(wall, 3), "cpu": round(cpu, 3), "passages": asdict(report)["passages"]}


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
