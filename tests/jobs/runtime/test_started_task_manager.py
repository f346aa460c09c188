"""How a process was started is read from the process itself."""

import subprocess
import sys

from jobs.runtime.started_task_manager import started_task_manager


def test_command_and_environment_are_those_of_the_process():
    command = [sys.executable, "-c", "input()", "-Dtaskmanager.resource-id=worker-0"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env={"FLINK_HOME": "/flink"})
    try:
        found = started_task_manager(process.pid, "worker-0")
    finally:
        process.communicate()
    assert found is not None
    assert found.environment["FLINK_HOME"] == "/flink"
    assert found.command_of("worker-10") == [*command[:3], "-Dtaskmanager.resource-id=worker-10"]


def test_a_process_that_has_ended_is_none():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert started_task_manager(process.pid, "worker-0") is None
