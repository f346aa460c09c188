"""The page of `interestream serve` beside an embedded system, for the length of a `with` block."""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.runtime.processes import free_port, start, stop

WAIT_S = 30.0
"""How long the page has to begin to answer."""
_NEEDED = ("fastapi", "jinja2", "prometheus_client", "psycopg_pool", "uvicorn")
MISSING = "The page needs more packages: `pip install 'interestream[serve]'`"


@dataclass(frozen=True)
class LocalPage:
    """A page in a process of its own, or why there is none."""

    address: str = ""
    process: subprocess.Popen[bytes] | None = None
    log: Path | None = None

    def sentence(self) -> str:
        """Wait until the page answers, and return where, or why it does not."""
        if self.process is None:
            return MISSING
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError, urllib.error.URLError):
                urllib.request.urlopen(f"{self.address}/live", timeout=2).close()  # noqa: S310
                return f"The page: {self.address}"
            time.sleep(0.1)
        return f"The page did not start: {self.log} says why"


@contextlib.contextmanager
def local_page(
    dsn: str, streams: Path, log: Path, accepts: Sequence[str] = (), bundle: Path | None = None
) -> Iterator[LocalPage]:
    """Start the page on a free port; its process ends with the block, and with this process.

    `streams` is the folder of the streams, `log` the file with what the page says. Records for
    the streams that `accepts` names may be sent to it; `bundle` is the folder of the encoder, with
    which it reads requests in words. Without the packages of the extra `serve`
    there is no page, and `sentence` says so.
    """
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        yield LocalPage()
        return
    port = free_port()
    settings = [f"serve.port={port}", f"serve.accepts={json.dumps(list(accepts))}"]
    if bundle is not None:
        settings.append(f"encoder.bundle={bundle.absolute()}")
    command = [
        *(sys.executable, "-m", "jobs.cli", "serve", "--streams", str(streams.absolute())),
        # Another cluster that runs on this machine is none of its business.
        *("--cluster", str(log.absolute().parent / "no-cluster")),
        *(part for setting in settings for part in ("--set", setting)),
    ]
    process = start(command, {**os.environ, "INTERESTREAM_DSN": dsn}, log)
    try:
        yield LocalPage(f"http://127.0.0.1:{port}", process, log)
    finally:
        stop(process)
