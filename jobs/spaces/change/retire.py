"""Deleting a space that is no longer needed."""

import psycopg

from jobs.errors import InterestreamError

RUNNING_S = 60
"""A job that wrote within so many seconds counts as running."""

_USES = """
SELECT s.active, s.space_id = interestream.previous_space(), EXISTS (
    SELECT FROM interestream.job_progress AS p
    WHERE p.space_id = s.space_id AND p.committed_at > now() - make_interval(secs => %s)
)
FROM interestream.spaces AS s WHERE s.space_id = %s
"""


def retire_space(db: psycopg.Connection, space_id: int, *, force: bool) -> None:
    """Delete a space with its vectors, users, trends and counters.

    Dead letters that only its job has seen move to the active space.

    Raises InterestreamError for the active space, and without `force` also for the previous one
    and for one that a job still writes to; psycopg.errors.UndefinedObject for an unknown space.
    """
    row = db.execute(_USES, (RUNNING_S, space_id)).fetchone()
    active, previous, written = row or (False, False, False)
    if active:
        raise InterestreamError(
            f"space {space_id} is the active one: run `interestream space back`, or"
            " `interestream space activate` with another space, first"
        )
    if previous and not force:
        raise InterestreamError(
            f"space {space_id} is the one that `interestream space back` goes back to:"
            " use --force if you will not go back"
        )
    if written and not force:
        raise InterestreamError(
            f"a job wrote to space {space_id} within the last {RUNNING_S} s: cancel it first, or"
            " use --force if you have just cancelled it"
        )
    db.execute("SELECT interestream.drop_space(%s)", (space_id,))
