"""Metrics of the steps that write to Postgres, for Flink's reporters."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pyflink.datastream.functions import RuntimeContext

from jobs.core.progress import Progress
from jobs.metrics.catalogue import REASONS
from jobs.metrics.measures import Measures
from jobs.sinks.connection import RetryingConnection

COUNTED = ("records_in", "duplicates", "dead_letters", "applied", "excluded")
"""The counters of `Progress` that are metrics."""


class StepMetrics:
    """What a step tells of its transactions, of its connection to Postgres, and of its records.

    `tables` are those that it writes, `labels` further values of labels (`Measures`).
    """

    def __init__(
        self,
        context: RuntimeContext,
        postgres: RetryingConnection,
        step: str,
        tables: Iterable[str],
        labels: Mapping[str, Iterable[str]] = MappingProxyType({}),
    ) -> None:
        known = {"table": tables, "reason": REASONS, **labels}
        self.measures = Measures(context.get_metrics_group(), step, known)
        self._waiting_by_bucket: dict[int, int] = {}
        # The connection is not kept here. PyFlink closes no step of a job that is stopped or fails:
        # the connection closes when the step is gone, which a cycle of references would delay.
        postgres.on_change = self._report_postgres

    def written(self, took_s: float, rows: Mapping[str, int]) -> None:
        """Report a transaction that took `took_s` seconds, and its rows by table."""
        self.measures.count("batches")
        self.measures.count_time("commit_time_ms", took_s)
        self.measures.set("commit_ms", round(took_s * 1000))
        self.measures.count_by_label("rows_written", rows)

    def counted(self, bucket: int, before: Progress, after: Progress) -> None:
        """Report the records of a batch of `bucket` that is committed.

        `before` and `after` are the bucket's counters without and with the batch.
        """
        for name in COUNTED:
            self.measures.count(name, getattr(after, name) - getattr(before, name))
        self._waiting_by_bucket[bucket] = after.waiting
        self.measures.set("waiting", sum(self._waiting_by_bucket.values()))

    def _report_postgres(self, postgres: RetryingConnection) -> None:
        self.measures.set("postgres_waiting_s", round(postgres.waiting_s()))
        self.measures.set("postgres_retries", postgres.retries)
