"""Metrics of the steps that write to Postgres, for Flink's reporters."""

from pyflink.datastream.functions import RuntimeContext
from pyflink.metrics import Distribution, MetricGroup

from jobs.core.progress import Progress
from jobs.sinks.connection import RetryingConnection


class StepMetrics:
    """Counters since the start of the task, and the state of its connection to Postgres.

    `commit_ms` is the duration of the last transaction, `postgres_waiting_s` how long a batch has
    been waiting for Postgres (0 normally), `postgres_retries` the number of failed attempts.

    The task's own thread passes every value to Java. A gauge of PyFlink would be read by another
    thread of Flink with the Python thread state of the task, and two threads on one stack of frames
    crash the process (docs/traps.md).
    """

    def __init__(self, context: RuntimeContext, postgres: RetryingConnection) -> None:
        group = context.get_metrics_group().add_group("interestream")
        self._counters = {
            name: group.counter(name)
            for name in ("records_in", "duplicates", "dead_letters", "applied", "excluded")
        }
        self._waiting_by_bucket: dict[int, int] = {}
        self._waiting = _Value(group, "waiting")
        self._commit_ms = _Value(group, "commit_ms")
        self._postgres_waiting_s = _Value(group, "postgres_waiting_s")
        self._postgres_retries = _Value(group, "postgres_retries")
        # The connection is not kept here. PyFlink closes no step of a job that is stopped or fails:
        # the connection closes when the step is gone, which a cycle of references would delay.
        postgres.on_change = self._report_postgres

    def committed(self, bucket: int, before: Progress, after: Progress, took_s: float) -> None:
        """Report a batch of `bucket` that was committed after `took_s` seconds.

        `before` and `after` are the bucket's counters without and with the batch.
        """
        for name, counter in self._counters.items():
            if added := getattr(after, name) - getattr(before, name):
                counter.inc(added)
        self._waiting_by_bucket[bucket] = after.waiting
        self._waiting.set(sum(self._waiting_by_bucket.values()))
        self._commit_ms.set(round(took_s * 1000))

    def _report_postgres(self, postgres: RetryingConnection) -> None:
        self._postgres_waiting_s.set(round(postgres.waiting_s()))
        self._postgres_retries.set(postgres.retries)


class _Value:
    """A metric that holds the last value; Java is called only when the value changes."""

    def __init__(self, group: MetricGroup, name: str) -> None:
        self._distribution: Distribution = group.distribution(name)
        self._last = 0

    def set(self, value: int) -> None:
        if value != self._last:
            self._last = value
            self._distribution.update(value)
