"""Items like the last ones of a user, by the vectors of their texts."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MEAN_OF = 32
HALF_LIFE_ITEMS = 3.0
NEAREST_OF = 5


class TextScores(NamedTuple):
    """Cosines `(items,)` of each item with what a user last turned to."""

    mean: NDArray[np.float64]
    """With the decayed mean of the MEAN_OF newest items."""
    nearest: NDArray[np.float64]
    """The largest one with any of the NEAREST_OF newest items."""


def text_scores(vectors: NDArray[np.float32], last: NDArray[np.int64]) -> TextScores:
    """Compare each item with a user's items `last`, newest first.

    `vectors` is `(items, dim)` with rows of L2 norm 1, or zero where an item has none. In the mean
    the weights halve over HALF_LIFE_ITEMS. All scores are 0 where `last` is empty.

    >>> scores = text_scores(np.array([[1, 0], [0, 1]], np.float32), np.array([1]))
    >>> scores.mean.tolist(), scores.nearest.tolist()
    ([0.0, 1.0], [0.0, 1.0])
    """
    if not len(last):
        return TextScores(np.zeros(len(vectors)), np.zeros(len(vectors)))
    newest = last[:MEAN_OF]
    weights = 2.0 ** (-np.arange(len(newest)) / HALF_LIFE_ITEMS)
    mean = weights @ vectors[newest].astype(np.float64)
    mean /= max(float(np.linalg.norm(mean)), 1e-12)
    # One product for both: reading the vectors takes most of the time.
    asked = np.vstack([mean.astype(np.float32), vectors[last[:NEAREST_OF]]])
    cosines = (asked @ vectors.T).astype(np.float64)
    return TextScores(cosines[0], cosines[1:].max(axis=0))
