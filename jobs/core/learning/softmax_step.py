"""One step of learning: which features the item that a user turned to had, and the others not."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class SoftmaxStep(NamedTuple):
    """What a question teaches."""

    gradient: NDArray[np.float64]
    """Of the logarithm of the answer's chance, `(features,)`: where each weight should go."""
    chance: float
    """The chance that the weights gave the answer among the candidates, 0 to 1."""


def softmax_step(
    features: NDArray[np.float64], weights: NDArray[np.float64], answer: int
) -> SoftmaxStep:
    """The step for a question whose answer is the candidate `answer`.

    `features` is `(candidates, features)`, `weights` `(features,)`. The chance of a candidate is
    the softmax of its weighted features over all candidates (listwise softmax: Cao et al.,
    "Learning to rank: from pairwise approach to listwise approach", 2007).

    >>> step = softmax_step(np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2), answer=0)
    >>> step.gradient.tolist(), step.chance
    ([0.5, -0.5], 0.5)
    """
    scores = features @ weights
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    return SoftmaxStep(features[answer] - chances @ features, float(chances[answer]))
