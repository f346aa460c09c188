"""The best items by score."""

import numpy as np
from numpy.typing import NDArray

from jobs.evaluation.measures import NO_ITEM


def best(
    scores: NDArray[np.float64], without: NDArray[np.int64], k: int, *, above: float = -np.inf
) -> NDArray[np.int64]:
    """The `k` items with the highest scores `(items,)`, best first, without those in `without`.

    Equal scores are in the order of the catalogue. Only scores greater than `above` count; the
    places that are left are NO_ITEM.

    >>> best(np.array([1.0, 3.0, 3.0, 0.0]), np.array([1]), k=4, above=0.0).tolist()
    [2, 0, -1, -1]
    """
    allowed = scores.astype(np.float64, copy=True)
    allowed[without] = -np.inf
    if k < len(allowed):
        lowest = np.partition(allowed, len(allowed) - k)[len(allowed) - k]
        possible = np.flatnonzero((allowed >= lowest) & (allowed > above))
    else:
        possible = np.flatnonzero(allowed > above)
    order = possible[np.argsort(-allowed[possible], kind="stable")[:k]]
    padding = np.full(k - len(order), NO_ITEM, dtype=np.int64)
    return np.concatenate([order, padding])
