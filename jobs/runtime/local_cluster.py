"""Runs a standalone Flink cluster from the pip package on this machine.

It has one JobManager and TaskManagers of one slot each.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType

from jobs.errors import JobFailedError
from jobs.runtime import processes
from jobs.runtime.environment import flink_home, job_environment
from jobs.runtime.flink_conf import rest_has_tls, write_conf
from jobs.runtime.flink_options import (
    CLUSTER_OPTIONS,
    JOB_MANAGER_OPTIONS,
    TASK_MANAGER_OPTIONS,
)
from jobs.runtime.flink_path import flink_path
from jobs.runtime.flink_rest import FlinkRest
from jobs.runtime.java_options import QUICK_START
from jobs.runtime.libraries import link_libraries
from jobs.runtime.started_task_manager import StartedTaskManager, started_task_manager
from jobs.runtime.submit import submit_job
from jobs.runtime.temp_dir import (
    recreate_temp_dir,
    remove_temp_dir,
    temp_dir_environment,
)


class LocalCluster:
    """A cluster for the length of a `with` block; no process of it outlives the block.

    `dsn` is that of the jobs that `submit` submits. `options` are further options of Flink, by key.
    Raises EnvironmentNotReadyError when something that Flink needs is not installed, and
    JobFailedError on entry when the cluster does not start.
    """

    def __init__(
        self,
        work_dir: Path,
        dsn: str,
        task_managers: int = 1,
        options: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._work_dir = work_dir.absolute()
        self._dsn = dsn
        self._task_managers = task_managers
        self._options = options
        self._rest_port = processes.free_port()
        self._rpc_port = processes.free_port()
        self._temp_dir = self._work_dir / "tmp"
        self._log = self._work_dir / "log"
        self._environment = {
            **job_environment(self._log),
            "FLINK_CONF_DIR": str(self._work_dir / "conf"),
            "FLINK_LIB_DIR": str(self._work_dir / "lib"),
        }
        self._bin = flink_home() / "bin"
        self._job_manager: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []
        self._pattern: StartedTaskManager | None = None
        self._settled_jobs: set[str] = set()  # ended ones whose TaskManagers were replaced
        self._ended: list[subprocess.Popen[bytes]] = []  # workers killed by us, or replaced
        self.rest = FlinkRest(self._rest_port, https=rest_has_tls(options))

    @property
    def rest_port(self) -> int:
        """The port of the JobManager's REST interface."""
        return self._rest_port

    def __enter__(self) -> "LocalCluster":
        self._write_configuration()
        link_libraries(self._work_dir / "lib")
        recreate_temp_dir(self._temp_dir)
        self._job_manager = processes.start(
            [str(self._bin / "jobmanager.sh"), "start-foreground"],
            self._environment_of("jobmanager", QUICK_START),
            self._log / "jobmanager.out",
        )
        for _ in range(self._task_managers):
            self.start_task_manager()
        self._wait_task_managers(self._task_managers)
        if self._workers:
            self._pattern = started_task_manager(self._workers[0].pid, _worker_name(0))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in [*self._workers, self._job_manager]:
            if process is not None:
                processes.stop(process, timeout_s=5.0)
        remove_temp_dir(self._temp_dir)

    def start_task_manager(self) -> None:
        """Start one more TaskManager, without waiting until it has registered."""
        number = len(self._workers)
        name = _worker_name(number)
        own = {**self._environment_of(name), "FLINK_IDENT_STRING": name}
        if self._pattern is None:
            script = str(self._bin / "taskmanager.sh")
            command = [script, "start-foreground", f"-D{_RESOURCE_ID}={name}"]
            environment = own
        else:
            command = self._pattern.command_of(name)
            environment = {**self._pattern.environment, **own}
        log = self._log / f"taskmanager-{number}.out"
        self._workers.append(processes.start(command, environment, log))

    def kill_task_manager(self) -> None:
        """Kill (SIGKILL) the newest TaskManager and every process that it has started."""
        worker = self._workers[-1]
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        self._end(worker, timeout_s=0.1)

    def replace_ended(self) -> None:
        """Start a TaskManager for each that ended by itself, as a supervisor does in production.

        Flink ends a TaskManager when a Python task is cancelled while it starts (docs/traps.md).
        """
        for worker in [worker for worker in self._workers if worker not in self._ended]:
            if worker.poll() is not None:
                self._end(worker, timeout_s=0.1)
                self.start_task_manager()

    def job_manager_runs(self) -> bool:
        """Return whether the JobManager's process runs."""
        return self._job_manager is not None and self._job_manager.poll() is None

    def replace_used(self) -> None:
        """Replace each TaskManager whose job has ended, since it cannot run another one."""
        for job_id in self.rest.ended_jobs() - self._settled_jobs:
            used = self.rest.task_managers_of(job_id)
            if used is None:
                continue  # It is asked again.
            for resource_id in used:
                worker = self._workers[int(resource_id.removeprefix(_WORKER))]
                if worker not in self._ended:
                    self._end(worker, timeout_s=5.0)
                    self.start_task_manager()
            self._settled_jobs.add(job_id)

    def submit(self, arguments: Sequence[str], savepoint: str | None = None) -> str:
        """Submit the job with `arguments` of `jobs.interest_job`, and return its id.

        The job starts from `savepoint` if that is not None. Raises what `submit_job` raises.
        """
        return submit_job(self.rest, self._dsn, arguments, self._work_dir / "client", savepoint)

    def stop(self, job_id: str, directory: Path) -> str:
        """Stop a job with a savepoint in `directory`, and return the savepoint's path.

        Raises what `FlinkRest.stop` raises.
        """
        return self.rest.stop(job_id, flink_path(directory))

    def wait_running(self, job_id: str, timeout_s: float = 240.0) -> None:
        """Wait until every task of a job runs.

        Raises JobFailedError with the cause when they do not within `timeout_s` seconds.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.rest.running(job_id):
                return
            time.sleep(0.2)
        status = self.rest.status(job_id)
        raise JobFailedError(
            f"the job did not run within {timeout_s:.0f} s: "
            f"{status.cause if status and status.cause else 'Flink gave no reason'}"
        )

    def _environment_of(self, name: str, java_options: str = "") -> dict[str, str]:
        """The environment of one process, whose temporary files have a folder of their own.

        `java_options` also count for the three short runs of Java in Flink's script.
        """
        folder = self._temp_dir / name
        folder.mkdir()
        options = f"{java_options} {os.environ.get('JDK_JAVA_OPTIONS', '')}".strip()
        return {**self._environment, **temp_dir_environment(folder, self._log, options)}

    def _end(self, worker: subprocess.Popen[bytes], timeout_s: float) -> None:
        """End what is left of a TaskManager, and delete its temporary files."""
        self._ended.append(worker)
        processes.stop(worker, timeout_s)
        remove_temp_dir(self._temp_dir / _worker_name(self._workers.index(worker)))

    def _wait_task_managers(self, count: int, timeout_s: float = 180.0) -> None:
        deadline = time.monotonic() + timeout_s
        while self.rest.task_managers() < count:
            if time.monotonic() > deadline:
                raise JobFailedError(
                    f"the Flink cluster did not start within {timeout_s:.0f} s"
                    f" (log: {self._work_dir / 'log'})"
                )
            time.sleep(0.2)

    def _write_configuration(self) -> None:
        options = {
            "jobmanager.rpc.address": "127.0.0.1",
            "jobmanager.bind-host": "127.0.0.1",
            "jobmanager.rpc.port": self._rpc_port,
            "jobmanager.memory.process.size": "1200m",
            "rest.address": "127.0.0.1",
            "rest.bind-address": "127.0.0.1",
            "rest.port": self._rest_port,
            "taskmanager.host": "127.0.0.1",
            "taskmanager.bind-host": "127.0.0.1",
            "taskmanager.numberOfTaskSlots": 1,
            "taskmanager.memory.process.size": "2500m",
            "taskmanager.memory.managed.size": "128m",
            **CLUSTER_OPTIONS,
            **JOB_MANAGER_OPTIONS,
            **TASK_MANAGER_OPTIONS,
            "python.executable": sys.executable,
            "python.client.executable": sys.executable,
            # A killed TaskManager is noticed after 5 s instead of 50 s.
            "heartbeat.interval": 1000,
            "heartbeat.timeout": 5000,
            **self._options,
        }
        write_conf(self._work_dir / "conf", {key: str(value) for key, value in options.items()})


_WORKER = "worker-"
_RESOURCE_ID = "taskmanager.resource-id"


def _worker_name(number: int) -> str:
    return f"{_WORKER}{number}"
