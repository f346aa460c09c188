"""Which events of a user are counted for others, where `privacy.epsilon` bounds them."""

from collections.abc import Sequence

import numpy as np
import xxhash
from numpy.typing import NDArray
from pyflink.datastream.functions import RuntimeContext

from jobs.core.trends.all_time import DAY_MS
from jobs.core.trends.day_marks import count_first
from jobs.operators.state_ttl import map_with_ttl

CONTRIBUTIONS = "contributions-v1"


class Contributions:
    """One map state per bucket: for each user, by a 64-bit hash of the id, how many events were
    counted of each of the newest 64 days.

    It takes 40 bytes and 8 a day, and is removed with the user's state or when the user is
    forgotten. A merged user begins anew.
    """

    def __init__(self, runtime_context: RuntimeContext, ttl_s: int, most: int) -> None:
        self._marks = runtime_context.get_map_state(map_with_ttl(CONTRIBUTIONS, ttl_s))
        self._most = most

    def weights(
        self,
        users: Sequence[str],
        user: NDArray[np.intp],
        item_id: Sequence[str | None],
        time_ms: NDArray[np.int64],
        weight: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """`(events,)`: 1 for an event that is counted, 0 for all others.

        The first events of a user's day that name an item and have a positive `weight` are.
        `users` are ids, and `user` `(events,)` the index of each event's among them.
        """
        counted = np.zeros(len(weight))
        by_user: dict[int, list[int]] = {}
        for index in np.flatnonzero(weight > 0).tolist():
            if item_id[index] is not None:
                by_user.setdefault(int(user[index]), []).append(index)
        for number, indices in by_user.items():
            key = _key(users[number])
            before = self._marks.get(key) or {}
            days = (time_ms[indices] // DAY_MS).tolist()
            after, first = count_first(before, days, self._most)
            counted[indices] = first
            if any(first):
                self._marks.put(key, after)
        return counted

    def remove(self, user_id: str) -> None:
        """Forget what was counted of a user, of whom nothing more comes."""
        self._marks.remove(_key(user_id))


def _key(user_id: str) -> str:
    return xxhash.xxh3_64_hexdigest(user_id.encode())
