"""Has items read first: after a start, events wait until the waiting lines of items are read."""

HELD_AT_LEAST_MS = 1_000
"""How long events wait after the first batch that follows a start, in milliseconds."""
QUIET_MS = 500
"""Items are read when no batch of them has come for so long, in milliseconds."""
HELD_AT_MOST_MS = 10_000
"""A longer stream of items, the import of a catalogue for example, holds up events no more."""


class StartHold:
    """Whether events still wait after the start of a task; every task has one of its own.

    After an outage both streams hold lines. Events that ran ahead would count with the old vectors
    of items whose new text lies unread.
    """

    def __init__(self) -> None:
        self._over = False
        self._started_ms: int | None = None
        self._items_came = False
        self._items_ms = 0

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
        self._started_ms = now_ms if self._started_ms is None else self._started_ms
        held_ms = now_ms - self._started_ms
        quiet = now_ms - self._items_ms >= QUIET_MS
        # A clock that was put back ends it, too.
        self._over = held_ms < 0 or held_ms >= (HELD_AT_LEAST_MS if quiet else HELD_AT_MOST_MS)
        return not self._over
