"""Interests of users: medoid items that cover the last interactions.

The cover is greedy: the item whose neighbours carry the most weight becomes a medoid, and its
neighbours are removed. Medoids instead of means follow Pal et al., PinnerSage (KDD 2020): a medoid
is an existing item, so it explains the interest, and the interest needs no stored vector.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.vectors import Vectors
from jobs.core.kernels.loaded import kernels

CHUNK = 32
"""Number of users covered at a time: 32 x 32 x 384 float32 are 1.6 MB, which fits the CPU cache."""


@dataclass(frozen=True)
class Interests:
    """Interests of users, strongest first; each array is `(users, max_interests)`.

    - `medoid`: index of the medoid among the last interactions, -1 beyond the last interest.
    - `share`: the interest's share of the weight of the user's interactions.
    - `size`: number of interactions in the interest.
    """

    medoid: NDArray[np.intp]
    share: NDArray[np.float64]
    size: NDArray[np.int64]


def cover(
    vectors: Vectors,
    row: NDArray[np.intp],
    weights: NDArray[np.float64],
    may_lead: NDArray[np.bool_],
    *,
    cosine: float,
    max_interests: int,
) -> Interests:
    """Find the interests of many users at once.

    - `vectors`: unit vectors.
    - `row` `(users, last_n)`: row of `vectors` of each interaction, -1 for an empty slot.
    - `weights` `(users, last_n)`: weight of each interaction, 0 for an empty slot.
    - `may_lead` `(users, last_n)`: True for items, which can be medoids; False for texts.
    - `cosine`: least similarity to the medoid within an interest.
    """
    if compiled := kernels():
        found = compiled.covers(
            vectors.items, vectors.texts, row, weights, may_lead, cosine, max_interests
        )
        return Interests(*found)
    parts = [
        _cover_chunk(
            vectors.take(row[a : a + CHUNK]),
            weights[a : a + CHUNK],
            may_lead[a : a + CHUNK],
            cosine,
            max_interests,
        )
        for a in range(0, len(row), CHUNK)
    ]
    return Interests(
        np.concatenate([part.medoid for part in parts]),
        np.concatenate([part.share for part in parts]),
        np.concatenate([part.size for part in parts]),
    )


def _cover_chunk(
    vectors: NDArray[np.float32],
    weights: NDArray[np.float64],
    may_lead: NDArray[np.bool_],
    cosine: float,
    max_interests: int,
) -> Interests:
    users = np.arange(len(vectors))
    similarity = vectors @ vectors.transpose(0, 2, 1)
    near = np.where(similarity >= cosine, similarity, 0.0).astype(np.float64)
    left = weights.copy()
    total = np.maximum(weights.sum(axis=1), np.finfo(np.float64).tiny)
    medoids = np.full((len(vectors), max_interests), -1, dtype=np.intp)
    share = np.zeros((len(vectors), max_interests))
    size = np.zeros((len(vectors), max_interests), dtype=np.int64)
    for rank in range(max_interests):
        carried = np.where(may_lead & (left > 0), (near @ left[:, :, None])[:, :, 0], 0.0)
        medoid = carried.argmax(axis=1)
        found = carried[users, medoid] > 0
        members = (similarity[users, medoid] >= cosine) & (left > 0) & found[:, None]
        medoids[found, rank] = medoid[found]
        share[:, rank] = np.where(members, left, 0.0).sum(axis=1) / total
        size[:, rank] = members.sum(axis=1)
        left = np.where(members, 0.0, left)
    return Interests(medoids, share, size)
