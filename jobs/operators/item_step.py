"""The item step: validates items, writes them, and passes on the documents to encode."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import psycopg
from pyflink.common import Row, Types
from pyflink.datastream import OutputTag
from pyflink.datastream.functions import KeyedProcessFunction, RuntimeContext

from jobs.checkpoints.prune import PruneSettings
from jobs.checkpoints.pruning_thread import PruningThread
from jobs.core.parsing.events import NOTHING_KEPT, DeadLetter, without_deleted
from jobs.core.parsing.parse_items import ParsedItems, WithdrawAll, parse_bucket, parse_items
from jobs.core.progress import Progress
from jobs.metrics.catalogue import ITEMS
from jobs.operators.bucket_state import BUCKET_STATE, read_bucket_state
from jobs.operators.deletions import Deletions
from jobs.operators.encode_queue import PORTION, Document, EncodeQueue
from jobs.operators.item_updates import KNOWN_ITEMS, update_items
from jobs.operators.item_vectors import (
    VECTOR_ROWS_TYPE,
    announcement,
    read_head,
    removal,
    sign_of_life,
    vector_head,
)
from jobs.operators.loaded_code import check_code
from jobs.operators.metrics import StepMetrics
from jobs.operators.queue_metrics import QueueMetrics
from jobs.operators.row_kinds import UNREADABLE_BUCKET
from jobs.operators.settings import OperatorSettings
from jobs.operators.step_connection import step_connection
from jobs.operators.step_log import DeadLetterLog, log_with_space
from jobs.operators.task import read_task
from jobs.sinks.dead_letter_topic import DeadLetterTopic
from jobs.sinks.item_rows import ItemBatch, write_item_batch
from jobs.sinks.task_start import take_task_start

CHANGED_ITEM_TYPE = Types.ROW_NAMED(
    ["bucket", "head", "document"],
    [Types.INT(), Types.PRIMITIVE_ARRAY(Types.BYTE()), Types.STRING()],
)
"""A document to encode; `head` is that of its vector (`item_vectors.vector_head`)."""

ANNOUNCED = OutputTag("announced", VECTOR_ROWS_TYPE)
"""Vectors that are announced (`item_vectors.announcement`): they will be other ones; signs of life;
and items that are deleted (`item_vectors.removal`)."""

LIFE_MS = 1_000
"""Time between two signs of life, in milliseconds. The timer of the next one is in the state, so
that a restarted step tells at once that it runs (`StartHold`)."""


class ItemStep(KeyedProcessFunction):
    """Keyed by bucket of items; one call and one transaction per batch.

    State per bucket: one record of counters (`BucketState`). State per item: its version, the hash
    of its document and the time of its last update, about 60 bytes. It is removed when the item is
    deleted (`Deletions`) and never otherwise: it grows with the number of distinct items, and an
    item without state would be encoded again. Documents that are faster than the encoder wait in
    the state as well (`EncodeQueue`), and a timer passes them on in small portions, between which
    checkpoints find room.

    Its first subtask also holds the thread that removes files of the streams which checkpoints
    cover (`sources.keep_s`): the step is part of every job, and idle most of the time.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings
        self._pruning = PruneSettings.of(settings.config)
        self._pruning_thread: PruningThread | None = None

    def open(self, runtime_context: RuntimeContext) -> None:
        """Get the state, and ask Postgres for the number of this start."""
        check_code(self._settings.code)
        log_with_space(self._settings.identity.space_id)
        self._dead_letters = DeadLetterLog()
        self._items = runtime_context.get_map_state(KNOWN_ITEMS)
        self._state = runtime_context.get_state(BUCKET_STATE)
        self._queue = EncodeQueue(runtime_context)
        self._rules = self._settings.rules
        self._postgres = step_connection(self._settings, runtime_context)
        self._topic = DeadLetterTopic.of(self._settings.config, self._settings.identity.space_id)
        self._metrics = StepMetrics(
            runtime_context, self._postgres, ITEMS, ("items", "dead_letters")
        )
        self._queue_metrics = QueueMetrics(self._metrics.measures)
        self._deletions = Deletions()
        self._task_start = take_task_start(self._postgres, self._settings.identity.space_id)
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
        queue; and to `ANNOUNCED` one row with those that change, which may be none, and the items
        that were deleted. Raises StateSchemaError for the state of another space.
        """
        bucket, lines = value[0], value[1]
        self._deletions.read_first(self._postgres)
        yield from self._drop_deleted(bucket)
        deleted = self._deletions.known
        identity = self._settings.identity
        state = read_bucket_state(self._state, identity.epoch, identity.space_id)
        parsed = (
            self._unreadable(lines)
            if bucket == UNREADABLE_BUCKET
            else parse_bucket(lines, self._rules)
        )
        updates = update_items(self._items, parsed.records, deleted)
        progress = replace(
            state.events,
            records_in=state.events.records_in + len(lines),
            duplicates=state.events.duplicates + updates.stale,
            dead_letters=state.events.dead_letters + len(parsed.dead),
            applied=state.events.applied + len(updates.changed),
            excluded=state.events.excluded + updates.excluded,
        )
        batch = ItemBatch(
            identity.space_id,
            state.epoch,
            bucket,
            list(updates.written.values()),
            progress,
            without_deleted(parsed.dead, deleted),
            list(updates.withdrawn.values()),
            self._task_start,
        )
        started_s = time.perf_counter()
        self._postgres.run(lambda connection: self._write(connection, batch))
        if self._topic is not None:
            self._topic.send({"items": batch.dead})
        end = progress.dead_letters
        self._dead_letters.wrote("items", batch.epoch, bucket, end, batch.dead)
        self._report(batch, state.events, time.perf_counter() - started_s)
        self._state.update(replace(state, events=progress).pack())
        documents = {
            item_id: Document(vector_head(item_id, state.epoch, version), item.document)
            for item_id, (item, version) in updates.changed.items()
            if item_id not in deleted
        }
        again = [documents[item_id] for item_id in documents if item_id in updates.had_document]
        # An empty announcement says that items are read (`StartHold`).
        yield ANNOUNCED, announcement(bucket, [document.head for document in again])
        # The transaction may have found further ones.
        yield from self._drop_deleted(bucket)
        self._set_sign_of_life(ctx)
        waiting = not self._queue.empty
        if len(documents) <= PORTION and not waiting:
            for document in documents.values():
                yield Row(bucket, *document)
            return
        new = [documents[item_id] for item_id in documents if item_id not in updates.had_document]
        self._queue.add(again, new)
        self._report_queue(ctx)
        if not waiting:
            self._set_timer(ctx)

    def on_timer(
        self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext
    ) -> Iterator[Row | tuple[OutputTag, Row]]:
        """Pass on a portion of the queue, as rows `ROW<bucket, head, document>`; or give a sign of
        life to `ANNOUNCED`, and look which items were deleted."""
        bucket = ctx.get_current_key()
        if timestamp % LIFE_MS == 0:
            yield ANNOUNCED, sign_of_life(bucket)
            self._report_queue(ctx)
            self._set_sign_of_life(ctx)
            self._deletions.poll(self._postgres, ctx.timer_service().current_processing_time())
            yield from self._drop_deleted(bucket)
            return
        for document in self._queue.take():
            if read_head(document.head)[0] not in self._deletions.known:
                yield Row(bucket, *document)
        if not self._queue.empty:
            self._set_timer(ctx)
        self._report_queue(ctx)

    def _report_queue(
        self, ctx: KeyedProcessFunction.Context | KeyedProcessFunction.OnTimerContext
    ) -> None:
        now_ms = ctx.timer_service().current_processing_time()
        self._queue_metrics.report(ctx.get_current_key(), self._queue.portions(), now_ms)

    def _report(self, batch: ItemBatch, before: Progress, took_s: float) -> None:
        """Report a batch that was committed in `took_s` seconds."""
        rows = len(batch.items) + len(batch.withdrawn)
        reasons = Counter(letter.reason for letter in batch.dead)
        letters = len(batch.dead) - sum(reasons[reason] for reason in NOTHING_KEPT)
        self._metrics.written(took_s, {"items": rows, "dead_letters": letters})
        self._metrics.counted(batch.bucket, before, batch.progress)
        self._metrics.measures.count_by_label("dead_letters", reasons)

    def _write(self, connection: psycopg.Connection, batch: ItemBatch) -> None:
        """Write the rows of items that are not deleted."""
        self._deletions.read(connection)
        write_item_batch(connection, batch.without(self._deletions.known))

    def _drop_deleted(self, bucket: int) -> Iterator[tuple[OutputTag, Row]]:
        """Remove deleted items from the state of the current bucket, and announce them once."""
        for item_id in self._deletions.to_drop(bucket):
            self._items.remove(item_id)
        if deleted := self._deletions.to_announce():
            yield ANNOUNCED, removal(deleted)

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
            parsed = parse_items([line], self._rules)
            dead += parsed.dead
            dead += [
                DeadLetter(line, "unreadable_key", item_id=record.item_id)
                for record in parsed.records
                if not isinstance(record, WithdrawAll)
            ]
        return ParsedItems(dead=dead)
