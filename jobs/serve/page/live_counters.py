"""The counters of the active space, and how fast they grow between two reads."""

from dataclasses import dataclass
from typing import Any

from jobs.serve.database import Connection

_STREAMS = """
SELECT
    j.stream, j.records_in, j.applied, j.duplicates, j.dead_letters, j.excluded, j.waiting,
    extract(epoch FROM clock_timestamp() - j.newest_commit)::float8 AS committed_s
FROM interestream.job_status() AS j
"""
_NOW = """
SELECT
    extract(epoch FROM clock_timestamp())::float8 AS at,
    extract(epoch FROM clock_timestamp() - interestream.newest_interaction())::float8 AS newest_s,
    (
        SELECT percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM u.committed_at - n.last_at)
        )
        FROM (
            SELECT i.user_id, i.last_at FROM interestream.user_items AS i
            ORDER BY i.last_at DESC LIMIT 100
        ) AS n
        JOIN interestream.spaces AS s ON s.active
        JOIN interestream.users AS u
            ON u.space_id = s.space_id AND u.user_id = n.user_id AND u.last_event_at = n.last_at
        WHERE u.committed_at BETWEEN n.last_at AND n.last_at + interval '1 minute'
    )::float8 AS freshness_s
"""


@dataclass(frozen=True)
class Counters:
    """What the job has committed, as of `at` (s since 1970, by the clock of Postgres)."""

    at: float
    records: int
    """Records of events that were read since the state began."""
    streams: tuple[dict[str, Any], ...] = ()
    newest_s: float | None = None
    """Age of the newest interaction, in seconds of event time."""
    freshness_s: float | None = None
    """Median time from an event's time to the commit of its user's rows, of the newest events.

    Events that were older than a minute count not: they were simulated, replayed, or came late, and
    tell nothing of the job. None where all were."""

    @classmethod
    def at_a_time(cls, records: int, at: float) -> "Counters":
        """Counters of an earlier read, which the browser keeps."""
        return cls(at, records)

    def rate_since(self, before: "Counters") -> float | None:
        """Events a second since `before`; None where no time has passed or the state began anew.

        >>> Counters(12.0, 500).rate_since(Counters(10.0, 100))
        200.0
        """
        passed_s, read = self.at - before.at, self.records - before.records
        return read / passed_s if passed_s > 0 and read >= 0 else None

    @property
    def events(self) -> dict[str, Any]:
        """The row of the stream of events; zeros before the first."""
        none = dict.fromkeys(("records_in", "applied", "duplicates", "dead_letters", "waiting"), 0)
        found = [row for row in self.streams if row["stream"] == "events"]
        return found[0] if found else {**none, "committed_s": None}


async def read_counters(db: Connection) -> Counters:
    """Read the counters of the active space; no streams where no space is active."""
    active = await (
        await db.execute("SELECT FROM interestream.spaces AS s WHERE s.active")
    ).fetchone()
    rows = [] if active is None else await (await db.execute(_STREAMS)).fetchall()
    now = await (await db.execute(_NOW)).fetchone()
    assert now is not None
    records = sum(row["records_in"] for row in rows if row["stream"] == "events")
    return Counters(now["at"], records, tuple(rows), now["newest_s"], now["freshness_s"])
