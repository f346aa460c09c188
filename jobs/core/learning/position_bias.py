"""What a click at a position counts, since people look at the first ones most."""

import numpy as np
from numpy.typing import NDArray

PRIOR = 200
"""Impressions with which each position begins, at the click-through of all: few say little."""
MOST = 5.0
"""Most that a click counts: a rare click far down must not outweigh all others."""


def click_weights(impressions: NDArray[np.int64], clicks: NDArray[np.int64]) -> NDArray[np.float64]:
    """What a click at each position counts, `(positions,)`, 1 at the first one.

    `impressions` and `clicks` are `(positions,)`, the first position first. A click is weighed by
    the inverse of the chance that its position is looked at (inverse propensity: Joachims,
    Swaminathan and Schnabel, "Unbiased learning-to-rank with biased feedback", 2017), at most by
    `MOST`. The chance is the click-through of the position over that of the first one, and never
    rises with the position. Better items stand first, so this takes too much for bias: the bound
    limits by how much.

    >>> click_weights(np.array([10**6, 10**6]), np.array([50_000, 25_000])).round(2).tolist()
    [1.0, 2.0]
    """
    total = clicks.sum() / max(impressions.sum(), 1)
    if not len(clicks) or total == 0:
        return np.ones(len(clicks))
    rates = (clicks + PRIOR * total) / (impressions + PRIOR)
    looked_at = np.minimum.accumulate(rates / rates[0])
    return np.minimum(1.0 / np.minimum(looked_at, 1.0), MOST)
