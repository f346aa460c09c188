"""Which interactions of a batch become questions, and how much time they may take."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from jobs.core.interest.user_item_rows import UserItemRows


class Question(NamedTuple):
    """A user, and the item that this user turned to.

    `at_ms` is when, in epoch milliseconds; `place` is the position at which a recommendation had
    shown the item, from 1, or 0 where none is known to have.
    """

    user_id: str
    item_id: str
    at_ms: int = 0
    place: int = 0


def sample_questions(
    rows: UserItemRows,
    share: float,
    random: np.random.Generator,
    places: Mapping[tuple[str, str], int] | None = None,
) -> list[Question]:
    """About `share` of the users' first likes in a batch, at most one of each user.

    A user's first like is the row with a signal above 0 whose first event is the earliest; which
    item of the same time comes first is left to the order of the rows. `places` are positions by
    user and item.
    """
    liked = np.flatnonzero(np.nan_to_num(rows.signal) > 0)
    ordered = liked[np.argsort(rows.first_ms[liked], kind="stable")]
    first: dict[str, int] = {}
    for row in ordered.tolist():
        first.setdefault(rows.user_id[row], row)
    chosen = random.random(len(first)) < share
    places = places or {}
    return [
        Question(
            user_id,
            rows.item_id[row],
            int(rows.first_ms[row]),
            places.get((user_id, rows.item_id[row]), 0),
        )
        for (user_id, row), drawn in zip(first.items(), chosen.tolist(), strict=True)
        if drawn
    ]


class TimeBudget:
    """Lets work take a share of the time that passes, and no more.

    `clock` returns seconds. What is not used is kept for `keep_s` seconds of work.
    """

    def __init__(self, share: float, clock: Callable[[], float], keep_s: float = 0.1) -> None:
        self._share = share
        self._clock = clock
        self._keep_s = keep_s
        self._left_s = keep_s
        self._at_s = clock()

    def allows(self) -> bool:
        """Whether there is time left for another piece of work."""
        now_s = self._clock()
        self._left_s = min(self._left_s + (now_s - self._at_s) * self._share, self._keep_s)
        self._at_s = now_s
        return self._left_s > 0 or self._share >= 1

    def spent(self, seconds: float) -> None:
        """Take the duration of a piece of work off."""
        self._left_s -= seconds
