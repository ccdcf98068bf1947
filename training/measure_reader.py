"""Measure readers on fixed samples: without titles, with them, and by the sum of both margins.

    python -m training.measure_reader --lists lists.pkl --data $RAG_DATA [--staff FOLDER] --reader rag/models/reader --out base.json
    python -m training.measure_reader --lists lists.pkl --weights FOLDER [--share 0.6 --old FOLDER] --out new.json --against base.json

The passages of each question are found once, by BM25 of bigrams or from the gold article, and kept in `--lists`, so that
readers alone differ. Told are the share of questions whose best candidate is right (`first`), how often an answerable
question has a higher margin than one that is not (`auroc`), and exact match and F1 of the best span (`em`, `f1`), with
intervals, and with `--against` the difference and its interval. None of these samples is trained on.
"""

import argparse
import json
import pickle
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from benchmarks.quality import auroc
from benchmarks.quality_sets import TODAY, is_dev
from rag.answering.candidates import Read, candidates
from rag.config import MODELS, read_settings
from rag.evaluation.bootstrap import Resampler
from rag.evaluation.corpus import open_reading
from rag.evaluation.gold import Gold, by_answer
from rag.evaluation.match import exact, f1, right
from rag.evaluation.questions import Question, read_questions, sample
from rag.index.store import Store
from rag.models.span_reader import OnnxReader
from rag.query.analysis import Query
from rag.query.understand import consult
from rag.records import Hit, Reading
from rag.text.characters import squeeze
from tests.support.near_misses import pairs, read_pool
from training.export_models import READER, write
from training.graph import reading_model
from training.reader_data import mine
from training.train_encoder import blend

__all__ = ["Asked", "main", "measured", "summary"]

ROOT = Path(__file__).parent.parent
OWN = (ROOT / "seeds", ROOT / "tests" / "data" / "articles")
OWN_DAY = date(2024, 12, 1)
READ = 5
SIZES = {
    "crud_rag": 150,
    "houjin": 120,
    "staff": 150,
    "cail2019": 120,
    "cmrc2018": 120,
    "own pairs": 60,
    "houjin pairs": 50,
}
# Kinds of the staff set that no one span answers.
NO_SPAN = frozenset(("smalltalk", "several", "compare", "overview", "yesno", "mixed", "english", "pinyin"))
WAYS = ("plain", "titled", "sum")
NOT_HERE = "auroc"

