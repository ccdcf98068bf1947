"""Ask pairs of questions of which only one has an answer: `python -m benchmarks.near_misses [--set NAME…] [--pairs N]`.

A pair is right if the original is answered with its answer in the quotes and its twin, one constraint changed, is
refused. For houjin the gold article is given; crud_rag and our own pairs are asked end to end. `--rows FILE` keeps what
was answered, for reading. The sets of $RAG_DATA are not part of the project; without them only our own pairs are asked.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.quality import ROOT
from benchmarks.quality_sets import CACHE, DATA, TODAY
from rag.bot import Bot
from rag.config import Settings, read_settings
from rag.evaluation.bootstrap import Resampler
from rag.evaluation.corpus import open_corpus, open_reading
from rag.evaluation.metrics import Mode
from rag.evaluation.questions import Question, read_questions
from rag.evaluation.rows import row_json
from rag.evaluation.run import evaluate
from tests.support.near_misses import pairs, read_pool

PAIRS = 200
ALL = "all"
OWN = "own"

Opener = Callable[[Sequence[Path], Settings, Path | None], AbstractContextManager[Bot]]
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PairSet:
    """Where pairs come from: the articles that are asked, how, and a file of pairs or of questions to make them of."""

    name: str
    mode: Mode
    news: tuple[Path, ...]
    file: Path
    made: bool

    def lines(self, count: int, seed: int) -> list[Line]:
        """Return the lines of at most `count` pairs."""
        if not self.made:
            rows = [json.loads(line) for line in self.file.read_bytes().split(b"\n") if line]
            return rows[: 2 * count]
        found = pairs(read_questions([self.file]).questions, read_pool(self.news), seed)
        return [line for pair in islice(found, count) for line in pair.rows()]


def _sets() -> list[PairSet]:
    own = (ROOT / "seeds", ROOT / "tests" / "data" / "articles")
    found = [PairSet(OWN, "end-to-end", own, ROOT / "tests" / "gate" / "near_miss_pairs.jsonl", made=False)]
    modes: Mapping[str, Mode] = {"houjin": "reading", "crud_rag": "end-to-end"}
    for name, mode in modes.items():
        folder = DATA / name
        if folder.exists():
            found.append(PairSet(name, mode, (folder / "articles.jsonl",), folder / "qa.jsonl", made=True))
    return found


def ask(chosen: PairSet, lines: Sequence[Line], threads: int) -> list[dict[str, Any]]:
    """Ask every line and return its row with what the line says of its pair."""
    opened: Opener = open_reading if chosen.mode == "reading" else open_corpus
    questions = [_question(line) for line in lines]
    with opened(chosen.news, read_settings({}, threads=threads), CACHE / "index") as bot:
        rows = tqdm(
            evaluate(bot, questions, mode=chosen.mode, today=TODAY), chosen.name, len(lines), mininterval=5
        )
        return [
            {**line, **row_json(row), "edit": line["edit"]} for line, row in zip(lines, rows, strict=True)
        ]


def _question(line: Line) -> Question:
    return Question(
        id=line["id"],
        question=line["question"],
        answers=tuple(line["answers"]),
        answerable=line["answerable"],
        article_ids=tuple(line.get("article_ids") or line["articles"]),
        answer_groups=tuple(tuple(group) for group in line.get("answer_groups", ())),
        question_date=line.get("question_date", ""),
    )


def is_right(row: Line) -> bool:
    """Tell whether an original has its answer in the quotes, a twin is refused."""
    answer = row["result"]
    if answer is None:
        return False
    return bool(row["scores"]["answer_in_quote"]) if row["member"] == "original" else bool(answer["refused"])


def table(rows: Sequence[Line]) -> str:
    """Return a Markdown table: for each kind of edit the share of pairs with both right, and of each member."""
    both = {row["pair"]: (row, twin) for row, twin in zip(rows[::2], rows[1::2], strict=True)}
    kinds = [ALL, *sorted({row["edit"] for row in rows})]
    lines = [
        "| edit | pairs | both right | original answered right | twin refused |",
        "|---|---|---|---|---|",
    ]
    for kind in kinds:
        chosen = [pair for pair in both.values() if kind in (ALL, pair[0]["edit"])]
        draws = Resampler([original["cluster"] for original, _ in chosen])
        first = np.array([is_right(original) for original, _ in chosen], float)
        second = np.array([is_right(twin) for _, twin in chosen], float)
        cells = [_cell(values, draws) for values in (first * second, first, second)]
        lines.append(f"| {kind} | {len(chosen)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(values: np.ndarray[Any, np.dtype[np.float64]], draws: Resampler) -> str:
    low, high = draws.mean(values) or (0.0, 1.0)
    return f"{100 * values.mean():.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def main() -> None:
    """Make the pairs, ask them, print a table for each set."""
    sets = {one.name: one for one in _sets()}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", nargs="+", default=list(sets), choices=list(sets))
    parser.add_argument("--pairs", type=int, default=PAIRS, help="pairs a set")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="of the models; 0 takes the machine's cores")
    parser.add_argument("--rows", type=Path, help="file for what was answered")
    options = parser.parse_args()
    kept: list[Line] = []
    for name in options.set:
        rows = ask(sets[name], sets[name].lines(options.pairs, options.seed), options.threads)
        print(f"### {name}\n\n{table(rows)}\n")
        kept += [{**row, "set": name} for row in rows]
    if options.rows:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept)
        options.rows.write_text(text, encoding="utf-8")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
