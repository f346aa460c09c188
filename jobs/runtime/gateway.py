"""Starts the JVM of an in-process job, and passes on its standard error."""

import atexit
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from pyflink import java_gateway

from jobs.errors import JobFailedError


def start_java() -> None:
    """Start the JVM, unless `flink run` already has, and copy its standard error to ours.

    PyFlink opens a pipe for the standard error and never reads it: warnings of the steps would be
    lost, and a write to the full pipe would block for ever. Raises JobFailedError when the JVM
    does not start.
    """
    launch = java_gateway.launch_gateway_server_process

    def launch_and_copy_stderr(
        environment: Mapping[str, str], arguments: Sequence[str]
    ) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = launch(environment, arguments)
        assert process.stderr is not None
        threading.Thread(target=_copy_to_stderr, args=(process.stderr,), daemon=True).start()
        # The JVM lives as long as this process, so the pipe does not end before it. The pause lets
        # the thread copy the last lines.
        atexit.register(time.sleep, 0.3)
        return process

    java_gateway.launch_gateway_server_process = launch_and_copy_stderr
    try:
        java_gateway.get_gateway()
    except RuntimeError as error:
        raise JobFailedError(
            "Java did not start; its messages are above, and in the folder FLINK_LOG_DIR"
        ) from error
    finally:
        java_gateway.launch_gateway_server_process = launch


def _copy_to_stderr(pipe: BinaryIO) -> None:
    for line in pipe:
        sys.stderr.buffer.write(line)
        sys.stderr.flush()
