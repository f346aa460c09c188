"""Weighted events with their vectors: what the windows are made of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.core.vectors import Vectors


@dataclass(frozen=True)
class Contributions:
    """One entry per thing that an event says about its user.

    ``user`` is the index into the batch's users, ``row`` the row of ``vectors``, ``ref`` the stable
    reference of the item or text. ``likes`` are part of what the user likes or dislikes, by the
    sign of ``weight``; ``attends`` of what the user pays attention to. ``counted`` is 1; 0 for what
    was taken back before it arrived; -1 for what was counted and is taken back now.
    """

    user: npt.NDArray[np.intp]
    time_ms: npt.NDArray[np.int64]
    key: npt.NDArray[np.uint64]
    weight: npt.NDArray[np.float64]
    counted: npt.NDArray[np.float64]
    row: npt.NDArray[np.intp]
    ref: npt.NDArray[np.uint64]
    is_text: npt.NDArray[np.bool_]
    likes: npt.NDArray[np.bool_]
    attends: npt.NDArray[np.bool_]
    vectors: Vectors
