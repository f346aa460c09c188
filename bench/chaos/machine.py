"""The processes of a job in production, and a supervisor that starts again what has ended.

Application mode as docs/production.md has it: `interestream jobmanager --resume`, and TaskManagers.
The supervisor does what systemd or Kubernetes would do, and nothing else.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from jobs.runtime import processes
from jobs.runtime.flink_rest import FlinkRest

RESTART_S = 1.0
"""The supervisor starts a process this long after it has ended."""
HEARTBEAT = ("--flink", "heartbeat.timeout=5000", "--flink", "heartbeat.interval=1000")
"""A tenth of Flink's defaults, so that a pause of seconds is longer than the timeout."""
JOB_MANAGER = "jobmanager"


class Machine:
    """A JobManager with the job, and `task_managers` TaskManagers, in `folder`.

    `dsn` is the job's connection string, `settings` its configuration as SECTION.KEY=VALUE.
    """

    def __init__(self, folder: Path, dsn: str, settings: Sequence[str], task_managers: int) -> None:
        self._folder = folder
        self._dsn = dsn
        self._settings = [f"--set={setting}" for setting in settings]
        self._rpc_port = processes.free_port()
        self.rest = FlinkRest(processes.free_port())
        self.task_managers = [f"taskmanager-{number}" for number in range(task_managers)]
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._held: set[str] = set()
        self._stopping = threading.Event()
        self.starts = 0
        """How often a process was started again."""
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    def start(self) -> None:
        """Start every process and the supervisor."""
        for name in (JOB_MANAGER, *self.task_managers):
            self._start(name)
        self._supervisor.start()

    def stop(self) -> None:
        """End the supervisor and every process, as a machine that shuts down does."""
        self._stopping.set()
        self._supervisor.join()
        for process in self._processes.values():
            processes.stop(process, timeout_s=20.0)

    def process(self, name: str) -> psutil.Process:
        """The process of a JobManager or TaskManager: Flink's JVM."""
        return psutil.Process(self._processes[name].pid)

    def encoders(self) -> list[psutil.Process]:
        """The Python processes in which the encoder runs."""
        return [
            child
            for name in self.task_managers
            for child in _children(self.process(name))
            if "beam_boot" in " ".join(_words(child)) and "python" in child.name()
        ]

    def hold(self, name: str) -> Callable[[], None]:
        """Keep the supervisor from starting a process; returns what lets it go on."""
        self._held.add(name)
        return lambda: self._held.discard(name)

    def _start(self, name: str) -> None:
        folder = self._folder / name
        if name == JOB_MANAGER:
            command = [
                *("jobmanager", "--resume", "--folder", str(folder)),
                *("--flink", f"rest.port={self.rest.address.rpartition(':')[2]}"),
                *("--flink", f"jobmanager.rpc.port={self._rpc_port}"),
                *HEARTBEAT,
                *self._settings,
            ]
        else:
            command = [
                *("taskmanager", "--jobmanager", f"127.0.0.1:{self._rpc_port}"),
                *("--host", "127.0.0.1", "--folder", str(folder)),
                *("--flink", "taskmanager.memory.process.size=2500m"),
                *("--flink", "taskmanager.memory.managed.size=128m"),
                *HEARTBEAT,
            ]
        environment = {name: value for name, value in os.environ.items() if name != "DSN"}
        if name == JOB_MANAGER:
            environment["INTERESTREAM_DSN"] = self._dsn
        self._processes[name] = processes.start(
            [sys.executable, "-m", "jobs.cli", *command],
            environment,
            self._folder / f"{name}.out",
        )

    def _supervise(self) -> None:
        ended: dict[str, float] = {}
        while not self._stopping.wait(0.1):
            for name, process in list(self._processes.items()):
                if process.poll() is None or name in self._held:
                    ended.pop(name, None)
                elif time.monotonic() - ended.setdefault(name, time.monotonic()) > RESTART_S:
                    del ended[name]
                    self.starts += 1
                    self._start(name)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
