"""Which range of values the 256 steps of a byte cover."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model_export.quantise.weights import Floats

Ranges = Literal["minmax", "percentile", "entropy"]

PERCENTILE = 99.99
_BINS = 2048
_LEVELS = 128


def choose_range(values: Floats, low: float, high: float, method: Ranges) -> tuple[float, float]:
    """Return bounds with zero between them; values outside are moved to the nearer bound.

    `minmax` keeps everything between `low` and `high`, the extremes of all inputs. `percentile`
    cuts off the outermost 0.01 % of `values`, a sample. `entropy` takes the symmetric bound with
    the least divergence between the values and their bytes.
    """
    if method == "percentile":
        low, high = np.percentile(values, [100 - PERCENTILE, PERCENTILE])
    elif method == "entropy":
        bound = entropy_bound(values)
        low, high = max(low, -bound), min(high, bound)
    return min(float(low), 0.0), max(float(high), 0.0)


def entropy_bound(values: Floats) -> float:
    """Return the bound on the absolute value whose 128 levels diverge least from the values.

    Kullback-Leibler divergence of the histogram, cut off at the bound and with its tail put
    into the last bin, from the same histogram spread evenly within each level.
    """
    counts, edges = np.histogram(np.abs(values), bins=_BINS)
    best, bound = np.inf, float(edges[-1])
    for last in range(_LEVELS, _BINS + 1, _LEVELS // 8):
        kept = counts[:last].astype(np.float64)
        reference = kept.copy()
        reference[-1] += counts[last:].sum()
        divergence = _divergence(reference, _spread(kept))
        if divergence < best:
            best, bound = divergence, float(edges[last])
    return bound


def _spread(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide each level's count evenly among its bins that are not empty."""
    level = np.arange(len(counts)) * _LEVELS // len(counts)
    filled = counts > 0
    sums = np.bincount(level, counts, _LEVELS)
    bins = np.bincount(level, filled, _LEVELS)
    share = np.divide(sums, bins, out=np.zeros(_LEVELS), where=bins > 0)
    return np.where(filled, share[level], 0)


def _divergence(reference: NDArray[np.float64], approximation: NDArray[np.float64]) -> float:
    p = reference / reference.sum()
    q = approximation / max(approximation.sum(), 1e-300)
    present = p > 0
    return float(np.sum(p[present] * np.log(p[present] / np.maximum(q[present], 1e-12))))
