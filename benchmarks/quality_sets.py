"""The question sets of `benchmarks.quality`: which questions of $RAG_DATA are asked, of which articles and how."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.taken import unanswerable
from rag.evaluation.metrics import Mode
from rag.evaluation.questions import Question, read_questions

__all__ = ["CACHE", "DATA", "SETS", "QuestionSet", "attack_articles", "is_dev", "set_rows"]

DATA = Path(os.environ.get("RAG_DATA", "../shared/data")).resolve()
CACHE = Path.home() / ".cache" / "youju" / "quality"
# Fixed, so that 今年 means the same in every run: the crud_rag pool is news of July and August 2023.
TODAY = date(2023, 9, 1)

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions of one folder; `keep` chooses among its rows, `articles` is the folder asked if not its own.

    `off_topic` questions have no answer in those articles, so all of them should be refused; so should those that are asked
    with their gold articles `taken` away. `contexts` stand beside the questions of a folder without articles.
    """

    name: str
    mode: Mode
    folder: str
    keep: Callable[[Fields], bool] = lambda row: True
    articles: str = ""
    off_topic: bool = False
    taken: bool = False
    contexts: bool = False

    @property
    def news(self) -> Path:
        """The file of the articles that are asked."""
        if self.contexts:
            return _contexts(self.folder)
        return DATA / (self.articles or self.folder) / "articles.jsonl"

    def questions(self) -> list[Question]:
        """Read the questions of the set, in the order of the file."""
        path = DATA / self.folder / "qa.jsonl"
        kept = {row["id"] for row in set_rows(path) if self.keep(row)}
        found = [question for question in read_questions([path]).questions if question.id in kept]
        if self.contexts:
            found = [replace(question, article_ids=(question.id,)) for question in found]
        return [unanswerable(question) for question in found] if self.off_topic else found


def set_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a JSONL file."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]


def _contexts(folder: str) -> Path:
    """Write the contexts of a folder's questions as articles of the same ids, once, and return the file."""
    rows = (
        {"id": row["id"], "title": row["title"], "text": row["context"]}
        for row in set_rows(DATA / folder / "qa.jsonl")
    )
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path = CACHE / "contexts" / folder / "articles.jsonl"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path


def is_dev(row: Fields) -> bool:
    """Tell whether a question is held out of training: one article in five, by the digest of its first gold one."""
    return int(hashlib.sha1(row["article_ids"][0].encode()).hexdigest(), 16) % 5 == 0


def attack_articles() -> set[str]:
    """Return the ids of the articles of saferag that were planted to mislead."""
    return {row["id"] for row in set_rows(DATA / "saferag" / "articles.jsonl") if row.get("attack")}


def _dated(row: Fields) -> bool:
    """Tell whether a question has a date of its own and an answer that one article states."""
    return bool(row["extractive"] and row.get("question_date")) and len(row["article_ids"]) == 1


SETS: Sequence[QuestionSet] = (
    QuestionSet("houjin", "reading", "houjin"),
    QuestionSet("cmrc2018 dev", "reading", "cmrc2018", is_dev),
    QuestionSet("drcd dev", "reading", "drcd", is_dev),
    # Its yes/no questions expect the word 是 or 否, which stands in no article.
    QuestionSet("cail2019", "reading", "cail2019", lambda row: row["type"] != "yesno"),
    QuestionSet("chinesesquad", "reading", "chinesesquad"),
    QuestionSet("dureader_robust", "reading", "dureader_robust", contexts=True),
    # “下文中发生的事件类型有哪些” asks for a label that stands in no article.
    QuestionSet("finqa read", "reading", "finqa", lambda row: row["type"] != "event_type"),
    QuestionSet("crud_rag", "end-to-end", "crud_rag"),
    QuestionSet("crud_rag vetted", "end-to-end", "crud_rag", lambda row: bool(row["vetted"])),
    QuestionSet(
        "chronoqa dev", "end-to-end", "chronoqa", lambda row: bool(row["extractive"]) and is_dev(row)
    ),
    QuestionSet("chronoqa dated", "end-to-end", "chronoqa", lambda row: _dated(row) and is_dev(row)),
    QuestionSet("finqa", "end-to-end", "finqa", lambda row: not row.get("context_only")),
    QuestionSet("webqa", "end-to-end", "webqa"),
    QuestionSet("webqa off-topic", "end-to-end", "webqa", articles="crud_rag", off_topic=True),
    QuestionSet("crud_rag taken", "end-to-end", "crud_rag", taken=True),
    QuestionSet(
        "chronoqa taken",
        "end-to-end",
        "chronoqa",
        lambda row: bool(row["extractive"]) and is_dev(row),
        taken=True,
    ),
    QuestionSet("webqa taken", "end-to-end", "webqa", taken=True),
    QuestionSet("finqa taken", "end-to-end", "finqa", lambda row: not row.get("context_only"), taken=True),
    QuestionSet("saferag", "end-to-end", "saferag"),
)
