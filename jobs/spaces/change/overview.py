"""Every space compared with the active one."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from jobs.spaces.change.find_space import active_space_and_bundle

_OVERVIEW = """
SELECT s.space_id, s.bundle_name, s.bundle_version, s.dim,
       CASE WHEN s.active THEN 'active'
            WHEN s.space_id = interestream.previous_space() THEN 'previous' ELSE '' END AS state,
       c.records - c.records_behind AS records, c.records_behind, c.items_covered, c.items,
       c.users_covered, c.users,
       w.written_at,
       extract(epoch FROM clock_timestamp() - w.written_at)::double precision AS written_ago_s
FROM interestream.spaces AS s
CROSS JOIN LATERAL interestream.space_coverage(s.space_id) AS c
CROSS JOIN LATERAL (
    SELECT max(p.committed_at) AS written_at FROM interestream.job_progress AS p
    WHERE p.space_id = s.space_id
) AS w
WHERE s.of_space IS NULL
ORDER BY s.space_id
"""


def space_overview(db: psycopg.Connection) -> list[dict[str, Any]]:
    """Return one row per space: its bundle, `state` ("active", "previous" or ""), its coverage of
    the active space, and when its job last wrote (`written_at`, and `written_ago_s` in seconds).

    Raises InterestreamError when no space is active.
    """
    active_space_and_bundle(db)
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_OVERVIEW).fetchall()
