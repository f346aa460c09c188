"""Segments of questions: by what is known of the user and of the item."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def segments(
    before_user: NDArray[np.int64], before_item: NDArray[np.int64]
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Name and members `(questions,)` of each segment, those without any left out.

    `before_user` and `before_item` `(questions,)` count the interactions of the question's user,
    and of its answer with anybody, before the question. Every question is in one segment of users;
    the segment of new items overlaps with these.

    >>> [(name, mask.tolist()) for name, mask in segments(np.array([0, 12]), np.array([3, 0]))]
    [('user: none before', [True, False]), ('user: 10 and more before', [False, True]), \
('item: none before', [False, True])]
    """
    found = (
        ("user: none before", before_user == 0),
        ("user: 1-2 before", (before_user >= 1) & (before_user <= 2)),
        ("user: 3-9 before", (before_user >= 3) & (before_user <= 9)),
        ("user: 10 and more before", before_user >= 10),
        ("item: none before", before_item == 0),
    )
    yield from ((name, mask) for name, mask in found if mask.any())
