"""The standard error of Java is passed on."""

import os
import subprocess
import sys
from pathlib import Path

from jobs.runtime.environment import job_environment

WRITES_TO_STANDARD_ERROR = """
from jobs.runtime.gateway import start_java
start_java()
from pyflink.java_gateway import get_gateway
err = get_gateway().jvm.System.err
for number in range(200):
    err.println("line %d %s" % (number, "x" * 1000))
print("written")
"""


def python(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_more_output_than_a_pipe_holds_is_passed_on_without_blocking(tmp_path: Path) -> None:
    done = python(WRITES_TO_STANDARD_ERROR, job_environment(tmp_path))
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == "written\n"
    lines = [line for line in done.stderr.splitlines() if line.startswith("line ")]
    assert len(lines) == 200


def test_the_error_of_a_java_that_does_not_start_is_printed(tmp_path: Path) -> None:
    environment = {**job_environment(tmp_path), "JDK_JAVA_OPTIONS": "-Xmx1k"}
    done = python("from jobs.runtime.gateway import start_java\nstart_java()", environment)
    assert done.returncode == 1
    assert "Too small maximum heap" in done.stdout + done.stderr
    assert "Java did not start" in done.stderr
