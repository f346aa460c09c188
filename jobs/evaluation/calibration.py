"""Whether chances are what they are said to be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.evaluation.errors import EvaluationError

BINS = 10
_FEWEST_IN_BIN = 30


@dataclass(frozen=True)
class Calibration:
    """Listed items in at most BINS bins of equal size by chance, and the error over all of them."""

    predicted: list[float]
    """Mean chance of a bin."""
    observed: list[float]
    """Share of a bin's items that were the answer."""
    items: list[int]
    error: float
    """Mean distance of `predicted` and `observed`, weighted by `items`."""


def calibration(chances: NDArray[np.float64], right: NDArray[np.bool_]) -> Calibration:
    """Compare the chances `(n,)` of listed items with whether each was the answer `(n,)`.

    Raises EvaluationError for a chance outside 0 to 1, and when there is none.

    >>> calibration(np.array([0.5, 0.5]), np.array([True, False])).error
    0.0
    """
    if not len(chances) or not np.all((chances >= 0) & (chances <= 1)):
        raise EvaluationError(
            "chances of recommend() lie outside 0 to 1: the SQL functions are of another version"
        )
    order = np.argsort(chances, kind="stable")
    bins = list(np.array_split(order, max(1, min(BINS, len(order) // _FEWEST_IN_BIN))))
    predicted = [float(chances[part].mean()) for part in bins]
    observed = [float(right[part].mean()) for part in bins]
    sizes = [len(part) for part in bins]
    gaps = np.abs(np.array(predicted) - np.array(observed))
    return Calibration(predicted, observed, sizes, float(np.average(gaps, weights=sizes)))
