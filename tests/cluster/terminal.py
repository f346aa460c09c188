"""A terminal in which `interestream` is called as a user would."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil

HIDDEN = {"java", "javac", "mvn", "psql", "flink"}
"""Programs that a machine may lack."""


class Terminal:
    """Runs `interestream` in a folder of its own, without a Java on the PATH or in JAVA_HOME."""

    def __init__(
        self, folder: Path, dsn: str, environment: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.folder = folder
        self.dsn = dsn
        path = folder / "bin"
        path.mkdir()
        for tool in [*Path("/bin").iterdir(), *Path("/usr/bin").iterdir()]:
            if tool.name not in HIDDEN and not (path / tool.name).is_symlink():
                (path / tool.name).symlink_to(tool)
        kept = {k: v for k, v in os.environ.items() if k in {"HOME", "LANG", "PYTHONPATH"}}
        self._environment = {**kept, "PATH": str(path), "INTERESTREAM_DSN": dsn, **environment}

    def run(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "jobs.cli", *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return done.stdout + done.stderr


def until(condition: Callable[[], Any], what: str, timeout_s: float = 120.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def java_process(supervisor: int, role: str) -> psutil.Process:
    """The only JVM below the supervisor's process whose command line names the role."""
    (found,) = (
        process
        for process in psutil.Process(supervisor).children(recursive=True)
        if process.name() == "java" and any(role in word for word in process.cmdline())
    )
    return found
