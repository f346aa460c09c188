"""Measures of a ranked list with one right answer, a number for each question."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

K = 20
"""Length of the lists."""
NO_ITEM = -1
"""Fills the places of a list that is shorter than K."""


def ranks(lists: NDArray[np.int64], answers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rank from 1 of each answer `(questions,)` in its list `(questions, k)`; 0 if absent.

    >>> ranks(np.array([[5, 6], [7, -1]]), np.array([6, 8])).tolist()
    [2, 0]
    """
    matches = lists == answers[:, None]
    return np.where(matches.any(axis=1), matches.argmax(axis=1) + 1, 0)


def measures(rank: NDArray[np.int64]) -> Mapping[str, NDArray[np.float64]]:
    """Each measure of ranks `(questions,)` in lists of 20, by name: `(questions,)` from 0 to 1.

    >>> {name: values.round(3).tolist() for name, values in measures(np.array([3, 12, 0])).items()}
    {'HR@10': [1.0, 0.0, 0.0], 'NDCG@10': [0.5, 0.0, 0.0], 'recall@20': [1.0, 1.0, 0.0], \
'MRR@20': [0.333, 0.083, 0.0]}
    """
    place = np.maximum(rank, 1).astype(np.float64)
    in_10, in_20 = (rank >= 1) & (rank <= 10), (rank >= 1) & (rank <= K)
    return {
        "HR@10": in_10.astype(np.float64),
        "NDCG@10": in_10 / np.log2(1 + place),
        "recall@20": in_20.astype(np.float64),
        "MRR@20": in_20 / place,
    }