Row = Mapping[str, Any]
Numbers = npt.NDArray[np.float64]
# Of passage, start and end of each candidate, the margin.
Key = tuple[int, int, int]
Margins = Mapping[Key, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a set with the passages to read; `counted` are the ids of those that may answer."""

    set: str
    question: Question
    query: Query
    hits: tuple[Hit, ...]
    counted: frozenset[int]


def lists(data: Path, staff: Path | None, cache: Path) -> Iterator[Asked]:
    """Yield the questions of all samples with their passages."""
    for name in ("crud_rag", "houjin", "cail2019", "cmrc2018"):
        file = data / name / "articles.jsonl"
        found = _chosen(data / name / "qa.jsonl", name)
        yield from _listed(
            name, (file,), sample(found, SIZES[name], 5), TODAY, cache, gold=name != "crud_rag"
        )
    houjin = read_questions([data / "houjin" / "qa.jsonl"]).questions
    file = data / "houjin" / "articles.jsonl"
    made = pairs(sample(houjin, 400, 6), read_pool([file]), seed=1)
    rows = [row for pair in islice(made, SIZES["houjin pairs"]) for row in pair.rows()]
    yield from _listed("houjin pairs", (file,), [_question(row) for row in rows], TODAY, cache, gold=True)
    own = read_questions([ROOT / "tests" / "gate" / "near_miss_pairs.jsonl"]).questions
    yield from _listed("own pairs", OWN, own[: 2 * SIZES["own pairs"]], OWN_DAY, cache, gold=False)
    if staff is not None:
        news = (staff / "articles", ROOT / "seeds")
        kinds = {row["id"]: row["kind"] for row in _rows(staff / "questions.jsonl")}
        asked = [
            one
            for one in read_questions([staff / "questions.jsonl"]).questions
            if kinds[one.id] not in NO_SPAN
        ]
        yes = sample([one for one in asked if one.answerable], SIZES["staff"], 5)
        none = [one for one in asked if not one.answerable]
        yield from _listed("staff", news, [*yes, *none], date(2025, 12, 10), cache, gold=False)


def _chosen(path: Path, name: str) -> list[Question]:
    kept = {
        row["id"]
        for row in _rows(path)
        if row["type"] != "yesno" and (name != "cmrc2018" or is_dev(row)) and row.get("extractive", True)
    }
    return [one for one in read_questions([path]).questions if one.id in kept]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]


def _question(row: Row) -> Question:
    return Question(
        id=row["id"],
        question=row["question"],
        answers=tuple(row["answers"]),
        answerable=row["answerable"],
        article_ids=tuple(row["article_ids"]),
    )


def _listed(
    name: str, news: Sequence[Path], questions: Sequence[Question], today: date, cache: Path, *, gold: bool
) -> Iterator[Asked]:
    with open_reading(news, read_settings({}, threads=1), cache) as bot:
        store, known = bot.store, Gold(bot.store)
        every = (
            []
            if gold
            else [n for row in store.catalogue.articles() for n in store.passage_ids_of(row.article_id)]
        )
        found = None if gold else mine([q.question for q in questions], _texts(store, every), READ)
        for number, question in enumerate(questions):
            own = {n for ident in known.articles(question) for n in store.passage_ids_of(ident)}
            ids = sorted(own) if found is None else [every[place] for place in found[number]]
            if found is None and len(ids) > READ:
                best = mine([question.question], _texts(store, ids), READ)[0]
                ids = sorted(ids[place] for place in best)
            hits = [Hit(p, n, 1.0, {}) for n, p in zip(ids, store.passages(ids), strict=True)]
            counted = frozenset(ids) if by_answer(question) or not own else frozenset(own)
            query = consult(question.question, question.question, today, store)
            yield Asked(name, question, query, tuple(hits), counted)


def _texts(store: Store, ids: Sequence[int]) -> list[str]:
    return [f"{passage.article.title} {passage.text}" for passage in store.passages(list(ids))]


def measured(asked: Sequence[Asked], reader: OnnxReader) -> Iterator[Row]:
    """Yield a row for each question: for each way the margin of the best candidate and how right it is."""
    for one in asked:
        texts = [hit.passage.text for hit in one.hits]
        titles = [hit.passage.article.title for hit in one.hits]
        plain = _margins(one, reader.read(one.query.text, texts, best=READ))
        titled = _margins(one, reader.read(one.query.text, texts, best=READ, titles=titles))
        both = {key: _margin(plain, key) + _margin(titled, key) for key in {**plain, **titled}}
        row = {"set": one.set, "id": one.question.id, "answerable": one.question.answerable}
        row["cluster"] = (one.question.article_ids or (one.question.id,))[0]
        for way, margins in zip(WAYS, (plain, titled, both), strict=True):
            row[way] = _best(one, margins)
        yield row


def _margin(margins: Margins, key: Key) -> float:
    """Return the margin of a span, of the best that overlaps it, or less than any."""
    ident, start, end = key
    over = [margin for (i, a, b), margin in margins.items() if i == ident and a < end and start < b]
    return margins.get(key, max(over, default=min(margins.values(), default=0.0) - 1))


def _margins(one: Asked, read: list[list[Reading]]) -> Margins:
    found = candidates(
        one.query, [Read(hit, tuple(marks)) for hit, marks in zip(one.hits, read, strict=True)]
    )
    return {(each.hit.passage_id, each.span.start, each.span.end): each.margin for each in found}


def _best(one: Asked, margins: Margins) -> dict[str, float]:
    if not margins:
        return {"margin": -99.0, "first": 0.0, "f1": 0.0, "em": 0.0}
    ident, start, end = max(margins, key=lambda key: (margins[key], -key[0], -key[1]))
    article = next(hit.passage.article for hit in one.hits if hit.passage_id == ident)
    said, question = article.text[start:end], one.question
    holds = any(squeeze(answer) in squeeze(said) for answer in question.answers)
    good = ident in one.counted and bool(holds if one.set == "staff" else right(said, question))
    scores = {"f1": f1(said, question.answers), "em": exact(said, question.answers)}
    return {"margin": margins[ident, start, end], "first": float(good), **scores}


def summary(rows: Sequence[Row], against: Sequence[Row] = ()) -> dict[str, Any]:
    """Return each number of each set and way: value, interval, and the difference to other rows with its interval."""
    other = {(row["set"], row["id"]): row for row in against}
    found: dict[str, Any] = {}
    for name in dict.fromkeys(row["set"] for row in rows):
        held = [row for row in rows if row["set"] == name]
        before = [other[name, row["id"]] for row in held] if other else []
        for way in WAYS:
            for what in ("first", "f1", "em", "auroc"):
                values = _value(held, before, way, what)
                if values is not None:
                    found[f"{name} {what} {way}"] = values
    return found


def _value(rows: Sequence[Row], before: Sequence[Row], way: str, what: str) -> dict[str, Any] | None:
    answerable = np.array([row["answerable"] for row in rows], bool)
    draws = Resampler([row["cluster"] for row in rows])
    if what == NOT_HERE:
        if answerable.all() or not answerable.any():
            return None
        margins = [np.array([row[way]["margin"] for row in side], float) for side in (rows, before) if side]
        of = [lambda weights, m=m: auroc(m, answerable, weights) for m in margins]
    else:
        values = [
            np.where(answerable, np.array([row[way][what] for row in side], float), np.nan)
            for side in (rows, before)
            if side
        ]
        of = [lambda weights, v=v: _mean(weights, v) for v in values]
    ones = np.ones(len(rows))
    found: dict[str, Any] = {"value": round(100 * of[0](ones), 1), "n": int(answerable.sum())}
    found["interval"] = _percent(draws.of(of[0]))
    if before:
        found["difference"] = round(100 * (of[0](ones) - of[1](ones)), 1)
        found["difference_interval"] = _percent(draws.of(lambda weights: of[0](weights) - of[1](weights)))
    return found


def _mean(weights: Numbers, values: Numbers) -> float:
    """Return the mean of what is a number, nan if nothing is."""
    total = weights @ np.isfinite(values)
    return float(np.nansum(weights * values) / total) if total else float("nan")


def _percent(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else [round(100 * bound, 1) for bound in interval]


def exported(weights: Path, encoder: Path, old: Path | None, share: float, folder: Path) -> Path:
    """Write the int8 graph of a reader, perhaps blended with another one, into `folder`."""
    own = load_file(weights)
    own = own if old is None else blend(load_file(old), own, share)
    tokenizer = {"tokenizer": str((MODELS / "encoder" / "tokenizer.json").resolve())}
    write(reading_model(load_file(encoder) | own), "candidate", READER | tokenizer, folder)
    return folder


def main() -> None:
    """Read the command line, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lists", type=Path, required=True, help="made if it is not there")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--staff", type=Path)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "youju" / "quality" / "index")
    parser.add_argument("--reader", type=Path, default=MODELS / "reader")
    parser.add_argument("--weights", type=Path, help="float weights to measure instead of --reader")
    parser.add_argument("--encoder", type=Path, help="encoder.fp16.safetensors for --weights")
    parser.add_argument("--old", type=Path, help="other weights to blend them with")
    parser.add_argument("--share", type=float, default=0.6)
    parser.add_argument("--set", nargs="+")
    parser.add_argument("--against", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if not options.lists.exists():
        options.lists.write_bytes(pickle.dumps(list(lists(options.data, options.staff, options.cache))))
    asked: list[Asked] = pickle.loads(options.lists.read_bytes())
    asked = [one for one in asked if not options.set or one.set in options.set]
    with tempfile.TemporaryDirectory() as folder:
        reader = options.reader
        if options.weights:
            reader = exported(options.weights, options.encoder, options.old, options.share, Path(folder))
        began = time.process_time()
        rows = list(measured(asked, OnnxReader(reader, threads=1)))
    spent = time.process_time() - began
    windows = 2 * sum(len(one.hits) for one in asked)
    before = json.loads(options.against.read_text("utf-8"))["rows"] if options.against else ()
    told = {"milliseconds_a_window": round(1000 * spent / windows, 1), **summary(rows, before)}
    options.out.write_text(json.dumps({"summary": told, "rows": rows}, ensure_ascii=False), "utf-8")
    print(json.dumps(told, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
