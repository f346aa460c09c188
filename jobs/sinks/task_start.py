"""The number that a task gets at its start, by which Postgres knows it from an earlier one."""

import psycopg

from jobs.sinks.connection import RetryingConnection

# Above every number that is there: a failover can bring a clock that is behind.
_NEXT = """
SELECT greatest((extract(epoch FROM clock_timestamp()) * 1000)::bigint, 1 + (
    SELECT coalesce(max(p.task_start), 0) FROM interestream.job_progress AS p
    WHERE p.space_id = %s
))
"""


def next_task_start(connection: psycopg.Connection, space_id: int) -> int:
    """Return a number above that of each task of the space that has committed.

    It is the time in milliseconds since 1970, by the clock of the database, which is one for all
    machines.
    """
    row = connection.execute(_NEXT, (space_id,)).fetchone()
    assert row is not None
    return int(row[0])


def take_task_start(postgres: RetryingConnection, space_id: int) -> int:
    """Return `next_task_start`, and wait for Postgres as a batch would.

    To be called in `open`: a task that has begun to work has its number before any task that
    replaces it.
    """
    numbers: list[int] = []
    postgres.run(lambda connection: numbers.append(next_task_start(connection, space_id)))
    return numbers[-1]
