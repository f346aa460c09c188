"""Ends Flink's Python worker process when the JVM that started it is gone.

The JVM ends its workers when it ends itself. A JVM that is killed cannot, and the worker would wait
for it for ever, with the encoder in its memory.
"""

import os
import sys
import threading
import time

import psutil

WORKER_MODULE = "pyflink.fn_execution.beam.beam_boot"
LOOK_EVERY_S = 1.0

_started = threading.Lock()


def end_with_java() -> None:
    """Start the watch, once in a process; nothing happens outside of a worker process of Flink."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is None or spec.name != WORKER_MODULE or not _started.acquire(blocking=False):
        return
    java = next((each for each in psutil.Process().parents() if each.name() == "java"), None)
    threading.Thread(target=_watch, args=[java], name="end-with-java", daemon=True).start()


def _watch(java: psutil.Process | None) -> None:
    """End this process as soon as `java` has ended; at once if it had ended before the watch."""
    while java is not None and _runs(java):
        time.sleep(LOOK_EVERY_S)
    # Nobody is left for whom to finish or clean up anything.
    os._exit(1)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
