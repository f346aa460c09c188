"""The sentiment of a text, by docs/contract.md, "Sentiment from the tables"."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RIDGE = 0.04
NEUTRAL_BAND = 0.25
"""A score no further from 0 is neutral."""


@dataclass(frozen=True)
class Prototypes:
    """Sentences of known sentiment."""

    vectors: NDArray[np.floating[Any]]
    """(sentences, dim)"""
    polarity: NDArray[np.int64]
    """(sentences,): 1, 0 or -1."""


def scores(prototypes: Prototypes | None, texts: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """z of each text: `texts` are vectors `(texts, dim)`, the scores `(texts,)`.

    All are 0 without sentences of both polarities.
    """
    neutral = np.zeros(len(texts))
    if prototypes is None or not {1, -1} <= set(prototypes.polarity.tolist()):
        return neutral
    x = prototypes.vectors.astype(np.float64)
    y = prototypes.polarity.astype(np.float64)
    kinds, kind, rows = np.unique(y, return_inverse=True, return_counts=True)
    share = 1 / (len(kinds) * rows[kind])
    off_mean = x - share @ x
    spread = (off_mean * share[:, None]).T @ off_mean + RIDGE * np.eye(x.shape[1])
    direction = np.linalg.solve(spread, (off_mean * share[:, None]).T @ (y - share @ y))
    high, low = (float((x[y == side] @ direction).mean()) for side in (1, -1))
    if high <= low:
        return neutral
    u = texts.astype(np.float64)
    found: NDArray[np.float64] = (2 * (u @ direction) - high - low) / (high - low)
    return np.where(u.any(axis=1), found, 0.0)


def strengths(score: NDArray[np.float64], band: float = NEUTRAL_BAND) -> NDArray[np.float64]:
    """s of each z, both `(texts,)`: 0 within the band, -1 or 1 at a score of -1 or 1 and beyond.

    >>> strengths(np.array([-4.0, -0.625, 0.25, 0.4, 1.0]))
    array([-1. , -0.5,  0. ,  0.2,  1. ])
    """
    clear = np.clip((np.abs(score) - band) / (1 - band), 0, 1)
    found: NDArray[np.float64] = np.where(score < 0, -clear, clear)
    return found
