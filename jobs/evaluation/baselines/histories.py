"""What each user has turned to."""

import numpy as np
from numpy.typing import NDArray


class Histories:
    """The items of each user, in the order of their events. Users and items are numbers."""

    def __init__(self) -> None:
        self._items: dict[int, list[int]] = {}

    def add(self, user: int, item: int) -> None:
        """Append an item of a user."""
        self._items.setdefault(user, []).append(item)

    def last(self, user: int, count: int) -> NDArray[np.int64]:
        """At most `count` items of a user, newest first; `(0,)` for an unknown user.

        >>> histories = Histories()
        >>> histories.add(1, 7)
        >>> histories.add(1, 8)
        >>> histories.last(1, 5).tolist(), histories.last(2, 5).tolist()
        ([8, 7], [])
        """
        return np.array(self._items.get(user, [])[-count:][::-1], dtype=np.int64)

    def all(self, user: int) -> NDArray[np.int64]:
        """All items of a user."""
        return np.array(self._items.get(user, []), dtype=np.int64)
