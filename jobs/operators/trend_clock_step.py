"""The trend clock step: counts of all buckets, merged, with the event time they have reached."""

from collections.abc import Iterator

import numpy as np
from pyflink.common import Row, Types
from pyflink.datastream.functions import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor, ValueStateDescriptor

from jobs.core.trends.counts import TrendCounts, merge, to_elements, unpack
from jobs.core.trends.event_clock import ClockRules, TrendClock, tick
from jobs.operators.settings import OperatorSettings

TREND_CLOCK = ValueStateDescriptor("trend-clock-v1", Types.PICKLED_BYTE_ARRAY())
TREND_PENDING = MapStateDescriptor("trend-pending-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())

CLOCKED_COUNTS_TYPE = Types.ROW_NAMED(
    ["clock_ms", "elements"],
    [Types.LONG(), Types.OBJECT_ARRAY(Types.PRIMITIVE_ARRAY(Types.BYTE()))],
)

MERGE_MS = 1_000
"""Counts are merged over this much processing time: one by one they would cost SQL a third of a
core at 20,000 a second."""

ROW_ELEMENTS = 64
"""SQL copies a whole row for each element that it takes out: long rows cost the square."""

QUIET_MS = 3_000
"""A silence of this length is the end of the window that is open."""

NOTHING = TrendCounts.of({(0, ""): (0, 0)})
"""An entry that counts nothing and carries the clock alone."""


class TrendClockStep(KeyedProcessFunction):
    """One key for all; its input are rows `(bucket, packed counts)`.

    State: the clock (2 kB), and the counts of the last `MERGE_MS` (while event time is not known
    yet, of a few seconds more); both are in every checkpoint, so that a restored job goes on with
    the event time that it had reached.
    """

    def __init__(self, settings: OperatorSettings) -> None:
        self._settings = settings

    def open(self, runtime_context: RuntimeContext) -> None:
        self._clock = runtime_context.get_state(TREND_CLOCK)
        self._pending = runtime_context.get_map_state(TREND_PENDING)
        trends = self._settings.config.trends
        self._rules = ClockRules(
            slice_ms=trends.update_s * 1000,
            leap_ms=trends.leap_s * 1000,
            quiet_ms=QUIET_MS,
            close_after_ms=2 * trends.update_s * 1000,
        )
        self._longest_ms = max(length_s for length_s, _ in trends.horizons.values()) * 1000

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        bucket = str(value[0])
        self._pending.put(bucket, [*(self._pending.get(bucket) or ()), bytes(value[1])])
        self._set_timer(ctx)
        yield from ()

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        packed = self._clock.value()
        before = TrendClock() if packed is None else TrendClock.unpack(packed)
        parts = [unpack(blob) for blobs in self._pending.values() for blob in blobs]
        slices = np.concatenate([part.slice_ms for part in parts] or [before.recent[:0]])
        counts = np.concatenate([part.count for part in parts] or [before.recent[:0]])
        now_ms = ctx.timer_service().current_processing_time()
        clock = tick(before, slices, counts, now_ms, self._rules)
        self._clock.update(clock.pack())
        if clock.open_ms is not None:
            self._set_timer(ctx)
        if clock.now_ms is None or clock.closed_ms is None:
            return
        for bucket in list(self._pending.keys()):
            self._pending.remove(bucket)
        merged = merge(parts, clock.now_ms - self._longest_ms)
        if len(merged) or clock.closed_ms != before.closed_ms:
            elements = to_elements(merged if len(merged) else NOTHING)
            for start in range(0, len(elements), ROW_ELEMENTS):
                yield Row(clock.closed_ms, elements[start : start + ROW_ELEMENTS])

    def _set_timer(
        self, ctx: KeyedProcessFunction.Context | KeyedProcessFunction.OnTimerContext
    ) -> None:
        # The same time again is the same timer.
        now_ms = ctx.timer_service().current_processing_time()
        ctx.timer_service().register_processing_time_timer((now_ms // MERGE_MS + 1) * MERGE_MS)
