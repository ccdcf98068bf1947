"""Tensors that two models have in common stand in one file: the reader's layers below those that learn are the encoder's.

A graph names them as ONNX's external data, a place and a length in the other model's file, which ONNX Runtime is given in
memory (`rag.models.runtime`); from the folder itself it would not read a path that leads out of it.
"""

from pathlib import Path

import onnx

__all__ = ["open_graph", "share"]

# A shorter one is not worth a name and a place.
LEAST = 1024


def share(model: onnx.ModelProto, folder: Path, location: str) -> int:
    """Let `model`, which will stand in `folder`, take what it can from the file at `location`; return how many bytes."""
    stored = (folder / location).read_bytes()
    saved = 0
    for tensor in model.graph.initializer:
        raw = tensor.raw_data
        offset = stored.find(raw) if len(raw) >= LEAST else -1
        if offset >= 0:
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            for key, value in (("location", location), ("offset", offset), ("length", len(raw))):
                entry = tensor.external_data.add()
                entry.key, entry.value = key, str(value)
            saved += len(raw)
    return saved


def open_graph(folder: Path) -> onnx.ModelProto:
    """Read the graph of a model folder with all its tensors inside it."""
    model = onnx.load(folder / "model.onnx", load_external_data=False)
    for tensor in model.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            place = {entry.key: entry.value for entry in tensor.external_data}
            first, length = int(place["offset"]), int(place["length"])
            tensor.raw_data = (folder / place["location"]).read_bytes()[first : first + length]
            tensor.ClearField("data_location")
            del tensor.external_data[:]
    return model
