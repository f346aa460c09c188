"""Has items read first: after a restart, events wait until the waiting lines of items are read."""

from collections.abc import Iterable

ALIVE_MS = 1_000
"""How long events wait after the item step has given signs of life of all its buckets, in
milliseconds: time for its source to find what waits."""
QUIET_MS = 500
"""Items are read when no batch of them has come for so long, in milliseconds."""
READ_AT_MOST_MS = 30_000
"""Events wait no longer than this for items that keep coming: a catalogue is imported, perhaps."""


class StartHold:
    """Whether events still wait after the restart of a task; every task has one of its own.

    After an outage both streams hold lines, and the tasks that read them do not start at the same
    time. Events that ran ahead would count with the old vectors of items whose new text lies
    unread. A start without state has no old vectors, and no hold.
    """

    def __init__(self, buckets: Iterable[int]) -> None:
        """Wait for the buckets of items that lived before the restart."""
        self._over = False
        self._silent = set(buckets)
        self._items_came = False
        self._alive_ms: int | None = None
        self._items_ms = 0

    def bucket_lives(self, bucket: int) -> None:
        """Note a sign of life of a bucket of items."""
        self._silent.discard(bucket)

    def items_came(self) -> None:
        """Note that a batch of items was read since the last call of `holds`."""
        self._items_came = True

    def holds(self, now_ms: int) -> bool:
        """Whether events that are read at `now_ms`, in epoch milliseconds, wait.

        Never again after the first False.
        """
        if self._over:
            return False
        if self._items_came:
            self._items_ms, self._items_came = now_ms, False
        if self._silent:
            return True
        self._alive_ms = now_ms if self._alive_ms is None else self._alive_ms
        alive_ms = now_ms - self._alive_ms
        read = alive_ms >= ALIVE_MS and now_ms - self._items_ms >= QUIET_MS
        # A clock that was put back ends it, too.
        self._over = read or not 0 <= alive_ms < READ_AT_MOST_MS
        return not self._over
