"""What lies beyond its retention, and whether somebody removes it."""

import psycopg

from jobs.core.ages import age
from jobs.doctor.finding import Finding, ok, warn
from jobs.doctor.situation import Situation
from jobs.maintenance.overdue import ADVICE, read_overdue

AREA = "Maintenance"


def check_maintenance(situation: Situation, db: psycopg.Connection) -> list[Finding]:
    """Check that dead letters and spaces are not older than their retention and a grace."""
    try:
        overdue = read_overdue(db, situation.config.retention)
    except (
        psycopg.errors.UndefinedFunction,
        psycopg.errors.InvalidSchemaName,
        psycopg.errors.InsufficientPrivilege,
    ):
        return []  # The area of the schema says so.
    if overdue.sentence:
        return [warn(AREA, overdue.sentence, ADVICE)]
    ran = "never ran" if overdue.ran_s is None else f"ran {age(overdue.ran_s)} ago"
    return [ok(AREA, f"nothing lies beyond its retention; `interestream maintain` {ran}")]
