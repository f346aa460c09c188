"""Ends what a killed process of Flink has left: its encoder, and the shell around that."""

import contextlib
import os
from pathlib import Path

import psutil

from jobs.errors import EnvironmentNotReadyError

FOLDER_VARIABLE = "FLINK_CONF_DIR"
"""The environment variable by which a process of Flink, and what it has started, is known."""


def end_orphans(conf: Path) -> list[int]:
    """End every process that was started with the configuration folder `conf`; return their ids.

    A worker ends itself when its JVM is gone (`udfs.end_with_java`), unless it was killed before it
    had opened the encoder. Raises EnvironmentNotReadyError where the JVM still runs.
    """
    found = [process for process in psutil.process_iter(["pid"]) if _belongs(process, conf)]
    for process in found:
        with contextlib.suppress(psutil.Error):
            if process.name() == "java" and process.status() != psutil.STATUS_ZOMBIE:
                raise EnvironmentNotReadyError(
                    f"Flink runs in {conf.parent} already (process {process.pid}): stop it, or give"
                    " this one a folder of its own"
                )
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return [process.pid for process in found]


def _belongs(process: psutil.Process, conf: Path) -> bool:
    try:
        known = process.environ().get(FOLDER_VARIABLE) == str(conf)
    except (psutil.Error, OSError):
        return False
    return known and process.pid != os.getpid()
