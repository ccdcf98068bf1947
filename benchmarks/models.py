"""Measure the bundled models against this machine in one run.

    python -m benchmarks.models [--seconds 3]

Prints passages a second, milliseconds a question and milliseconds to read five texts of 170 tokens, at one and two
threads; then billions of operations a second, beside what the machine's float32 matrix product reaches on one core.
Only the ratios carry over to another machine or another hour.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rag.models.embedder import OnnxEncoder
from rag.models.span_reader import OnnxReader

__all__ = ["main"]

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
QUESTION = "成都有多少5G基站？"
LAYERS, WIDTH, INNER = 12, 384, 1536
PASSAGE_TOKENS, READ_TOKENS, READ_TEXTS = 130, 170, 5


def operations(tokens: int) -> float:
    """Return the multiplications and additions of one text, attention included."""
    products = 2 * LAYERS * (4 * WIDTH * WIDTH + 2 * WIDTH * INNER) * tokens
    return products + 2 * LAYERS * 2 * WIDTH * tokens * tokens


def seconds_a_call(call: Callable[[], object], budget: float) -> float:
    """Return the median time of `call`, repeated for `budget` seconds after one unmeasured call."""
    call()
    times: list[float] = []
    while sum(times) < budget or len(times) < 3:
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return float(np.median(times))


def texts_of(encoder: OnnxEncoder, tokens: int, count: int) -> list[str]:
    """Cut the seeds into texts of about `tokens` tokens."""
    raw = "".join("".join(path.read_text("utf-8").split()) for path in sorted(SEEDS.glob("*.txt")))
    chars = round(tokens * len(raw[:500]) / len(encoder.token_ids([raw[:500]])[0]))
    return [raw[place : place + chars] for place in range(0, count * chars, chars)]


def machine(budget: float) -> float:
    """Return the operations a second of a float32 matrix product on one core."""
    a, b = np.ones((512, WIDTH), np.float32), np.ones((WIDTH, INNER), np.float32)
    return 2 * 512 * WIDTH * INNER / seconds_a_call(lambda: a @ b, budget / 3)


def report(threads: int, limit: float, budget: float) -> None:
    """Measure both models with `threads` threads and print one line."""
    encoder, reader = OnnxEncoder(threads=threads), OnnxReader(threads=threads)
    passages = texts_of(encoder, PASSAGE_TOKENS, 16)
    passage = seconds_a_call(lambda: encoder.embed(passages, kind="passage"), budget) / len(passages)
    query = seconds_a_call(lambda: encoder.embed([QUESTION], kind="query"), budget)
    texts = texts_of(encoder, READ_TOKENS, READ_TEXTS)
    read = seconds_a_call(lambda: reader.read(QUESTION, texts), budget)
    speed = operations(PASSAGE_TOKENS) / passage
    print(
        f"{threads} thread(s): {1 / passage:.1f} passages/s of {PASSAGE_TOKENS} tokens, query {query * 1e3:.1f} ms, "
        f"reading {READ_TEXTS} × {READ_TOKENS} tokens {read * 1e3:.0f} ms; "
        f"{speed / 1e9:.0f} GOPS = {speed / limit / threads:.2f} of a core's float32 product"
    )


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0)
    budget = parser.parse_args().seconds
    limit = machine(budget)
    print(f"float32 product on one core: {limit / 1e9:.0f} GFLOPS")
    for threads in (1, 2):
        report(threads, limit, budget)


if __name__ == "__main__":
    main()
