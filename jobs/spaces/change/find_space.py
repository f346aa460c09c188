"""Looks up the spaces between which a change is made."""

import psycopg

from jobs.errors import InterestreamError


def active_space_and_bundle(db: psycopg.Connection) -> tuple[int, str]:
    """Return the id of the active space and the sha256 of its bundle.

    Raises InterestreamError when no space is active.
    """
    row = db.execute(
        "SELECT space_id, bundle_sha256 FROM interestream.spaces WHERE active"
    ).fetchone()
    if row is None:
        raise InterestreamError(
            "there is no active space to change from: `interestream space create` makes the first"
        )
    return int(row[0]), str(row[1])


def inactive_space_of_bundle(db: psycopg.Connection, bundle_sha256: str) -> int | None:
    """Return the newest inactive space of a bundle, or None.

    It was left by an interrupted change, or by going back to the previous space.
    """
    row = db.execute(
        "SELECT max(space_id) FROM interestream.spaces WHERE NOT active AND bundle_sha256 = %s",
        (bundle_sha256,),
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])
