"""Write a BERT encoder as an ONNX graph whose int8 results never depend on what shares the batch.

ONNX Runtime's dynamic quantisation takes one activation scale for the whole batch, so a vector changes with its
neighbours. Here every token row has its own scale, computed in the graph: max |x| of the row, `QuantizeLinear` along
axis 0, an int8 product, and one multiplication by the row's scale. Everything runs on `(tokens, width)` matrices;
only attention sees texts. There is no attention mask, for there is no padding: texts of one length share a call,
and the others have their own.

Weights use 7 bits (−64…64): machines without VNNI multiply with `vpmaddubsw`, which adds two products u8 × s8 in 16
bits, and 255 × (64 + 64) = 32640 still fits, so no machine saturates.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

__all__ = ["BertGraph", "reading_model", "vector_model"]

Array = npt.NDArray[Any]

WEIGHT_LEVELS = 64
SIGNED_ZERO = 128
# GELU never falls below −.17, so it needs few levels below zero: 16 of 255 cover it as soon as the scale is ≥ .0107.
GELU_ZERO = 16
GELU_LEAST_SCALE = 0.1701 / GELU_ZERO
LEAST_SCALE = 1e-8
OPSET = 17
LAYER_NORM_EPSILON = 1e-12
CONTRIB = "com.microsoft"


class BertGraph:
    """A BERT encoder being written node by node; `weights` has the names of Hugging Face's `BertModel`."""

    def __init__(self, weights: Mapping[str, Array], *, heads: int = 12, quantised: bool = True) -> None:
        self.weights = {name: np.asarray(value, np.float32) for name, value in weights.items()}
        self.heads = heads
        self.quantised = quantised
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def node(self, operator: str, *inputs: str, domain: str = "", outputs: int = 1, **attributes: Any) -> str:
        """Append a node and return the name of its first output; the others are called name.1 and so on."""
        name = f"{operator}_{len(self.nodes)}"
        names = [name, *(f"{name}.{number}" for number in range(1, outputs))]
        self.nodes.append(helper.make_node(operator, list(inputs), names, name, domain=domain, **attributes))
        return name

    def constant(self, name: str, value: Array) -> str:
        """Store `value` once under `name` and return the name."""
        self.initializers.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def scalar(self, value: float, kind: Any = np.float32) -> str:
        """Store one number and return its name."""
        return self.constant(f"{np.dtype(kind).name}_{value!r}", np.array(value, kind))

    def weight(self, name: str) -> str:
        """Store a parameter as float32 and return its name."""
        return self.constant(name, self.weights[name])

    def embed(self, ids: str) -> str:
        """Add the three embeddings and normalise: `(batch, length)` ids to `(batch × length, width)`."""
        words = self._words(ids)
        table = self.weights["embeddings.position_embeddings.weight"]
        positions = table + self.weights["embeddings.token_type_embeddings.weight"][:1]
        table16 = self.constant("positions", positions.astype(np.float16))
        first = self.constant("first", np.array([0], np.int64))
        place = self.node("Slice", table16, first, self.node("Shape", ids, start=1), first)
        total = self.node("Add", words, self.node("Cast", place, to=TensorProto.FLOAT))
        return self.node(
            "Reshape",
            self._norm(total, "embeddings"),
            self.constant("rows", np.array([-1, self.width], np.int64)),
        )

    @property
    def width(self) -> int:
        """The number of features of a token."""
        return int(self.weights["embeddings.LayerNorm.bias"].shape[0])

    def _words(self, ids: str) -> str:
        """Look words up, in 8 bits with one scale a row."""
        table = self.weights["embeddings.word_embeddings.weight"]
        if not self.quantised:
            return self.node("Gather", self.constant("words", table), ids)
        scale = np.maximum(np.abs(table).max(1, keepdims=True) / 127, LEAST_SCALE)
        levels = self.node("Gather", self.constant("words", np.rint(table / scale).astype(np.int8)), ids)
        scales = self.node("Gather", self.constant("word_scales", scale.astype(np.float32)), ids)
        return self.node("Mul", self.node("Cast", levels, to=TensorProto.FLOAT), scales)

    def rows(self, x: str, *, gelu: bool = False) -> tuple[str, str, str]:
        """Quantise each row of `x` by its own maximum; return the levels, the scales `(rows, 1)` and the zero."""
        if not self.quantised:
            return x, "", ""
        zero = GELU_ZERO if gelu else SIGNED_ZERO
        largest = self.node("ReduceMax", x if gelu else self.node("Abs", x), axes=[1], keepdims=1)
        step = self.node("Mul", largest, self.scalar(1 / (255 - zero)))
        scale = self.node("Max", step, self.scalar(GELU_LEAST_SCALE if gelu else LEAST_SCALE))
        flat = self.node("Reshape", scale, self.constant("flat", np.array([-1], np.int64)))
        point = self.scalar(zero, np.uint8)
        zeros = self.node("Expand", point, self.node("Shape", flat))
        return self.node("QuantizeLinear", x, flat, zeros, axis=0), scale, point

    def product(self, quantised: tuple[str, str, str], names: list[str]) -> str:
        """Multiply by the weights `names`, side by side, without their biases."""
        x, scale, zero = quantised
        matrix = np.concatenate([self.weights[f"{name}.weight"] for name in names]).T
        if not self.quantised:
            return self.node("MatMul", x, self.constant(f"{names[0]}.matrix", matrix))
        steps = np.abs(matrix).max(0) / WEIGHT_LEVELS
        levels = np.rint(matrix / steps).astype(np.int8)
        whole = self.node(
            "MatMulIntegerToFloat",
            x,
            self.constant(f"{names[0]}.levels", levels),
            self.scalar(1.0),
            self.constant(f"{names[0]}.scales", steps.astype(np.float32)),
            zero,
            domain=CONTRIB,
        )
        return self.node("Mul", whole, scale)

    def layer(self, number: int, x: str, ids: str) -> str:
        """Write one transformer layer."""
        prefix = f"encoder.layer.{number}"
        near = self._attend(f"{prefix}.attention.self", x, ids)
        dense = f"{prefix}.attention.output"
        x = self._add_norm(self.product(self.rows(near), [f"{dense}.dense"]), x, dense)
        inner = f"{prefix}.intermediate.dense"
        wide = self.product(self.rows(x), [inner])
        wide = self.node("BiasGelu", wide, self.weight(f"{inner}.bias"), domain=CONTRIB)
        dense = f"{prefix}.output"
        return self._add_norm(self.product(self.rows(wide, gelu=True), [f"{dense}.dense"]), x, dense)

    def _attend(self, name: str, x: str, ids: str) -> str:
        """Write attention in float32."""
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        joined = self.product(self.rows(x), parts)
        by_text = self.node(
            "Concat", self.node("Shape", ids), self.constant("any", np.array([-1], np.int64)), axis=0
        )
        joined = self.node("Reshape", joined, by_text)
        query = self.node("Split", joined, outputs=3, axis=-1)
        bias = np.concatenate([self.weights[f"{part}.bias"] for part in parts])
        near = self.node(
            "MultiHeadAttention",
            query,
            f"{query}.1",
            f"{query}.2",
            self.constant(f"{name}.bias", bias),
            domain=CONTRIB,
            num_heads=self.heads,
        )
        return self.node("Reshape", near, "rows")

    def _add_norm(self, x: str, skip: str, name: str) -> str:
        """Add bias and residual and normalise.

        Not by the contributed `SkipLayerNormalization`, which takes seven times as long; load the model with basic
        optimisation only, or it comes back.
        """
        return self._norm(
            self.node("Add", self.node("Add", x, self.weight(f"{name}.dense.bias")), skip), name
        )

    def _norm(self, x: str, name: str) -> str:
        """Normalise every row."""
        scale, bias = self.weight(f"{name}.LayerNorm.weight"), self.weight(f"{name}.LayerNorm.bias")
        return self.node("LayerNormalization", x, scale, bias, axis=-1, epsilon=LAYER_NORM_EPSILON)

    def encode(self) -> str:
        """Write the whole encoder and return the name of the last hidden states, `(batch, length, width)`."""
        x = self.embed("input_ids")
        layers = sum(name.endswith("intermediate.dense.bias") for name in self.weights)
        for number in range(layers):
            x = self.layer(number, x, "input_ids")
        shape = self.node("Concat", self.node("Shape", "input_ids"), "any", axis=0)
        return self.node("Reshape", x, shape)

    def model(self, output: str, name: str, shape: list[str | int]) -> onnx.ModelProto:
        """Close the graph with its one `output`, called `name`."""
        self.nodes.append(helper.make_node("Identity", [output], [name], "last"))
        graph = helper.make_graph(
            self.nodes,
            "bert",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)],
            list(self.initializers.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="youju")


def vector_model(weights: Mapping[str, Array], *, quantised: bool = True) -> onnx.ModelProto:
    """Write the encoder with mean pooling and normalisation: output `vector`, `(batch, width)`, unit length."""
    graph = BertGraph(weights, quantised=quantised)
    total = graph.node("ReduceMean", graph.encode(), axes=[1], keepdims=0)
    unit = graph.node("LpNormalization", total, axis=-1, p=2)
    return graph.model(unit, "vector", ["batch", graph.width])


def reading_model(weights: Mapping[str, Array], *, quantised: bool = True) -> onnx.ModelProto:
    """Write the encoder with the span head `o`: output `logits`, `(batch, length, 2)` for start and end."""
    graph = BertGraph(weights, quantised=quantised)
    head = graph.constant("head", graph.weights["o.weight"].T)
    logits = graph.node("Add", graph.node("MatMul", graph.encode(), head), graph.weight("o.bias"))
    return graph.model(logits, "logits", ["batch", "length", 2])
