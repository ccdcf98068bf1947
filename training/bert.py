"""The encoder with a span head in torch, for training: texts stand end to end, so nothing is padded."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear

__all__ = ["Weights", "load", "logits", "trained_names"]

Weights = Mapping[str, Tensor]
HEADS = 12
EPSILON = 1e-12


def load(encoder: Path, reader: Path) -> dict[str, Tensor]:
    """Return the encoder's weights with those of a reader in their place, float32."""
    return {name: value.float() for name, value in (load_file(encoder) | load_file(reader)).items()}


def trained_names(weights: Weights, frozen: int) -> list[str]:
    """Return what is trained: the layers from `frozen` on and the span head `o`."""
    layers = (name for name in weights if name.startswith("encoder.layer."))
    return sorted([*(name for name in layers if int(name.split(".")[2]) >= frozen), "o.bias", "o.weight"])


def logits(weights: Weights, rows: Sequence[Sequence[int]]) -> list[Tensor]:
    """Return for each row of token ids its start and end logits, `(length, 2)`."""
    lengths = [len(row) for row in rows]
    x = _embedded(weights, rows)
    layers = sum(name.endswith("intermediate.dense.bias") for name in weights)
    for number in range(layers):
        x = _layer(weights, f"encoder.layer.{number}.", x, lengths)
    with torch.autocast("cpu", enabled=False):
        return list(linear(x.float(), weights["o.weight"], weights["o.bias"]).split(lengths))


def _embedded(weights: Weights, rows: Sequence[Sequence[int]]) -> Tensor:
    ids = torch.tensor([token for row in rows for token in row])
    places = torch.cat([torch.arange(len(row)) for row in rows])
    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][places]
    return _normal(weights, "embeddings.LayerNorm", x + weights["embeddings.token_type_embeddings.weight"][0])


def _layer(weights: Weights, layer: str, x: Tensor, lengths: list[int]) -> Tensor:
    heads = [_dense(weights, f"{layer}attention.self.{name}", x) for name in ("query", "key", "value")]
    parts = zip(
        *(head.view(len(x), HEADS, -1).transpose(0, 1).split(lengths, 1) for head in heads), strict=True
    )
    heard = [_attended(*three) for three in parts]
    mixed = torch.cat(heard, 1).transpose(0, 1).reshape(x.shape)
    x = _normal(
        weights,
        f"{layer}attention.output.LayerNorm",
        x + _dense(weights, f"{layer}attention.output.dense", mixed),
    )
    inner = gelu(_dense(weights, f"{layer}intermediate.dense", x))
    return _normal(weights, f"{layer}output.LayerNorm", x + _dense(weights, f"{layer}output.dense", inner))


def _attended(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return what each token of one text hears, `(heads, tokens, width)`.

    Written out because the backward pass of torch's fused attention took 42 % of a step on a CPU, this one 5 %.
    """
    told = torch.bmm(query * query.shape[-1] ** -0.5, key.transpose(1, 2))
    return torch.bmm(told.softmax(-1), value)


def _dense(weights: Weights, name: str, x: Tensor) -> Tensor:
    return linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])


def _normal(weights: Weights, name: str, x: Tensor) -> Tensor:
    return layer_norm(x, x.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], EPSILON)
