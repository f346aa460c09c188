"""Users with rows that are yet to be written, by when they must be."""

from collections.abc import Iterable

from pyflink.common import Types
from pyflink.datastream.state import MapState, MapStateDescriptor

DEFERRED = MapStateDescriptor("unwritten-v1", Types.LONG(), Types.PICKLED_BYTE_ARRAY())


_STEPS = 50
"""Entries of one delay. The more, the smaller the portions that fall due at once: events that
arrive meanwhile wait for them."""


class DeferredWrites:
    """Map state time (epoch milliseconds) -> user ids, per bucket, and a copy of it at hand.

    A user is on it once, from the first change that was not written until the list's time is up:
    it holds at most the users of one delay.
    """

    def __init__(self, state: MapState, delay_ms: int) -> None:
        self._state = state
        self._delay_ms = delay_ms
        self._step_ms = max(delay_ms // _STEPS, 50)
        # Of each bucket, read at its first use after a start: the entries, and who is on them.
        self._entries: dict[int, dict[int, list[str]]] = {}
        self._listed: dict[int, set[str]] = {}

    def add(self, bucket: int, users: Iterable[str], now_ms: int) -> None:
        entries, listed = self._read(bucket)
        new = [user_id for user_id in users if user_id not in listed]
        if new:
            due_ms = -((now_ms + self._delay_ms) // -self._step_ms) * self._step_ms
            entries[due_ms] = entries.get(due_ms, []) + new
            self._state.put(due_ms, entries[due_ms])
            listed.update(new)

    def take(self, bucket: int, now_ms: int, at_most: int) -> list[str]:
        """Take out users whose time has come."""
        entries, listed = self._read(bucket)
        taken: list[str] = []
        for due_ms in sorted(due for due in entries if due <= now_ms):
            users = entries.pop(due_ms)
            left = users[at_most - len(taken) :]
            taken += users[: at_most - len(taken)]
            if left:
                entries[due_ms] = left
                self._state.put(due_ms, left)
                break
            self._state.remove(due_ms)
        listed.difference_update(taken)
        return taken

    def remove(self, bucket: int, user_id: str) -> None:
        """Take one user out, whenever due."""
        entries, listed = self._read(bucket)
        if user_id not in listed:
            return
        listed.discard(user_id)
        for due_ms, users in entries.items():
            if user_id in users:
                entries[due_ms] = [other for other in users if other != user_id]
                self._state.put(due_ms, entries[due_ms])

    def size(self, bucket: int) -> int:
        return len(self._read(bucket)[1])

    def next_ms(self, bucket: int) -> int:
        """When the next users are due, 0 if nobody is."""
        entries, listed = self._read(bucket)
        return min(entries) if listed else 0

    def _read(self, bucket: int) -> tuple[dict[int, list[str]], set[str]]:
        if bucket not in self._entries:
            entries = {due_ms: list(users) for due_ms, users in self._state.items()}
            self._entries[bucket] = entries
            self._listed[bucket] = {user_id for users in entries.values() for user_id in users}
        return self._entries[bucket], self._listed[bucket]
