"""Which model serves, and the way back to the one before."""

import psycopg

from model_export.errors import SourceError

_NEWEST = """
SELECT s.space_id, s.bundle_name, s.bundle_version, s.bundle_sha256
FROM interestream.spaces AS s WHERE s.of_space = %s AND s.serving
ORDER BY s.space_id DESC LIMIT 2
"""

_SPACE = """
SELECT s.space_id FROM interestream.spaces AS s
WHERE s.of_space IS NULL
    AND CASE WHEN %(space)s::integer IS NULL THEN s.active ELSE s.space_id = %(space)s END
"""


def space_of(db: psycopg.Connection, space_id: int | None) -> int:
    """Return the id of an encoder's space, that of the active one by default.

    Raises SourceError where there is none.
    """
    row = db.execute(_SPACE, {"space": space_id}).fetchone()
    if row is None:
        raise SourceError(
            "there is no active space: load data first, see `interestream space`"
            if space_id is None
            else f"there is no encoder's space {space_id}: see `interestream space list`"
        )
    return int(row[0])


def newest_serving(db: psycopg.Connection, space_id: int) -> tuple[int, str, str, str] | None:
    """Return space, name, version and hash of the newest model that serves, None without one."""
    return db.execute(_NEWEST, (space_id,)).fetchone()


def go_back(db: psycopg.Connection, space_id: int) -> tuple[str, str | None]:
    """Let the newest model serve no longer; returns its version, and that of the one in use now.

    Raises SourceError where no model serves.
    """
    rows = db.execute(_NEWEST, (space_id,)).fetchall()
    if not rows:
        raise SourceError(f"no sequence model of space {space_id} serves: there is no way back")
    db.execute("SELECT interestream.serve_sequence(%s, false)", (rows[0][0],))
    return rows[0][2], rows[1][2] if len(rows) > 1 else None
