"""Weights of the last interactions in the windows `recent` and `session`.

An undone interaction keeps its rank and its time, and has no weight.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.user_state import InteractionColumns


def recent_weights(ring: InteractionColumns, half_life_events: float) -> NDArray[np.float32]:
    """`(users, last_n)` weights that halve every `half_life_events` interactions."""
    ranks = np.arange(ring["ring_ms"].shape[1])
    decay = np.exp2(-ranks / half_life_events).astype(np.float32)
    weights: NDArray[np.float32] = np.maximum(ring["ring_weight"], 0) * decay
    return weights


def session_weights(ring: InteractionColumns, gap_ms: float) -> NDArray[np.float32]:
    """`(users, last_n)` weights of the interactions since the last pause of more than `gap_ms`."""
    times = ring["ring_ms"]
    within = np.ones(times.shape, dtype=bool)
    within[:, 1:] = times[:, :-1] - times[:, 1:] <= gap_ms
    unbroken = np.logical_and.accumulate(within, axis=1)
    weights: NDArray[np.float32] = np.maximum(ring["ring_weight"], 0) * unbroken
    return weights


def session_moved(
    weights: NDArray[np.float32], unwritten: NDArray[np.floating[Any]], share: float
) -> NDArray[np.bool_]:
    """`(users,)`: whether unwritten interactions make up at least `share` of the session's weight.

    `weights` are the session's `(users, last_n)`, newest first. `unwritten` `(users,)` is the
    number of events since the user's own row was written; that many of the newest interactions
    count as not yet in the session's row.
    """
    newest = np.arange(weights.shape[1]) < unwritten[:, None]
    gained = np.where(newest, weights, 0).sum(axis=1)
    moved: NDArray[np.bool_] = gained >= share * weights.sum(axis=1)
    return moved
