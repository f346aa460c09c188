"""The trend clock step: merges the counts of all buckets, and adds the event time reached."""

from collections.abc import Iterator

import numpy as np
from pyflink.common import Row, Types
from pyflink.datastream.functions import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor, ValueStateDescriptor

from jobs.core.trends.all_time import DAY_MS
from jobs.core.trends.counts import TrendCounts, merge, to_elements, unpack
from jobs.core.trends.event_clock import ClockRules, TrendClock, tick
from jobs.metrics.catalogue import CLOCK
from jobs.metrics.measures import Measures
from jobs.operators.loaded_code import check_code
from jobs.operators.settings import OperatorSettings

TREND_CLOCK = ValueStateDescriptor("trend-clock-v1", Types.PICKLED_BYTE_ARRAY())
TREND_PENDING = MapStateDescriptor("trend-pending-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())

CLOCKED_COUNTS_TYPE = Types.ROW_NAMED(
    ["clock_ms", "elements"],
    [Types.LONG(), Types.OBJECT_ARRAY(Types.PRIMITIVE_ARRAY(Types.BYTE()))],
)
"""Elements of counts (`counts.to_elements`) and the end of the windows that are closed."""

ROW_ELEMENTS = 64
"""Most elements of a row: SQL copies the row once per element, so long rows cost the square."""

NO_COUNTS = TrendCounts.of({(0, ""): (0, 0)})
"""An entry of zero interactions, which carries the clock alone."""


class TrendClockStep(KeyedProcessFunction):
    """One key for all buckets, so one clock.

    State: the clock (2 kB, and 16 bytes for each slice ahead of event time, at most 33 kB), and the
    counts of the last `merge_ms`, removed as they are emitted. While event time is not known yet,
    counts stay for up to `2 * update_s`. Both are part of every checkpoint, so a restored job
    continues with the event time that it had reached.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        """Get the state."""
        check_code(self._settings.code)
        self._clock = runtime_context.get_state(TREND_CLOCK)
        self._pending = runtime_context.get_map_state(TREND_PENDING)
        self._measures = Measures(runtime_context.get_metrics_group(), CLOCK)
        trends = self._settings.config.trends
        # Without merging, SQL would need a third of a core at 20,000 counts a second.
        self._merge_ms = trends.merge_ms
        self._rules = ClockRules(
            slice_ms=trends.update_s * 1000,
            leap_ms=trends.leap_s * 1000,
            quiet_ms=trends.quiet_ms,
            close_after_ms=2 * trends.update_s * 1000,
        )
        self._longest_ms = max(length_s for length_s, _ in trends.horizons.values()) * 1000
        # Events behind all windows matter to all time only.
        self._old_slice_ms = None if trends.half_life_ms is None else DAY_MS

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Keep the counts of a row `ROW<bucket, counts>` until the next timer; emits no row."""
        bucket = str(value[0])
        self._pending.put(bucket, [*(self._pending.get(bucket) or ()), bytes(value[1])])
        self._set_timer(ctx)
        yield from ()

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        """Move the clock, and emit the merged counts as rows `ROW<clock_ms, elements>`."""
        packed = self._clock.value()
        before = TrendClock() if packed is None else TrendClock.unpack(packed)
        parts = [unpack(blob) for blobs in self._pending.values() for blob in blobs]
        slices = np.concatenate([part.slice_ms for part in parts] or [before.recent[:0]])
        counts = np.concatenate([part.count for part in parts] or [before.recent[:0]])
        now_ms = ctx.timer_service().current_processing_time()
        clock = tick(before, slices, counts, now_ms, self._rules)
        self._clock.update(clock.pack())
        if clock.now_ms is not None:
            self._measures.set("clock_lag_ms", now_ms - clock.now_ms)
        awaits_silence = (
            len(clock.ahead) > 0 and now_ms - clock.last_counts_ms < self._rules.quiet_ms
        )
        if clock.open_ms is not None or awaits_silence:
            self._set_timer(ctx)
        if clock.now_ms is None or clock.closed_ms is None:
            return
        for bucket in list(self._pending.keys()):
            self._pending.remove(bucket)
        merged = merge(parts, clock.now_ms - self._longest_ms, self._old_slice_ms)
        if len(merged) or clock.closed_ms != before.closed_ms:
            elements = to_elements(merged if len(merged) else NO_COUNTS)
            for start in range(0, len(elements), ROW_ELEMENTS):
                yield Row(clock.closed_ms, elements[start : start + ROW_ELEMENTS])

    def _set_timer(
        self, ctx: KeyedProcessFunction.Context | KeyedProcessFunction.OnTimerContext
    ) -> None:
        # Flink keeps one timer per time, so registering it again has no effect.
        now_ms = ctx.timer_service().current_processing_time()
        ctx.timer_service().register_processing_time_timer(
            (now_ms // self._merge_ms + 1) * self._merge_ms
        )
