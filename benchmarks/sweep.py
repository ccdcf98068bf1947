"""Try other passages: `python -m benchmarks.sweep max_chars` for their length, `… title` for what is embedded with them.

For each value an index is built of a small pool of every set of $RAG_DATA, the gold articles of a sample of its
questions and others drawn at random, and asked as the bot asks it (words and vectors fused). A hit is a passage of a
gold article that holds an answer. As longer passages hold more, the table also says how much there is to read in the
first five, and what the build cost. `--write` puts the table into benchmarks/README.md.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
from tqdm import tqdm

from benchmarks.quality import README, commit
from benchmarks.quality_sets import DATA, SETS, TODAY, QuestionSet
from rag.config import read_settings
from rag.evaluation.bootstrap import Resampler
from rag.evaluation.gold import Gold
from rag.evaluation.match import holds_answer
from rag.evaluation.questions import Question, sample
from rag.evaluation.ranking import hit
from rag.index.build.builder import build
from rag.index.build.chunking import MAX_CHARS, chunk
from rag.index.build.intake import embedding_text
from rag.index.store import Store
from rag.models.embedder import load_embedder
from rag.query.analysis import understand
from rag.records import Embedder, Hit
from rag.retrieval.retriever import Retriever

__all__ = ["Scores", "main", "pool", "scores_of", "table", "varied"]

ASKED = ("chronoqa dev", "webqa", "finqa", "crud_rag vetted")
LENGTHS = (120, 180, 240, 360, 480)
DEPTH = 5

# The names of a value of each sweep, and what embeds title, heading and text of a passage.
TITLES: Mapping[str, Callable[[str, str, str], str]] = {
    "标题。小标题。正文": embedding_text,
    "小标题。正文": lambda title, heading, text: embedding_text("", heading, text),
    "正文": lambda title, heading, text: text,
}


@dataclass(frozen=True, slots=True)
class Scores:
    """What one value gives on one set: shares of questions with their 95 % intervals, characters, CPU seconds."""

    passages: int
    cpu: float
    hits: Mapping[int, float]
    intervals: Mapping[int, tuple[float, float] | None]
    chars: float
    questions: int


@contextmanager
def varied(sweep: str, value: str) -> Iterator[None]:
    """Build indexes otherwise for a while; a build has no such option, because an index must never hold two kinds."""
    with ExitStack() as changed:
        if sweep == "max_chars":
            changed.enter_context(patch("rag.index.build.intake.chunk", partial(chunk, max_chars=int(value))))
        else:
            for place in ("rag.index.build.intake.embedding_text", "rag.index.build.builder.embedding_text"):
                changed.enter_context(patch(place, TITLES[value]))
        yield


def pool(news: Path, questions: Sequence[Question], size: int, seed: int) -> list[bytes]:
    """Return `size` lines of an article file in its order: all gold ones of the questions, the others drawn."""
    lines = [line for line in news.read_bytes().split(b"\n") if line.strip()]
    gold = {name for question in questions for name in question.article_ids}
    named = [json.loads(line)["id"] in gold for line in lines]
    others = [at for at, is_gold in enumerate(named) if not is_gold]
    drawn = random.Random(seed).sample(others, min(len(others), max(0, size - sum(named))))
    kept = set(drawn)
    return [line for at, line in enumerate(lines) if named[at] or at in kept]


def scores_of(news: Sequence[bytes], questions: Sequence[Question], embedder: Embedder) -> Scores:
    """Build an index of these articles, ask the questions and score the first five passages of each."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "articles.jsonl"
        file.write_bytes(b"\n".join(news) + b"\n")
        began = time.process_time()
        report = build([file], Path(folder) / "index", embedder)
        cpu = time.process_time() - began
        store = Store.open(Path(folder) / "index", embedder.name, embedder.dim)
        try:
            found = _found(store, questions, embedder)
        finally:
            store.close()
    relevant, lengths = zip(*found, strict=True)
    draws = Resampler([",".join(question.article_ids[:1]) for question in questions])
    right = {k: np.array([hit(one, k) for one in relevant]) for k in (1, DEPTH)}
    return Scores(
        passages=report.passages,
        cpu=cpu,
        hits={k: float(values.mean()) for k, values in right.items()},
        intervals={k: draws.mean(values) for k, values in right.items()},
        chars=float(np.mean(lengths)),
        questions=len(questions),
    )


