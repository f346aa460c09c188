"""Going back to the space that was active before the last switch."""

from dataclasses import dataclass

import psycopg

from jobs.errors import InterestreamError
from jobs.spaces.change.coverage import read_coverage

_PREVIOUS = """
SELECT s.space_id, format('%s %s', s.bundle_name, s.bundle_version), s.dim,
       extract(epoch FROM clock_timestamp() - max(p.committed_at))::double precision
FROM interestream.spaces AS s
LEFT JOIN interestream.job_progress AS p ON p.space_id = s.space_id
WHERE s.space_id = interestream.previous_space()
GROUP BY s.space_id
"""


@dataclass(frozen=True)
class PreviousSpace:
    """The space that became active again, as it was at that moment."""

    space_id: int
    bundle: str
    """Name and version of its bundle."""
    dim: int
    records_behind: int
    """Records that the job of the space active until then has read and its own job has not."""
    written_ago_s: float | None
    """Seconds since its job last wrote; None if it never has."""


def activate_previous_space(db: psycopg.Connection) -> PreviousSpace:
    """Make the previously active space active again, however far its job is behind.

    Raises InterestreamError when no other space was active before.
    """
    row = db.execute(_PREVIOUS).fetchone()
    if row is None:
        raise InterestreamError("no other space was active before: see `interestream space status`")
    space_id, bundle, dim, written_ago_s = row
    # The coverage is relative to the active space, so it is read before the switch.
    coverage = read_coverage(db, space_id)
    db.execute("SELECT interestream.activate_space(%s)", (space_id,))
    return PreviousSpace(space_id, bundle, dim, coverage.records_behind, written_ago_s)
