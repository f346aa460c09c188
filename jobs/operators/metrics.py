"""What the steps tell Flink's metric reporters."""

from pyflink.datastream.functions import RuntimeContext

from jobs.core.progress import Progress
from jobs.sinks.connection import PatientConnection


class StepMetrics:
    """Progress since the start of the task, how long the last commit took in milliseconds, and how
    long a batch has been waiting for Postgres in seconds (0 while all is well)."""

    def __init__(self, context: RuntimeContext, postgres: PatientConnection) -> None:
        group = context.get_metrics_group().add_group("interestream")
        self._counters = {
            name: group.counter(name)
            for name in ("records_in", "duplicates", "dead_letters", "applied", "excluded")
        }
        self._waiting: dict[int, int] = {}
        self._commit_ms = 0
        group.gauge("waiting", lambda: sum(self._waiting.values()))
        group.gauge("commit_ms", lambda: self._commit_ms)
        group.gauge("postgres_waiting_s", lambda: round(postgres.waiting_s()))
        group.gauge("postgres_retries", lambda: postgres.retries)

    def committed(self, bucket: int, before: Progress, after: Progress, took_s: float) -> None:
        """Count what a committed batch has added."""
        for name, counter in self._counters.items():
            counter.inc(getattr(after, name) - getattr(before, name))
        self._waiting[bucket] = after.waiting
        self._commit_ms = round(took_s * 1000)
