"""The item step: validates items, writes them, and passes on the documents to encode."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import OutputTag
from pyflink.datastream.functions import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from jobs.checkpoints.prune import PruneSettings
from jobs.checkpoints.pruning_thread import PruningThread
from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.parse_items import Item, ParsedItems, parse_items
from jobs.operators.bucket_state import BUCKET_STATE, read_bucket_state
from jobs.operators.encode_queue import PORTION, Document, EncodeQueue
from jobs.operators.item_vectors import VECTOR_ROWS_TYPE, announcement, sign_of_life, vector_head
from jobs.operators.loaded_code import check_code
from jobs.operators.metrics import StepMetrics
from jobs.operators.row_kinds import UNREADABLE_BUCKET
from jobs.operators.settings import OperatorSettings
from jobs.operators.task import read_task
from jobs.sinks.connection import RetryingConnection
from jobs.sinks.dead_letter_topic import DeadLetterTopic
from jobs.sinks.item_rows import ItemBatch, write_item_batch

KNOWN_ITEMS = MapStateDescriptor("known-items-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())

CHANGED_ITEM_TYPE = Types.ROW_NAMED(
    ["bucket", "head", "document"],
    [Types.INT(), Types.PRIMITIVE_ARRAY(Types.BYTE()), Types.STRING()],
)
"""A document to encode; `head` is that of its vector (`item_vectors.vector_head`)."""

ANNOUNCED = OutputTag("announced", VECTOR_ROWS_TYPE)
"""Vectors that are announced (`item_vectors.announcement`): they will be other ones; and signs of
life."""

LIFE_MS = 1_000
"""Time between two signs of life, in milliseconds. The timer of the next one is in the state, so
that a restarted step tells at once that it runs (`StartHold`)."""


class ItemStep(KeyedProcessFunction):
    """Keyed by bucket of items; one call and one transaction per batch.

    State per bucket: one record of counters (`BucketState`). State per item: its version, the hash
    of its document and the time of its last update, about 60 bytes. An item's state is never
    removed: it grows with the number of distinct items, and an item without state would be encoded
    again. Documents that are faster than the encoder wait in the state as well (`EncodeQueue`),
    and a timer passes them on in small portions, between which checkpoints find room.

    Its first subtask also holds the thread that removes files of the streams which checkpoints
    cover (`sources.keep_s`): the step is part of every job, and idle most of the time.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings
        self._pruning = PruneSettings.of(settings.config)
        self._pruning_thread: PruningThread | None = None

    def open(self, runtime_context: RuntimeContext) -> None:
        """Get the state; the connection to Postgres is opened by the first transaction."""
        check_code(self._settings.code)
        self._items = runtime_context.get_map_state(KNOWN_ITEMS)
        self._state = runtime_context.get_state(BUCKET_STATE)
        self._queue = EncodeQueue(runtime_context)
        self._rules = self._settings.rules
        self._postgres = RetryingConnection(self._settings.config.database)
        self._topic = DeadLetterTopic.of(self._settings.config, self._settings.identity.space_id)
        self._metrics = StepMetrics(runtime_context, self._postgres)
        if self._pruning is not None:
            task = read_task(runtime_context)
            if task.subtask == 0:
                self._pruning_thread = PruningThread(self._pruning, task.job_id)

    def close(self) -> None:
        """Close the connection to Postgres, and end the removal of files."""
        self._postgres.close()
        if self._topic is not None:
            self._topic.close()
        if self._pruning_thread is not None:
            self._pruning_thread.stop()

    def process_element(
        self, value: Row, ctx: KeyedProcessFunction.Context
    ) -> Iterator[Row | tuple[OutputTag, Row]]:
        """Write the items of a row `ROW<bucket, lines>`.

        Emits `ROW<bucket, head, document>` for each new or changed document, or puts them into the
        queue; and to `ANNOUNCED` one row with those that change, which may be none. Raises
        StateSchemaError for the state of another space.
        """
        bucket, lines = value[0], value[1]
        identity = self._settings.identity
        state = read_bucket_state(self._state, identity.epoch, identity.space_id)
        parsed = (
            self._unreadable(lines)
            if bucket == UNREADABLE_BUCKET
            else parse_items(lines, self._rules)
        )
        written: dict[str, tuple[Item, int]] = {}
        changed: dict[str, tuple[Item, int]] = {}
        had_document: set[str] = set()
        stale = 0
        for item in parsed.items:
            known: tuple[Any, ...] | None = self._items.get(item.item_id)
            version, text_hash, updated_ms = known or (0, b"", None)
            newest_ms = updated_ms if item.updated_ms is None else item.updated_ms
            if updated_ms is not None and newest_ms < updated_ms:
                stale += 1
                continue
            self._items.put(item.item_id, (version + 1, item.text_hash, newest_ms))
            written[item.item_id] = (replace(item, updated_ms=newest_ms), version + 1)
            if item.text_hash != text_hash:
                changed[item.item_id] = (item, version + 1)
                if known is not None:
                    had_document.add(item.item_id)
        progress = replace(
            state.events,
            records_in=state.events.records_in + len(lines),
            duplicates=state.events.duplicates + stale,
            dead_letters=state.events.dead_letters + len(parsed.dead),
            applied=state.events.applied + len(changed),
        )
        batch = ItemBatch(
            identity.space_id, state.epoch, bucket, list(written.values()), progress, parsed.dead
        )
        started = time.perf_counter()
        self._postgres.run(lambda connection: write_item_batch(connection, batch))
        if self._topic is not None:
            self._topic.send({"items": batch.dead})
        self._metrics.committed(bucket, state.events, progress, time.perf_counter() - started)
        self._state.update(replace(state, events=progress).pack())
        documents = {
            item_id: Document(vector_head(item_id, state.epoch, version), item.document)
            for item_id, (item, version) in changed.items()
        }
        again = [documents[item_id] for item_id in documents if item_id in had_document]
        # An empty announcement says that items are read (`StartHold`).
        yield ANNOUNCED, announcement(bucket, [document.head for document in again])
        self._set_sign_of_life(ctx)
        waiting = not self._queue.empty
        if len(documents) <= PORTION and not waiting:
            for document in documents.values():
                yield Row(bucket, *document)
            return
        new = [documents[item_id] for item_id in documents if item_id not in had_document]
        self._queue.add(again, new)
        if not waiting:
            self._set_timer(ctx)

    def on_timer(
        self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext
    ) -> Iterator[Row | tuple[OutputTag, Row]]:
        """Pass on a portion of the queue, as rows `ROW<bucket, head, document>`; or give a sign of
        life to `ANNOUNCED`."""
        if timestamp % LIFE_MS == 0:
            yield ANNOUNCED, sign_of_life(ctx.get_current_key())
            self._set_sign_of_life(ctx)
            return
        for document in self._queue.take():
            yield Row(ctx.get_current_key(), *document)
        if not self._queue.empty:
            self._set_timer(ctx)

    def _set_timer(
        self, ctx: KeyedProcessFunction.Context | KeyedProcessFunction.OnTimerContext
    ) -> None:
        # Flink fires all timers that are due in one go; the next millisecond is another one, and
        # a checkpoint or a batch of items comes before it.
        service = ctx.timer_service()
        due_ms = service.current_processing_time() + 1
        service.register_processing_time_timer(due_ms + (due_ms % LIFE_MS == 0))

    def _set_sign_of_life(
        self, ctx: KeyedProcessFunction.Context | KeyedProcessFunction.OnTimerContext
    ) -> None:
        # Flink keeps one timer per time, so registering it again has no effect.
        service = ctx.timer_service()
        now_ms = service.current_processing_time()
        service.register_processing_time_timer((now_ms // LIFE_MS + 1) * LIFE_MS)

    def _unreadable(self, lines: Sequence[bytes]) -> ParsedItems:
        """Dead letters of lines whose key Java could not read.

        A valid item is rejected, too: its versions are counted in the bucket of its key.
        """
        dead: list[DeadLetter] = []
        for line in lines:
            found = parse_items([line], self._rules).dead
            dead += found or [DeadLetter(line, "unreadable_key")]
        return ParsedItems(dead=dead)
