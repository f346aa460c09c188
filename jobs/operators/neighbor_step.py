"""The neighbor step: adds pairs of items up, and writes the neighbours of items."""

import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field, replace
from typing import Any

import numpy as np
import psycopg
from pyflink.common import Row, Types
from pyflink.datastream.functions import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor, ValueStateDescriptor

from jobs.core.interest.pair_messages import unpack
from jobs.core.neighbors.due_rows import due_rows, row_values, without_due
from jobs.core.neighbors.merge import merge
from jobs.core.neighbors.pages import Changes, Page, joined_changes
from jobs.errors import LostBatchError
from jobs.metrics.catalogue import NEIGHBORS
from jobs.operators.item_codes import ITEM_CODES, ItemCodes
from jobs.operators.loaded_code import check_code
from jobs.operators.metrics import StepMetrics
from jobs.operators.settings import OperatorSettings
from jobs.operators.step_connection import step_connection
from jobs.sinks.deleted_items import DeletedItems
from jobs.sinks.neighbor_rows import (
    NeighborBatch,
    NeighborRow,
    drop_neighbors,
    without_deleted,
    write_neighbors,
)

NEIGHBOR_BOOK = ValueStateDescriptor("neighbor-book-v1", Types.PICKLED_BYTE_ARRAY())
NEIGHBOR_PAGES = MapStateDescriptor("neighbor-pages-v1", Types.LONG(), Types.PICKLED_BYTE_ARRAY())
NEIGHBOR_PENDING = MapStateDescriptor(
    "neighbor-pending-v1", Types.LONG(), Types.PICKLED_BYTE_ARRAY()
)

FIRST_MS = 1_000
"""Time after which the first changes of a quiet stream are written, in milliseconds."""
DEFER_MS = 60_000
"""Longest time by which the write of a row that has hardly moved is deferred, in milliseconds."""
PAGES_AT_ONCE = 64
"""Pages that are merged at once: 13 MB of rows."""

_VERSIONS_PER_MS = 1_000_000


@dataclass(frozen=True)
class Book:
    """What a bucket remembers besides its rows; times are processing times in milliseconds.

    - `epoch`: the fencing token of the bucket's rows.
    - `pending`: number of messages that wait to be merged.
    - `timer_ms`: time of the pending timer, 0 without one; `merged_ms`: time of the last merge.
    - `unwritten`: pages with rows that are behind, and since when.
    """

    epoch: int
    pending: int = 0
    timer_ms: int = 0
    merged_ms: int = 0
    unwritten: dict[int, int] = field(default_factory=dict)

    def pack(self) -> tuple[Any, ...]:
        """The plain tuple that the state holds."""
        return astuple(self)


