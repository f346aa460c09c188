"""How far a space is, held against the active one."""

from dataclasses import dataclass

import psycopg

from jobs.sinks.read_progress import read_progress

STREAMS = ("events", "items", "control")


@dataclass(frozen=True)
class Coverage:
    """What the active space has, and how much of it the other one has, too."""

    items: int
    items_covered: int
    users: int
    users_covered: int
    records: int
    """Records that the active space's job has read, of all streams."""
    records_behind: int
    """Those of them that the other space's job has yet to read."""

    def sentence(self) -> str:
        """In words.

        >>> print(Coverage(200, 150, 40, 40, 3000, 1200).sentence())
        1,200 of 3,000 records to read; 150 of 200 items and 40 of 40 users have a vector
        """
        return (
            f"{self.records_behind:,} of {self.records:,} records to read;"
            f" {self.items_covered:,} of {self.items:,} items and"
            f" {self.users_covered:,} of {self.users:,} users have a vector"
        )


def read_coverage(db: psycopg.Connection, space_id: int, against: int | None = None) -> Coverage:
    """Coverage of a space against another one, by default the active one."""
    row = db.execute(
        "SELECT items, items_covered, users, users_covered, records, records_behind"
        " FROM interestream.space_coverage(%s, %s)",
        (space_id, against),
    ).fetchone()
    assert row is not None
    return Coverage(*row)


def read_records(db: psycopg.Connection, space_id: int) -> dict[str, int]:
    """Records that a space's job has read, by stream."""
    counters = read_progress(db, space_id)
    return {stream: counters[stream].records_in for stream in STREAMS}


class Lag:
    """Whether a job has read what the active one had read some seconds ago.

    Under load two jobs never have the same count at the same time; at rest it comes to that.
    Python only: a new watch starts from nothing.
    """

    def __init__(self, behind_s: float, missing: int = 0) -> None:
        self._behind_s = behind_s
        self._missing = missing
        self._seen: list[tuple[float, dict[str, int]]] = []

    def caught_up(self, now_s: float, active: dict[str, int], new: dict[str, int]) -> bool:
        """Told both counts at a time, of which the new one was read later.

        >>> lag = Lag(behind_s=5)
        >>> lag.caught_up(0, {"events": 100}, {"events": 100})
        False
        >>> lag.caught_up(5, {"events": 180}, {"events": 100})
        True
        >>> lag.caught_up(10, {"events": 260}, {"events": 170})
        False
        """
        self._seen.append((now_s, active))
        old = [seen for seen in self._seen if seen[0] <= now_s - self._behind_s]
        if not old:
            return False
        # What is older than the newest of the old ones is never asked for again.
        self._seen = self._seen[len(old) - 1 :]
        then = old[-1][1]
        lacking = sum(max(count - new.get(stream, 0), 0) for stream, count in then.items())
        return lacking <= self._missing
