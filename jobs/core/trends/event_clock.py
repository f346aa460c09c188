"""The event time of trends: it follows the newest events, but not a single wrong clock."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

RECENT = 256
"""Number of newest counts whose times are remembered."""
COMPANY = 16
"""Number of remembered counts that together move the clock over a leap of any size.

Of a batch with more than 256 counts it takes a sixteenth.
"""


@dataclass(frozen=True)
class TrendClock:
    """The event time reached and the windows closed so far; all times in milliseconds.

    - `now_ms`: start of the slice that event time has reached, None before it is known.
    - `closed_ms`: end of the windows that were closed. It runs ahead of `now_ms` while no counts
      arrive.
    - `open_ms`: processing time since which counts are in an open window, None without such counts.
    - `last_counts_ms`: processing time of the last batch with counts.
    - `recent`: `(n,)` slices of the last RECENT counts.
    """

    now_ms: int | None = None
    closed_ms: int | None = None
    open_ms: int | None = None
    last_counts_ms: int = 0
    recent: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def pack(self) -> "PackedClock":
        """The plain tuple that the state holds."""
        return self.now_ms, self.closed_ms, self.open_ms, self.last_counts_ms, self.recent.tobytes()

    @classmethod
    def unpack(cls, packed: "PackedClock") -> "TrendClock":
        """The clock that `pack` has packed."""
        now_ms, closed_ms, open_ms, last_counts_ms, recent = packed
        slices = np.frombuffer(recent, dtype=np.int64)
        return cls(now_ms, closed_ms, open_ms, last_counts_ms, slices)


PackedClock = tuple[int | None, int | None, int | None, int, bytes]


@dataclass(frozen=True)
class ClockRules:
    """How the clock moves and when it closes windows; all times in milliseconds.

    - `slice_ms`: length of a window.
    - `leap_ms`: largest step of event time that a single event may cause.
    - `quiet_ms`: time without counts after which a window with counts is closed early. No second
      window is closed early before event time has caught up.
    - `close_after_ms`: time after which a window with counts is closed in any case.
    """

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
    """The clock after a batch at processing time `wall_ms`.

    `slices` and `counts` are `(n,)`: the slices of the batch and the number of events in each. A
    batch without events only lets time pass.

    Event time follows the newest count as long as no step is longer than `leap_ms`; a longer step
    needs COMPANY counts beyond it. It never passes the wall clock, and stands still without events.
    While event time is not known yet, the caller keeps the batch and passes it again.
    """
    new = np.repeat(slices, np.minimum(counts, COMPANY))
    times = np.concatenate([clock.recent, new])
    open_for_ms = 0 if clock.open_ms is None else wall_ms - clock.open_ms
    overdue = open_for_ms >= rules.close_after_ms
    last_counts_ms = wall_ms if len(new) else clock.last_counts_ms
    quiet = wall_ms - last_counts_ms >= rules.quiet_ms and clock.closed_ms == clock.now_ms
    now_ms = _event_time(clock.now_ms, times, wall_ms, rules.leap_ms, start_with_few=overdue)
    if now_ms is None:
        return replace(clock, open_ms=wall_ms if clock.open_ms is None else clock.open_ms)
    closed_ms = now_ms if clock.closed_ms is None else max(clock.closed_ms, now_ms)
    open_ms = clock.open_ms
    if closed_ms != clock.closed_ms:
        open_ms = wall_ms
    elif open_ms is not None and (overdue or quiet):
        closed_ms, open_ms = closed_ms + rules.slice_ms, None
    # Counts that are not ahead of the clock are in the window that begins at closed_ms.
    if open_ms is None and bool((new <= closed_ms).any()):
        open_ms = wall_ms
    return TrendClock(now_ms, closed_ms, open_ms, last_counts_ms, times[-RECENT:])


def _event_time(
    before_ms: int | None,
    times: NDArray[np.int64],
    wall_ms: int,
    leap_ms: int,
    *,
    start_with_few: bool,
) -> int | None:
    """The event time that the slices `times` `(n,)` give, None while there are too few.

    `start_with_few` lets a clock that has not begun start with fewer than COMPANY counts.
    """
    past = np.sort(times[times <= wall_ms])
    company = max(COMPANY, len(times) // COMPANY)
    if len(past) >= company:
        reached = int(past[-company])
    elif before_ms is None and start_with_few and len(past):
        # The median is a plausible start even if one of the few clocks is wrong.
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
