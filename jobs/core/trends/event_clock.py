"""Event time as trends see it: it follows the newest events, but no single absurd one."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

RECENT = 256
"""Counts whose times are remembered."""
COMPANY = 16
"""So many of the remembered counts (or of a larger batch, a sixteenth) move the clock anywhere."""


@dataclass(frozen=True)
class TrendClock:
    """`now_ms` is the slice that event time has reached, None before it is known; `closed_ms`
    the end of the windows that were closed, which is ahead of it while nothing happens; `open_ms`
    the processing time since when counts wait in an open window, None while none do; `heard_ms`
    that of the last counts."""

    now_ms: int | None = None
    closed_ms: int | None = None
    open_ms: int | None = None
    heard_ms: int = 0
    recent: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def pack(self) -> "Packed":
        return self.now_ms, self.closed_ms, self.open_ms, self.heard_ms, self.recent.tobytes()

    @classmethod
    def unpack(cls, packed: "Packed") -> "TrendClock":
        now_ms, closed_ms, open_ms, heard_ms, recent = packed
        return cls(now_ms, closed_ms, open_ms, heard_ms, np.frombuffer(recent, dtype=np.int64))


Packed = tuple[int | None, int | None, int | None, int, bytes]


@dataclass(frozen=True)
class ClockRules:
    """`slice_ms`: length of a window; `leap_ms`: how far alone an event moves the clock;
    `quiet_ms`: silence after which a window with counts is closed, unless the last one was closed
    ahead of event time, too; `close_after_ms`: the time after which it is closed in any case."""

    slice_ms: int
    leap_ms: int
    quiet_ms: int
    close_after_ms: int


def tick(
    clock: TrendClock,
    slices: NDArray[np.int64],
    counts: NDArray[np.int64],
    wall_ms: int,
    rules: ClockRules,
) -> TrendClock:
    """The clock after a batch of counts (by slice, possibly none) at `wall_ms`.

    Event time follows the newest count as long as no step is longer than `leap_ms`; further it
    goes in company only. It never passes the wall clock, and stands still without events. While it
    is not known yet, the same batch is to be told again.
    """
    new = np.repeat(slices, np.minimum(counts, COMPANY))
    times = np.concatenate([clock.recent, new])
    waited_ms = 0 if clock.open_ms is None else wall_ms - clock.open_ms
    overdue = waited_ms >= rules.close_after_ms
    heard_ms = wall_ms if len(new) else clock.heard_ms
    quiet = wall_ms - heard_ms >= rules.quiet_ms and clock.closed_ms == clock.now_ms
    now_ms = _event_time(clock.now_ms, times, wall_ms, rules.leap_ms, alone=overdue)
    if now_ms is None:
        return replace(clock, open_ms=wall_ms if clock.open_ms is None else clock.open_ms)
    closed_ms = now_ms if clock.closed_ms is None else max(clock.closed_ms, now_ms)
    open_ms = clock.open_ms
    if closed_ms != clock.closed_ms:
        open_ms = wall_ms
    elif open_ms is not None and (overdue or quiet):
        closed_ms, open_ms = closed_ms + rules.slice_ms, None
    # What is not ahead of the clock waits in the window that begins at closed_ms.
    if open_ms is None and bool((new <= closed_ms).any()):
        open_ms = wall_ms
    return TrendClock(now_ms, closed_ms, open_ms, heard_ms, times[-RECENT:])


def _event_time(
    before_ms: int | None,
    times: NDArray[np.int64],
    wall_ms: int,
    leap_ms: int,
    *,
    alone: bool,
) -> int | None:
    past = np.sort(times[times <= wall_ms])
    company = max(COMPANY, len(times) // COMPANY)
    if len(past) >= company:
        reached = int(past[-company])
    elif before_ms is None and alone and len(past):
        # So few, and no more to come: the one in the middle is not the absurd one.
        reached = int(past[len(past) // 2])
    elif before_ms is None:
        return None
    else:
        reached = before_ms
    reached = reached if before_ms is None else max(reached, before_ms)
    ahead = past[past > reached]
    far = np.flatnonzero(np.diff(ahead, prepend=reached) > leap_ms)
    near = ahead[: far[0]] if len(far) else ahead
    return int(near[-1]) if len(near) else reached
