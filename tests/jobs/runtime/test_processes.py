"""Child processes: stopping one ends all of its descendants; free ports."""

import os
import socket
import sys
import time
from pathlib import Path

import psutil

from jobs.runtime import processes

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def child_of(log: Path) -> int:
    for _ in range(1000):
        if log.exists() and (pid := log.read_text().strip()):
            return int(pid)
        time.sleep(0.01)
    raise AssertionError("the child did not print its id")


def has_ended(pid: int) -> bool:
    """Whether a process ends within 5 s; a zombie has ended."""
    for _ in range(500):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.01)
    return False


def test_stopping_a_process_ends_its_children(tmp_path):
    log = tmp_path / "log" / "parent.out"
    process = processes.start([sys.executable, "-c", PARENT], os.environ, log)
    child = child_of(log)
    processes.stop(process)
    assert process.poll() is not None
    assert has_ended(child)


def test_stopping_a_killed_process_ends_its_children(tmp_path):
    log = tmp_path / "parent.out"
    process = processes.start([sys.executable, "-c", PARENT], os.environ, log)
    child = child_of(log)
    process.kill()
    process.wait()
    processes.stop(process, timeout_s=0.1)
    assert has_ended(child)


def test_a_process_that_ignores_sigterm_is_killed(tmp_path):
    log = tmp_path / "ignoring.out"
    code = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        " print(os.getpid(), flush=True); time.sleep(60)"
    )
    process = processes.start([sys.executable, "-c", code], os.environ, log)
    child_of(log)
    processes.stop(process, timeout_s=0.2)
    assert process.poll() is not None


def test_a_free_port_is_outside_of_the_range_of_the_system():
    system_range = Path("/proc/sys/net/ipv4/ip_local_port_range")
    lowest = int(system_range.read_text().split()[0]) if system_range.exists() else 49_152
    ports = [processes.free_port() for _ in range(100)]
    assert min(ports) > 1024
    assert max(ports) < max(lowest, 32_768)
    assert len(set(ports)) > 90


def test_a_port_is_taken_while_a_socket_listens_on_it():
    port = processes.free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert processes.port_taken(port)
    assert not processes.port_taken(port)


def test_without_a_free_port_in_the_range_the_system_chooses_one(monkeypatch):
    monkeypatch.setattr(processes, "port_taken", lambda port: True)
    assert 1024 < processes.free_port() < 65536
