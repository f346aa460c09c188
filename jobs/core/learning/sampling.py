"""Which interactions of a batch become questions, and how much time they may take."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from jobs.core.interest.user_item_rows import UserItemRows

ANSWERS = 4
"""Most items of a user in one batch that are learned from."""


class Question(NamedTuple):
    """A user, and items that this user turned to in one batch."""

    user_id: str
    item_ids: tuple[str, ...]


def sample_questions(
    rows: UserItemRows, share: float, random: np.random.Generator
) -> list[Question]:
    """About `share` of the likes in a batch, by user, at most ANSWERS of each user.

    A like is a row with a signal above 0. All of a user are asked about as of before the batch; the
    earliest ones come first.
    """
    liked = np.flatnonzero(np.nan_to_num(rows.signal) > 0)
    drawn = liked[random.random(len(liked)) < share]
    items: dict[str, list[str]] = {}
    for row in drawn[np.argsort(rows.first_ms[drawn], kind="stable")].tolist():
        items.setdefault(rows.user_id[row], []).append(rows.item_id[row])
    return [Question(user_id, tuple(own[:ANSWERS])) for user_id, own in items.items()]


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
