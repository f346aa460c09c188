"""The experiment that runs: how long it has run, and whether its numbers can be compared."""

import psycopg
from psycopg.rows import dict_row

from jobs.core.ages import age
from jobs.doctor.finding import Finding, ok, warn

AREA = "Experiment"

_RUNNING = """
SELECT experiment, extract(epoch FROM clock_timestamp() - started_at)::float8 AS ran_s
FROM interestream.experiments WHERE ended_at IS NULL
"""
_REPORT = "SELECT variant, verdict, warnings FROM interestream.experiment_report(%s)"


def check_experiment(db: psycopg.Connection) -> list[Finding]:
    """Tell of the running experiment and of what its report warns; nothing where none runs."""
    with db.cursor(row_factory=dict_row) as cursor:
        try:
            running = cursor.execute(_RUNNING).fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
            return []  # The area of the schema says so.
        if running is None:
            return []
        name = running["experiment"]
        rows = cursor.execute(_REPORT, (name,)).fetchall()
    said = ", ".join(f"{row['variant']}: {row['verdict']}" for row in rows)
    findings = [ok(AREA, f"'{name}' has run for {age(running['ran_s'])} ({said})")]
    warnings = dict.fromkeys(text for row in rows for text in row["warnings"] or ())
    return findings + [
        warn(AREA, f"'{name}': {text.rstrip('.')}", f"interestream experiment report {name}")
        for text in warnings
    ]
