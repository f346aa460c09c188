"""Measures of lists without regard to the answer: how varied they are, and how popular."""

import numpy as np
from numpy.typing import NDArray

from jobs.evaluation.measures import NO_ITEM


def coverage(lists: NDArray[np.int64], items: int) -> float:
    """The share of a catalogue of `items` that is in at least one list `(questions, k)`.

    >>> coverage(np.array([[0, 1], [1, -1]]), items=4)
    0.5
    """
    return len(np.unique(lists[lists != NO_ITEM])) / items


def diversity(one: NDArray[np.int64], vectors: NDArray[np.float32]) -> float:
    """1 minus the mean cosine of the pairs of a list `(k,)`; NaN below two items with a vector.

    `vectors` is `(items, dim)`; a row is of L2 norm 1, or zero where the item has no vector.

    >>> diversity(np.array([0, 1, -1]), np.array([[1, 0], [0, 1]], np.float32))
    1.0
    """
    rows = vectors[one[one != NO_ITEM]].astype(np.float64)
    rows = rows[np.any(rows != 0, axis=1)]
    count = len(rows)
    if count < 2:
        return float("nan")
    total = np.square(rows.sum(axis=0)).sum() - np.square(rows).sum()
    return float(1 - total / (count * (count - 1)))


def novelty(one: NDArray[np.int64], counts: NDArray[np.int64]) -> float:
    """The mean of -log2 of the popularity of a list's items `(k,)`, in bits; NaN for an empty list.

    `counts` `(items,)` are the interactions of each item before the question. An item's popularity
    is its share of all of them, each item counted once more, so that none has the share 0.

    >>> novelty(np.array([0]), np.array([1, 1]))
    1.0
    """
    listed = one[one != NO_ITEM]
    if not len(listed):
        return float("nan")
    shares = (counts[listed] + 1) / (counts.sum() + len(counts))
    return float(-np.log2(shares).mean())


def popularity_rank(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The popularity of each item `(items,)` as its place among all, 0 (least) to 1 (most).

    Items with the same count share the middle of their places.

    >>> popularity_rank(np.array([4, 9, 4, 0])).tolist()
    [0.5, 0.875, 0.5, 0.125]
    """
    ordered = np.sort(counts)
    below = np.searchsorted(ordered, counts, side="left")
    upto = np.searchsorted(ordered, counts, side="right")
    return np.asarray((below + upto) / (2 * len(counts)), dtype=np.float64)


def popularity_bias(one: NDArray[np.int64], answer: int, popularity: NDArray[np.float64]) -> float:
    """How much more popular a list's items `(k,)` are on average than what the user chose.

    `popularity` is that of `popularity_rank`. 0 is as popular as the answers are, above 0 more. NaN
    for an empty list.
    """
    listed = one[one != NO_ITEM]
    if not len(listed):
        return float("nan")
    return float(popularity[listed].mean() - popularity[answer])
