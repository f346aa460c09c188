"""How a product's inputs become uint8: on one fixed scale, or on a scale for each row."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from onnx import NodeProto, TensorProto, helper

from model_export.quantise.graph import MICROSOFT, Graph, node
from model_export.quantise.products import Product
from model_export.quantise.weights import Columns, Floats

STEPS = 255
_MIDDLE = 128
_HALF = 127
_TINIEST_ROW = 1e-20
"""Least reach of a row, so that a row of zeros has a scale too."""
LOPSIDED = 0.5
"""Inputs that reach less than this share as far below zero as above are shifted above it, so
that they use all steps."""


@dataclass(frozen=True, slots=True)
class FixedScale:
    """`value = (byte - zero_point) * scale` for all rows: bytes do not depend on the batch."""

    scale: float
    zero_point: int

    @classmethod
    def over(cls, low: float, high: float) -> Self:
        """Return a scale from `low` to `high`, with zero between them."""
        scale = max(high - low, 1e-12) / STEPS
        return cls(scale, int(np.clip(np.rint(-low / scale), 0, STEPS)))

    def as_seen(self, rows: Floats) -> Floats:
        """Return `rows` `(n, width)` as the product sees them: rounded to bytes, and back."""
        steps = np.clip(np.rint(rows / self.scale) + self.zero_point, 0, STEPS)
        seen: Floats = ((steps - self.zero_point) * self.scale).astype(np.float32)
        return seen

    def nodes(
        self, graph: Graph, product: Product, inputs: str, columns: Columns, bias: Floats
    ) -> list[NodeProto]:
        """Return the nodes from the value `inputs` to the product's output."""
        out = product.output
        scale = graph.constant(f"{out}/scale", self.scale)
        zero_point = graph.constant(f"{out}/zero_point", self.zero_point, np.uint8)
        return [
            node("QuantizeLinear", [inputs, scale, zero_point], f"{out}/bytes"),
            _integer_product(graph, product, columns, scale, zero_point, out, bias),
        ]


@dataclass(frozen=True, slots=True)
class RowScale:
    """`value = (byte - zero_point) * scale - shift`, with a scale from the row's own extremes."""

    shift: float
    """Added to all values first; 0 where they lie on both sides of zero."""

    @classmethod
    def over(cls, low: float, high: float) -> Self:
        """Return a shift for values from `low` to `high`, with zero between them."""
        return cls(-low if -low < LOPSIDED * high else 0.0)

    def as_seen(self, rows: Floats) -> Floats:
        """Return `rows` `(n, width)` as the product sees them: rounded to bytes, and back."""
        moved = rows + self.shift
        if self.shift:
            scales = np.maximum(moved.max(axis=1, keepdims=True), _TINIEST_ROW) / STEPS
            steps = np.clip(np.rint(moved / scales), 0, STEPS)
        else:
            scales = np.maximum(np.abs(moved).max(axis=1, keepdims=True), _TINIEST_ROW) / _HALF
            steps = np.rint(moved / scales)
        seen: Floats = (steps * scales - self.shift).astype(np.float32)
        return seen

    def nodes(
        self, graph: Graph, product: Product, inputs: str, columns: Columns, bias: Floats
    ) -> list[NodeProto]:
        """Return the nodes from the value `inputs` to the product's output."""
        out = product.output
        width, nodes = len(columns.values), []
        tiniest = graph.constant("tiniest_row", _TINIEST_ROW)
        if self.shift:
            shift = graph.constant(f"{out}/shift", self.shift)
            nodes += [
                node("Add", [inputs, shift], f"{out}/moved"),
                node("ReduceMax", [f"{out}/moved"], f"{out}/high", axes=[-1], keepdims=1),
                node("Max", [f"{out}/high", tiniest], f"{out}/reach"),
            ]
            inputs = f"{out}/moved"
            bias = bias - self.shift * columns.widened.sum(axis=0)
        else:
            nodes += [
                node("ReduceMax", [inputs], f"{out}/high", axes=[-1], keepdims=1),
                node("ReduceMin", [inputs], f"{out}/low", axes=[-1], keepdims=1),
                node("Neg", [f"{out}/low"], f"{out}/depth"),
                node("Max", [f"{out}/high", f"{out}/depth", tiniest], f"{out}/reach"),
            ]
        steps = graph.constant(f"{out}/step", 1 / (STEPS if self.shift else _HALF))
        zero_point = 0 if self.shift else _MIDDLE
        one, row_scale = graph.constant("one", 1), f"{out}/row_scale"
        return [
            *nodes,
            node("Mul", [f"{out}/reach", steps], row_scale),
            *_bytes_by_row(graph, inputs, row_scale, zero_point, width, out),
            _integer_product(
                graph,
                product,
                columns,
                one,
                graph.constant(f"{out}/zero_point", zero_point, np.uint8),
                f"{out}/unscaled",
            ),
            node("Mul", [f"{out}/unscaled", row_scale], f"{out}/unbiased"),
            node("Add", [f"{out}/unbiased", graph.constant(f"{out}/bias", bias)], out),
        ]


def _bytes_by_row(
    graph: Graph, inputs: str, row_scale: str, zero_point: int, width: int, out: str
) -> list[NodeProto]:
    """Return the nodes to `out/bytes` from inputs `(..., width)` and a scale for each row.

    QuantizeLinear takes scales along one axis, so the inputs become a matrix `(rows, width)`.
    """
    flat = graph.constant("flat", [-1], np.int64)
    rows = graph.constant(f"rows_of_{width}", [-1, width], np.int64)
    middle = helper.make_tensor("zero_point", TensorProto.UINT8, [1], [zero_point])
    return [
        node("Shape", [inputs], f"{out}/shape"),
        node("Reshape", [inputs, rows], f"{out}/rows"),
        node("Reshape", [row_scale, flat], f"{out}/scales"),
        node("Shape", [f"{out}/scales"], f"{out}/count"),
        node("ConstantOfShape", [f"{out}/count"], f"{out}/zero_points", value=middle),
        node(
            "QuantizeLinear",
            [f"{out}/rows", f"{out}/scales", f"{out}/zero_points"],
            f"{out}/rows_of_bytes",
            axis=0,
        ),
        node("Reshape", [f"{out}/rows_of_bytes", f"{out}/shape"], f"{out}/bytes"),
    ]


InputBytes = FixedScale | RowScale


def _integer_product(
    graph: Graph,
    product: Product,
    columns: Columns,
    scale: str,
    zero_point: str,
    output: str,
    bias: Floats | None = None,
) -> NodeProto:
    out, width = product.output, len(columns.scales)
    inputs = [
        f"{out}/bytes",
        graph.constant(f"{out}/weights", columns.values, np.int8),
        scale,
        graph.constant(f"{out}/column_scales", columns.scales),
        zero_point,
        # Not shared between products: ONNX Runtime would refuse the graph where it must convert the
        # weights, which it does by name (see `udfs.session`).
        graph.constant(f"{out}/no_zero_points", np.zeros(width), np.int8),
    ]
    if bias is not None:
        inputs.append(graph.constant(f"{out}/bias", bias))
    return node("MatMulIntegerToFloat", inputs, output, MICROSOFT)
