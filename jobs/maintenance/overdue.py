"""What lies beyond its retention because nobody runs `interestream maintain`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from jobs.core.ages import age
from jobs.retention_settings import Retention

GRACE_S = 2 * 86_400
"""A run a day leaves things for a day; two days behind retention somebody has to look."""
ADVICE = "run `interestream maintain` every night: docs/retention.md has units for it"

_STATE = """
SELECT clock_timestamp(), m.ran_at, m.oldest_letter_at,
       (SELECT array_agg(o.space_id) FROM interestream.old_spaces(%(spaces)s) AS o)
FROM interestream.last_maintenance() AS m
"""


@dataclass(frozen=True)
class Overdue:
    """Times are ages in seconds; None where there is none."""

    ran_s: float | None
    """Since the last run."""
    letter_s: float | None
    """Of the oldest dead letter, where it is beyond its retention and the grace."""
    spaces: tuple[int, ...]
    """Spaces that are beyond theirs."""

    @property
    def sentence(self) -> str:
        """What is wrong, without advice; empty where nothing is.

        >>> Overdue(None, 0.0, ()).sentence
        'dead letters are up to 0 s old, and `interestream maintain` never ran'
        """
        parts = []
        if self.letter_s is not None:
            parts.append(f"dead letters are up to {age(self.letter_s)} old")
        if self.spaces:
            names = ", ".join(map(str, self.spaces))
            parts.append(f"nobody has used the spaces {names} for long")
        if not parts:
            return ""
        ran = "never ran" if self.ran_s is None else f"ran {age(self.ran_s)} ago"
        return f"{' and '.join(parts)}, and `interestream maintain` {ran}"


def read_overdue(db: psycopg.Connection, keep: Retention) -> Overdue:
    """Look for what should be gone; a role that is a member of interestream_reader is enough."""
    row = db.execute(_STATE, {"spaces": _before(db, keep.spaces_s)}).fetchone()
    assert row is not None
    now, ran_at, letter_at, spaces = row
    limit_s = keep.dead_letters_s + GRACE_S
    letter_s = None if letter_at is None else (now - letter_at).total_seconds()
    if not keep.dead_letters_s or (letter_s is not None and letter_s < limit_s):
        letter_s = None
    ran_s = None if ran_at is None else (now - ran_at).total_seconds()
    return Overdue(ran_s, letter_s, tuple(spaces or ()))


def _before(db: psycopg.Connection, kept_s: float) -> datetime | None:
    """The time before which something is overdue; None, which nothing is before, for ever."""
    row = db.execute("SELECT now()").fetchone()
    if not kept_s or row is None:
        return None
    before: datetime = row[0] - timedelta(seconds=kept_s + GRACE_S)
    return before