class NeighborStep(KeyedProcessFunction):
    """Keyed by bucket of items; a call takes what a committed batch of events changes in its rows.

    State per bucket: messages of up to `update_s` (13 bytes per change, some 40 changes per event),
    removed as they are merged; pages of rows, 8 bytes per neighbour and 24 per item; the ids of the
    items (`ItemCodes`); and a `Book`. Rows are never removed, so the state grows with the number of
    items that were ever liked: 0.8 kB each with 100 neighbours. An item that is deleted stays among
    them, and is left out of what is written.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        """Get the state; the connection to Postgres is opened by the first transaction."""
        check_code(self._settings.code)
        self._book = runtime_context.get_state(NEIGHBOR_BOOK)
        self._pages = runtime_context.get_map_state(NEIGHBOR_PAGES)
        self._pending = runtime_context.get_map_state(NEIGHBOR_PENDING)
        self._codes = ItemCodes(runtime_context.get_map_state(ITEM_CODES))
        self._config = self._settings.config.neighbors
        self._half_life_ms = self._config.half_life_s * 1000
        self._first_version: int | None = None
        self._writes = 0
        self._postgres = step_connection(self._settings, runtime_context)
        self._deleted = DeletedItems()
        self._metrics = StepMetrics(runtime_context, self._postgres, NEIGHBORS, ("item_neighbors",))
        self._pending_by_bucket: dict[int, int] = {}

    def close(self) -> None:
        """Close the connection to Postgres."""
        self._postgres.close()

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        """Keep the changes of a row `ROW<bucket, message, kind>` until the next timer.

        Emits no row. Raises LostBatchError for an item whose id was not sent.
        """
        bucket, book = value[0], self._read_book()
        updates = unpack(bytes(value[1]))
        codes = self._codes.encode(bucket, updates.refs, updates.new_ids, updates.ids)
        if (codes < 0).any():
            raise LostBatchError(
                "pairs name an item that this task has never heard of; the job restarts from its"
                " last checkpoint, and no event is lost"
            )
        codes = codes.astype(np.int32)
        changes = Changes(
            updates.as_of_ms,
            codes[updates.row],
            codes[updates.neighbor],
            updates.strength,
            codes[updates.liked],
            updates.count,
        )
        self._pending.put(book.pending, changes.pack())
        book = replace(book, pending=book.pending + 1)
        self._book.update(self._with_timer(book, ctx).pack())
        self._report_pending(bucket, book.pending)
        yield from ()

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[str]:
        """Merge what is pending, and write the rows that are due; emits no row."""
        started_s = time.perf_counter()
        book = replace(self._read_book(), timer_ms=0)
        bucket = ctx.get_current_key()
        now_ms = ctx.timer_service().current_processing_time()
        quiet = not book.pending
        rows: list[NeighborRow] = []
        unwritten = dict(book.unwritten)
        for number, page in self._merged(book):
            rows += self._take_due(bucket, number, page, unwritten, now_ms, all_changed=False)
        for number, since_ms in list(unwritten.items()):
            if quiet or now_ms - since_ms >= DEFER_MS:
                page = Page.unpack(self._pages.get(number))
                rows += self._take_due(bucket, number, page, unwritten, now_ms, all_changed=True)
        self._metrics.measures.count_time("merge_time_ms", time.perf_counter() - started_s)
        self._report_pending(bucket, 0)
        if rows:
            self._write(book.epoch, rows)
        book = Book(book.epoch, 0, 0, now_ms, unwritten)
        if unwritten:
            book = self._with_timer(book, ctx)
        self._book.update(book.pack())
        yield from ()

    def _report_pending(self, bucket: int, pending: int) -> None:
        self._pending_by_bucket[bucket] = pending
        waiting = sum(self._pending_by_bucket.values())
        self._metrics.measures.set("pending_messages", waiting)

    def _merged(self, book: Book) -> Iterator[tuple[int, Page]]:
        """The pages with the changes that were pending, which leave the state."""
        if not book.pending:
            return
        changes = joined_changes(
            [Changes.unpack(self._pending.get(number)) for number in range(book.pending)],
            self._half_life_ms,
        )
        for number in range(book.pending):
            self._pending.remove(number)
        touched = changes.pages
        for start in range(0, len(touched), PAGES_AT_ONCE):
            numbers = touched[start : start + PAGES_AT_ONCE]
            pages = {}
            for number in numbers:
                packed = self._pages.get(number)
                empty = Page.empty(changes.time_ms)
                pages[number] = empty if packed is None else Page.unpack(packed)
            part = changes.of_pages(numbers[0], numbers[-1])
            yield from merge(pages, part, self._config.keep, self._half_life_ms).items()

    def _take_due(
        self,
        bucket: int,
        number: int,
        page: Page,
        unwritten: dict[int, int],
        now_ms: int,
        *,
        all_changed: bool,
    ) -> list[NeighborRow]:
        """The rows of a page to write; keeps the page, and whether some of it is `unwritten`."""
        due = due_rows(page, all_changed=all_changed)
        page = without_due(page, due)
        self._pages.put(number, page.pack())
        if (page.rows["unwritten"] > 0).any():
            unwritten.setdefault(number, now_ms)
        else:
            unwritten.pop(number, None)
        ids = self._codes.ids(bucket)
        return [
            NeighborRow(
                ids[item],
                [ids[code] for code in neighbors.tolist()],
                strengths.tolist(),
                interactions,
                page.as_of_ms,
            )
            for item, neighbors, strengths, interactions in row_values(
                page, due, self._config.serve, self._half_life_ms
            )
        ]

    def _with_timer(
        self, book: Book, ctx: KeyedProcessFunction.Context | KeyedProcessFunction.OnTimerContext
    ) -> Book:
        """The book with a timer for the next merge, unless there is one."""
        if book.timer_ms:
            return book
        now_ms = ctx.timer_service().current_processing_time()
        due_ms = max(now_ms + FIRST_MS, book.merged_ms + self._config.update_s * 1000)
        ctx.timer_service().register_processing_time_timer(due_ms)
        return replace(book, timer_ms=due_ms)

    def _read_book(self) -> Book:
        kept = self._book.value()
        return Book(self._settings.identity.epoch) if kept is None else Book(*kept)

    def _write(self, epoch: int, rows: list[NeighborRow]) -> None:
        """Write rows with versions above those of every earlier attempt (see `UserWriter`)."""
        space_id = self._settings.identity.space_id
        self._writes += 1

        def transaction(connection: psycopg.Connection) -> None:
            self._deleted.read(connection)
            if self._first_version is None:
                row = connection.execute(
                    "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
                ).fetchone()
                assert row is not None
                self._first_version = int(row[0]) * _VERSIONS_PER_MS
                # An earlier job of the space has rows that this one knows nothing of.
                drop_neighbors(connection, space_id, epoch)
            version = epoch, self._first_version + self._writes
            write_neighbors(
                connection,
                NeighborBatch(
                    space_id,
                    self._config.half_life_s,
                    version,
                    without_deleted(rows, self._deleted),
                ),
            )

        started_s = time.perf_counter()
        self._postgres.run(transaction)
        took_s = time.perf_counter() - started_s
        self._metrics.written(took_s, {"item_neighbors": len(rows)})
