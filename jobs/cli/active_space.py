"""The space that a command is about."""

import psycopg

from jobs.errors import InterestreamError


def active_space(db: psycopg.Connection) -> int:
    """Id of the active space; InterestreamError says how to make one."""
    row = db.execute("SELECT space_id FROM interestream.spaces WHERE active").fetchone()
    if row is None:
        raise InterestreamError(
            "there is no active space: make one with `interestream space create`"
        )
    return int(row[0])
