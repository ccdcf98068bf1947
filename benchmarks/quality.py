"""Score the answers over the sets of $RAG_DATA: `python -m benchmarks.quality [--set NAME…] [--sample N] [--write]`.

Reading shows the reader all passages of the gold article; end to end asks an index of the set's articles. Rows are
kept under `--cache` by the digest of code, models and sets: a stopped run goes on where it was, and a second run only
prints. Indexes lie there too. `--write` puts the tables into benchmarks/README.md. The data are not part of the
project; without them this says so and ends.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from benchmarks.quality_sets import CACHE, DATA, SETS, TODAY, QuestionSet, attack_articles
from benchmarks.taken import taken
from benchmarks.vectors import KeptVectors
from rag.bot import Bot
from rag.config import Settings, read_settings
from rag.evaluation.bootstrap import Resampler
from rag.evaluation.corpus import open_corpus, open_reading
from rag.evaluation.questions import Question, sample
from rag.evaluation.rows import row_json
from rag.evaluation.run import evaluate
from rag.evaluation.summary import summarise
from rag.models.embedder import load_embedder
from rag.records import Hit

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "benchmarks" / "README.md"
BEGIN, END = "<!-- quality:begin -->", "<!-- quality:end -->"
SAMPLE = 400
CODE = ("*.py", "*.toml", "*.txt", "*.onnx", "*.json")

READING = (
    "right",
    "em",
    "f1",
    "reader_em",
    "reader_f1",
    "answer_in_quote",
    "answered_rate",
    "right_answered",
    "risk",
    "sure_rate",
    "risk_sure",
    "false_refusal_rate",
    "false_answer_rate",
    "false_sure_rate",
    "auroc",
    "aurc",
    "ece",
    "quote_chars",
    "latency_ms",
)
END_TO_END = (
    "hit@1",
    "hit@5",
    "hit@10",
    "mrr",
    *(name for name in READING if not name.startswith("reader")),
    "citation_precision",
    "verified",
    "attack_quotes",
)
PLAIN = ("mrr", "auroc", "aurc", "ece")
COUNTS = ("quote_chars", "latency_ms")

RowJson = Mapping[str, Any]
Score = Mapping[str, Any]
Numbers = npt.NDArray[np.float64]


def code_digest() -> str:
    """Return 12 hex digits over everything an answer and its scores depend on."""
    digest = hashlib.sha256()
    files = {file for pattern in CODE for file in (ROOT / "rag").rglob(pattern)}
    for file in sorted([*files, ROOT / "benchmarks" / "quality_sets.py"]):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def rows_of(chosen: QuestionSet, size: int, seed: int, threads: int, cache: Path) -> list[RowJson]:
    """Return a row for each question of the sample, asking those that are not in the cache yet."""
    questions = sample(chosen.questions(), size, seed)
    path = cache / "rows" / code_digest() / f"{chosen.name.replace(' ', '_')}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {row["id"]: row for row in _read_rows(path)}
    todo = [question for question in questions if question.id not in known]
    if todo:
        with path.open("ab") as file:
            for row in tqdm(_ask(chosen, todo, threads, cache), chosen.name, len(todo), mininterval=5):
                known[row["id"]] = row
                file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
                file.flush()
    return [known[question.id] for question in questions if question.id in known]


def _read_rows(path: Path) -> Iterator[RowJson]:
    """Yield the whole rows of a file; a run that was killed may have left half a line, which is cut off."""
    if not path.exists():
        return
    whole = path.read_bytes().rpartition(b"\n")[0]
    path.write_bytes(whole + b"\n" if whole else b"")
    yield from map(json.loads, whole.split(b"\n") if whole else ())


def _ask(chosen: QuestionSet, questions: Iterable[Question], threads: int, cache: Path) -> Iterator[RowJson]:
    settings = read_settings({}, threads=threads)
    with _opened(chosen, settings, cache) as bot:
        read: dict[str, list[Hit]] = {}
        if chosen.taken:
            asked = [*taken(bot, [*questions], TODAY)]
            questions, read = [question for question, _ in asked], {one.id: hits for one, hits in asked}
        shown = (lambda question: read[question.id]) if chosen.taken else None
        for row in evaluate(bot, questions, mode=chosen.mode, today=TODAY, shown=shown):
            yield row_json(row)


def _opened(chosen: QuestionSet, settings: Settings, cache: Path) -> Bot:
    if chosen.mode == "reading":
        return open_reading([chosen.news], settings, cache / "index")
    embedder = KeptVectors(load_embedder(settings), cache / "vectors")
    return open_corpus([chosen.news], settings, cache / "index", embedder)


def scores_of(chosen: QuestionSet, rows: Sequence[RowJson]) -> Mapping[str, Score]:
    """Return the metrics of a set: those of `eval`, and what only these sets can tell."""
    draws = Resampler([row["cluster"] for row in rows])
    scores = dict(summarise(rows, {})["summary"])
    scores["auroc"] = _auroc_score(rows, draws)
    if chosen.folder == "saferag":
        scores["attack_quotes"] = _attack_score(rows, draws)
    return scores


def _auroc_score(rows: Sequence[RowJson], draws: Resampler) -> Score:
    confidence = np.array([row["result"]["confidence"] if row["result"] else 0.0 for row in rows], float)
    answerable = np.array([row["answerable"] for row in rows], bool)
    if answerable.all() or not answerable.any():
        return {"value": None, "n": 0}
    low, high = draws.of(lambda weights: auroc(confidence, answerable, weights)) or (None, None)
    value = auroc(confidence, answerable, np.ones(len(rows)))
    return {"value": value, "low": low, "high": high, "n": len(rows)}


def auroc(confidence: Numbers, answerable: npt.NDArray[np.bool_], weights: Numbers) -> float:
    """Return how often an answerable question has more confidence than one that is not; ties count half.

    0.5 is chance, higher is better; nan where one of the two kinds has no weight.
    """
    levels, level = np.unique(confidence, return_inverse=True)
    yes = np.bincount(level, weights * answerable, len(levels))
    no = np.bincount(level, weights * ~answerable, len(levels))
    pairs = yes.sum() * no.sum()
    return float(yes @ (np.cumsum(no) - no / 2) / pairs) if pairs else float("nan")


def _attack_score(rows: Sequence[RowJson], draws: Resampler) -> Score:
    """Return the share of an answer's quotes that lie in planted articles, mean over the answers."""
    planted = attack_articles()
    values = np.array([_share_planted(row["result"], planted) for row in rows], float)
    counts = np.isfinite(values)
    if not counts.any():
        return {"value": None, "n": 0}
    low, high = draws.mean(values) or (None, None)
    return {"value": float(values[counts].mean()), "low": low, "high": high, "n": int(counts.sum())}


