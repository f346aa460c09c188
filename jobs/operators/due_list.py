"""Users with rows that are yet to be written, by when they must be."""

from collections.abc import Iterable

from pyflink.common import Types
from pyflink.datastream.state import MapState, MapStateDescriptor

DUE = MapStateDescriptor("unwritten-v1", Types.LONG(), Types.PICKLED_BYTE_ARRAY())


class DueList:
    """Map state time (epoch milliseconds) -> user ids, per bucket.

    A user is on it once, from the first change that was not written until the list's time is up:
    it holds at most the users of one delay, in about ten entries.
    """

    def __init__(self, state: MapState, delay_ms: int) -> None:
        self._state = state
        self._delay_ms = delay_ms
        self._step_ms = max(delay_ms // 10, 50)
        # Who is on a bucket's list, read at the bucket's first use after a start.
        self._listed: dict[int, set[str]] = {}

    def add(self, bucket: int, users: Iterable[str], now_ms: int) -> None:
        listed = self._on_list(bucket)
        new = [user_id for user_id in users if user_id not in listed]
        if new:
            due_ms = -((now_ms + self._delay_ms) // -self._step_ms) * self._step_ms
            self._state.put(due_ms, (self._state.get(due_ms) or []) + new)
            listed.update(new)

    def take(self, bucket: int, now_ms: int, at_most: int) -> list[str]:
        """Take out users whose time has come."""
        taken: list[str] = []
        for due_ms in sorted(due for due in self._state.keys() if due <= now_ms):  # noqa: SIM118
            users = self._state.get(due_ms)
            left = users[at_most - len(taken) :]
            taken += users[: at_most - len(taken)]
            if left:
                self._state.put(due_ms, left)
                break
            self._state.remove(due_ms)
        self._on_list(bucket).difference_update(taken)
        return taken

    def remove(self, bucket: int, user_id: str) -> None:
        """Take one user out, whenever due."""
        if user_id not in self._on_list(bucket):
            return
        self._on_list(bucket).discard(user_id)
        for due_ms in list(self._state.keys()):
            users = self._state.get(due_ms)
            if user_id in users:
                self._state.put(due_ms, [other for other in users if other != user_id])

    def size(self, bucket: int) -> int:
        return len(self._on_list(bucket))

    def next_ms(self, bucket: int) -> int:
        """When the next users are due, 0 if nobody is."""
        return min(self._state.keys(), default=0) if self._on_list(bucket) else 0

    def _on_list(self, bucket: int) -> set[str]:
        listed = self._listed.get(bucket)
        if listed is None:
            listed = {user_id for users in self._state.values() for user_id in users}
            self._listed[bucket] = listed
        return listed
