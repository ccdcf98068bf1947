"""The pools of the comparison: articles, questions, and the passages that everyone searches."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.quality_sets import DATA, set_rows
from benchmarks.retrieval_sets import CACHE, SETS
from benchmarks.vectors import KeptVectors
from rag.bot import Bot
from rag.config import read_settings
from rag.evaluation.corpus import open_corpus
from rag.evaluation.questions import Question, sample
from rag.models.embedder import load_embedder

__all__ = ["POOLS", "Pool", "passages_file"]


@dataclass(frozen=True, slots=True)
class Pool:
    """Questions of a set of `benchmarks.retrieval`, and its articles: all, or `articles` of them with all gold ones."""

    name: str
    set: str
    articles: int = 0
    sample: int = 120

    def questions(self) -> list[Question]:
        """Return the questions that are asked, the same in every run."""
        chosen = next(one for one in SETS if one.name == self.set)
        return sample(chosen.questions(), self.sample, 0)

    def news(self, folder: Path) -> Path:
        """Return the file of the articles, written below `folder` where it is a part of a set's."""
        chosen = next(one for one in SETS if one.name == self.set)
        whole = DATA / chosen.folder / "articles.jsonl"
        if not self.articles:
            return whole
        rows = set_rows(whole)
        gold = {name for question in self.questions() for name in question.article_ids}
        others = [row for row in rows if row["id"] not in gold]
        drawn = random.Random(0).sample(others, max(0, self.articles - len(gold)))
        kept = gold | {row["id"] for row in drawn}
        return _write(folder / f"{self.name}.articles.jsonl", [row for row in rows if row["id"] in kept])

    def open(self, folder: Path, **options: float) -> Bot:
        """Open our index of the pool, made at the first time; one thread, as the peers have."""
        settings = read_settings({}, threads=1, **options)
        embedder = KeptVectors(load_embedder(settings), CACHE / "vectors")
        return open_corpus([self.news(folder)], settings, folder / "index", embedder)


POOLS: Sequence[Pool] = (
    Pool("chronoqa", "chronoqa dev", articles=1000),
    Pool("webqa", "webqa", articles=1000),
    Pool("crud_rag", "crud_rag", articles=600),
)


def passages_file(pool: Pool, bot: Bot, folder: Path) -> Path:
    """Write what a peer gets: the passages of our index with their titles, and the questions without answers."""
    store = bot.store
    ids = [number for row in store.catalogue.articles() for number in store.passage_ids_of(row.article_id)]
    passages = [
        {"id": row.passage_id, "text": row.text, "title": row.title}
        for row in store.passage_texts(sorted(ids))
    ]
    questions = [{"id": question.id, "question": question.question} for question in pool.questions()]
    return _write(folder / f"{pool.name}.json", {"passages": passages, "questions": questions})


def _write(path: Path, content: Mapping[str, Any] | Sequence[Any]) -> Path:
    """Write JSON, a list as lines; a file that says so already is left alone, for it is known by its time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = content if isinstance(content, Sequence) else [content]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    if not path.exists() or path.read_bytes() != text:
        path.write_bytes(text)
    return path
