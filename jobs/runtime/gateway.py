"""The JVM that PyFlink starts for a job in one process, and what it writes."""

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
    """Start the JVM, unless `flink run` has, and pass on what it writes to its standard error.

    PyFlink opens a pipe for that and never reads it: the steps' warnings would be lost, and once
    the pipe is full whoever writes next would wait for ever. Raises JobFailedError when there is
    no JVM in the end.
    """
    launch = java_gateway.launch_gateway_server_process

    def launch_and_listen(
        environment: Mapping[str, str], arguments: Sequence[str]
    ) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = launch(environment, arguments)
        assert process.stderr is not None
        threading.Thread(target=_pass_on, args=(process.stderr,), daemon=True).start()
        # Java lives as long as we do, so the pipe has no end to wait for: its last words get a
        # moment.
        atexit.register(time.sleep, 0.3)
        return process

    java_gateway.launch_gateway_server_process = launch_and_listen
    try:
        java_gateway.get_gateway()
    except RuntimeError as error:
        raise JobFailedError(
            "Java did not start; what it said stands above, and in the folder FLINK_LOG_DIR"
        ) from error
    finally:
        java_gateway.launch_gateway_server_process = launch


def _pass_on(pipe: BinaryIO) -> None:
    for line in pipe:
        sys.stderr.buffer.write(line)
        sys.stderr.flush()
