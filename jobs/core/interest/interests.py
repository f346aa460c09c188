"""A user's several interests: medoid items that cover the last interactions.

A greedy cover: the item whose neighbourhood carries most weight becomes a medoid and takes its
neighbours along. Medoids instead of means after Pal et al., PinnerSage (KDD 2020): an item that
exists explains itself and needs no vector of its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.vectors import Vectors

CHUNK = 32
"""Users at a time: 32 x 32 x 384 float32 are 1.6 MB, which stays in the cache."""


@dataclass(frozen=True)
class Interests:
    """Interests of users, strongest first; each array is `(users, max_interests)`.

    `medoid` is the index of the medoid among the last interactions, -1 where there are fewer
    interests; `share` is the share of the user's weight, `size` the number of interactions.
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

    `vectors` are unit rows; `row` `(users, last_n)` are rows of `vectors`, -1 for an empty one;
    `weights` `(users, last_n)`, 0 for an empty one; `may_lead` `(users, last_n)` is True for
    items, which can be a medoid, and False for texts.
    """
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
