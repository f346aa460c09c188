"""Fit one product in int8 to its observed inputs."""

from dataclasses import dataclass

import numpy as np
from onnx import NodeProto

from model_export.quantise.calibration import ObservedInputs
from model_export.quantise.graph import Graph, node
from model_export.quantise.input_bytes import FixedScale, InputBytes, RowScale
from model_export.quantise.products import Product
from model_export.quantise.ranges import Ranges, choose_range
from model_export.quantise.weights import (
    LARGEST_INT8,
    Columns,
    Floats,
    round_to_nearest,
    round_with_compensation,
)

SMOOTHINGS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_HELD_OUT_SHARE = 0.25
"""Share of the sampled rows that judge a fit, and that nothing is fitted to."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """How products are quantised."""

    by_row: bool = False
    """Whether each row of the inputs has a scale, from its own extremes, instead of a fixed one."""
    ranges: Ranges = "minmax"
    """How a fixed scale is found."""
    smoothings: tuple[float, ...] = ()
    """Strengths to try; the one with the least error is taken. Smoothing narrows wide columns of
    the inputs and widens their weights: 0 not at all, 1 until all columns are equally wide."""
    compensated: bool = False
    """Whether rounded weights compensate each other's errors, and the bias the mean error."""
    largest_weight: int = LARGEST_INT8
    """Greatest absolute value of a rounded weight."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One product in int8."""

    factors: Floats | None
    """Divisors of the inputs' columns, `(width_in,)`, by which the weights are multiplied."""
    input_bytes: InputBytes
    columns: Columns
    correction: Floats
    """Added to the bias, `(width_out,)`."""
    error: float
    """Relative error of the product's output on rows that nothing was fitted to."""

    def nodes(self, graph: Graph, product: Product) -> list[NodeProto]:
        """Return the nodes that compute the product: a lowering."""
        bias = graph.array(product.bias) + self.correction
        inputs, nodes = product.inputs, []
        if self.factors is not None:
            narrow = graph.constant(f"{product.output}/narrow", 1 / self.factors)
            nodes.append(node("Mul", [inputs, narrow], f"{product.output}/narrowed"))
            inputs = f"{product.output}/narrowed"
        return nodes + self.input_bytes.nodes(graph, product, inputs, self.columns, bias)


def fit(inputs: ObservedInputs, weights: Floats, scheme: Scheme) -> Fit:
    """Return the fit of least error among the scheme's smoothings.

    `weights` are `(width_in, width_out)`.
    """
    if not scheme.smoothings:
        return _fit(inputs, weights, scheme, None)
    found = [
        (smoothing, _fit(inputs, weights, scheme, smoothing, compensated=False))
        for smoothing in scheme.smoothings
    ]
    best = min(range(len(found)), key=lambda n: found[n][1].error)
    if not scheme.compensated:
        return found[best][1]
    # Compensation makes good part of the weights' error, so a little more smoothing may pay.
    stronger = found[best : best + 2]
    return min(
        (_fit(inputs, weights, scheme, smoothing) for smoothing, _ in stronger),
        key=lambda one: one.error,
    )


def _fit(
    inputs: ObservedInputs,
    weights: Floats,
    scheme: Scheme,
    smoothing: float | None,
    compensated: bool | None = None,
) -> Fit:
    compensated = scheme.compensated if compensated is None else compensated
    factors = None if smoothing is None else smoothing_factors(inputs, weights, smoothing)
    rows, low, high = inputs.rows, inputs.low, inputs.high
    if factors is not None:
        rows, low, high = rows / factors, low / factors, high / factors
        weights = weights * factors[:, None]
    bounds = choose_range(rows, float(low.min()), float(high.max()), scheme.ranges)
    as_bytes = (RowScale if scheme.by_row else FixedScale).over(*bounds)
    held_out = max(1, int(len(rows) * _HELD_OUT_SHARE))
    fitted, judged = rows[held_out:], rows[:held_out]
    if compensated:
        seen = as_bytes.as_seen(fitted)
        columns = round_with_compensation(weights, seen, scheme.largest_weight)
        correction = (fitted @ weights - seen @ columns.widened).mean(axis=0)
    else:
        columns = round_to_nearest(weights, scheme.largest_weight)
        correction = np.zeros(weights.shape[1], np.float32)
    wanted = judged @ weights
    got = as_bytes.as_seen(judged) @ columns.widened + correction
    return Fit(factors, as_bytes, columns, correction, _relative(got - wanted, wanted))


def smoothing_factors(inputs: ObservedInputs, weights: Floats, smoothing: float) -> Floats:
    """Return the divisors of the inputs' columns, `(width_in,)`, of geometric mean 1.

    `reach ** smoothing / weight ** (1 - smoothing)` (Xiao et al., SmoothQuant, 2022), with the
    greatest absolute value seen in the column and the greatest weight it meets.
    """
    reach = np.maximum(np.maximum(np.abs(inputs.low), np.abs(inputs.high)), 1e-4)
    weight = np.maximum(np.abs(weights).max(axis=1), 1e-5)
    logs = smoothing * np.log(reach) - (1 - smoothing) * np.log(weight)
    factors: Floats = np.exp(logs - logs.mean()).astype(np.float32)
    return factors


def _relative(error: Floats, wanted: Floats) -> float:
    spread = float(np.linalg.norm(wanted - wanted.mean(axis=0)))
    return float(np.linalg.norm(error)) / max(spread, 1e-12)