def _found(store: Store, questions: Sequence[Question], embedder: Embedder) -> list[tuple[list[bool], int]]:
    """Return for each question which of the first passages hold its answer, and their characters."""
    retriever, gold = Retriever(store, embedder), Gold(store)
    found = []
    for question in questions:
        day = date.fromisoformat(question.question_date) if question.question_date else TODAY
        query = understand(question.question, question.question, day)
        hits = retriever.find(query).hits(0, DEPTH)
        found.append(
            ([_is_right(one, question, gold) for one in hits], sum(len(one.passage.text) for one in hits))
        )
    return found


def _is_right(found: Hit, question: Question, gold: Gold) -> bool:
    return bool(gold.counted([found], question)) and holds_answer([found.passage.text], question)


def table(scores: Mapping[str, Mapping[str, Scores]], default: str) -> str:
    """Return a Markdown table with a line for each value and set; the value in use is bold."""
    lines = [
        "| | set | hit@1 | hit@5 | characters in 5 | passages | CPU s to build |",
        "|---|---|---|---|---|---|---|",
    ]
    for value, of_set in scores.items():
        name = f"**{value}**" if value == default else value
        lines += [
            f"| {name} | {chosen} | {_cell(one, 1)} | {_cell(one, DEPTH)} <sub>{one.questions}</sub> "
            f"| {one.chars:.0f} | {one.passages} | {one.cpu:.0f} |"
            for chosen, one in of_set.items()
        ]
    return "\n".join(lines)


def _cell(scores: Scores, k: int) -> str:
    interval = scores.intervals[k]
    ends = f" [{interval[0] * 100:.1f}, {interval[1] * 100:.1f}]" if interval else ""
    return f"{scores.hits[k] * 100:.1f}{ends}"


def _sets(names: Sequence[str]) -> list[QuestionSet]:
    # webqa is asked in its own articles only here: the quality runs use its questions as off-topic ones.
    known = {one.name: one for one in (*SETS, QuestionSet("webqa", "end-to-end", "webqa"))}
    return [known[name] for name in names]


def run(sweep: str, values: Sequence[str], options: argparse.Namespace) -> dict[str, dict[str, Scores]]:
    """Return the scores of each value on each set; questions without an answer to look for are not asked."""
    embedder = load_embedder(read_settings({}, threads=options.threads))
    scores: dict[str, dict[str, Scores]] = {value: {} for value in values}
    for chosen in _sets(options.set):
        asked = [one for one in chosen.questions() if one.answerable and (one.answers or one.answer_groups)]
        questions = sample(asked, options.questions, options.seed)
        news = pool(chosen.news, questions, options.articles, options.seed)
        for value in tqdm(values, chosen.name, unit="index", mininterval=5):
            with varied(sweep, value):
                scores[value][chosen.name] = scores_of(news, questions, embedder)
    return scores


def write(sweep: str, section: str) -> None:
    """Put the section between the markers of this sweep in the README."""
    begin, end = f"<!-- sweep {sweep}:begin -->", f"<!-- sweep {sweep}:end -->"
    before, found, rest = README.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        sys.exit(f"{README} has no place for the table: write {begin} and {end} where it belongs.")
    README.write_text(f"{before}{begin}\n\n{section}\n\n{end}{after}", encoding="utf-8")


def main() -> None:
    """Read the command line, sweep, print, and write if told to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sweep", choices=("max_chars", "title"))
    parser.add_argument("--length", type=int, nargs="+", default=LENGTHS, help="values of max_chars")
    parser.add_argument("--set", nargs="+", choices=ASKED, default=ASKED, help="names of sets, in quotes")
    parser.add_argument("--articles", type=int, default=300, help="of each set")
    parser.add_argument("--questions", type=int, default=150, help="of each set")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    options = parser.parse_args()
    if not DATA.exists():
        sys.exit(f"{DATA} does not exist: set RAG_DATA to the folder of the question sets.")
    values = [str(length) for length in options.length] if options.sweep == "max_chars" else list(TITLES)
    default = str(MAX_CHARS) if options.sweep == "max_chars" else next(iter(TITLES))
    section = (
        f"Commit {commit()}; {options.articles} articles and at most {options.questions} questions a set, "
        f"seed {options.seed}.\n\n{table(run(options.sweep, values, options), default)}"
    )
    print(section)
    if options.write:
        write(options.sweep, section)


if __name__ == "__main__":
    main()
