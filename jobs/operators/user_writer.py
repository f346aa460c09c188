"""The writer of users: a batch a transaction, in a task of its own, so that the interest step
computes while Postgres commits. What is committed goes on to the trends."""

import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
from pyflink.common import Row, Types
from pyflink.datastream.functions import ProcessFunction, RuntimeContext

from jobs.core.interest.user_batch import UserBatch
from jobs.core.trends.counts import pack
from jobs.operators.claim_check import BatchStore, ClaimCheck
from jobs.operators.metrics import StepMetrics
from jobs.operators.settings import OperatorSettings
from jobs.operators.user_batches import CountedBatch, store_name
from jobs.sinks.connection import RetryingConnection
from jobs.sinks.user_rows import write_user_batch

TREND_COUNTS_TYPE = Types.ROW_NAMED(
    ["bucket", "counts"], [Types.INT(), Types.PRIMITIVE_ARRAY(Types.BYTE())]
)

_VERSIONS_A_MS = 1_000_000
"""Room between two attempts, of which each begins a second after the last one or later."""


class UserWriter(ProcessFunction):
    """No state: a batch that was not committed when the job failed is computed again, since its
    checkpoint barrier is behind it; one that was is written again, which changes nothing."""

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        self._postgres = RetryingConnection(self._settings.config.database)
        self._metrics = StepMetrics(runtime_context, self._postgres)
        self._began: int | None = None
        self._store = BatchStore[CountedBatch](store_name(self._settings, runtime_context))

    def close(self) -> None:
        self._store.close()
        self._postgres.close()

    def process_element(
        self, value: CountedBatch | ClaimCheck, ctx: ProcessFunction.Context
    ) -> Iterator[Row]:
        value = self._store.take(value)
        batch = value.batch
        started = time.perf_counter()
        self._postgres.run(lambda connection: self._write(connection, batch))
        took_s = time.perf_counter() - started
        self._metrics.committed(batch.bucket, value.before, batch.progress["events"], took_s)
        if value.trends is not None and len(value.trends):
            yield Row(batch.bucket, pack(value.trends))

    def _write(self, connection: psycopg.Connection, batch: UserBatch) -> None:
        """Write with versions above all that an earlier attempt has written.

        A user's version counts events. After a restart those since the checkpoint may come in
        another order, so an earlier attempt can have written a row without an event under a number
        that this one reaches with it. The database's clock tells the attempts apart, whichever
        machine they run on.
        """
        if self._began is None:
            row = connection.execute(
                "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
            ).fetchone()
            assert row is not None
            self._began = int(row[0]) * _VERSIONS_A_MS
        if batch.folded is not None:
            version = batch.folded.version + self._began
            batch = replace(batch, folded=replace(batch.folded, version=version))
        write_user_batch(connection, batch)
