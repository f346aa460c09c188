"""Interests by a kernel: a user's similarities and their cover, without a copy of the batch."""

import numpy as np
from numpy.typing import NDArray

from jobs.core.kernels.compiled import compiled

_BLOCK = 4
"""Columns of similarities that are added up at the same time, two rows of them."""


@compiled(reorder=True)
def covers(
    items: NDArray[np.float32],
    texts: NDArray[np.float32],
    row: NDArray[np.intp],
    weights: NDArray[np.float64],
    may_lead: NDArray[np.bool_],
    cosine: float,
    max_interests: int,
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.int64]]:
    """Medoids, shares and sizes `(users, max_interests)`, as `interests.cover` describes them.

    `row` `(users, last_n)` are rows of `items` and, behind them, of `texts`. A similarity depends
    on the two vectors alone, not on their places or on the other users of the batch.
    """
    users, places = row.shape
    dim = items.shape[1]
    medoids = np.full((users, max_interests), -1, dtype=np.intp)
    shares = np.zeros((users, max_interests))
    sizes = np.zeros((users, max_interests), dtype=np.int64)
    # The user's different vectors, with room for a block beyond the last; per vector the weight and
    # the number of interactions that are not in an interest yet, and the first place that may lead.
    room = (places + _BLOCK - 1) // _BLOCK * _BLOCK
    vectors = np.zeros((room, dim), dtype=np.float32)
    similarity = np.empty((room, room), dtype=np.float32)
    distinct = np.empty(room, dtype=np.intp)
    left = np.empty(room)
    members = np.empty(room, dtype=np.int64)
    lead = np.empty(room, dtype=np.intp)
    for user in range(users):
        count = 0
        total = 0.0
        for place in range(places):
            weight = weights[user, place]
            if weight <= 0:
                continue
            total += weight
            its_row = row[user, place]
            vector = 0
            while vector < count and distinct[vector] != its_row:
                vector += 1
            if vector == count:
                count += 1
                distinct[vector] = its_row
                left[vector] = 0.0
                members[vector] = 0
                lead[vector] = -1
                if its_row < len(items):
                    vectors[vector] = items[its_row]
                else:
                    vectors[vector] = texts[its_row - len(items)]
            left[vector] += weight
            members[vector] += 1
            if lead[vector] < 0 and may_lead[user, place]:
                lead[vector] = place
        for i in range(0, count, 2):
            for j in range(i // _BLOCK * _BLOCK, count, _BLOCK):
                a0 = a1 = a2 = a3 = np.float32(0)
                b0 = b1 = b2 = b3 = np.float32(0)
                for k in range(dim):
                    a, b = vectors[i, k], vectors[i + 1, k]
                    a0 += a * vectors[j, k]
                    a1 += a * vectors[j + 1, k]
                    a2 += a * vectors[j + 2, k]
                    a3 += a * vectors[j + 3, k]
                    b0 += b * vectors[j, k]
                    b1 += b * vectors[j + 1, k]
                    b2 += b * vectors[j + 2, k]
                    b3 += b * vectors[j + 3, k]
                similarity[i, j] = a0
                similarity[i, j + 1] = a1
                similarity[i, j + 2] = a2
                similarity[i, j + 3] = a3
                similarity[i + 1, j] = b0
                similarity[i + 1, j + 1] = b1
                similarity[i + 1, j + 2] = b2
                similarity[i + 1, j + 3] = b3
        for i in range(count):
            for j in range(i):
                similarity[i, j] = similarity[j, i]
        for rank in range(max_interests):
            most = 0.0
            medoid = -1
            for i in range(count):
                if members[i] == 0 or lead[i] < 0:
                    continue
                carried = 0.0
                for j in range(count):
                    near = similarity[i, j]
                    carried += np.float64(near) * left[j] if near >= cosine else 0.0
                if carried > most:
                    most = carried
                    medoid = i
            if medoid < 0:
                break
            weight = 0.0
            size = 0
            for j in range(count):
                if similarity[medoid, j] >= cosine:
                    weight += left[j]
                    size += members[j]
                    left[j] = 0.0
                    members[j] = 0
            medoids[user, rank] = lead[medoid]
            shares[user, rank] = weight / total
            sizes[user, rank] = size
    return medoids, shares, sizes
