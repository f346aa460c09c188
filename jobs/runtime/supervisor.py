"""Holds a local Flink cluster until it is told to stop: `python -m jobs.runtime.supervisor`.

A TaskManager takes one thread-mode job in its life (docs/traps.md). The supervisor therefore
replaces each TaskManager whose job has ended, and each one that ended itself, within a second.
"""

import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import psutil

from jobs.runtime.kept_cluster import STATE_FILE, KeptCluster, write_state
from jobs.runtime.local_cluster import LocalCluster

LOOK_EVERY_S = 0.5


def main(arguments: list[str]) -> int:
    """Start the cluster of `FOLDER TASK_MANAGERS KEY=VALUE...` and keep it until SIGTERM."""
    folder, count, *options = arguments
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    work_dir = Path(folder)
    extra = dict(option.split("=", 1) for option in options)
    with LocalCluster(work_dir, dsn="", task_managers=int(count), options=extra) as cluster:
        own = psutil.Process()
        write_state(
            KeptCluster(
                work_dir,
                own.pid,
                own.create_time(),
                cluster.rest_port,
                int(count),
                https=cluster.rest.https,
            )
        )
        _keep(cluster, stopping)
        if stopping.is_set():
            # Otherwise the file tells later commands that the cluster has died.
            (work_dir / STATE_FILE).unlink(missing_ok=True)
    return 0


def _keep(cluster: LocalCluster, stopping: threading.Event) -> None:
    """Replace TaskManagers until `stopping` is set or the JobManager has ended."""
    while not stopping.wait(LOOK_EVERY_S):
        if not cluster.job_manager_runs():
            print("the JobManager has ended; the cluster stops", flush=True)
            return
        cluster.replace_ended()
        cluster.replace_used()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
