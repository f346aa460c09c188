"""The trend writer: adds closed windows up over each horizon, and writes the best items."""

import time
from collections.abc import Iterator, Mapping

import numpy as np
import psycopg
from pyflink.common import Row, Types
from pyflink.datastream.functions import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor, ValueStateDescriptor

from jobs.core.trends.all_time import DAY_MS, SavedPart
from jobs.core.trends.counts import from_elements
from jobs.core.trends.totals import Best, Horizon, TrendTotals
from jobs.metrics.catalogue import TRENDS
from jobs.operators.loaded_code import check_code
from jobs.operators.metrics import StepMetrics
from jobs.operators.settings import OperatorSettings
from jobs.operators.step_connection import step_connection
from jobs.sinks.deleted_items import DeletedItems
from jobs.sinks.trend_rows import (
    TrendBatch,
    TrendRow,
    WrittenTrends,
    drop_trends,
    write_trends,
)
from jobs.trend_settings import ALL_TIME

TREND_STATE = ValueStateDescriptor("trend-book-v1", Types.PICKLED_BYTE_ARRAY())
TREND_SLIDES = MapStateDescriptor("trend-slides-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())


class TrendWriter(KeyedProcessFunction):
    """One key, 0.

    State: per horizon and slide inside its window, the items active in it with count and weight, 16
    bytes and an id each, removed as soon as the slide leaves the window; of all time every item
    with count and weight, 16 bytes and an id each, at most 500,000 items, removed ten half-lives
    after its events; and one tuple `(epoch, all interactions counted, event time, time of the
    pending timer or 0, time of the last write)`. A horizon that the state does not know begins
    empty. The totals and the written rows in Python are caches; the totals are rebuilt from the
    state at the first call after a restore.
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
        self._postgres = step_connection(self._settings, runtime_context)
        self._deleted = DeletedItems()
        self._metrics = StepMetrics(runtime_context, self._postgres, TRENDS, ("trends",))

    def close(self) -> None:
        """Close the connection to Postgres."""
        self._postgres.close()

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        """Add the closed windows of a row `ROW<0, elements>`.

        Writes the rows of all horizons, or sets a timer if the last write was less than
        `write_every_ms` ago. Emits no row.
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
        self._save_all_time(totals)
        version += int(counts.count.sum())
        now_ms = ctx.timer_service().current_processing_time()
        due_ms = written_ms + self._trends.write_every_ms
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

    def _all_time_key(self) -> str:
        return f"{ALL_TIME}/{self._trends.half_life_ms}"

    def _save_all_time(self, totals: TrendTotals) -> None:
        if totals.all_time is None or totals.as_of_ms is None:
            return
        for index, part in totals.all_time.unsaved(totals.as_of_ms):
            key = f"{self._all_time_key()}/{index}"
            if part is None:
                self._slides.remove(key)
            else:
                items = "\0".join(totals.ids[code] for code in part.codes.tolist())
                columns = part.count.tobytes(), part.weight.tobytes()
                self._slides.put(key, (items, *columns, part.landmark))

    def _load(self, as_of_ms: int | None) -> TrendTotals:
        """The totals, rebuilt from the state after a start, or to drop ids that left."""
        if self._totals is not None and not self._totals.wasteful:
            return self._totals
        totals = self._totals = TrendTotals(self._horizons, self._trends.half_life_ms)
        self._written.clear()
        if as_of_ms is None:
            return totals
        numbers = {
            f"{horizon.length_ms}/{horizon.slide_ms}": number
            for number, horizon in enumerate(self._horizons)
        }
        slides, parts = [], []
        for key, (items, count, weight, *landmark) in list(self._slides.items()):
            horizon, _, index = key.rpartition("/")
            ids = items.split("\0")
            if horizon in numbers:
                columns = (np.frombuffer(column, dtype=np.int64) for column in (count, weight))
                slides.append((numbers[horizon], int(index), ids, *columns))
            elif totals.all_time is not None and horizon == self._all_time_key():
                sums = (np.frombuffer(column) for column in (count, weight))
                codes = totals.codes(ids)
                parts.append((int(index), SavedPart(landmark[0], codes, *sums)))
            else:
                # The slide belongs to a horizon that is no longer configured.
                self._slides.remove(key)
        totals.restore(as_of_ms, slides)
        if totals.all_time is not None:
            totals.all_time.restore(parts)
        return totals

    def _write(self, epoch: int, version: int) -> None:
        """Write the best items of every horizon in one transaction."""
        totals = self._totals
        if totals is None or totals.as_of_ms is None:
            return
        space_id = self._settings.identity.space_id
        batches = self._batches(totals, totals.as_of_ms, (epoch, version))
        names = [batch.horizon for batch in batches]
        before, self._written = self._written, {}

        def transaction(connection: psycopg.Connection) -> None:
            self._deleted.read(connection)
            if not before:
                drop_trends(connection, space_id, epoch, keep=names)
            kept = [batch.without(self._deleted.ids) for batch in batches]
            self._written = write_trends(connection, kept, before)

        started_s = time.perf_counter()
        self._postgres.run(transaction)
        took_s = time.perf_counter() - started_s
        self._metrics.written(took_s, {"trends": changed_rows(before, self._written)})
        lag_ms = time.time_ns() // 1_000_000 - totals.as_of_ms
        self._metrics.measures.set("trends_lag_ms", lag_ms)

    def _batches(
        self, totals: TrendTotals, as_of_ms: int, version: tuple[int, int]
    ) -> list[TrendBatch]:
        """The rows of all horizons, all time behind the windows."""
        names = [horizon.name for horizon in self._horizons]
        if totals.all_time is not None:
            names.append(ALL_TIME)
        batches = []
        for number, name in enumerate(names):
            length_s = half_life_s = start_s = None
            if number < len(self._horizons):
                length_s = self._horizons[number].length_ms / 1000
                start_s, end_s = (each / 1000 for each in totals.window_ms(number))
            else:
                half_life_s = float(self._trends.half_life_s)
                end_s = -(-as_of_ms // DAY_MS) * DAY_MS / 1000
            best = totals.best(number, self._trends.keep)
            items = [totals.ids[code] for code in best.codes.tolist()]
            batch = TrendBatch(
                space_id=self._settings.identity.space_id,
                horizon=name,
                length_s=length_s,
                half_life_s=half_life_s,
                longer=names[number + 1] if number + 1 < len(names) else None,
                start_s=start_s,
                end_s=end_s,
                as_of_s=as_of_ms / 1000,
                interactions=best.total,
                version=version,
                rows=dict(zip(items, _rows(best), strict=True)),
            )
            batches.append(batch)
        return batches


def changed_rows(before: Mapping[str, WrittenTrends], after: Mapping[str, WrittenTrends]) -> int:
    """Number of rows that are others than before, as far as this process knows what was there."""
    none: dict[str, TrendRow] = {}
    return sum(
        len(each.rows.items() - (before[name].rows if name in before else none).items())
        for name, each in after.items()
    )


def _rows(best: Best) -> Iterator[TrendRow]:
    """The rows of `best.codes`, in their order."""
    missing = [None] * len(best.codes)
    return zip(
        best.count.tolist(),
        (best.weight / 1000).tolist(),
        missing if best.longer is None else best.longer.tolist(),
        missing if best.longer_weight is None else (best.longer_weight / 1000).tolist(),
        missing if best.standing is None else best.standing.tolist(),
        strict=True,
    )
