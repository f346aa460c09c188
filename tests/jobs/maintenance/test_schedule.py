"""The ready-made schedules name commands and files that there are, and run every night."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from croniter import croniter

from jobs.config import load_config
from tests.docker.command_line import options_of
from tests.sql.builders import add_space
from tests.sql.logins import login
from tests.sql.maintain.builders import add_letter

ROOT = Path(__file__).parents[3]
SCHEDULE = ROOT / "jobs" / "maintenance" / "schedule"
NIGHTLY = [datetime(2025, 3, day, 3, 47, tzinfo=UTC) for day in (1, 2, 3)]
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)


def next_times(expression: str) -> list[datetime]:
    times = croniter(expression, datetime(2025, 2, 28, 12, tzinfo=UTC))
    return [times.get_next(datetime) for _ in NIGHTLY]


def unit(name: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(SCHEDULE / f"interestream-maintain.{name}")
    return found


def cron_fields() -> list[str]:
    (line,) = [x for x in (SCHEDULE / "crontab").read_text().splitlines() if "* *" in x]
    return line.split(maxsplit=5)


def cronjob() -> dict[str, Any]:
    content = yaml.safe_load((ROOT / "docker" / "kubernetes" / "maintain.yaml").read_text())
    assert (content["apiVersion"], content["kind"]) == ("batch/v1", "CronJob")
    spec: dict[str, Any] = content["spec"]
    return spec


def pod() -> dict[str, Any]:
    found: dict[str, Any] = cronjob()["jobTemplate"]["spec"]["template"]["spec"]
    return found


def test_the_unit_runs_the_command_with_the_configuration_of_the_job():
    program, *arguments = shlex.split(unit("service")["Service"]["ExecStart"])
    options = options_of([Path(program).name, *arguments])
    assert str(options["config"]) == "/etc/interestream/job.toml"
    page = (ROOT / "docs" / "production.md").read_text()
    assert f"--config {options['config']}" in page
    assert f"{program} jobmanager" in page
    assert "EnvironmentFile" in unit("service")["Service"]
    assert "INTERESTREAM_DSN=" not in (SCHEDULE / "interestream-maintain.service").read_text()


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    for name in ("interestream-maintain.service", "interestream-maintain.timer"):
        text = (SCHEDULE / name).read_text()
        text = text.replace("/opt/interestream/bin/interestream", sys.executable)
        (tmp_path / name).write_text(text.replace("User=interestream", "User=root"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_the_timer_runs_every_night():
    done = subprocess.run(
        [
            "systemd-analyze",
            "calendar",
            "--base-time=2025-02-28 12:00:00 UTC",
            f"{unit('timer')['Timer']['OnCalendar']} UTC",
        ],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TZ": "UTC"},
    )
    assert "2025-03-01 03:47:00 UTC" in done.stdout


def test_the_crontab_runs_every_night():
    fields = cron_fields()
    assert next_times(" ".join(fields[:5])) == NIGHTLY
    assert "%" not in fields[5], "cron makes a new line of it"


def test_the_line_of_the_crontab_removes_old_letters(dsn, tmp_path):
    """Run as cron would, with other places in it, and with the role that the page gives it."""
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
        add_letter(db, 0, 100)
        with login(dsn, "interestream_admin") as admin:
            (tmp_path / "maintain.env").write_text(f"INTERESTREAM_DSN='{admin}'\n")
            (tmp_path / "job.toml").write_text(
                f'[encoder]\nbundle_cache = "{tmp_path / "bundles"}"\n'
            )
            command = (
                cron_fields()[5]
                .replace("/etc/interestream", str(tmp_path))
                .replace("/opt/interestream/bin/interestream", f"{sys.executable} -m jobs.cli")
                .replace("logger -t interestream-maintain", "cat")
            )
            done = subprocess.run(
                ["/bin/sh", "-c", command],
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                cwd=tmp_path,
            )
        assert re.search(r'"removed": 1,\s+"unit": "rows"', done.stdout), done.stdout
        left = db.execute("SELECT count(*) FROM interestream.dead_letters").fetchone()
        assert left == (0,)


def test_the_cronjob_runs_every_night_and_never_twice_at_once():
    spec = cronjob()
    assert next_times(spec["schedule"]) == NIGHTLY
    assert spec["concurrencyPolicy"] == "Forbid"
    assert pod()["restartPolicy"] == "Never"


def test_the_cronjob_works_where_the_job_does():
    (container,) = pod()["containers"]
    job = yaml.safe_load((ROOT / "docker" / "kubernetes" / "job.yaml").read_text())
    assert container["image"] == job["spec"]["image"]
    program, *arguments = container["command"]
    assert program.startswith("/opt/venv/bin/")
    options = options_of([Path(program).name, *arguments])
    config = load_config(None, options["override"])
    folder = f"file://{config.checkpoints.directory}"
    assert job["spec"]["flinkConfiguration"]["execution.checkpointing.dir"] == folder
    assert options["jobmanager"] == f"{job['metadata']['name']}-rest:8081"
    claims = {
        volume["persistentVolumeClaim"]["claimName"]
        for volume in (*pod()["volumes"], *job["spec"]["podTemplate"]["spec"]["volumes"])
        if "persistentVolumeClaim" in volume
    }
    assert len(claims) == 1
    assert pod()["securityContext"]["runAsUser"] == 10001
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    assert mounts == {volume["name"] for volume in pod()["volumes"]}


def test_the_connection_string_comes_from_a_secret():
    (container,) = pod()["containers"]
    (variable,) = container["env"]
    assert variable["name"] == "INTERESTREAM_DSN"
    assert variable["valueFrom"]["secretKeyRef"] == {"name": "interestream-maintain", "key": "dsn"}
