"""Unit vectors of rows by kernels: summed, normalised and rounded to float16 in one pass."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.core.kernels.compiled import compiled
from jobs.core.kernels.half import half_bits


@compiled(reorder=True)
def _unit(total: NDArray[np.float32], unit: NDArray[np.uint16]) -> Any:
    """Write the unit vector of `total` `(dim,)` to `unit`; returns the norm of `total`."""
    square = np.float32(0)
    for k in range(len(total)):
        square += total[k] * total[k]
    norm = np.sqrt(square)
    if norm > 0:
        for k in range(len(total)):
            unit[k] = half_bits(total[k] / norm)
    return norm


@compiled(reorder=True)
def weighted_units(
    items: NDArray[np.float32],
    texts: NDArray[np.float32],
    row: NDArray[np.intp],
    weights: NDArray[np.float32],
    user: NDArray[np.intp],
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Norms `(sums,)` and unit vectors `(sums, dim)` of sums of weighted vectors.

    Sum `k` has the weights `weights[k]` `(last_n,)` and the vectors of the user `user[k]`: `row`
    `(users, last_n)` are rows of `items` and, behind them, of `texts`; -1 adds nothing. The unit
    vectors are the bits of float16, and undefined where the norm is 0.
    """
    dim = items.shape[1]
    norms = np.empty(len(user), dtype=np.float32)
    units = np.empty((len(user), dim), dtype=np.uint16)
    total = np.empty(dim, dtype=np.float32)
    for number in range(len(user)):
        total[:] = 0
        for place in range(row.shape[1]):
            weight, its_row = weights[number, place], row[user[number], place]
            if weight == 0 or its_row < 0:
                continue
            if its_row < len(items):
                for k in range(dim):
                    total[k] += weight * items[its_row, k]
            else:
                for k in range(dim):
                    total[k] += weight * texts[its_row - len(items), k]
        norms[number] = _unit(total, units[number])
    return norms, units


@compiled(reorder=True)
def sum_units(
    words: NDArray[np.float32], first: int, dim: int, user: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Norms and unit vectors of the sums that records hold, as `weighted_units` gives them.

    `words` `(users, words)` are records as float32; the sum of a user in `user` `(sums,)` begins
    at the word `first` of its record.
    """
    norms = np.empty(len(user), dtype=np.float32)
    units = np.empty((len(user), dim), dtype=np.uint16)
    for number in range(len(user)):
        norms[number] = _unit(words[user[number], first : first + dim], units[number])
    return norms, units
