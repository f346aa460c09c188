"""The private trend writer: releases the counts of each day once, with noise, and writes their
sums over the horizons of whole days."""

import time
from collections.abc import Iterator

import numpy as np
import psycopg
from pyflink.common import Row, Types
from pyflink.datastream.functions import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor, ValueStateDescriptor

from jobs.core.trends.all_time import DAY_MS
from jobs.core.trends.counts import TrendCounts, from_elements
from jobs.core.trends.released_days import ReleasedDays
from jobs.core.trends.totals import Horizon
from jobs.metrics.catalogue import TRENDS
from jobs.operators.loaded_code import check_code
from jobs.operators.metrics import StepMetrics
from jobs.operators.noise import LaplaceNoise
from jobs.operators.settings import OperatorSettings
from jobs.operators.step_connection import step_connection
from jobs.operators.trend_writer import changed_rows
from jobs.sinks.deleted_items import DeletedItems
from jobs.sinks.private_counts import drop_days, release_day, released_days
from jobs.sinks.trend_rows import TrendBatch, TrendRow, WrittenTrends, drop_trends, write_trends

EVENT_TIME = ValueStateDescriptor("private-event-time-v1", Types.PICKLED_BYTE_ARRAY())
OPEN_DAYS = MapStateDescriptor("private-open-days-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())


class PrivateTrendWriter(KeyedProcessFunction):
    """One key, 0, in the place of `TrendWriter`.

    State: `(epoch, event time)`, and the exact counts of each day that is not released yet, 8
    bytes and an id an item, removed with the day's release. What was released lies in the table
    `private_counts`, for good and for the jobs of all spaces: no restart, replay or second job
    releases a day again. An event of a day that was released is not counted.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        """Get the state; the connection to Postgres is opened by the first transaction."""
        check_code(self._settings.code)
        self._event_time = runtime_context.get_state(EVENT_TIME)
        self._open = runtime_context.get_map_state(OPEN_DAYS)
        config = self._settings.config
        assert config.privacy.epsilon is not None
        self._budget = config.privacy.epsilon, config.privacy.per_user_day
        self._noise = LaplaceNoise(*self._budget)
        self._horizons = Horizon.all_of(config.trends.horizons)
        self._days: ReleasedDays | None = None
        self._written: dict[str, WrittenTrends] = {}
        self._postgres = step_connection(self._settings, runtime_context)
        self._deleted = DeletedItems()
        self._metrics = StepMetrics(runtime_context, self._postgres, TRENDS, ("trends",))

    def close(self) -> None:
        """Close the connection to Postgres."""
        self._postgres.close()

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        """Add the closed windows of a row `ROW<0, elements>`; release and write days that are over.

        Emits no row.
        """
        counts = from_elements(value[1])
        epoch, as_of_ms = self._event_time.value() or (self._settings.identity.epoch, 0)
        if len(counts):
            newest_ms = int(counts.slice_ms.max()) + self._settings.config.trends.update_s * 1000
            as_of_ms = max(as_of_ms, newest_ms)
        first = self._days is None
        days = self._load()
        self._add(counts, days.newest)
        counted = sorted(map(int, self._open.keys()))
        due = days.due(as_of_ms, counted)
        if due or first:
            self._release(days, due)
            self._write(days, epoch, as_of_ms)
            for day in counted:
                if days.newest is not None and day <= days.newest:
                    self._open.remove(str(day))
        self._event_time.update((epoch, as_of_ms))
        yield from ()

    def _load(self) -> ReleasedDays:
        """What was released, read from the table after a start."""
        if self._days is None:
            self._days = ReleasedDays(self._horizons, self._noise.scale)
            self._read(self._days)
        return self._days

    def _add(self, counts: TrendCounts, newest: int | None) -> None:
        """Add the counts of days that are not released yet."""
        days = counts.slice_ms // DAY_MS
        for day in np.unique(days).tolist():
            if newest is not None and day <= newest:
                continue
            sums = self._open_day(day)
            for index in np.flatnonzero(days == day).tolist():
                if item := counts.item_id[index]:
                    sums[item] = sums.get(item, 0) + int(counts.count[index])
            self._open.put(str(day), ("\0".join(sums), np.array([*sums.values()]).tobytes()))

    def _open_day(self, day: int) -> dict[str, int]:
        items, counts = self._open.get(str(day)) or ("", b"")
        if not items:
            return {}
        return dict(
            zip(items.split("\0"), np.frombuffer(counts, dtype=np.int64).tolist(), strict=True)
        )

    def _release(self, days: ReleasedDays, due: range) -> None:
        """Release the days that are over, one by one, and read what stands in the table."""
        for day in due:
            counts = self._open_day(day)

            def transaction(
                connection: psycopg.Connection, day: int = day, counts: dict[str, int] = counts
            ) -> None:
                release_day(connection, day, counts, self._noise, self._budget)
                drop_days(connection, day - days.longest)

            self._postgres.run(transaction)
        self._read(days)

    def _read(self, days: ReleasedDays) -> None:
        after = -1 if days.newest is None else days.newest

        def transaction(connection: psycopg.Connection) -> None:
            for released in released_days(connection, after):
                days.add(released)

        self._postgres.run(transaction)

    def _write(self, days: ReleasedDays, epoch: int, as_of_ms: int) -> None:
        """Write the sums of every horizon in one transaction; rows of other horizons go."""
        space_id = self._settings.identity.space_id
        batches = self._batches(days, epoch, as_of_ms)
        before, self._written = self._written, {}

        def transaction(connection: psycopg.Connection) -> None:
            self._deleted.read(connection)
            if not before:
                names = [batch.horizon for batch in batches]
                drop_trends(connection, space_id, epoch, keep=names)
            kept = [batch.without(self._deleted.ids) for batch in batches]
            self._written = write_trends(connection, kept, before)

        started_s = time.perf_counter()
        self._postgres.run(transaction)
        took_s = time.perf_counter() - started_s
        self._metrics.written(took_s, {"trends": changed_rows(before, self._written)})
        lag_ms = time.time_ns() // 1_000_000 - as_of_ms
        self._metrics.measures.set("trends_lag_ms", lag_ms)

    def _batches(self, days: ReleasedDays, epoch: int, as_of_ms: int) -> list[TrendBatch]:
        end_day = as_of_ms // DAY_MS
        sums = [days.sums(number, end_day) for number in range(len(days.horizons))]
        batches = []
        for number, horizon in enumerate(days.horizons):
            has_longer = number + 1 < len(days.horizons)
            longer = sums[number + 1] if has_longer else None
            best = sorted(sums[number].items(), key=lambda row: (-row[1], row[0]))
            rows: dict[str, TrendRow] = {}
            for item, count in best[: self._settings.config.trends.keep]:
                # What is known of an item in a longer horizon may be less, by the noise.
                more = None if longer is None else max(longer.get(item, 0), count)
                longer_weight = None if more is None else float(more)
                rows[item] = (count, float(count), more, longer_weight, None)
            batches.append(
                TrendBatch(
                    space_id=self._settings.identity.space_id,
                    horizon=horizon.name,
                    length_s=horizon.length_ms / 1000,
                    half_life_s=None,
                    longer=days.horizons[number + 1].name if has_longer else None,
                    start_s=(end_day * DAY_MS - horizon.length_ms) / 1000,
                    end_s=end_day * DAY_MS / 1000,
                    as_of_s=end_day * DAY_MS / 1000,
                    interactions=sum(sums[number].values()),
                    # Above the number of interactions, which is the version of exact counts.
                    version=(epoch, end_day * DAY_MS),
                    rows=rows,
                )
            )
        return batches
