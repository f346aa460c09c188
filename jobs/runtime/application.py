"""Application mode: a JobManager that starts together with the job, and TaskManagers for it.

Each call writes Flink's configuration into a folder and returns what to run there: one process,
which something else (systemd, a container) starts again when it ends.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.runtime.environment import flink_home, job_environment
from jobs.runtime.flink_conf import write_conf
from jobs.runtime.flink_options import (
    CLUSTER_OPTIONS,
    JOB_MANAGER_OPTIONS,
    TASK_MANAGER_OPTIONS,
)
from jobs.runtime.libraries import link_libraries
from jobs.runtime.orphans import end_orphans
from jobs.runtime.temp_dir import recreate_temp_dir, temp_dir_environment
from jobs.secret_values import dsn_environment, job_secrets, without_job_secrets

DRIVER = "org.apache.flink.client.python.PythonDriver"
"""The class that Flink runs for a job in Python."""
RPC_PORT = 6123
"""Flink's default of `jobmanager.rpc.port`."""


@dataclass(frozen=True)
class FlinkProcess:
    """What to run, and with which environment."""

    command: Sequence[str]
    environment: Mapping[str, str]


def job_manager(
    folder: Path,
    host: str,
    dsn: str,
    arguments: Sequence[str],
    *,
    savepoint: str | None = None,
    options: Mapping[str, str],
) -> FlinkProcess:
    """Prepare the JobManager with its job in `folder`.

    It listens at `host` alone. `arguments` are those of `jobs.interest_job`; `savepoint` is the
    savepoint or checkpoint that the job goes on from. `options` are further options of Flink.
    Raises EnvironmentNotReadyError when something that Flink needs is not installed.
    """
    conf = {
        "jobmanager.rpc.address": host,
        "jobmanager.rpc.port": str(RPC_PORT),
        "jobmanager.bind-host": host,
        "jobmanager.memory.process.size": "1600m",
        "rest.address": host,
        "rest.bind-address": host,
        # The one job comes with the start: nobody has to send another.
        "web.submit.enable": "false",
        **JOB_MANAGER_OPTIONS,
        **_PYTHON,
        **options,
    }
    secrets = {**job_secrets(os.environ), **dsn_environment(dsn)}
    environment = {**_prepare(folder, conf), **secrets}
    restore = [] if savepoint is None else ["--fromSavepoint", savepoint]
    command = [str(flink_home() / "bin" / "standalone-job.sh"), "start-foreground"]
    command += ["--job-classname", DRIVER, *restore, "--pyModule", "jobs.interest_job", *arguments]
    return FlinkProcess(command, environment)


def task_manager(folder: Path, job_manager: str, options: Mapping[str, str]) -> FlinkProcess:
    """Prepare a TaskManager of one slot in `folder` for the JobManager at `job_manager`.

    `job_manager` is HOST or HOST:PORT, the port being that of `jobmanager.rpc.port`. Raises
    EnvironmentNotReadyError when something that Flink needs is not installed.
    """
    host, _, port = job_manager.partition(":")
    conf = {
        "jobmanager.rpc.address": host,
        "jobmanager.rpc.port": port or str(RPC_PORT),
        "taskmanager.numberOfTaskSlots": "1",
        "taskmanager.memory.process.size": "3g",
        **CLUSTER_OPTIONS,
        **TASK_MANAGER_OPTIONS,
        **_PYTHON,
        **options,
    }
    command = [str(flink_home() / "bin" / "taskmanager.sh"), "start-foreground"]
    return FlinkProcess(command, _prepare(folder, conf))


_PYTHON = {"python.executable": sys.executable, "python.client.executable": sys.executable}


def _prepare(folder: Path, options: Mapping[str, str]) -> dict[str, str]:
    """Write the configuration into `folder`, and return the environment without secrets.

    What an earlier process in `folder` has left is ended.
    """
    folder = folder.absolute()
    end_orphans(folder / "conf")
    write_conf(folder / "conf", options)
    link_libraries(folder / "lib")
    recreate_temp_dir(folder / "tmp")
    log = folder / "log"
    environment = {
        **job_environment(log),
        **temp_dir_environment(folder / "tmp", log, os.environ.get("JDK_JAVA_OPTIONS", "")),
        "FLINK_CONF_DIR": str(folder / "conf"),
        "FLINK_LIB_DIR": str(folder / "lib"),
    }
    return without_job_secrets(environment)
