"""Make pairs of questions of which only the first has an answer: `python -m tests.support.near_misses QUESTIONS ARTICLES…`.

Each pair is a question and its twin with one constraint changed (place, year, unit, ordinal, …), as lines of a question
file: `pair` names both, `member` says which it is, `edit` what was changed. The same files and seed give the same pairs.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from rag.evaluation.questions import Question, read_questions
from rag.ingest.articles import read_articles
from training.near_misses import Edit, Pool, edits

__all__ = ["Pair", "pairs", "read_pool"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the edit that leaves it without an answer."""

    original: Question
    edit: Edit

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of the question file: the original, then its twin."""
        shared = {"pair": self.original.id, "edit": self.edit.kind}
        shared |= {"question_date": self.original.question_date} if self.original.question_date else {}
        gold = list(self.original.article_ids)
        asked = {"id": f"{self.original.id}/original", "question": self.original.question}
        answers = {"answers": list(self.original.answers), "answerable": True, "article_ids": gold}
        groups = [list(group) for group in self.original.answer_groups]
        yield (
            asked | answers | ({"answer_groups": groups} if groups else {}) | {"member": "original"} | shared
        )
        twin = {"id": f"{self.original.id}/twin", "question": self.edit.question}
        none = {"answers": [], "answerable": False, "article_ids": gold, "member": "twin"}
        yield twin | none | {"asked": self.edit.asked, "changed": self.edit.changed} | shared


def read_pool(paths: Sequence[Path]) -> Pool:
    """Read the articles of files and folders, by external id or file name."""
    texts: dict[str, str] = {}
    files = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    for file in files:
        for entry in read_articles(file):
            if isinstance(entry, tuple):
                _, article = entry
                texts[article.external_id or file.name] = f"{article.published}\n{article.text}"
    return Pool(texts)


def pairs(questions: Sequence[Question], pool: Pool, seed: int, *, every: bool = False) -> Iterator[Pair]:
    """Yield a pair for each question that has a constraint to change, of the kind rarest so far; `every` edit if told to."""
    made: Counter[str] = Counter()
    order = list(questions)
    Random(seed).shuffle(order)
    for question in order:
        if (
            not question.answerable
            or question.turns
            or not all(i in pool.texts for i in question.article_ids)
        ):
            continue
        found = edits(question.question, pool, question.article_ids, Random(f"{seed}:{question.id}"))
        kept = [edit for edit in found if not any(edit.asked in words for words in question.answers)]
        for edit in kept if every else sorted(kept, key=lambda edit: made[edit.kind])[:1]:
            made[edit.kind] += 1
            yield Pair(question, edit)


def main() -> None:
    """Write the pairs to standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path)
    parser.add_argument("articles", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=0, help="pairs to make, 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = read_questions([options.questions]).questions
    for made, pair in enumerate(pairs(found, read_pool(options.articles), options.seed)):
        if options.limit and made >= options.limit:
            break
        for row in pair.rows():
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
