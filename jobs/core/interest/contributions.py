"""Weighted events with their vectors: what the windows are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.vectors import Vectors


@dataclass(frozen=True)
class Contributions:
    """One entry per thing that an event says about its user.

    `user` is the index into the batch's users, `row` the row of `vectors`, `ref` the stable
    reference of the item or text. `likes` are part of what the user likes or dislikes, by the
    sign of `weight`; `engages` of what the user pays attention to. `counted` is 1; 0 for what
    was taken back before it arrived; -1 for what was counted and is taken back now.
    """

    user: NDArray[np.intp]
    time_ms: NDArray[np.int64]
    key: NDArray[np.uint64]
    weight: NDArray[np.float64]
    multiplicity: NDArray[np.float64]
    row: NDArray[np.intp]
    ref: NDArray[np.uint64]
    is_text: NDArray[np.bool_]
    likes: NDArray[np.bool_]
    engages: NDArray[np.bool_]
    vectors: Vectors
