"""A model folder — `model.onnx`, `model.json`, a tokenizer — opened with ONNX Runtime."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort
from tokenizers import Tokenizer

from rag.errors import ModelError
from rag.records import FloatArray

__all__ = ["ModelFolder", "OnnxModel", "batches"]

# Tokens in one call, padding included. Small batches stay in the processor's cache: 512 tokens were 29 passages/s,
# 4096 were 22 (`python -m benchmarks.models`); above one text a batch brings nothing but fewer calls.
TOKEN_BUDGET = 512

# A longer text cannot fill more tokens: no piece has more than 16 characters. Spaces aside, which are folded.
MAX_CHARS = 16 * 512

PAD = 1

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What `model.json` says of the model next to it; `name` changes with the weights and the tokenizer."""

    path: Path
    name: str
    dim: int
    max_tokens: int
    prefixes: Mapping[str, str]
    tokenizer: Path
    size: int
    digests: Mapping[str, str]

    @classmethod
    def open(cls, path: Path) -> "ModelFolder":
        """Read `path/model.json`; raises ModelError if it or a file it names is missing or of another size."""
        card = path / "model.json"
        try:
            fields = json.loads(card.read_text("utf-8"))
            tokenizer = path / fields["tokenizer"]
            digests = {"model.onnx": fields["sha256"], fields["tokenizer"]: fields["tokenizer_sha256"]}
            described = {name: fields[name] for name in ("name", "dim", "max_tokens", "prefixes")}
            folder = cls(path=path, tokenizer=tokenizer, size=fields["bytes"], digests=digests, **described)
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"The model description {card} cannot be read ({error}): {_REPAIR}") from None
        folder._check_size()
        return folder

    def _check_size(self) -> None:
        """Compare only the size, which costs nothing: hashing 36 MB would take a tenth of a second at each start."""
        file = self.path / "model.onnx"
        found = file.stat().st_size if file.is_file() else None
        if found != self.size:
            said = "is missing" if found is None else f"has {found} bytes instead of {self.size}"
            raise ModelError(f"The model file {file} {said}: {_REPAIR}")

    def verify(self) -> None:
        """Hash the files; raises ModelError naming the one that is not the one described."""
        for name, expected in self.digests.items():
            file = self.path / name
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != expected:
                raise ModelError(f"The model file {file} is damaged (its SHA-256 differs): {_REPAIR}")


_REPAIR = "install the package again or restore the file from git."


class OnnxModel:
    """A model folder in memory: texts to token ids, token ids to the graph's output."""

    def __init__(self, folder: ModelFolder, *, threads: int = 0) -> None:
        """Load the model with `threads` threads of its own (0: one a core)."""
        self.folder = folder
        self.tokenizer = _open_tokenizer(folder.tokenizer)
        self.session = _open_session(folder.path / "model.onnx", threads or os.cpu_count() or 1)

    def run(self, rows: Sequence[Sequence[int]]) -> FloatArray:
        """Run the graph on the token ids of several texts, padded to the longest: `(rows, …)`."""
        ids: IntArray = np.full((len(rows), max(map(len, rows))), PAD, np.int64)
        mask: IntArray = np.zeros_like(ids)
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        output: FloatArray = self.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return output


def batches(lengths: Sequence[int], budget: int = TOKEN_BUDGET) -> Iterator[list[int]]:
    """Yield the indices of texts that share a call, shortest first, at most `budget` tokens with padding.

    >>> list(batches([3, 9, 4], budget=8))
    [[0, 2], [1]]
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[index] > budget:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _open_tokenizer(path: Path) -> Tokenizer:
    """Load a tokenizer that reads every text as text."""
    try:
        tokenizer = Tokenizer.from_buffer(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"The tokenizer {path} cannot be read ({error}): {_REPAIR}") from None
    # "</s>" in an article is four characters, not the end of the passage.
    tokenizer.encode_special_tokens = True
    return tokenizer


def _open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """Load a graph; idle threads sleep, because two that spin next to a busy process read four times slower."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (ort.Fail, ort.InvalidGraph, ort.InvalidProtobuf, ort.NoSuchFile, ort.InvalidArgument) as error:
        said = str(error).splitlines()[0]
        raise ModelError(f"The model file {path} cannot be loaded ({said}): {_REPAIR}") from None
