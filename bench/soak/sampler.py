"""Samples the processes and the checkpoints of a running job, every few seconds."""

import contextlib
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

import psycopg

from bench.harness.processes import OWN, ProcessWatch
from jobs.errors import InterestreamError
from jobs.runtime.flink_rest import FlinkRest

EVERY_S = 5.0


@dataclass(frozen=True)
class Sample:
    """What was seen at one moment."""

    at_s: float
    """Seconds since the first event at the steady rate."""
    memory_mb: dict[str, float]
    """Resident megabytes by kind of process, without the benchmark's own."""
    heap_mb: float
    """Megabytes of Java's heap in use, garbage included: the least of several is what lives."""
    state_mb: float
    """Megabytes of the newest checkpoint."""
    database_mb: float
    failed_checkpoints: int
    """Since the sampler began, as are those below."""
    completed_checkpoints: int
    restarts: int

    def as_json(self) -> dict[str, Any]:
        """All fields by name."""
        return asdict(self)


class Sampler:
    """Samples from a thread of its own between `start` and `stop`."""

    def __init__(self, rest: FlinkRest, job_id: str, dsn: str) -> None:
        self._rest = rest
        self._dsn = dsn
        self._began: tuple[int, int, int] | None = None
        self._job_id = job_id
        self._watch = ProcessWatch()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.began_s = time.perf_counter()
        self.samples: list[Sample] = []

    def start(self) -> None:
        """Begin."""
        self.began_s = time.perf_counter()
        self._thread.start()

    def stop(self) -> None:
        """End; returns when the last sample is taken."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            # A busy JobManager may answer late; the next look is soon.
            with contextlib.suppress(InterestreamError, OSError, psycopg.Error):
                self.samples.append(self._sample())
            self._ending.wait(EVERY_S)

    def _sample(self) -> Sample:
        found = self._rest.checkpoints(self._job_id)
        counts, newest = found["counts"], (found["latest"] or {}).get("completed") or {}
        status = self._rest.status(self._job_id)
        heap = self._rest.heap_used_bytes()
        with psycopg.connect(self._dsn, connect_timeout=2) as db:
            row = db.execute("SELECT pg_database_size(current_database())").fetchone()
        now = (
            int(counts["failed"]),
            int(counts["completed"]),
            0 if status is None else status.restarts,
        )
        self._began = self._began or now
        failed, completed, restarts = (
            each - before for each, before in zip(now, self._began, strict=True)
        )
        usage = self._watch.usage()
        memory = {kind: mb for kind, mb in usage.memory_mb.items() if kind != OWN}
        return Sample(
            usage.at_s - self.began_s,
            memory,
            float("nan") if heap is None else heap / 2**20,
            newest.get("state_size", 0) / 2**20,
            0.0 if row is None else row[0] / 2**20,
            failed,
            completed,
            restarts,
        )
