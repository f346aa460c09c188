"""Measures how well scores separate liking from disliking."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CLASSES = (1, 0, -1)


@dataclass(frozen=True)
class Measures:
    """The results of one judge on one file."""

    sign: float
    """Share of the texts with a label other than 0 whose score has the right sign, without a
    neutral band; a score of exactly 0 counts as half."""
    accuracy: float
    """Share of right classes, with the neutral band."""
    macro_f1: float
    """Mean F1 over the three classes, with the neutral band."""
    confusion: NDArray[np.int64]
    """`(3, 3)`: number of texts by true (rows) and found class, in the order of CLASSES."""

    @property
    def found_neutral(self) -> float:
        """Share of the texts with a label other than 0 that are found neutral."""
        signed = self.confusion[[0, 2]]
        return float(signed[:, 1].sum() / max(signed.sum(), 1))

    @property
    def right_if_not_neutral(self) -> float:
        """Share of right signs where neither the label nor the judge is neutral."""
        signed = self.confusion[[0, 2]][:, [0, 2]]
        return float(np.trace(signed) / max(signed.sum(), 1))


def measure(
    scores: NDArray[np.float64], labels: NDArray[np.int64], neutral_band: float
) -> Measures:
    """Measures of `scores` `(n,)` against `labels` `(n,)` in {-1, 0, 1}.

    >>> m = measure(np.array([0.9, 0.1, -0.8, 0.4]), np.array([1, 0, -1, -1]), 0.2)
    >>> m.confusion.tolist()
    [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    >>> round(m.sign, 3), m.accuracy
    (0.667, 0.75)
    """
    classes = np.where(np.abs(scores) <= neutral_band, 0, np.sign(scores)).astype(np.int64)
    signed = labels != 0
    return Measures(
        sign=float(np.mean((np.sign(scores[signed]) * labels[signed] + 1) / 2)),
        accuracy=float(np.mean(classes == labels)),
        macro_f1=_macro_f1(classes, labels),
        confusion=np.array(
            [
                [np.sum((labels == true) & (classes == found)) for found in CLASSES]
                for true in CLASSES
            ],
            dtype=np.int64,
        ),
    )


def _macro_f1(found: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    """Mean F1 of the classes that occur among the labels."""
    scores = []
    for own in np.unique(labels):
        hits = np.sum((found == own) & (labels == own))
        scores.append(2 * hits / (np.sum(found == own) + np.sum(labels == own)))
    return float(np.mean(scores))
