"""Samples the processes and the checkpoints of a running job, every few seconds."""

import contextlib
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

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
    failed_checkpoints: int
    completed_checkpoints: int
    restarts: int

    def as_json(self) -> dict[str, Any]:
        """All fields by name."""
        return asdict(self)


class Sampler:
    """Samples from a thread of its own between `start` and `stop`."""

    def __init__(self, rest: FlinkRest, job_id: str) -> None:
        self._rest = rest
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
            with contextlib.suppress(InterestreamError, OSError):
                self.samples.append(self._sample())
            self._ending.wait(EVERY_S)

    def _sample(self) -> Sample:
        counts = self._rest.checkpoints(self._job_id)["counts"]
        status = self._rest.status(self._job_id)
        usage = self._watch.usage()
        memory = {kind: mb for kind, mb in usage.memory_mb.items() if kind != OWN}
        return Sample(
            usage.at_s - self.began_s,
            memory,
            int(counts["failed"]),
            int(counts["completed"]),
            0 if status is None else status.restarts,
        )
