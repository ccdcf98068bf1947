"""How far reading is from what the machine can do: `python -m benchmarks.reading [--questions 40]`.

Counts the operations of the reader's matrices and of its attention (2 for a multiplication with its addition) for real questions
over pieces of crud_rag's articles, five a question, each with and without its headline, and times them, one thread. Beside it stand the same
products by themselves: ONNX Runtime's int8 product on this machine with nothing around it.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.quality_sets import DATA, set_rows
from rag.config import read_settings
from rag.models.runtime import OnnxModel
from rag.models.span_reader import load_reader
from rag.records import FloatArray

__all__ = ["main", "operations"]

LAYERS, WIDTH, INNER = 12, 384, 1536
# Rows × columns of a layer's matrices: query, key and value side by side, what joins them, and the two of the inner layer.
MATRICES = ((WIDTH, 3 * WIDTH), (WIDTH, WIDTH), (WIDTH, INNER), (INNER, WIDTH))
PIECES, CHARACTERS = 5, 200
RUNS = 3


@dataclass(frozen=True, slots=True)
class Reads:
    """What a question has the reader read: pieces without their headline, then with it."""

    question: str
    texts: Sequence[str]
    titles: Sequence[str]


def real_reads(count: int) -> list[Reads]:
    """Return questions of crud_rag, each with five pieces of articles."""
    articles = set_rows(DATA / "crud_rag" / "articles.jsonl")[: count * PIECES]
    asked = set_rows(DATA / "crud_rag" / "qa.jsonl")[:count]
    found = []
    for number, row in enumerate(asked):
        some = articles[number * PIECES : (number + 1) * PIECES]
        texts = [one["text"][:CHARACTERS] for one in some]
        found.append(
            Reads(row["question"], [*texts, *texts], [*("" for _ in some), *(one["title"] for one in some)])
        )
    return found


def matrix_operations(lengths: Sequence[int]) -> float:
    """Return the operations of the matrices for windows of so many tokens."""
    return 2.0 * LAYERS * sum(rows * columns for rows, columns in MATRICES) * sum(lengths)


def operations(lengths: Sequence[int]) -> float:
    """Return all operations: those of the matrices, and the scores and sums of attention."""
    return matrix_operations(lengths) + 4.0 * LAYERS * WIDTH * sum(length**2 for length in lengths)


def product(rows: int, columns: int) -> onnxruntime.InferenceSession:
    """Return a graph that is one int8 product by a matrix of so many rows and columns, as `training.graph` writes it."""
    weights = np.random.default_rng(0).integers(-64, 65, (rows, columns)).astype(np.int8)
    stored: dict[str, npt.NDArray[Any]] = {
        "weights": weights,
        "one": np.array(1.0, np.float32),
        "steps": np.ones(columns, np.float32),
        "zero": np.array(128, np.uint8),
    }
    node = helper.make_node(
        "MatMulIntegerToFloat", ["x", "weights", "one", "steps", "zero"], ["y"], domain="com.microsoft"
    )
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, ["n", rows])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", columns])],
        [numpy_helper.from_array(value, name) for name, value in stored.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model, full_check=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.disable_prepacking", "1")
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def bare(lengths: Sequence[int]) -> float:
    """Return the seconds of the processor of all products of windows of so many tokens, by themselves."""
    sessions = [(product(rows, columns), rows) for rows, columns in MATRICES]
    inputs = {
        (length, rows): np.full((length, rows), 130, np.uint8) for length in lengths for _, rows in sessions
    }

    def run() -> None:
        for length in lengths:
            for _ in range(LAYERS):
                for session, rows in sessions:
                    session.run(None, {"x": inputs[length, rows]})

    return fastest(run)


def fastest(call: Callable[[], object]) -> float:
    """Return the least processor seconds of some runs."""
    taken = []
    for _ in range(RUNS):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return min(taken)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=40)
    options = parser.parse_args()
    reader, asked = load_reader(read_settings({}, threads=1)), real_reads(options.questions)
    lengths: list[int] = []
    run = OnnxModel.run

    def counted(model: OnnxModel, rows: Sequence[Sequence[int]]) -> list[FloatArray]:
        lengths.extend(len(row) for row in rows)
        return run(model, rows)

    def read(some: Sequence[Reads]) -> None:
        for one in some:
            reader.read(one.question, one.texts, titles=one.titles)

    with patch.object(OnnxModel, "run", counted):
        read(asked)
    whole, alone = fastest(lambda: read(asked)), bare(lengths)
    some = len(asked)
    print(
        f"{some} questions, {len(lengths) / some:.1f} windows of {np.mean(lengths):.0f} tokens a question: "
        f"{operations(lengths) / some / 1e9:.1f} GOP, {matrix_operations(lengths) / operations(lengths):.0%} of them in matrices.\n"
        f"Reading: {whole / some * 1e3:.0f} ms of one core, {operations(lengths) / whole / 1e9:.0f} GOP/s. "
        f"The matrices alone: {alone / some * 1e3:.0f} ms, {matrix_operations(lengths) / alone / 1e9:.0f} GOP/s. "
        f"Reading takes {whole / alone:.2f} × as long."
    )


if __name__ == "__main__":
    main()
