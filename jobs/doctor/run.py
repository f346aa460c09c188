"""Runs every check; one that breaks becomes a line, and the others still run."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ParamSpec

import psycopg

from jobs.doctor.checkpoints import check_checkpoints
from jobs.doctor.cluster import check_cluster
from jobs.doctor.experiment import check_experiment
from jobs.doctor.finding import Finding, fail, from_message
from jobs.doctor.flink import check_flink
from jobs.doctor.folders import check_disks, check_streams
from jobs.doctor.formats import check_formats
from jobs.doctor.machine import INSTALL, check_java_of_machine, check_packages, check_python
from jobs.doctor.maintenance import check_maintenance
from jobs.doctor.metrics import check_metrics
from jobs.doctor.postgres import check_server, check_vector, connect
from jobs.doctor.schema import check_schema
from jobs.doctor.situation import Situation, read_config
from jobs.doctor.space import check_space
from jobs.errors import InterestreamError
from jobs.sinks.database_errors import describe_error
from jobs.sinks.hidden_password import without_password
from udfs.errors import UdfError

P = ParamSpec("P")


def examine(
    config_path: Path | None,
    overrides: list[str],
    dsn: str,
    *,
    jobmanager: str,
    cluster: Path,
    space: int | None = None,
) -> list[Finding]:
    """Return what all checks found, in the order of the page and without a password."""
    config, findings = read_config(config_path, overrides, dsn)
    dsn = dsn or config.database.dsn.get_secret_value()
    situation = Situation(config, dsn, jobmanager, cluster, space)
    for area, check in (
        ("Machine", check_python),
        ("Machine", check_packages),
        ("Machine", check_java_of_machine),
        ("Flink", check_flink),
        ("Cluster", check_cluster),
    ):
        findings += _guarded(area, check, situation)
    findings += _of_database(situation)
    for area, check in (
        ("Streams", check_streams),
        ("Streams", check_formats),
        ("Disk", check_disks),
        ("Checkpoints", check_checkpoints),
        ("Metrics", check_metrics),
    ):
        findings += _guarded(area, check, situation)
    return [
        replace(
            finding,
            found=without_password(finding.found, dsn),
            advice=without_password(finding.advice, dsn),
        )
        for finding in findings
    ]


def _of_database(situation: Situation) -> list[Finding]:
    connected = connect(situation.dsn)
    if isinstance(connected, Finding):
        return [connected, *_guarded("Space", check_space, situation, None)]
    findings: list[Finding] = []
    with connected as db:
        for area, check in (
            ("PostgreSQL", check_server),
            ("PostgreSQL", check_vector),
            ("Schema", check_schema),
        ):
            findings += _guarded(area, _without_waiting, db, check)
        for area, of_situation in (
            ("Space", partial(check_space, situation)),
            ("Maintenance", partial(check_maintenance, situation)),
        ):
            findings += _guarded(area, _without_waiting, db, of_situation)
        findings += _guarded("Experiment", _without_waiting, db, check_experiment)
        return findings


def _without_waiting(
    db: psycopg.Connection, check: Callable[[psycopg.Connection], list[Finding]]
) -> list[Finding]:
    """Run a check in a transaction of its own, in which no statement takes long.

    A setting of the session would reach others behind a pooler.
    """
    with db.transaction():
        db.execute("SET LOCAL statement_timeout = '10s'")
        return check(db)


def _guarded(
    area: str,
    check: Callable[P, list[Finding]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> list[Finding]:
    try:
        return check(*args, **kwargs)
    except (InterestreamError, UdfError) as error:
        return [from_message(area, str(error))]
    except psycopg.Error as error:
        return [from_message(area, describe_error(error))]
    except ImportError as error:
        return [fail(area, f"a package cannot be imported ({error})", INSTALL)]
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return [fail(area, f"{error.strerror or error}{where}", "see to its rights and its disk")]
    except Exception as error:  # A fault of one check must not hide what the others found.
        text = (str(error).splitlines() or [""])[0]
        found = f"this check has broken ({type(error).__name__}: {text})"
        return [fail(area, found, "report this line: it is a fault of `interestream doctor`")]
