"""A standalone Flink cluster of the pip package on this machine: one JobManager, TaskManagers with
one slot each, the job submitted with the ordinary `flink run`."""

import os
import re
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
from jobs.runtime.flink_conf import copy_conf
from jobs.runtime.flink_options import CLUSTER_OPTIONS
from jobs.runtime.flink_rest import FlinkRest
from jobs.runtime.temp_dir import empty_scratch, remove_scratch, scratch_environment

_JOB_ID = re.compile(r"JobID ([0-9a-f]{32})")
_SAVEPOINT = re.compile(r"Savepoint completed\. Path: (\S+)")


class LocalCluster:
    """Starts on entry, leaves nothing running on exit; `options` are further ones of Flink."""

    def __init__(
        self,
        work_dir: Path,
        dsn: str,
        task_managers: int = 1,
        options: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._work_dir = work_dir.absolute()
        self._task_managers = task_managers
        self._options = options
        self._rest_port = processes.free_port()
        self._rpc_port = processes.free_port()
        self._scratch = self._work_dir / "tmp"
        log = self._work_dir / "log"
        self._environment = {
            **job_environment(log),
            **scratch_environment(self._scratch, log, os.environ.get("JDK_JAVA_OPTIONS", "")),
            "FLINK_CONF_DIR": str(self._work_dir / "conf"),
            "INTERESTREAM_DSN": dsn,
        }
        self._bin = flink_home() / "bin"
        self._job_manager: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []
        self._gone: list[subprocess.Popen[bytes]] = []  # killed on purpose, or replaced
        self.rest = FlinkRest(self._rest_port)

    def __enter__(self) -> "LocalCluster":
        self._write_configuration()
        empty_scratch(self._scratch)
        self._job_manager = processes.start(
            [str(self._bin / "jobmanager.sh"), "start-foreground"],
            self._environment,
            self._work_dir / "log" / "jobmanager.out",
        )
        for _ in range(self._task_managers):
            self.start_task_manager()
        self._wait_workers(self._task_managers)
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
        remove_scratch(self._scratch)

    def start_task_manager(self) -> None:
        number = len(self._workers)
        self._workers.append(
            processes.start(
                [str(self._bin / "taskmanager.sh"), "start-foreground"],
                {**self._environment, "FLINK_IDENT_STRING": f"worker-{number}"},
                self._work_dir / "log" / f"taskmanager-{number}.out",
            )
        )

    def kill_task_manager(self) -> None:
        """`kill -9` the newest TaskManager and everything it had started."""
        worker = self._workers[-1]
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        processes.stop(worker, timeout_s=0.1)
        self._gone.append(worker)

    def replace_ended(self) -> None:
        """Start a TaskManager for each that ended by itself, as whatever supervises them in
        production does: Flink ends one when a Python task is cancelled at the wrong moment of its
        start (docs/traps.md)."""
        for worker in [one for one in self._workers if one not in self._gone]:
            if worker.poll() is not None:
                self._gone.append(worker)
                self.start_task_manager()

    def submit(self, arguments: Sequence[str], savepoint: str | None = None) -> str:
        """`flink run --detached --python interest_job.py`, from a savepoint if one is given; the
        job's id.

        Raises JobFailedError with what the client printed.
        """
        entry = Path(__file__).parent.parent / "interest_job.py"
        restored = [] if savepoint is None else ["--fromSavepoint", savepoint]
        return self._flink(
            ["run", "--detached", *restored, "--python", str(entry), *arguments], _JOB_ID
        )

    def stop(self, job_id: str, directory: Path) -> str:
        """`flink stop` with a savepoint in `directory`; the savepoint's path.

        Raises JobFailedError with what the client printed.
        """
        target = directory.absolute().as_uri()
        return self._flink(["stop", "--savepointPath", target, job_id], _SAVEPOINT)

    def _flink(self, arguments: Sequence[str], wanted: re.Pattern[str]) -> str:
        done = subprocess.run(
            [str(self._bin / "flink"), *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        found = wanted.search(done.stdout)
        if done.returncode != 0 or found is None:
            said = (done.stderr or done.stdout).strip().splitlines()[-5:]
            raise JobFailedError(f"flink {arguments[0]} did not do it: " + " / ".join(said))
        return found.group(1)

    def wait_running(self, job_id: str, timeout_s: float = 240.0) -> None:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.rest.running(job_id):
                return
            time.sleep(0.2)
        status = self.rest.status(job_id)
        raise JobFailedError(
            f"the job did not run within {timeout_s:.0f} s: "
            f"{status.cause if status and status.cause else 'no cause was given'}"
        )

    def _wait_workers(self, count: int, timeout_s: float = 180.0) -> None:
        deadline = time.monotonic() + timeout_s
        while self.rest.task_managers() < count:
            if time.monotonic() > deadline:
                raise JobFailedError(
                    f"the Flink cluster did not start within {timeout_s:.0f} s"
                    f" (log: {self._work_dir / 'log'})"
                )
            time.sleep(0.2)

    def _write_configuration(self) -> None:
        conf = self._work_dir / "conf"
        copy_conf(conf)
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
            "python.executable": sys.executable,
            "python.client.executable": sys.executable,
            # A TaskManager that was killed is missed after seconds, not after a minute.
            "heartbeat.interval": 1000,
            "heartbeat.timeout": 5000,
            **self._options,
        }
        text = (flink_home() / "conf" / "config.yaml").read_text()
        kept = text[: text.index("jobmanager:")]
        (conf / "config.yaml").write_text(
            kept + "\n".join(f"{key}: {value}" for key, value in options.items()) + "\n"
        )
