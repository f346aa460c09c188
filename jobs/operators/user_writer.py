"""The writer of users: a batch a transaction, in a task of its own, so that the interest step
computes while Postgres commits."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from pyflink.datastream.functions import ProcessFunction, RuntimeContext

from jobs.core.progress import Progress
from jobs.operators.metrics import StepMetrics
from jobs.operators.settings import OperatorSettings
from jobs.sinks.connection import PatientConnection
from jobs.sinks.user_rows import UserBatch, write_user_batch


@dataclass(frozen=True)
class CountedBatch:
    """What the interest step hands over; ``before`` are the bucket's counters without it."""

    batch: UserBatch
    before: Progress


class UserWriter(ProcessFunction):
    """No state: a batch that was not committed when the job failed is computed again, since its
    checkpoint barrier is behind it; one that was is written again, which changes nothing."""

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        self._postgres = PatientConnection(self._settings.config.database)
        self._metrics = StepMetrics(runtime_context)

    def close(self) -> None:
        self._postgres.close()

    def process_element(self, value: CountedBatch, ctx: ProcessFunction.Context) -> Iterator[str]:
        batch = value.batch
        started = time.perf_counter()
        self._postgres.run(lambda connection: write_user_batch(connection, batch))
        took_s = time.perf_counter() - started
        self._metrics.committed(batch.bucket, value.before, batch.progress["events"], took_s)
        yield from ()
