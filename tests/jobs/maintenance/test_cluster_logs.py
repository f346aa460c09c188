"""Old logs go, but none that a process of the cluster has open."""

import os
from pathlib import Path

import psutil

from jobs.maintenance.cluster_logs import remove_old_logs
from jobs.runtime.kept_cluster import KeptCluster, write_state


def log(file: Path, at_s: float) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("hello")
    os.utime(file, (at_s, at_s))
    return file


def test_files_that_nobody_has_written_to_since_go(tmp_path: Path) -> None:
    old = [log(tmp_path / "log" / "a.log.1", 10), log(tmp_path / "client" / "deep" / "b.out", 20)]
    new = log(tmp_path / "log" / "a.log", 99)
    other = log(tmp_path / "conf" / "config.yaml", 1)
    assert remove_old_logs(tmp_path, 50, dry_run=True).count == 2
    gone = remove_old_logs(tmp_path, 50)
    assert (gone.count, gone.freed_bytes) == (2, 10)
    assert [file.exists() for file in (*old, new, other)] == [False, False, True, True]
    assert remove_old_logs(tmp_path, 50).count == 0


def test_a_file_that_the_running_cluster_has_open_stays(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    own = psutil.Process()
    write_state(KeptCluster(tmp_path, own.pid, own.create_time(), 1, 1))
    with (tmp_path / "log" / "open.log").open("w") as stream:
        stream.write("x")
        stream.flush()
        os.utime(tmp_path / "log" / "open.log", (10, 10))
        log(tmp_path / "log" / "closed.log", 10)
        assert remove_old_logs(tmp_path, 50).count == 1
    assert [file.name for file in (tmp_path / "log").iterdir()] == ["open.log"]


def test_without_a_cluster_there_are_no_logs(tmp_path: Path) -> None:
    assert remove_old_logs(tmp_path / "absent", 50).count == 0
