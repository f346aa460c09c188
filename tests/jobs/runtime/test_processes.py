"""Child processes: the whole family is gone when one is stopped."""

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
        if log.exists() and (said := log.read_text().strip()):
            return int(said)
        time.sleep(0.01)
    raise AssertionError("the child did not tell its id")


def gone(pid: int) -> bool:
    """Whether a process has ended, waiting for it a little; one nobody waited for counts."""
    for _ in range(500):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.01)
    return False


def test_what_a_process_started_ends_with_it(tmp_path):
    log = tmp_path / "log" / "parent.out"
    process = processes.start([sys.executable, "-c", PARENT], os.environ, log)
    child = child_of(log)
    processes.stop(process)
    assert process.poll() is not None
    assert gone(child)


def test_a_child_ends_even_when_its_parent_was_killed_before(tmp_path):
    log = tmp_path / "parent.out"
    process = processes.start([sys.executable, "-c", PARENT], os.environ, log)
    child = child_of(log)
    process.kill()
    process.wait()
    processes.stop(process, timeout_s=0.1)
    assert gone(child)


def test_a_process_that_does_not_listen_is_made_to_end(tmp_path):
    log = tmp_path / "deaf.out"
    deaf = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        " print(os.getpid(), flush=True); time.sleep(60)"
    )
    process = processes.start([sys.executable, "-c", deaf], os.environ, log)
    child_of(log)
    processes.stop(process, timeout_s=0.2)
    assert process.poll() is not None


def test_a_free_port_is_not_one_that_the_system_may_give_to_others():
    by_chance = Path("/proc/sys/net/ipv4/ip_local_port_range")
    lowest = int(by_chance.read_text().split()[0]) if by_chance.exists() else 49_152
    ports = [processes.free_port() for _ in range(100)]
    assert min(ports) > 1024
    assert max(ports) < max(lowest, 32_768)
    assert len(set(ports)) > 90


def test_a_port_is_taken_while_somebody_listens_on_it():
    port = processes.free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert processes.port_taken(port)
    assert not processes.port_taken(port)


def test_when_no_port_of_ours_is_free_any_is_taken(monkeypatch):
    monkeypatch.setattr(processes, "port_taken", lambda port: True)
    assert 1024 < processes.free_port() < 65536
