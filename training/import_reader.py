"""Recover float weights of a shipped reader from its int8 graph, to train on from there.

    python -m training.import_reader --weights FOLDER [--model rag/models/reader] [--out FOLDER]

The matrices come back as levels × scales. `training.graph` reads them into the very same levels again, so nothing is
lost that the shipped model still had. Biases, norms and the head stand in the graph as they are. `--weights` holds
`encoder.fp16.safetensors`, the encoder that the reader's training started from: its embeddings and bottom two layers
are the reader's, which is checked.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper
from safetensors.numpy import load_file, save_file

from rag.config import MODELS
from training.graph import reading_model
from training.shared_tensors import open_graph

__all__ = ["constants", "main", "recovered", "same_levels"]

Array = npt.NDArray[Any]
# The bottom layers, which every reader here takes from the encoder.
FROZEN = 2
PARTS = ("query", "key", "value")
JOINED = ".attention.self.query"


def constants(model: onnx.ModelProto) -> dict[str, Array]:
    """Return the stored tensors of a graph by name."""
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def recovered(stored: Mapping[str, Array]) -> dict[str, Array]:
    """Return layers and head under the names of `BertModel`, float32."""
    found: dict[str, Array] = {"o.weight": stored["head"].T, "o.bias": stored["o.bias"]}
    for name, value in stored.items():
        if name.startswith("encoder.layer.") and name.endswith(".levels"):
            matrix = (value.astype(np.float32) * stored[name.removesuffix("levels") + "scales"]).T
            found |= _matrices(name.removesuffix(".levels"), matrix)
        elif name.endswith(".attention.self.bias"):
            parts = zip(PARTS, np.split(value, len(PARTS)), strict=True)
            found |= {f"{name.removesuffix('bias')}{part}.bias": bias for part, bias in parts}
        elif name.startswith("encoder.layer.") and not name.endswith(".scales"):
            found[name] = value
    return {name: np.ascontiguousarray(value, np.float32) for name, value in found.items()}


def _matrices(name: str, matrix: Array) -> dict[str, Array]:
    """Return a matrix by its name; query, key and value stand side by side in one."""
    if not name.endswith(JOINED):
        return {f"{name}.weight": matrix}
    stem = name.removesuffix("query")
    return {
        f"{stem}{part}.weight": part_of
        for part, part_of in zip(PARTS, np.split(matrix, len(PARTS)), strict=True)
    }


def same_levels(stored: Mapping[str, Array], weights: Mapping[str, Array]) -> list[str]:
    """Return the names of the stored integers that `weights` would not give again."""
    again = constants(reading_model(weights))
    return [name for name, value in stored.items() if value.dtype == np.int8 and (again[name] != value).any()]


def main() -> None:
    """Read the command line, write the weights and say what differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODELS / "reader")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    out = options.out or options.weights
    stored = constants(open_graph(options.model))
    found = recovered(stored)
    kept = {n: v for n, v in found.items() if not n.startswith("encoder.") or int(n.split(".")[2]) >= FROZEN}
    out.mkdir(parents=True, exist_ok=True)
    # Half precision, as every reader is stored: a level is at most 64 steps, so rounding stays far below half a step.
    save_file(
        {name: value.astype(np.float16) for name, value in kept.items()}, out / "reader.fp16.safetensors"
    )
    card = json.loads((options.model / "model.json").read_text("utf-8"))
    record = card["training"] | {"imported_from": card["name"]}
    (out / "reader.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    encoder = load_file(options.weights / "encoder.fp16.safetensors")
    halves = load_file(out / "reader.fp16.safetensors")
    different = same_levels(stored, {**encoder, **halves})
    print(f"{len(kept)} tensors; integers that would change: {different or 'none'}")


if __name__ == "__main__":
    main()
