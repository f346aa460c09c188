"""The space that a command uses when none is named."""

import psycopg

from jobs.errors import InterestreamError


def active_space(db: psycopg.Connection) -> int:
    """Return the id of the active space.

    Raises InterestreamError when there is none.
    """
    row = db.execute("SELECT space_id FROM interestream.spaces WHERE active").fetchone()
    if row is None:
        raise InterestreamError(
            "there is no active space: make one with `interestream space create`"
        )
    return int(row[0])
