"""A model folder — `model.onnx`, `model.json`, a tokenizer — opened with ONNX Runtime."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from mmap import ACCESS_READ, mmap
from pathlib import Path
from threading import Lock

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort
from tokenizers import Tokenizer

from rag.budget import spend
from rag.errors import ModelError
from rag.records import FloatArray

__all__ = ["ModelFolder", "OnnxModel"]

# A longer text cannot fill more tokens: no piece has more than 16 characters. Spaces aside, which are folded.
MAX_CHARS = 16 * 512


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What `model.json` says of the model next to it; `name` changes with the weights and the tokenizer.

    `shares` is the path, as the graph says it, of another model's file that holds some of its tensors.
    """

    path: Path
    name: str
    dim: int
    max_tokens: int
    prefixes: Mapping[str, str]
    tokenizer: Path
    size: int
    digests: Mapping[str, str]
    shares: str = ""

    @classmethod
    def open(cls, path: Path) -> "ModelFolder":
        """Read `path/model.json`; raises ModelError if it or a file it names is missing or of another size."""
        card = path / "model.json"
        try:
            fields = json.loads(card.read_text("utf-8"))
            tokenizer = path / fields["tokenizer"]
            digests = {"model.onnx": fields["sha256"], fields["tokenizer"]: fields["tokenizer_sha256"]}
            described = {name: fields[name] for name in ("name", "dim", "max_tokens", "prefixes")}
            if shares := fields.get("shares", ""):
                digests[shares] = fields["shares_sha256"]
                described["shares"] = shares
                owner = json.loads((path / shares).with_name("model.json").read_text("utf-8"))
                if owner["sha256"] != fields["shares_sha256"]:
                    raise ValueError(f"it takes tensors from another {shares} than the one that is there")
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
    """A model folder in memory: texts to token ids, token ids to the graph's output.

    Every text has a call of its own, so nothing else can touch its result and nothing is padded; calls run side by
    side. Batches were measured: of 8 texts they are no faster (`training/README.md`).
    """

    def __init__(self, folder: ModelFolder, *, threads: int = 0) -> None:
        """Load the model for `threads` calls at a time (0: one a core)."""
        self.folder = folder
        with _opening:
            self.tokenizer = _open_tokenizer(folder.tokenizer.resolve())
        self._session = _open_session(folder)
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, thread_name_prefix="model")

    def run(self, rows: Sequence[Sequence[int]]) -> list[FloatArray]:
        """Run the graph on the token ids of each text; the outputs are in the order of `rows`.

        The longest start first, so that the threads finish together.
        """
        if len(rows) == 1:
            return [self._call(rows[0])]
        order = sorted(range(len(rows)), key=lambda row: -len(rows[row]))
        calls = {row: self._pool.submit(self._call, rows[row]) for row in order}
        try:
            for call in calls.values():
                spend()
                call.result()
        finally:
            for call in calls.values():  # of a question that is given up
                call.cancel()
        return [calls[row].result() for row in range(len(rows))]

    def _call(self, tokens: Sequence[int]) -> FloatArray:
        """Run the graph on one text."""
        output: FloatArray = self._session.run(None, {"input_ids": np.array([tokens], np.int64)})[0][0]
        return output


# Both models are loaded at the same time, the tokenizer once.
_opening = Lock()


@lru_cache(2)
def _open_tokenizer(path: Path) -> Tokenizer:
    """Load a tokenizer that reads every text as text; the models share it, for it takes 30 MB: never change its state."""
    try:
        tokenizer = Tokenizer.from_buffer(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"The tokenizer {path} cannot be read ({error}): {_REPAIR}") from None
    # "</s>" in an article is four characters, not the end of the passage.
    tokenizer.encode_special_tokens = True
    return tokenizer


def _open_session(folder: ModelFolder) -> onnxruntime.InferenceSession:
    """Load a graph that runs in the thread that calls it.

    The graph is written the way it should run; more than basic optimisation would fuse two of its operators into a
    slower one (`training/graph.py`).
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    # Weights packed for the processor would be a second copy, 100 MB for both models, and gain nothing measurable.
    options.add_session_config_entry("session.disable_prepacking", "1")
    path = folder.path / "model.onnx"
    try:
        with _shared(folder, options):
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (ort.Fail, ort.InvalidGraph, ort.InvalidProtobuf, ort.NoSuchFile, ort.InvalidArgument) as error:
        said = str(error).splitlines()[0]
        raise ModelError(f"The model file {path} cannot be loaded ({said}): {_REPAIR}") from None


@contextmanager
def _shared(folder: ModelFolder, options: onnxruntime.SessionOptions) -> Iterator[None]:
    """Let a session that is opened meanwhile take tensors from the file that the folder's model shares, if any."""
    if not folder.shares:
        yield
        return
    path = folder.path / folder.shares
    try:
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            # Given in memory: ONNX Runtime itself reads no path that leads out of the model's folder.
            options.add_external_initializers_from_files_in_memory([folder.shares], [content], [len(content)])
            yield
    except (OSError, ValueError) as error:
        raise ModelError(f"The model file {path} cannot be read ({error}): {_REPAIR}") from None
