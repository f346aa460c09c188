"""The ready-made schedules, each read by the program it is for where that is installed."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from croniter import croniter

import model_export.schedule
from model_export import exit_codes
from model_export.cli.app import app
from tests.model_export.builders import tiny_model

SCHEDULE = Path(model_export.schedule.__file__).parent
NIGHTLY = [datetime(2025, 3, day, 3, 17, tzinfo=UTC) for day in (1, 2, 3)]


def next_times(expression: str) -> list[datetime]:
    times = croniter(expression, datetime(2025, 2, 28, 12, tzinfo=UTC))
    return [times.get_next(datetime) for _ in NIGHTLY]


def settings() -> dict[str, str]:
    lines = (SCHEDULE / "export.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def known_variables() -> set[str]:
    """The environment variables that the commands' options read."""
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return {
        str(option.envvar)
        for command in (group, *group.commands.values())
        for option in command.params
        if option.envvar
    }


def cron_command() -> str:
    (line,) = [x for x in (SCHEDULE / "crontab").read_text().splitlines() if "*" in x]
    return line


def test_the_crontab_runs_every_night():
    fields = cron_command().split(maxsplit=5)
    assert next_times(" ".join(fields[:5])) == NIGHTLY
    assert "%" not in fields[5], "cron makes a new line of it"


def test_every_setting_of_the_schedules_is_one_the_command_reads():
    assert settings().keys() <= known_variables()
    (container,) = cronjob()["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    variables = {variable["name"] for variable in container["env"]} - {"HOME"}
    assert variables <= known_variables()


@pytest.mark.long
def test_the_line_of_the_crontab_exports_with_the_settings_of_its_file(tmp_path):
    """Run as cron would, with other places in it."""
    model = tiny_model(tmp_path / "m")
    variables = settings() | {
        "INTERESTREAM_REGISTRY": str(tmp_path / "registry"),
        "INTERESTREAM_EXPORT_SOURCE": str(model),
        "INTERESTREAM_EXPORT_NAME": "nightly",
        "INTERESTREAM_EXPORT_RECIPE": "fp32-fused",
    }
    file = tmp_path / "export.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    command = (
        cron_command()
        .split(maxsplit=5)[5]
        .replace("/etc/interestream/export.env", str(file))
        .replace("/opt/interestream", str(Path(model_export.__file__).parents[1]))
        .replace(".venv/bin/python", sys.executable)
        .replace("logger -t interestream-export", "cat")
    )
    printed = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True)
    (bundle,) = (tmp_path / "registry" / "nightly").glob("*/model.onnx")
    assert printed.stdout.splitlines()[-1] == str(bundle.parent)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong_with_its_units(tmp_path):
    for name in ("interestream-export.service", "interestream-export.timer"):
        unit = (SCHEDULE / name).read_text()
        unit = unit.replace("/opt/interestream/.venv/bin/python", sys.executable)
        (tmp_path / name).write_text(unit.replace("User=interestream", "User=root"))
    files = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_timer_runs_every_night():
    (when,) = re.findall(
        r"^OnCalendar=(.*)$", (SCHEDULE / "interestream-export.timer").read_text(), re.MULTILINE
    )
    done = subprocess.run(
        ["systemd-analyze", "calendar", "--base-time=2025-02-28 12:00:00 UTC", f"{when} UTC"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TZ": "UTC"},
    )
    assert "2025-03-01 03:17:00 UTC" in done.stdout


def cronjob() -> dict[str, Any]:
    content = yaml.safe_load((SCHEDULE / "cronjob.yaml").read_text())
    assert (content["apiVersion"], content["kind"]) == ("batch/v1", "CronJob")
    spec: dict[str, Any] = content["spec"]
    return spec


def test_the_cronjob_runs_every_night_and_never_twice_at_once():
    spec = cronjob()
    assert next_times(spec["schedule"]) == NIGHTLY
    assert spec["concurrencyPolicy"] == "Forbid"
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    (container,) = pod["containers"]
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    assert mounts == {volume["name"] for volume in pod["volumes"]}
    assert all(isinstance(variable["value"], str) for variable in container["env"])


def test_what_another_try_cannot_change_is_not_tried_again():
    """The same exit codes in Kubernetes and in Airflow, and those of the command."""
    final = [exit_codes.WRONG_OPTION, exit_codes.GATE, exit_codes.MISSING_EXTRA]
    (rule,) = cronjob()["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    assert rule["onExitCodes"]["values"] == final
    dag = ast.parse((SCHEDULE / "airflow_dag.py").read_text())
    assigned = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in dag.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert [*assigned["FINAL"]] == final
    assert shlex.split(assigned["COMMAND"].rpartition("exec ")[2])[1:3] == ["-m", "model_export"]


@pytest.mark.skipif(find_spec("airflow") is None, reason="Airflow is not installed")
def test_airflow_reads_the_dag():
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(SCHEDULE / "airflow_dag.py"))
    assert bag.import_errors == {}
    assert [*bag.dags] == ["interestream_export"]
