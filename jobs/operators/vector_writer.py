"""The vector writer: writes encoded item vectors into their space."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import psycopg
from pyflink.common import Row
from pyflink.datastream.functions import KeyedProcessFunction, RuntimeContext

from jobs.metrics.catalogue import VECTORS
from jobs.operators.bucket_state import BUCKET_STATE, read_bucket_state
from jobs.operators.item_vectors import read_vector_rows
from jobs.operators.loaded_code import check_code
from jobs.operators.metrics import StepMetrics
from jobs.operators.sequence_watch import SequenceWatch
from jobs.operators.settings import OperatorSettings
from jobs.operators.step_connection import step_connection
from jobs.sinks.deleted_items import DeletedItems
from jobs.sinks.sequence_items import write_sequence_items
from jobs.sinks.task_start import take_task_start
from jobs.sinks.vector_rows import VectorBatch, write_vector_batch


class VectorWriter(KeyedProcessFunction):
    """Keyed by bucket of items; one call and one transaction per batch.

    State per bucket: one record of counters (`BucketState`), never removed. A vector that was on
    its way while its item was deleted is counted, and no row of it is written.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        """Get the state, and ask Postgres for the number of this start."""
        check_code(self._settings.code)
        self._state = runtime_context.get_state(BUCKET_STATE)
        self._postgres = step_connection(self._settings, runtime_context)
        self._metrics = StepMetrics(runtime_context, self._postgres, VECTORS, ("item_vectors",))
        self._deleted = DeletedItems()
        self._sequences = SequenceWatch(
            self._settings.config, self._settings.identity.space_id, fill=True
        )
        self._task_start = take_task_start(self._postgres, self._settings.identity.space_id)

    def close(self) -> None:
        """Close the connections to Postgres."""
        self._sequences.close()
        self._postgres.close()

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        """Write the vectors of a row `ROW<bucket, heads, vectors>`; emits no row.

        Raises StateSchemaError for the state of another space.
        """
        rows = read_vector_rows(value)
        identity = self._settings.identity
        state = read_bucket_state(self._state, identity.epoch, identity.space_id)
        progress = replace(
            state.events,
            records_in=state.events.records_in + len(rows),
            applied=state.events.applied + len(rows),
        )
        batch = VectorBatch(
            identity.space_id, state.epoch, value[0], rows, progress, self._task_start
        )
        started_s = time.perf_counter()
        self._postgres.run(lambda connection: self._write(connection, batch))
        took_s = time.perf_counter() - started_s
        self._metrics.written(took_s, {"item_vectors": len(rows)})
        self._metrics.counted(value[0], state.events, progress)
        self._state.update(replace(state, events=progress).pack())
        yield from ()

    def _write(self, connection: psycopg.Connection, batch: VectorBatch) -> None:
        """Write the vectors of items that are not deleted."""
        self._deleted.read(connection)
        rows = [row for row in batch.rows if row.item_id not in self._deleted]
        write_vector_batch(connection, replace(batch, rows=rows))
        if not rows:
            return
        texts = np.frombuffer(b"".join([row.vector for row in rows]), dtype=np.float16)
        for loaded in self._sequences.models:
            write_sequence_items(
                connection,
                batch.space_id,
                loaded.space_id,
                loaded.model,
                [(row.item_id, row.epoch, row.version) for row in rows],
                texts.reshape(len(rows), -1),
            )
