"""Sentiment of comment texts, computed from their vectors and sentences of known sentiment."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RIDGE = 0.04
"""Multiple of the identity added to the sentences' covariance, in squared vector length.

Without it the direction overfits the few hundred sentences: from 0.001 to 0.04 the AUC on labelled
texts rises by 0.02 to 0.05, and beyond that it is flat (docs/text.md).
"""


@dataclass(frozen=True, eq=False)
class SentimentAxis:
    """The direction of positive sentiment in a space; `direction` is `(dim,)` float64.

    `vector @ direction + offset` is 1 for the average sentence of polarity 1 and -1 for the average
    sentence of polarity -1.
    """

    direction: NDArray[np.float64]
    offset: float

    @classmethod
    def neutral(cls, dim: int) -> "SentimentAxis":
        """The axis of `dim` dimensions on which every text scores 0."""
        return cls(np.zeros(dim), 0.0)

    @classmethod
    def fit(
        cls, vectors: NDArray[np.floating[Any]], polarity: NDArray[np.integer[Any]]
    ) -> "SentimentAxis":
        """Ridge regression of `polarity` `(n,)` in {-1, 0, 1} on `vectors` `(n, dim)`.

        Each polarity has the same total weight, however many sentences it has. Without sentences
        of both signs, the axis is neutral.

        >>> axis = SentimentAxis.fit(np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([1, -1]))
        >>> (np.array([0.5, 0.5]) @ axis.direction + axis.offset).round(6)
        np.float64(0.5)
        """
        x = np.asarray(vectors, dtype=np.float64)
        liking, disliking = polarity > 0, polarity < 0
        if not (liking.any() and disliking.any()):
            return cls.neutral(x.shape[1])
        values, group, count = np.unique(polarity, return_inverse=True, return_counts=True)
        share = 1.0 / (len(values) * count[group])
        centred = x - share @ x
        weighted = centred * share[:, None]
        covariance = weighted.T @ centred + RIDGE * np.eye(x.shape[1])
        direction = np.linalg.solve(covariance, weighted.T @ (polarity - share @ polarity))
        scores = x @ direction
        high, low = scores[liking].mean(), scores[disliking].mean()
        if not high > low:
            return cls.neutral(x.shape[1])
        return cls(2.0 / (high - low) * direction, float(-(high + low) / (high - low)))

    def scores(self, vectors: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """`(n,)` scores of unit vectors `(n, dim)`; a zero vector scores 0."""
        x = np.asarray(vectors, dtype=np.float64)
        # No matrix product: its last bits depend on the number of rows, and a text must score the
        # same in every batch.
        scores = (x * self.direction).sum(axis=1) + self.offset
        return np.where(x.any(axis=1), scores, 0.0)


def strengths(scores: NDArray[np.floating[Any]], neutral_band: float) -> NDArray[np.float32]:
    """`(n,)` sentiments in [-1, 1] of `scores` `(n,)`.

    A score of up to `neutral_band` gives 0; beyond it the sentiment grows linearly, up to 1 at a
    score of 1.

    >>> strengths(np.array([0.25, -0.2, 0.625, -3.0]), 0.25).tolist()
    [0.0, 0.0, 0.5, -1.0]
    """
    beyond = np.clip((np.abs(scores) - neutral_band) / (1.0 - neutral_band), 0.0, 1.0)
    # Adding 0 turns -0.0 into 0.0.
    signed: NDArray[np.float32] = (np.sign(scores) * beyond + 0.0).astype(np.float32)
    return signed
