"""What a task of the item step knows of deleted items, and what it has done about them."""

import psycopg

from jobs.sinks.connection import RetryingConnection
from jobs.sinks.deleted_items import DeletedItems

POLL_MS = 1_000
"""Time between two looks at the table, in milliseconds."""
_PAUSE_MS = 30_000
"""Time to the next look after one that failed: each may wait for a machine that does not answer."""


class Deletions:
    """The deleted items, read from their table; which of them were announced, and dropped where.

    What was done is remembered in this process only: after a restart all are announced and dropped
    again, which changes nothing the second time.
    """

    def __init__(self) -> None:
        self.known = DeletedItems()
        self._announced = 0
        # Number of deleted items that each bucket has dropped from its state.
        self._dropped: dict[int, int] = {}
        self._next_ms = 0

    def read_first(self, postgres: RetryingConnection) -> None:
        """Read the table unless it was read since the start; waits for Postgres."""
        if not self._next_ms:
            postgres.run(self.known.read)
            self._next_ms = 1

    def poll(self, postgres: RetryingConnection, now_ms: int) -> None:
        """Read the table if it is time, without waiting for a Postgres that is away."""
        if now_ms < self._next_ms:
            return
        took = postgres.try_once(self.known.read)
        self._next_ms = now_ms + (POLL_MS if took else _PAUSE_MS)

    def read(self, connection: psycopg.Connection) -> None:
        """Read the table as the first statement of a transaction that writes items."""
        self.known.read(connection)

    def to_announce(self) -> list[str]:
        """The items that were not announced yet; the next call returns later ones."""
        start, self._announced = self._announced, len(self.known.ids)
        return self.known.ids[start:]

    def to_drop(self, bucket: int) -> list[str]:
        """The items that the bucket did not drop yet; the next call returns later ones."""
        start = self._dropped.get(bucket, 0)
        self._dropped[bucket] = len(self.known.ids)
        return self.known.ids[start:]
