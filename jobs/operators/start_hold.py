"""Has items read first: after a restart, events wait until the waiting lines of items are read."""

ALIVE_MS = 1_000
"""How long events wait after the first sign of life of the item step, in milliseconds: time for its
source to find what waits."""
QUIET_MS = 500
"""Items are read when no batch of them has come for so long, in milliseconds."""
HELD_AT_MOST_MS = 30_000
"""Events wait no longer for an item step that is not there, or for the import of a catalogue."""


class StartHold:
    """Whether events still wait after the restart of a task; every task has one of its own.

    After an outage both streams hold lines, and the tasks that read them do not start at the same
    time. Events that ran ahead would count with the old vectors of items whose new text lies
    unread. A start without state has no old vectors, and no hold.
    """

    def __init__(self) -> None:
        self._over = False
        self._started_ms: int | None = None
        self._alive = self._items_came = False
        self._alive_ms: int | None = None
        self._items_ms = 0

    def item_step_lives(self) -> None:
        """Note a sign of life of the item step since the last call of `holds`."""
        self._alive = True

    def items_came(self) -> None:
        """Note that a batch of items was read since the last call of `holds`."""
        self._alive = self._items_came = True

    def holds(self, now_ms: int) -> bool:
        """Whether events that are read at `now_ms`, in epoch milliseconds, wait.

        Never again after the first False.
        """
        if self._over:
            return False
        self._started_ms = now_ms if self._started_ms is None else self._started_ms
        if self._alive and self._alive_ms is None:
            self._alive_ms = now_ms
        if self._items_came:
            self._items_ms, self._items_came = now_ms, False
        read = (
            self._alive_ms is not None
            and now_ms - self._alive_ms >= ALIVE_MS
            and now_ms - self._items_ms >= QUIET_MS
        )
        held_ms = now_ms - self._started_ms
        # A clock that was put back ends it, too.
        self._over = read or not 0 <= held_ms < HELD_AT_MOST_MS
        return not self._over
