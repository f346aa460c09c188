"""What a killed process of Flink has left is ended before the next one starts."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.errors import EnvironmentNotReadyError
from jobs.runtime.orphans import end_orphans


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def sleeper(conf: Path, program: Path | str = "/bin/sleep") -> subprocess.Popen[bytes]:
    return subprocess.Popen([str(program), "60"], env={**os.environ, "FLINK_CONF_DIR": str(conf)})


def test_processes_of_the_folder_are_ended_and_no_others(tmp_path, started):
    mine, other = sleeper(tmp_path / "a" / "conf"), sleeper(tmp_path / "b" / "conf")
    started += [mine, other]
    assert end_orphans(tmp_path / "a" / "conf") == [mine.pid]
    assert mine.wait(10) < 0
    assert other.poll() is None


def test_a_java_that_still_runs_is_named_and_left_alone(tmp_path, started):
    java = tmp_path / "java"
    java.symlink_to("/bin/sleep")
    # The name of a process is that of the file that was run, up to 15 characters.
    running, worker = sleeper(tmp_path / "conf", java), sleeper(tmp_path / "conf")
    started += [running, worker]
    with pytest.raises(EnvironmentNotReadyError, match=f"process {running.pid}"):
        end_orphans(tmp_path / "conf")
    assert running.poll() is None
    assert worker.poll() is None


def test_the_caller_may_bear_the_folder_itself(tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import pathlib, sys; from jobs.runtime.orphans import end_orphans;"
            " print(end_orphans(pathlib.Path(sys.argv[1])))",
            str(tmp_path),
        ],
        env={**os.environ, "FLINK_CONF_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
