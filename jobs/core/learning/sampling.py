"""Which interactions of a batch become questions, and how much time they may take."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from jobs.core.interest.user_item_rows import UserItemRows


class Question(NamedTuple):
    """A user, and the item that this user turned to."""

    user_id: str
    item_id: str


def sample_questions(
    rows: UserItemRows, share: float, random: np.random.Generator
) -> list[Question]:
    """About `share` of the users' first likes in a batch, at most one of each user.

    A user's first like is the row with a signal above 0 whose first event is the earliest; which
    item of the same time comes first is left to the order of the rows.
    """
    liked = np.flatnonzero(np.nan_to_num(rows.signal) > 0)
    ordered = liked[np.argsort(rows.first_ms[liked], kind="stable")]
    first: dict[str, str] = {}
    for row in ordered.tolist():
        first.setdefault(rows.user_id[row], rows.item_id[row])
    chosen = random.random(len(first)) < share
    return [
        Question(*pair) for pair, drawn in zip(first.items(), chosen.tolist(), strict=True) if drawn
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
