"""Writes encoded item vectors into their space."""

import time
from collections.abc import Iterator
from dataclasses import replace

from pyflink.common import Row
from pyflink.datastream.functions import KeyedProcessFunction, RuntimeContext

from jobs.operators.bucket_state import BUCKET_STATE, read_bucket_state
from jobs.operators.item_vectors import read_vector_rows
from jobs.operators.metrics import StepMetrics
from jobs.operators.settings import OperatorSettings
from jobs.sinks.connection import RetryingConnection
from jobs.sinks.vector_rows import VectorBatch, write_vector_batch


class VectorWriter(KeyedProcessFunction):
    """Keyed by bucket of items; one transaction per batch. State: the bucket's counters only."""

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        self._book = runtime_context.get_state(BUCKET_STATE)
        self._postgres = RetryingConnection(self._settings.config.database)
        self._metrics = StepMetrics(runtime_context, self._postgres)

    def close(self) -> None:
        self._postgres.close()

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        rows = read_vector_rows(value)
        identity = self._settings.identity
        book = read_bucket_state(self._book, identity.epoch, identity.space_id)
        progress = replace(
            book.events,
            records_in=book.events.records_in + len(rows),
            applied=book.events.applied + len(rows),
        )
        batch = VectorBatch(self._settings.identity.space_id, book.epoch, value[0], rows, progress)
        started = time.perf_counter()
        self._postgres.run(lambda connection: write_vector_batch(connection, batch))
        self._metrics.committed(value[0], book.events, progress, time.perf_counter() - started)
        self._book.update(replace(book, events=progress).pack())
        yield from ()
