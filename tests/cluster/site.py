"""Two JobManagers of one job, a ZooKeeper between them, and TaskManagers, each a process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from jobs.runtime import processes
from jobs.runtime.flink_rest import FlinkRest
from tests.cluster.zookeeper import ZooKeeper

HEARTBEAT = {"heartbeat.timeout": "5000", "heartbeat.interval": "1000"}
"""A tenth of Flink's defaults."""


class Site:
    """The processes of one job in `folder`; each of them can be killed, stopped and continued."""

    def __init__(self, folder: Path, dsn: str, settings: Sequence[str]) -> None:
        self.folder = folder
        self.zookeeper = ZooKeeper(folder / "zookeeper")
        self._dsn = dsn
        self._settings = [f"--set={setting}" for setting in settings]
        self._rest_ports: dict[str, int] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def job_manager(self, name: str) -> None:
        """Start a JobManager: the leader where there is none, and a standby otherwise."""
        self._rest_ports.setdefault(name, processes.free_port())
        options = {"rest.port": str(self._rest_ports[name]), **self._options()}
        command = ["jobmanager", "--resume", *_flink(options), *self._settings]
        self._start(name, command, {"INTERESTREAM_DSN": self._dsn})

    def task_manager(self, name: str) -> None:
        """Start a TaskManager, which asks ZooKeeper who leads."""
        options = {
            "taskmanager.memory.process.size": "2500m",
            "taskmanager.memory.managed.size": "128m",
            "taskmanager.resource-id": name,
            **self._options(),
        }
        self._start(name, ["taskmanager", "--host", "127.0.0.1", *_flink(options)], {})

    def rest(self, name: str) -> FlinkRest:
        """The REST interface of a JobManager; that of a standby speaks for the leader."""
        return FlinkRest(self._rest_ports[name])

    def kill(self, name: str) -> None:
        """Kill -9 of a process, as a machine that goes down would."""
        self._processes[name].kill()
        self._processes[name].wait(20)

    def exit_code(self, name: str) -> int | None:
        """The exit code of a process that has ended."""
        return self._processes[name].poll()

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """A process stands still (SIGSTOP), with all that it has started."""
        process = psutil.Process(self._processes[name].pid)
        family = [process, *process.children(recursive=True)]
        for one in family:
            one.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for one in family:
                one.send_signal(signal.SIGCONT)

    def log(self, name: str) -> str:
        """What a process has written."""
        files = [self.folder / f"{name}.out", *(self.folder / name / "log").glob("*.log")]
        return "".join(file.read_text(errors="replace") for file in files)

    def stop(self) -> None:
        """End everything."""
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT)
            processes.stop(process, timeout_s=5.0)
        self.zookeeper.kill()

    def _options(self) -> dict[str, str]:
        return {**HEARTBEAT, **self.zookeeper.options(self.folder / "high-availability")}

    def _start(self, name: str, command: Sequence[str], environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "jobs.cli", *command, "--folder", str(self.folder / name)]
        self._processes[name] = processes.start(
            command, {**os.environ, **environment}, self.folder / f"{name}.out"
        )


def _flink(options: dict[str, str]) -> list[str]:
    return [f"--flink={key}={value}" for key, value in options.items()]
