"""What the steps tell Flink's metric reporters."""

from pyflink.datastream.functions import RuntimeContext
from pyflink.metrics import Distribution, MetricGroup

from jobs.core.progress import Progress
from jobs.sinks.connection import RetryingConnection


class StepMetrics:
    """Progress since the start of the task, how long the last commit took in milliseconds, and how
    long a batch has been waiting for Postgres in seconds (0 while all is well).

    The task's thread hands every value to Java. A gauge of PyFlink would instead be read by a
    thread of Flink's that borrows the Python thread state of the task, which may be using it: two
    threads on one stack of frames crash the process.
    """

    def __init__(self, context: RuntimeContext, postgres: RetryingConnection) -> None:
        group = context.get_metrics_group().add_group("interestream")
        self._counters = {
            name: group.counter(name)
            for name in ("records_in", "duplicates", "dead_letters", "applied", "excluded")
        }
        self._waiting_of: dict[int, int] = {}
        self._waiting = _Value(group, "waiting")
        self._commit_ms = _Value(group, "commit_ms")
        self._postgres_waiting_s = _Value(group, "postgres_waiting_s")
        self._postgres_retries = _Value(group, "postgres_retries")
        self._postgres = postgres
        postgres.on_change = self._tell_of_postgres

    def committed(self, bucket: int, before: Progress, after: Progress, took_s: float) -> None:
        """Count what a committed batch has added."""
        for name, counter in self._counters.items():
            if added := getattr(after, name) - getattr(before, name):
                counter.inc(added)
        self._waiting_of[bucket] = after.waiting
        self._waiting.tell(sum(self._waiting_of.values()))
        self._commit_ms.tell(round(took_s * 1000))

    def _tell_of_postgres(self) -> None:
        self._postgres_waiting_s.tell(round(self._postgres.waiting_s()))
        self._postgres_retries.tell(self._postgres.retries)


class _Value:
    """The last value told of a name; Java hears of it when it changes."""

    def __init__(self, group: MetricGroup, name: str) -> None:
        self._held: Distribution = group.distribution(name)
        self._last = 0

    def tell(self, value: int) -> None:
        if value != self._last:
            self._last = value
            self._held.update(value)
