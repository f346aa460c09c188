"""Vectors of topics that tell them apart."""

import numpy as np
from numpy.typing import NDArray

FEWEST = 8
"""Topics from which on their mean says what they share. That of fewer is what they are about."""


def told_apart(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the mean of n topics off their unit vectors `(n, dim)`; rows of length 1.

    The catalogue's mean is off them already. It leaves in all of them what makes phrases differ
    from the catalogue, such as their language or that they name kinds of things. Texts of items
    have little of that, or all alike: it makes cosines with all topics small, or large. Fewer than
    `FEWEST` topics stay as they are. A row that equals the mean becomes zeros.

    >>> shared, own = np.eye(9)[8], np.eye(9)[:8]
    >>> apart = told_apart(np.sqrt(0.7) * shared + np.sqrt(0.3) * own)
    >>> bool(np.abs(apart @ shared).max() < 1e-6)
    True
    """
    if len(directions) < FEWEST:
        return directions
    differences = directions - directions.mean(axis=0)
    norms = np.linalg.norm(differences, axis=1, keepdims=True)
    apart: NDArray[np.float64] = np.divide(
        differences, norms, out=np.zeros_like(differences), where=norms > 1e-6
    )
    return apart
