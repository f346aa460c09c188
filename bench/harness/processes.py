"""Processor time and memory of all processes that a benchmark has started, by their kind."""

import os
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psutil

OWN = "benchmark"
"""The kind of the process that measures."""
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_KINDS = (
    ("postgres:", "Postgres"),
    ("bin/postgres", "Postgres"),
    ("pyflink.fn_execution", "encoder"),
    ("pyflink-udf-runner", "encoder"),
    ("bench.peers", "peer"),
    ("TaskManagerRunner", "TaskManager"),
    ("StandaloneSessionClusterEntrypoint", "JobManager"),
    ("kafka.Kafka", "broker"),
    ("bin/java", "JVM and Python"),
    # On Flink's in-process cluster the worker of the encoder is a thread of the launcher.
    ("jobs.interest_job", "encoder (launcher)"),
)
_THREADS = (("C1 ", "JIT compiler"), ("C2 ", "JIT compiler"), ("G1 ", "GC"), ("GC ", "GC"))


@dataclass(frozen=True)
class Usage:
    """Processor time and memory at one moment, by kind of process."""

    at_s: float
    """Seconds of `time.perf_counter`."""
    cpu_s: dict[str, float]
    """Seconds of processor time since the start of the processes."""
    memory_mb: dict[str, float]
    """Resident megabytes now."""
    threads_s: dict[str, float]
    """Processor time of the threads of the JVM that runs the tasks, by name without numbers."""


@dataclass
class ProcessWatch:
    """Follows this process and all its descendants.

    A process that has ended counts with the processor time of its last measurement.
    """

    _cpu_s: dict[tuple[int, float], tuple[str, float]] = field(default_factory=dict)

    def usage(self) -> Usage:
        """Measure all processes now."""
        memory_mb: dict[str, float] = defaultdict(float)
        threads_s: dict[str, float] = {}
        here = psutil.Process()
        for process in [here, *here.children(recursive=True)]:
            try:
                kind = OWN if process.pid == here.pid else kind_of(process.cmdline())
                times = process.cpu_times()
                self._cpu_s[process.pid, process.create_time()] = (kind, times.user + times.system)
                memory_mb[kind] += _memory_mb(process, kind)
                if kind in ("JVM and Python", "TaskManager"):
                    threads_s = threads_s | _threads_s(process.pid)
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
        cpu_s: dict[str, float] = defaultdict(float)
        for kind, seconds in self._cpu_s.values():
            cpu_s[kind] += seconds
        return Usage(time.perf_counter(), dict(cpu_s), dict(memory_mb), threads_s)


def kind_of(command: list[str]) -> str:
    """The kind of a process, by its command line.

    >>> kind_of(["postgres: checkpointer "]), kind_of(["/x/bin/java", "-Xmx1g"]), kind_of(["sh"])
    ('Postgres', 'JVM and Python', 'other')
    >>> kind_of(["/x/bin/java", "-cp", "/jars/*", "kafka.Kafka", "server.properties"])
    'broker'
    """
    line = " ".join(command)
    return next((kind for mark, kind in _KINDS if mark in line), "other")


def thread_kind(name: str) -> str:
    """The kind of a thread: its name without a number. The kernel keeps 15 characters of it.

    >>> thread_kind("C2 CompilerThre"), thread_kind("flink-scheduler-3"), thread_kind("Source: x")
    ('JIT compiler', 'flink-scheduler', 'Source: x')
    """
    known = next((kind for start, kind in _THREADS if name.startswith(start)), None)
    return known or re.sub(r"[\s#-]*\d+.*$", "", name)


def _memory_mb(process: psutil.Process, kind: str) -> float:
    if kind != "Postgres":
        return float(process.memory_info().rss) / 2**20
    # Every Postgres process maps the same shared buffers: count its own memory only.
    found = process.memory_info()
    return float(found.rss - found.shared) / 2**20


def _threads_s(pid: int) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            stat = (task / "stat").read_text()
        except OSError:
            continue
        name, fields = stat[stat.index("(") + 1 : stat.rindex(")")], stat[stat.rindex(")") + 2 :]
        user, system = fields.split()[11:13]
        found[thread_kind(name)] += (int(user) + int(system)) * _TICK_S
    return dict(found)
