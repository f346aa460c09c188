"""Accepted events between validation and the fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NO_TEXT = -1


@dataclass(frozen=True)
class Accepted:
    """Valid events: what waiting and joining start from, one entry per event.

    ``users`` are the batch's distinct users in order, ``user`` the index into them; ``code`` is
    the action's, ``line`` the index into the raw ``lines``; ``text_row`` is the event's row in
    ``text_vectors`` ``(texts, dim)`` float16, or ``NO_TEXT``.
    """

    lines: Sequence[bytes]
    users: list[str]
    line: npt.NDArray[np.intp]
    user: npt.NDArray[np.intp]
    item_id: list[str | None]
    code: npt.NDArray[np.intp]
    time_ms: npt.NDArray[np.int64]
    key: npt.NDArray[np.uint64]
    value: npt.NDArray[np.float64]
    text: list[str | None]
    text_row: npt.NDArray[np.intp]
    text_vectors: npt.NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.user)

    def take(self, chosen: npt.NDArray[np.bool_]) -> "Accepted":
        """The chosen events, of the same users."""
        if chosen.all():
            return self
        places = np.flatnonzero(chosen)
        index = places.tolist()
        return Accepted(
            self.lines,
            self.users,
            self.line[places],
            self.user[places],
            [self.item_id[i] for i in index],
            self.code[places],
            self.time_ms[places],
            self.key[places],
            self.value[places],
            [self.text[i] for i in index],
            self.text_row[places],
            self.text_vectors,
        )


def user_index(user_ids: Sequence[str]) -> tuple[list[str], npt.NDArray[np.intp]]:
    """The distinct users in order, so that their rows are neighbours in Postgres, and ``(n,)``
    the index of each."""
    users = sorted(set(user_ids))
    place = {user_id: index for index, user_id in enumerate(users)}
    return users, np.array([place[user_id] for user_id in user_ids], dtype=np.intp)
