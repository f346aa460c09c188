"""Runs the job on Flink's in-process cluster: a child process with one JVM, for local use."""

import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from jobs.errors import JobFailedError
from jobs.runtime import processes
from jobs.runtime.environment import job_environment
from jobs.runtime.failure_cause import UNKNOWN, root_cause
from jobs.runtime.failure_hints import explained
from jobs.runtime.flink_conf import copy_conf
from jobs.runtime.flink_options import CLUSTER_OPTIONS
from jobs.runtime.flink_rest import FlinkRest
from jobs.runtime.java_options import LATE_OPTIMISATION
from jobs.runtime.log_format import warning_of
from jobs.runtime.slot_watch import SlotWatch
from jobs.runtime.temp_dir import (
    recreate_temp_dir,
    remove_temp_dir,
    temp_dir_environment,
)
from jobs.secret_values import dsn_environment

_JAVA_CRASHED = "A fatal error has been detected by the Java Runtime Environment"


class InProcessJob:
    """Runs `jobs.interest_job` in a child process for the length of a `with` block.

    `dsn` is passed to the child in its environment, not on its command line, which process lists
    show. `work_dir` receives its log, configuration and temporary files.
    """

    def __init__(
        self, arguments: Sequence[str], dsn: str, work_dir: Path, java_options: str = "-Xmx1500m"
    ) -> None:
        self._arguments = list(arguments)
        self._dsn = dsn
        self._work_dir = work_dir
        self._temp_dir = work_dir / "tmp"
        self._java_options = java_options
        self._port = processes.free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._job_id: str | None = None
        self._slots = SlotWatch()
        self.rest = FlinkRest(self._port)

    def __enter__(self) -> "InProcessJob":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def log(self) -> Path:
        """The file with the output of the child process; Flink's logs are beside it."""
        return self._work_dir / "log" / "job.out"

    def start(self) -> None:
        """Start the child process; `wait_running` waits for its job.

        Raises EnvironmentNotReadyError when something that the job needs is not installed.
        """
        conf = self._work_dir / "conf"
        shutil.rmtree(conf, ignore_errors=True)
        copy_conf(conf)
        recreate_temp_dir(self._temp_dir)
        environment: Mapping[str, str] = {
            **job_environment(self._work_dir / "log"),
            "FLINK_CONF_DIR": str(conf.absolute()),
            **dsn_environment(self._dsn),
            **temp_dir_environment(
                self._temp_dir, self.log.parent, f"{LATE_OPTIMISATION} {self._java_options}"
            ),
        }
        port = str(self._port)
        flink = [
            f"--flink=rest.port={port}",
            f"--flink=rest.bind-port={port}",
            *(f"--flink={key}={value}" for key, value in CLUSTER_OPTIONS.items()),
            "--flink=taskmanager.memory.network.min=128mb",
            "--flink=taskmanager.memory.network.max=128mb",
            # With the default of 10 s the submission timed out on a machine with another job.
            "--flink=pekko.ask.timeout=60 s",
        ]
        command = [sys.executable, "-m", "jobs.interest_job", *self._arguments, *flink]
        self.log.unlink(missing_ok=True)
        self._process = processes.start(command, environment, self.log)

    def stop(self) -> None:
        """End the child process and delete its temporary files; does nothing if it does not run."""
        if self._process is not None:
            processes.stop(self._process)
            self._process = None
            remove_temp_dir(self._temp_dir)

    def check(self, max_restarts: int = 2) -> None:
        """Check that the job runs.

        Raises JobFailedError with the cause when it has ended, failed or was cancelled, when it has
        restarted more than `max_restarts` times, or when it has lost its slots for good.
        """
        assert self._process is not None
        code = self._process.poll()
        status = self.rest.status(self._job_id) if self._job_id else None
        if code is not None:
            raise JobFailedError(
                f"the Flink job ended with code {code}: {explained(self._failure_in_log())}"
            )
        if status and (status.restarts > max_restarts or status.state in {"FAILED", "CANCELED"}):
            raise JobFailedError(
                f"the Flink job is {status.state.lower()} after {status.restarts} restarts:"
                f" {explained(status.cause or UNKNOWN)}\n(log: {self._work_dir / 'log'})"
            )
        if status and self._slots.lost(self.rest, status.state):
            raise JobFailedError(
                f"the Flink job has no slot any more, since its TaskExecutor has ended:"
                f" {explained(status.cause or UNKNOWN)}\n(log: {self._work_dir / 'log'})"
            )

    def last_warning(self) -> str:
        """Return the last warning about Postgres in Flink's logs; empty if there is none."""
        warning = ""
        for log in sorted(self.log.parent.glob("*.log")):
            with log.open("rb") as file:
                file.seek(max(0, log.stat().st_size - 65_536))
                for line in file.read().decode(errors="replace").splitlines():
                    if "WARN" in line and "Postgres" in line:
                        warning = warning_of(line) or warning
        return warning

    def wait_running(self, timeout_s: float = 240.0) -> str:
        """Wait until every task of the job runs, and return the job's id.

        Raises JobFailedError when it fails or does not run within `timeout_s` seconds.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            self.check()
            if self._job_id is None:
                self._job_id = next(iter(self.rest.jobs()), None)
            elif self.rest.running(self._job_id):
                return self._job_id
            time.sleep(0.2)
        raise JobFailedError(
            f"the Flink job did not start within {timeout_s:.0f} s: {self._failure_in_log()}"
        )

    def _failure_in_log(self) -> str:
        try:
            output = self.log.read_text(errors="replace").strip()
        except OSError:
            output = ""
        if _JAVA_CRASHED in output:
            return f"Java crashed in {_crashed_frame(output)} (the report: {self.log})"
        if "Caused by: " in output:
            return root_cause(output)
        messages = [
            line for line in output.splitlines() if not line.startswith(("\t", "WARNING", "NOTE"))
        ]
        lines = messages[-2:]
        return " / ".join(lines) if lines else f"nothing was printed (log: {self.log.parent})"


def _crashed_frame(report: str) -> str:
    """Return the stack frame in which a crash report of Java says that it crashed.

    >>> _crashed_frame("# Problematic frame:\\n# C  [libpython3.11.so+0x1]  PyIter_Send+0x9\\n#")
    'C [libpython3.11.so+0x1] PyIter_Send+0x9'
    """
    _, _, after = report.partition("# Problematic frame:\n#")
    return " ".join(after.partition("\n")[0].split()) or "native code"
