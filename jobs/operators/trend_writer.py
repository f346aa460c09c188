"""The trend writer: adds closed windows up over each horizon, and writes the best items."""

from collections.abc import Iterator

import numpy as np
import psycopg
from pyflink.common import Row, Types
from pyflink.datastream.functions import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor, ValueStateDescriptor

from jobs.core.trends.counts import from_elements
from jobs.core.trends.totals import Horizon, TrendTotals
from jobs.operators.loaded_code import check_code
from jobs.operators.settings import OperatorSettings
from jobs.sinks.connection import RetryingConnection
from jobs.sinks.trend_rows import TrendBatch, WrittenTrends, drop_trends, write_trends

TREND_STATE = ValueStateDescriptor("trend-book-v1", Types.PICKLED_BYTE_ARRAY())
TREND_SLIDES = MapStateDescriptor("trend-slides-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())


class TrendWriter(KeyedProcessFunction):
    """One key, 0.

    State: per horizon and slide inside its window, the items active in it with count and weight, 16
    bytes and an id each, removed as soon as the slide leaves the window; and one tuple `(epoch, all
    interactions counted, event time, time of the pending timer or 0, time of the last write)`. The
    totals and the written rows in Python are caches; the totals are rebuilt from the state at the
    first call after a restore.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        """Get the state; the connection to Postgres is opened by the first transaction."""
        check_code(self._settings.code)
        self._state = runtime_context.get_state(TREND_STATE)
        self._slides = runtime_context.get_map_state(TREND_SLIDES)
        self._trends = self._settings.config.trends
        self._horizons = Horizon.all_of(self._trends.horizons)
        self._totals: TrendTotals | None = None
        self._written: dict[str, WrittenTrends] = {}
        self._postgres = RetryingConnection(self._settings.config.database)

    def close(self) -> None:
        """Close the connection to Postgres."""
        self._postgres.close()

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        """Add the closed windows of a row `ROW<0, elements>`.

        Writes the rows of all horizons, or sets a timer if the last write was less than `update_s`
        ago. Emits no row.
        """
        epoch, version, as_of_ms, timer_ms, written_ms = self._read_state()
        totals = self._load(as_of_ms)
        counts = from_elements(value[1])
        changed, left = totals.fold(counts, self._trends.update_s * 1000)
        for number, index in left:
            self._slides.remove(self._slide_key(number, index))
        for number, index in changed:
            items, slide = totals.slide(number, index)
            self._slides.put(
                self._slide_key(number, index),
                ("\0".join(items), slide.count.tobytes(), slide.weight.tobytes()),
            )
        version += int(counts.count.sum())
        now_ms = ctx.timer_service().current_processing_time()
        due_ms = written_ms + self._trends.update_s * 1000
        if now_ms >= due_ms:
            self._write(epoch, version)
            written_ms = now_ms
        elif not timer_ms:
            ctx.timer_service().register_processing_time_timer(due_ms)
            timer_ms = due_ms
        self._state.update((epoch, version, totals.as_of_ms, timer_ms, written_ms))
        yield from ()

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[str]:
        """Write the rows of all horizons; emits no row."""
        epoch, version, as_of_ms, _, _ = self._read_state()
        self._load(as_of_ms)
        self._write(epoch, version)
        now_ms = ctx.timer_service().current_processing_time()
        self._state.update((epoch, version, as_of_ms, 0, now_ms))
        yield from ()

    def _read_state(self) -> tuple[int, int, int | None, int, int]:
        kept: tuple[int, int, int | None, int, int] | None = self._state.value()
        return kept or (self._settings.identity.epoch, 0, None, 0, 0)

    def _slide_key(self, number: int, index: int) -> str:
        horizon = self._horizons[number]
        return f"{horizon.length_ms}/{horizon.slide_ms}/{index}"

    def _load(self, as_of_ms: int | None) -> TrendTotals:
        """The totals, rebuilt from the state after a start, or to drop ids that left."""
        if self._totals is not None and not self._totals.wasteful:
            return self._totals
        totals = self._totals = TrendTotals(self._horizons)
        self._written.clear()
        if as_of_ms is None:
            return totals
        numbers = {
            f"{horizon.length_ms}/{horizon.slide_ms}": number
            for number, horizon in enumerate(self._horizons)
        }
        slides = []
        for key, (items, count, weight) in list(self._slides.items()):
            horizon, _, index = key.rpartition("/")
            if horizon in numbers:
                columns = (np.frombuffer(column, dtype=np.int64) for column in (count, weight))
                slides.append((numbers[horizon], int(index), items.split("\0"), *columns))
            else:
                # The slide belongs to a horizon that is no longer configured.
                self._slides.remove(key)
        totals.restore(as_of_ms, slides)
        return totals

    def _write(self, epoch: int, version: int) -> None:
        """Write the best items of every horizon in one transaction."""
        totals = self._totals
        if totals is None or totals.as_of_ms is None:
            return
        space_id = self._settings.identity.space_id
        names = [horizon.name for horizon in self._horizons]
        batches = []
        for number, horizon in enumerate(self._horizons):
            best = totals.best(number, self._trends.keep)
            start_ms, end_ms = totals.window_ms(number)
            longer = [None] * len(best.codes) if best.longer is None else best.longer.tolist()
            batch = TrendBatch(
                space_id=space_id,
                horizon=horizon.name,
                length_s=horizon.length_ms / 1000,
                longer=names[number + 1] if number + 1 < len(names) else None,
                start_s=start_ms / 1000,
                end_s=end_ms / 1000,
                as_of_s=totals.as_of_ms / 1000,
                interactions=best.total,
                version=(epoch, version),
                rows={
                    totals.ids[code]: (count, weight / 1000, longer_count)
                    for code, count, weight, longer_count in zip(
                        best.codes.tolist(),
                        best.count.tolist(),
                        best.weight.tolist(),
                        longer,
                        strict=True,
                    )
                },
            )
            batches.append(batch)
        before, self._written = self._written, {}

        def transaction(connection: psycopg.Connection) -> None:
            if not before:
                drop_trends(connection, space_id, epoch, keep=names)
            self._written = write_trends(connection, batches, before)

        self._postgres.run(transaction)
