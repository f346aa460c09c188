"""The cluster of processes that tests and the benchmark run jobs on."""

import os
import signal
import time
from pathlib import Path

import pytest

from jobs.runtime.local_cluster import LocalCluster


def task_managers(home: Path) -> list[int]:
    """Process ids of those that run on the configuration below `home`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended meanwhile
        if b"TaskManagerRunner" in command and os.fsencode(home) in command:
            found.append(int(process.name))
    return found


@pytest.mark.cluster
def test_a_task_manager_that_ended_by_itself_is_replaced_and_one_that_was_killed_is_not(
    tmp_path: Path,
) -> None:
    temporary = tmp_path / "cluster" / "tmp"
    with LocalCluster(tmp_path / "cluster", "postgresql://nobody@127.0.0.1:1/none") as cluster:
        assert list((temporary / "worker-0").iterdir())
        (first,) = task_managers(tmp_path)
        cluster.replace_ended()
        assert task_managers(tmp_path) == [first]
        os.kill(first, signal.SIGTERM)
        deadline = time.monotonic() + 60.0
        while task_managers(tmp_path) in ([], [first]):
            assert time.monotonic() < deadline
            cluster.replace_ended()
            time.sleep(0.1)
        # What the first has left there is gone, and the others' files are kept.
        assert {folder.name for folder in temporary.iterdir()} == {"jobmanager", "worker-1"}
        cluster.kill_task_manager()
        cluster.replace_ended()
        assert task_managers(tmp_path) == []
        assert {folder.name for folder in temporary.iterdir()} == {"jobmanager"}
    assert not temporary.exists()
