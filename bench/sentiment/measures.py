"""How well scores tell liking from disliking."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CLASSES = (1, 0, -1)


@dataclass(frozen=True)
class Measures:
    """What one way of judging does on one file.

    `sign`: share of the outspoken texts on whose side the score is, without a neutral band; a
    score of exactly 0 counts as half;
    `accuracy` and `macro_f1`: over three classes, with the band; `confusion` `(3, 3)`:
    texts by true (rows) and found class, in the order of CLASSES.
    """

    sign: float
    accuracy: float
    macro_f1: float
    confusion: NDArray[np.int64]

    @property
    def silent(self) -> float:
        """Share of the outspoken texts that count as neutral."""
        outspoken = self.confusion[[0, 2]]
        return float(outspoken[:, 1].sum() / max(outspoken.sum(), 1))

    @property
    def right_when_said(self) -> float:
        """Share of the outspoken texts with a sign whose sign is right."""
        outspoken = self.confusion[[0, 2]][:, [0, 2]]
        return float(np.trace(outspoken) / max(outspoken.sum(), 1))


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
    found = np.where(np.abs(scores) <= neutral_band, 0, np.sign(scores)).astype(np.int64)
    outspoken = labels != 0
    return Measures(
        sign=float(np.mean((np.sign(scores[outspoken]) * labels[outspoken] + 1) / 2)),
        accuracy=float(np.mean(found == labels)),
        macro_f1=_macro_f1(found, labels),
        confusion=np.array(
            [[np.sum((labels == true) & (found == said)) for said in CLASSES] for true in CLASSES],
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