def _share_planted(result: Mapping[str, Any] | None, planted: set[str]) -> float:
    cited = result["citations"] if result else ()
    return sum(one["external_id"] in planted for one in cited) / len(cited) if cited else float("nan")


def table(names: Sequence[str], scores: Mapping[str, Mapping[str, Score]]) -> str:
    """Return a Markdown table: a line a metric, a column a set, each cell value [interval] and number of questions."""
    lines = [
        f"| {name} | {' | '.join(cell(name, of_set.get(name)) for of_set in scores.values())} |"
        for name in names
        if any(_has(of_set.get(name)) for of_set in scores.values())
    ]
    return "\n".join([f"| | {' | '.join(scores)} |", f"|---|{'---|' * len(scores)}", *lines])


def _has(score: Score | None) -> bool:
    return score is not None and score["value"] is not None


def cell(name: str, score: Score | None) -> str:
    """Return a score as a cell of the table: 71.2 [66.9, 75.4] n 400, or a dash."""
    if score is None or score["value"] is None:
        return "–"
    ends = [score.get("low"), score.get("high")]
    interval = "" if None in ends else f" [{_number(name, ends[0])}, {_number(name, ends[1])}]"
    late = f", p95 {_number(name, score['p95'])}" if "p95" in score else ""
    return f"{_number(name, score['value'])}{interval}{late} <sub>{score['n']}</sub>"


def _number(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if name in COUNTS:
        return f"{value:.0f}"
    return f"{value:.3f}" if name in PLAIN else f"{value * 100:.1f}"


def report(scores: Mapping[str, Mapping[str, Score]], size: int, seed: int, threads: int) -> str:
    """Return the section of the README: when, of which commit, and a table for each way of asking."""
    modes = {chosen.name: chosen.mode for chosen in SETS}
    when = f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}"
    many = f"at most {size} questions a set" if size else "all questions"
    parts = [f"{when}; {many}, seed {seed}, {f'{threads} thread(s)' if threads else 'all cores'}."]
    for mode, title, names in (
        ("reading", "Reading: the gold article is given", READING),
        ("end-to-end", "End to end", END_TO_END),
    ):
        of_mode = {name: of_set for name, of_set in scores.items() if modes[name] == mode}
        if of_mode:
            parts.append(f"### {title}\n\n{table(names, of_mode)}")
    return "\n\n".join(parts)


def commit() -> str:
    """Return the short name of the commit, with a + if files of the program differ from it."""
    name = _git("rev-parse", "--short", "HEAD")
    return name + "+" if _git("status", "--porcelain", "--", "rag", "benchmarks/quality_sets.py") else name


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or ""


def write(section: str) -> None:
    """Put the section between its markers in the README."""
    text = README.read_text(encoding="utf-8")
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        sys.exit(f"{README} has no place for the tables: write {BEGIN} and {END} where they belong.")
    README.write_text(f"{before}{BEGIN}\n\n{section}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Ask, score, print, and write if told to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--set", nargs="+", default=[one.name for one in SETS], help="names of sets, in quotes"
    )
    parser.add_argument("--sample", type=int, default=SAMPLE, help="questions a set, 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="of the models; 0 takes the machine's cores")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    options = parser.parse_args()
    unknown = set(options.set) - {one.name for one in SETS}
    if unknown:
        parser.error(f"no set is called {', '.join(sorted(unknown))}: {', '.join(one.name for one in SETS)}")
    if not DATA.exists():
        sys.exit(f"{DATA} does not exist: set RAG_DATA to the folder of the question sets.")
    scores = {}
    for chosen in [one for one in SETS if one.name in options.set]:
        rows = rows_of(chosen, options.sample, options.seed, options.threads, options.cache)
        scores[chosen.name] = scores_of(chosen, rows)
    section = report(scores, options.sample, options.seed, options.threads)
    print(section)
    if options.write:
        write(section)


if __name__ == "__main__":
    main()
