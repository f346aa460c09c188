"""How a product's inputs become bytes: on one fixed scale, or each row on its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from onnx import NodeProto

from model_export.quantise.graph import MICROSOFT, Graph, node
from model_export.quantise.products import Product
from model_export.quantise.weights import Columns, Floats

STEPS = 255
_MIDDLE = 128
_HALF = 127
_TINIEST_ROW = 1e-20
"""A row of zeros has a scale too."""
LOPSIDED = 0.5
"""Rows that reach less than half as far down as up are moved up, and use all steps."""


@dataclass(frozen=True, slots=True)
class FixedScale:
    """`value = (byte - zero_point) * scale` for all rows: a text's bytes are its own affair."""

    scale: float
    zero_point: int

    @classmethod
    def over(cls, low: float, high: float) -> FixedScale:
        """All of `low` to `high`, which zero lies between."""
        scale = max(high - low, 1e-12) / STEPS
        return cls(scale, int(np.clip(np.rint(-low / scale), 0, STEPS)))

    def as_seen(self, rows: Floats) -> Floats:
        """What the product takes `rows` for."""
        steps = np.clip(np.rint(rows / self.scale) + self.zero_point, 0, STEPS)
        seen: Floats = ((steps - self.zero_point) * self.scale).astype(np.float32)
        return seen

    def nodes(
        self, graph: Graph, product: Product, inputs: str, columns: Columns, bias: Floats
    ) -> list[NodeProto]:
        out = product.output
        scale = graph.constant(f"{out}/scale", self.scale)
        zero_point = graph.constant(f"{out}/zero_point", self.zero_point, np.uint8)
        return [
            node("QuantizeLinear", [inputs, scale, zero_point], f"{out}/bytes"),
            _integer_product(graph, product, columns, scale, zero_point, out, bias),
        ]


@dataclass(frozen=True, slots=True)
class RowScale:
    """`value = (byte - zero_point) * scale - shift`, the scale from the row's own extremes."""

    shift: float
    """Added first; 0 where values lie on both sides of zero."""

    @classmethod
    def over(cls, low: float, high: float) -> RowScale:
        return cls(-low if -low < LOPSIDED * high else 0.0)

    def as_seen(self, rows: Floats) -> Floats:
        """What the product takes `rows` for."""
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
        out = product.output
        nodes = []
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
        zero_point = graph.constant(f"{out}/zero_point", 0 if self.shift else _MIDDLE, np.uint8)
        one = graph.constant("one", 1)
        return [
            *nodes,
            node("Mul", [f"{out}/reach", steps], f"{out}/row_scale"),
            node("Div", [one, f"{out}/row_scale"], f"{out}/row_steps"),
            node("Mul", [inputs, f"{out}/row_steps"], f"{out}/steps"),
            node("QuantizeLinear", [f"{out}/steps", one, zero_point], f"{out}/bytes"),
            _integer_product(graph, product, columns, one, zero_point, f"{out}/unscaled"),
            node("Mul", [f"{out}/unscaled", f"{out}/row_scale"], f"{out}/unbiased"),
            node("Add", [f"{out}/unbiased", graph.constant(f"{out}/bias", bias)], out),
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
        graph.constant(f"no_zero_points_{width}", np.zeros(width), np.int8),
    ]
    if bias is not None:
        inputs.append(graph.constant(f"{out}/bias", bias))
    return node("MatMulIntegerToFloat", inputs, output, MICROSOFT)
