"""The job on Flink's in-process cluster: one child process with one JVM, for trying things out."""

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
from jobs.runtime.failure_hints import explained
from jobs.runtime.flink_conf import copy_conf
from jobs.runtime.flink_options import CLUSTER_OPTIONS
from jobs.runtime.flink_rest import FlinkRest, root_cause
from jobs.runtime.temp_dir import empty_scratch, remove_scratch, scratch_environment

_JAVA_CRASHED = "A fatal error has been detected by the Java Runtime Environment"


class InProcessJob:
    """Runs `jobs.interest_job` in a child process and watches it.

    `dsn` reaches the child through its environment, never through its command line.
    """

    def __init__(
        self, arguments: Sequence[str], dsn: str, work_dir: Path, java_options: str = "-Xmx1500m"
    ) -> None:
        self._arguments = list(arguments)
        self._dsn = dsn
        self._work_dir = work_dir
        self._scratch = work_dir / "tmp"
        self._java_options = java_options
        self._port = processes.free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._job_id: str | None = None
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
        return self._work_dir / "log" / "job.out"

    def start(self) -> None:
        conf = self._work_dir / "conf"
        shutil.rmtree(conf, ignore_errors=True)
        copy_conf(conf)
        empty_scratch(self._scratch)
        environment: Mapping[str, str] = {
            **job_environment(self._work_dir / "log"),
            "FLINK_CONF_DIR": str(conf.absolute()),
            "INTERESTREAM_DSN": self._dsn,
            **scratch_environment(self._scratch, self.log.parent, self._java_options),
        }
        port = str(self._port)
        flink = [
            f"--flink=rest.port={port}",
            f"--flink=rest.bind-port={port}",
            *(f"--flink={key}={value}" for key, value in CLUSTER_OPTIONS.items()),
            "--flink=taskmanager.memory.network.min=128mb",
            "--flink=taskmanager.memory.network.max=128mb",
            # Beside another job on a busy machine the default of 10 s ended the submission.
            "--flink=pekko.ask.timeout=60 s",
        ]
        command = [sys.executable, "-m", "jobs.interest_job", *self._arguments, *flink]
        self.log.unlink(missing_ok=True)
        self._process = processes.start(command, environment, self.log)

    def stop(self) -> None:
        if self._process is not None:
            processes.stop(self._process)
            self._process = None
            remove_scratch(self._scratch)

    def check(self, max_restarts: int = 2) -> None:
        """Raise JobFailedError, naming the cause, when the job has ended or restarts in circles."""
        assert self._process is not None
        code = self._process.poll()
        status = self.rest.status(self._job_id) if self._job_id else None
        if code is not None:
            raise JobFailedError(
                f"the Flink job ended with code {code}: {explained(self._last_words())}"
            )
        if status and (status.restarts > max_restarts or status.state in {"FAILED", "CANCELED"}):
            raise JobFailedError(
                f"the Flink job is {status.state.lower()} after {status.restarts} restarts:"
                f" {explained(status.cause or 'Flink gave no reason')}"
                f"\n(log: {self._work_dir / 'log'})"
            )

    def last_warning(self) -> str:
        """What a step has last complained of; empty where none has."""
        found = ""
        for log in sorted(self.log.parent.glob("*.log")):
            with log.open("rb") as file:
                file.seek(max(0, log.stat().st_size - 65_536))
                for line in file.read().decode(errors="replace").splitlines():
                    if " WARN " in line and "Postgres" in line:
                        found = line.partition(" - ")[2].strip()
        return found

    def wait_running(self, timeout_s: float = 240.0) -> str:
        """Wait until every task runs; the job's id."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            self.check()
            if self._job_id is None:
                self._job_id = next(iter(self.rest.jobs()), None)
            elif self.rest.running(self._job_id):
                return self._job_id
            time.sleep(0.2)
        raise JobFailedError(
            f"the Flink job did not start within {timeout_s:.0f} s: {self._last_words()}"
        )

    def _last_words(self) -> str:
        try:
            said = self.log.read_text(errors="replace").strip()
        except OSError:
            said = ""
        if _JAVA_CRASHED in said:
            return f"Java crashed in {_crashed_in(said)} (the report: {self.log})"
        if "Caused by: " in said:
            return root_cause(said)
        ours = [
            line for line in said.splitlines() if not line.startswith(("\t", "WARNING", "NOTE"))
        ]
        lines = ours[-2:]
        return " / ".join(lines) if lines else f"nothing was printed (log: {self.log.parent})"


def _crashed_in(report: str) -> str:
    """The frame that the report of a crash names.

    >>> _crashed_in("# Problematic frame:\\n# C  [libpython3.11.so+0x1]  PyIter_Send+0x9\\n#")
    'C [libpython3.11.so+0x1] PyIter_Send+0x9'
    """
    _, _, after = report.partition("# Problematic frame:\n#")
    return " ".join(after.partition("\n")[0].split()) or "native code"
