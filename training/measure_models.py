"""Compare the bundled int8 models with float32 on real text and store the numbers in their `model.json`.

    python -m training.measure_models --weights FOLDER [--data ../shared/data]

Encoder: cosine to float32 over the first 200 characters of 200 articles of crud_rag. Reader: exact match and F1 of
CMRC2018 (punctuation and space removed, longest common substring, best of the answers) over 300 dev questions, which
are those whose sha1(article id) is divisible by five: never trained on.
"""

import argparse
import hashlib
import json
import tempfile
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from rag.config import MODELS
from rag.models.embedder import OnnxEncoder
from rag.models.span_reader import OnnxReader
from training.export_models import ENCODER, READER, write
from training.graph import reading_model, vector_model

__all__ = ["is_dev", "main", "rows"]

PASSAGES = 200
PASSAGE_CHARS = 200
QUESTIONS = 300


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSONL file."""
    with path.open("rb") as lines:
        yield from map(json.loads, lines)


def float_models(weights: Path, folder: Path) -> tuple[OnnxEncoder, OnnxReader]:
    """Write both models without quantisation into `folder` and open them."""
    parameters = load_file(weights / "encoder.fp16.safetensors")
    tokenizer = {"tokenizer": str((weights / "tokenizer.json").resolve())}
    write(vector_model(parameters, quantised=False), "float32", ENCODER | tokenizer, folder / "encoder")
    parameters |= load_file(weights / "reader.fp16.safetensors")
    write(reading_model(parameters, quantised=False), "float32", READER | tokenizer, folder / "reader")
    return OnnxEncoder(folder / "encoder"), OnnxReader(folder / "reader")


def plain(text: str) -> str:
    """Remove what CMRC2018's evaluation ignores: space and punctuation."""
    return "".join(c for c in text.lower() if unicodedata.category(c)[0] not in "PSZ" and not c.isspace())


def f1(said: str, answers: list[str]) -> float:
    """Return the F1 of the longest common substring with the best of `answers`, 0 to 1."""
    best = 0.0
    for answer in map(plain, answers):
        match = SequenceMatcher(None, plain(said), answer, autojunk=False).find_longest_match()
        best = max(best, 2 * match.size / max(len(plain(said)) + len(answer), 1))
    return best


def dev_questions(data: Path) -> list[tuple[str, str, list[str]]]:
    """Return question, article and answers of the dev part of CMRC2018."""
    texts = {row["id"]: row["text"] for row in rows(data / "cmrc2018/articles.jsonl")}
    held = (row for row in rows(data / "cmrc2018/qa.jsonl") if is_dev(row["article_ids"][0]))
    return [(row["question"], texts[row["article_ids"][0]], row["answers"]) for row in held][:QUESTIONS]


def is_dev(article_id: str) -> bool:
    """Tell whether an article's questions are kept for measuring."""
    return int(hashlib.sha1(article_id.encode()).hexdigest(), 16) % 5 == 0


def reading_scores(reader: OnnxReader, questions: list[tuple[str, str, list[str]]]) -> tuple[float, float]:
    """Return exact match and F1 in percent."""
    scores = []
    for question, text, answers in questions:
        first = reader.read(question, [text], best=1)[0][0]
        said = text[first.start : first.end]
        scores.append((plain(said) in map(plain, answers), f1(said, answers)))
    exact, overlap = np.mean(scores, axis=0) * 100
    return round(float(exact), 2), round(float(overlap), 2)


def store(folder: Path, metrics: dict[str, float]) -> None:
    """Write the metrics into the card of a model and print them."""
    path = folder / "model.json"
    card = json.loads(path.read_text("utf-8")) | {"metrics": metrics}
    path.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(folder.name, metrics)


def main() -> None:
    """Read the command line, measure and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    articles = rows(options.data / "crud_rag/articles.jsonl")
    texts = [row["text"][:PASSAGE_CHARS] for row, _ in zip(articles, range(PASSAGES), strict=False)]
    questions = dev_questions(options.data)
    with tempfile.TemporaryDirectory() as folder:
        encoder, reader = float_models(options.weights, Path(folder))
        exact = encoder.embed(texts, kind="passage")
        expected = reading_scores(reader, questions)
    cosines = (exact * OnnxEncoder().embed(texts, kind="passage")).sum(axis=1)
    store(
        MODELS / "encoder",
        {"cosine_mean": round(float(cosines.mean()), 5), "cosine_min": round(float(cosines.min()), 5)},
    )
    found = reading_scores(OnnxReader(), questions)
    names = ("cmrc2018_dev300_em", "cmrc2018_dev300_f1", "float32_em", "float32_f1")
    store(MODELS / "reader", dict(zip(names, (*found, *expected), strict=True)))


if __name__ == "__main__":
    main()
