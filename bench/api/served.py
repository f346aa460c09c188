"""`interestream serve` as a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from jobs.errors import InterestreamError
from jobs.runtime.processes import free_port
from jobs.secret_values import DSN

START_S = 180.0


class NotServingError(InterestreamError):
    """The server did not begin to answer."""


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    port: int
    process: psutil.Process

    def cpu_s(self) -> float:
        """Processor time so far, in seconds."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def served(dsn: str, streams: Path, connections: int) -> Iterator[Server]:
    """Serve a database and append to `streams`, until the block ends. Raises NotServingError."""
    (streams / "events").mkdir(parents=True, exist_ok=True)
    port = free_port()
    settings = [
        f"serve.port={port}",
        f"serve.pool_size={connections}",
        'serve.accepts=["events"]',
    ]
    command = [sys.executable, "-m", "jobs.cli", "serve", "--streams", str(streams)]
    process = psutil.Popen(
        [*command, *(part for each in settings for part in ("--set", each))],
        env={**psutil.Process().environ(), DSN: dsn},
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + START_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotServingError("interestream serve did not begin to answer")
            time.sleep(0.1)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/live", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
