"""Users with deferred rows, and the time by which these must be written (write-behind)."""

from collections.abc import Iterable

from pyflink.common import Types
from pyflink.datastream.state import MapState, MapStateDescriptor

DEFERRED = MapStateDescriptor("unwritten-v1", Types.LONG(), Types.PICKLED_BYTE_ARRAY())


_STEPS = 50
"""Number of due times within one delay. More of them make smaller portions of users, and new events
wait for a shorter time while a portion is written."""


class DeferredWrites:
    """Map state due time (epoch milliseconds) -> user ids, per bucket, and a copy in memory.

    A user is listed once: from the first change that was not written until the due time, or until
    the user is removed. The state holds at most the users that were active within one delay.
    """

    def __init__(self, state: MapState, delay_ms: int) -> None:
        self._state = state
        self._delay_ms = delay_ms
        self._step_ms = max(delay_ms // _STEPS, 50)
        # Copies of the state by bucket, read at the bucket's first use after a start: users by due
        # time, and all listed users.
        self._users: dict[int, dict[int, list[str]]] = {}
        self._listed: dict[int, set[str]] = {}

    def add(self, bucket: int, users: Iterable[str], now_ms: int) -> None:
        """List users whose rows were deferred at `now_ms`; a listed user keeps its due time."""
        by_due_ms, listed = self._read(bucket)
        new = [user_id for user_id in users if user_id not in listed]
        if new:
            due_ms = self.latest_ms(now_ms)
            by_due_ms[due_ms] = by_due_ms.get(due_ms, []) + new
            self._state.put(due_ms, by_due_ms[due_ms])
            listed.update(new)

    def take(self, bucket: int, now_ms: int, limit: int) -> list[str]:
        """Remove and return up to `limit` users who are due at `now_ms`.

        So are those whose time is too far ahead: the clock was put back since they were listed.
        """
        by_due_ms, listed = self._read(bucket)
        taken: list[str] = []
        latest_ms = self.latest_ms(now_ms)
        for due_ms in sorted(due for due in by_due_ms if not now_ms < due <= latest_ms):
            users = by_due_ms.pop(due_ms)
            left = users[limit - len(taken) :]
            taken += users[: limit - len(taken)]
            if left:
                by_due_ms[due_ms] = left
                self._state.put(due_ms, left)
                break
            self._state.remove(due_ms)
        listed.difference_update(taken)
        return taken

    def remove(self, bucket: int, user_id: str) -> None:
        """Remove one user, due or not."""
        by_due_ms, listed = self._read(bucket)
        if user_id not in listed:
            return
        listed.discard(user_id)
        for due_ms, users in by_due_ms.items():
            if user_id in users:
                by_due_ms[due_ms] = [other for other in users if other != user_id]
                self._state.put(due_ms, by_due_ms[due_ms])

    def size(self, bucket: int) -> int:
        """Number of listed users of the bucket."""
        return len(self._read(bucket)[1])

    def latest_ms(self, now_ms: int) -> int:
        """The time by which a user is due who is listed at `now_ms`; nobody is due later."""
        return -((now_ms + self._delay_ms) // -self._step_ms) * self._step_ms

    def next_ms(self, bucket: int) -> int:
        """The earliest due time of the bucket in epoch milliseconds, 0 without listed users."""
        by_due_ms, listed = self._read(bucket)
        return min(by_due_ms) if listed else 0

    def _read(self, bucket: int) -> tuple[dict[int, list[str]], set[str]]:
        if bucket not in self._users:
            by_due_ms = {due_ms: list(users) for due_ms, users in self._state.items()}
            self._users[bucket] = by_due_ms
            self._listed[bucket] = {user_id for users in by_due_ms.values() for user_id in users}
        return self._users[bucket], self._listed[bucket]
