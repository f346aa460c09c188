"""Weights as int8 with a scale for each column, rounded to the nearest or with compensation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LARGEST_INT8 = 127
LARGEST_INT7 = 63
"""For processors without VNNI, which add products of bytes in 16 bits and would saturate."""

Floats = NDArray[np.float32]

_DAMPING = 0.01
"""Share of the mean squared input that is added to every squared input, against overfitting."""
_BLOCK = 128
"""Rows that are rounded before the rest is corrected in one product."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Weights `values * scales`: values `(width_in, width_out)` int8, scales `(width_out,)`."""

    values: NDArray[np.int8]
    scales: Floats

    @property
    def widened(self) -> Floats:
        """The weights as float32 `(width_in, width_out)`."""
        return self.values * self.scales


def column_scales(weights: Floats, largest: int) -> Floats:
    """Return scales `(width_out,)` with which each column just fits `largest` steps."""
    scales = np.abs(weights).max(axis=0) / largest
    return np.where(scales == 0, 1, scales).astype(np.float32)


def round_to_nearest(weights: Floats, largest: int = LARGEST_INT8) -> Columns:
    """Round each weight by itself.

    >>> round_to_nearest(np.float32([[1.0, 0.5], [-0.25, 0.0]])).values.tolist()
    [[127, 127], [-32, 0]]
    """
    scales = column_scales(weights, largest)
    return Columns(np.rint(weights / scales).astype(np.int8), scales)


def round_with_compensation(
    weights: Floats, inputs: Floats, largest: int = LARGEST_INT8
) -> Columns:
    """Round row by row; rows that are still to be rounded make good the error of each.

    `inputs` `(rows, width_in)` are what the weights will be multiplied with, as the quantised
    graph sees them. This keeps the product's squared error over them small (Frantar et al., GPTQ,
    2022). Rows with the largest inputs are rounded first.
    """
    scales = column_scales(weights, largest)
    moments = inputs.T.astype(np.float64) @ inputs / len(inputs)
    moments[np.diag_indices_from(moments)] += _DAMPING * np.mean(np.diag(moments)) + 1e-12
    order = np.argsort(-np.diag(moments), kind="stable")
    # Row i of this upper triangle is how an error of row i is spread over the rows behind it.
    spread = np.linalg.cholesky(np.linalg.inv(moments[np.ix_(order, order)])).T
    left = weights[order].astype(np.float64)
    values = np.empty(weights.shape, np.int8)
    for begin in range(0, len(left), _BLOCK):
        end = min(begin + _BLOCK, len(left))
        errors = np.empty((end - begin, left.shape[1]))
        for row in range(begin, end):
            rounded = np.clip(np.rint(left[row] / scales), -largest, largest)
            values[order[row]] = rounded
            errors[row - begin] = (left[row] - rounded * scales) / spread[row, row]
            left[row + 1 : end] -= np.outer(spread[row, row + 1 : end], errors[row - begin])
        left[end:] -= spread[begin:end, end:].T @ errors
    return Columns(values, scales)
