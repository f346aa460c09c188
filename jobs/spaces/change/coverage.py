"""How much of the active space another space already has."""

from dataclasses import dataclass

import psycopg

from jobs.sinks.read_progress import read_progress

STREAMS = ("events", "items", "control")


@dataclass(frozen=True)
class Coverage:
    """What the active space holds, and how much of it the other space holds as well."""

    items: int
    items_covered: int
    users: int
    users_covered: int
    records: int
    """Records of all streams that the active space's job has read."""
    records_behind: int
    """How many of these the other space's job has yet to read."""

    def sentence(self) -> str:
        """Return the coverage as a sentence.

        >>> print(Coverage(200, 150, 40, 40, 3000, 1200).sentence())
        1,200 of 3,000 records to read; 150 of 200 items and 40 of 40 users have a vector
        """
        return (
            f"{self.records_behind:,} of {self.records:,} records to read;"
            f" {self.items_covered:,} of {self.items:,} items and"
            f" {self.users_covered:,} of {self.users:,} users have a vector"
        )


def read_coverage(db: psycopg.Connection, space_id: int, against: int | None = None) -> Coverage:
    """Measure how much of the space `against` (default: the active one) a space covers."""
    row = db.execute(
        "SELECT items, items_covered, users, users_covered, records, records_behind"
        " FROM interestream.space_coverage(%s, %s)",
        (space_id, against),
    ).fetchone()
    assert row is not None
    return Coverage(*row)


def read_records(db: psycopg.Connection, space_id: int) -> dict[str, int]:
    """Return how many records a space's job has read, by stream."""
    counters = read_progress(db, space_id)
    return {stream: counters[stream].records_in for stream in STREAMS}


class Lag:
    """Tells whether a job has read what the active job had read `behind_s` seconds earlier.

    Under load two jobs never show the same count at the same time, so the new count is compared
    with an older count of the active job. At rest both are equal. `missing` records in all may
    be absent from the sources. The history is kept in memory: a new Lag must watch for
    `behind_s` seconds before it can answer True.
    """

    def __init__(self, behind_s: float, missing: int = 0) -> None:
        self._behind_s = behind_s
        self._missing = missing
        self._history: list[tuple[float, dict[str, int]]] = []

    def caught_up(self, now_s: float, active: dict[str, int], new: dict[str, int]) -> bool:
        """Add a reading, and return whether the new job has caught up.

        `active` and `new` are records by stream at `now_s` (seconds of any clock). Read `new`
        after `active`.

        >>> lag = Lag(behind_s=5)
        >>> lag.caught_up(0, {"events": 100}, {"events": 100})
        False
        >>> lag.caught_up(5, {"events": 180}, {"events": 100})
        True
        >>> lag.caught_up(10, {"events": 260}, {"events": 170})
        False
        """
        self._history.append((now_s, active))
        old_enough = [reading for reading in self._history if reading[0] <= now_s - self._behind_s]
        if not old_enough:
            return False
        # Readings before the newest one that is old enough are never needed again.
        self._history = self._history[len(old_enough) - 1 :]
        earlier = old_enough[-1][1]
        unread = sum(max(count - new.get(stream, 0), 0) for stream, count in earlier.items())
        return unread <= self._missing
