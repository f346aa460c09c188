"""The user writer: writes one batch per transaction, and passes on what it adds elsewhere.

It is a task of its own, so that the interest step computes the next batch while Postgres commits.
"""

import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
from pyflink.common import Row, Types
from pyflink.datastream.functions import ProcessFunction, RuntimeContext

from jobs.core.interest.user_batch import UserBatch
from jobs.core.trends.counts import pack
from jobs.operators.claim_check import BatchStore, ClaimCheck
from jobs.operators.learner import Learner
from jobs.operators.loaded_code import check_code
from jobs.operators.settings import OperatorSettings
from jobs.operators.step_connection import step_connection
from jobs.operators.step_log import DeadLetterLog, log_with_space
from jobs.operators.user_batches import CountedBatch, store_name
from jobs.operators.user_metrics import UserMetrics
from jobs.sinks.dead_letter_topic import DeadLetterTopic
from jobs.sinks.task_start import take_task_start
from jobs.sinks.user_rows import write_user_batch

COMMITTED_TYPE = Types.ROW_NAMED(
    ["bucket", "packed", "kind"],
    [Types.INT(), Types.PRIMITIVE_ARRAY(Types.BYTE()), Types.INT()],
)
"""What a committed batch adds elsewhere: packed bytes of a kind.

Of kind TREND_COUNTS they are counts (`counts.pack`) of the batch's bucket; of kind PAIRS they are
changes (`pair_messages.pack`) of the rows of a bucket of items.
"""
TREND_COUNTS = 0
PAIRS = 1

_VERSIONS_PER_MS = 1_000_000
"""Version numbers per millisecond of an attempt's start.

Attempts start at least 1 s apart, so their ranges of versions cannot overlap.
"""


class UserWriter(ProcessFunction):
    """Writes the batches of the interest step; it keeps no state.

    A checkpoint covers only batches that were committed. After a failure, later batches are
    computed and written again; the rows of a batch that had been committed stay the same.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        """Open the store, and ask Postgres for the number of this start."""
        check_code(self._settings.code)
        log_with_space(self._settings.identity.space_id)
        self._dead_letters = DeadLetterLog()
        self._postgres = step_connection(self._settings, runtime_context)
        self._learner = Learner(self._settings.config, self._settings.identity.space_id)
        self._metrics = UserMetrics(runtime_context, self._postgres, self._settings.config)
        self._task_start = take_task_start(self._postgres, self._settings.identity.space_id)
        self._topic = DeadLetterTopic.of(self._settings.config, self._settings.identity.space_id)
        self._store = BatchStore[CountedBatch](store_name(self._settings, runtime_context))

    def close(self) -> None:
        """Close the store and the connection to Postgres."""
        self._store.close()
        self._learner.close()
        if self._topic is not None:
            self._topic.close()
        self._postgres.close()

    def process_element(
        self, value: CountedBatch | ClaimCheck, ctx: ProcessFunction.Context
    ) -> Iterator[Row]:
        """Write a batch, or the batch of a claim check.

        Emits rows `ROW<bucket, packed, kind>` of what the batch adds to trends and to pairs of
        items. Raises LostBatchError for a claim check of another process,
        PostgresUnreachableError after `patience_s`, and LaterTaskError, without a row written, in a
        task that was cut off while another one took its place.
        """
        counted = self._store.take(value)
        batch = counted.batch
        # The answer must not be in what is asked, so the questions come before the batch counts.
        self._learner.learn(batch)
        started = time.perf_counter()
        self._postgres.run(lambda connection: self._write(connection, batch))
        if self._topic is not None:
            self._topic.send(batch.dead)
        for stream, dead in batch.dead.items():
            end = batch.progress[stream].dead_letters
            self._dead_letters.wrote(stream, batch.epoch, batch.bucket, end, dead)
        took_s = time.perf_counter() - started
        self._metrics.committed(counted, took_s, self._learner)
        if counted.trends is not None and len(counted.trends):
            yield Row(batch.bucket, pack(counted.trends), TREND_COUNTS)
        for bucket, message in counted.pairs:
            yield Row(bucket, message, PAIRS)

    def _write(self, connection: psycopg.Connection, batch: UserBatch) -> None:
        """Write the batch with versions above those of every earlier attempt.

        A user's version in the state counts events. After a restart, events since the checkpoint
        may arrive in another order, so two attempts can reach the same version with different
        events. The start of the attempt by the database's clock, which is one for all machines, is
        therefore added to the versions.
        """
        added = self._task_start * _VERSIONS_PER_MS
        if batch.folded is not None:
            version = batch.folded.version + added
            batch = replace(batch, folded=replace(batch.folded, version=version))
        if batch.sequence_rows is not None:
            rows = batch.sequence_rows
            rows = replace(
                rows, version=rows.version + added, emptied_version=rows.emptied_version + added
            )
            batch = replace(batch, sequence_rows=rows)
        write_user_batch(connection, replace(batch, task_start=self._task_start))
