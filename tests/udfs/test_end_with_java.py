"""A worker process of Flink ends when its JVM was killed."""

import subprocess
import sys
import threading
from pathlib import Path

import psutil

from udfs.end_with_java import end_with_java

WORKER = """
import sys, time, types
from udfs.end_with_java import WORKER_MODULE, end_with_java
sys.modules["__main__"].__spec__ = types.SimpleNamespace(name=WORKER_MODULE)
end_with_java()
end_with_java()
print("watching", flush=True)
time.sleep(600)
"""


def test_a_worker_ends_when_its_java_was_killed_and_so_does_what_stands_between_them(
    tmp_path: Path,
) -> None:
    # The name of a process is that of the file that was run.
    java, runner = tmp_path / "java", tmp_path / "runner.sh"
    java.symlink_to("/bin/sh")
    runner.write_text(f"#!/bin/sh\n{sys.executable} -c '{WORKER}'\n")
    runner.chmod(0o755)
    with subprocess.Popen([java, "-c", f"{runner} & wait"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"watching\n"
        below = psutil.Process(process.pid).children(recursive=True)
        assert len(below) == 2
        process.kill()
        process.wait()
        _, left = psutil.wait_procs(below, timeout=60)
    assert left == []


def test_nothing_is_watched_outside_of_a_worker() -> None:
    end_with_java()
    assert "end-with-java" not in {thread.name for thread in threading.enumerate()}
