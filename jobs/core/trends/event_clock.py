"""The event time of trends: it follows the newest events, but not a single wrong clock."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

RECENT = 256
"""Number of newest counts whose times are remembered."""
AHEAD = 2_048
"""Number of slices ahead of event time that are remembered, those nearest to it."""
FORGET_AFTER = 4 * RECENT
"""Number of further counts after which a count ahead of event time is forgotten."""
COMPANY = 16
"""Number of remembered counts that together move the clock over a leap of any size.

Of a batch with more than 256 counts it takes a sixteenth.
"""
PAUSES = 2
"""Number of the longest remembered pauses that a step in silence may take."""
FADING = 64
"""A remembered pause is forgotten while event time advances by this many times its length."""


@dataclass(frozen=True)
class TrendClock:
    """The event time reached and the windows closed so far; all times in milliseconds.

    - `now_ms`: start of the slice that event time has reached, None before it is known.
    - `closed_ms`: end of the windows that were closed. It runs ahead of `now_ms` while no counts
      arrive.
    - `open_ms`: processing time since which counts are in an open window, None without such counts.
    - `last_counts_ms`: processing time of the last batch with counts.
    - `recent`: `(n,)` slices of the last RECENT counts.
    - `firm_ms`: the event time that does not rest on silence, at most `now_ms`; None before it is
      known.
    - `pause_ms`: longest pause of the events that `firm_ms` has passed lately; it fades.
    - `ahead`: `(n, 2)`, slices ahead of `now_ms` in their order, without repeats, and how many
      counts have come since.
    """

    now_ms: int | None = None
    closed_ms: int | None = None
    open_ms: int | None = None
    last_counts_ms: int = 0
    recent: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    firm_ms: int | None = None
    pause_ms: int = 0
    ahead: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))

    def pack(self) -> "PackedClock":
        """The plain tuple that the state holds."""
        return (
            self.now_ms,
            self.closed_ms,
            self.open_ms,
            self.last_counts_ms,
            self.recent.tobytes(),
            self.firm_ms,
            self.pause_ms,
            self.ahead.tobytes(),
        )

    @classmethod
    def unpack(cls, packed: "PackedClock | EarlierClock") -> "TrendClock":
        """The clock that `pack` has packed, or that an earlier version has."""
        now_ms, closed_ms, open_ms, last_counts_ms, recent = packed[:5]
        firm_ms, pause_ms, ahead = (now_ms, 0, b"") if len(packed) == 5 else packed[5:]
        return cls(
            now_ms,
            closed_ms,
            open_ms,
            last_counts_ms,
            np.frombuffer(recent, dtype=np.int64),
            firm_ms,
            pause_ms,
            np.frombuffer(ahead, dtype=np.int64).reshape(-1, 2),
        )


EarlierClock = tuple[int | None, int | None, int | None, int, bytes]
"""What a savepoint holds of a clock that did not go on in silence."""
PackedClock = tuple[int | None, int | None, int | None, int, bytes, int | None, int, bytes]


@dataclass(frozen=True)
class ClockRules:
    """How the clock moves and when it closes windows; all times in milliseconds.

    - `slice_ms`: length of a window.
    - `leap_ms`: largest step of event time that a single event may cause.
    - `quiet_ms`: time without counts after which there is silence: event time goes on to counts
      without company, and a window with counts is closed early. No second window is closed early
      before event time has caught up.
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
    needs COMPANY counts beyond it, or silence (`_in_silence`). It never passes the wall clock, and
    without events it moves once at most. While event time is not known yet, the caller keeps the
    batch and passes it again.
    """
    new = np.repeat(slices, np.minimum(counts, COMPANY))
    times = np.concatenate([clock.recent, new])
    open_for_ms = 0 if clock.open_ms is None else wall_ms - clock.open_ms
    overdue = open_for_ms >= rules.close_after_ms
    last_counts_ms = wall_ms if len(new) else clock.last_counts_ms
    silent = wall_ms - last_counts_ms >= rules.quiet_ms
    company = max(COMPANY, len(times) // COMPANY)
    past = np.sort(times[times <= wall_ms])
    ahead = _ahead(clock.ahead, new)
    candidates = np.union1d(ahead[ahead[:, 0] <= wall_ms, 0], past)
    firm_ms = _event_time(clock.firm_ms, past, candidates, company, rules.leap_ms, few=overdue)
    if firm_ms is None:
        return replace(clock, open_ms=wall_ms if clock.open_ms is None else clock.open_ms)
    pause_ms = _longest_pause(clock, past, company, firm_ms)
    now_ms = firm_ms if clock.now_ms is None else max(clock.now_ms, firm_ms)
    if silent:
        step_ms = max(rules.leap_ms, PAUSES * pause_ms, _of_few(past, firm_ms))
        now_ms = max(now_ms, _in_silence(firm_ms, candidates, step_ms))
    closed_ms = now_ms if clock.closed_ms is None else max(clock.closed_ms, now_ms)
    open_ms = clock.open_ms
    quiet = silent and clock.closed_ms == clock.now_ms
    if closed_ms != clock.closed_ms:
        open_ms = wall_ms
    elif open_ms is not None and (overdue or quiet):
        closed_ms, open_ms = closed_ms + rules.slice_ms, None
    # Counts that are not ahead of the clock are in the window that begins at closed_ms.
    if open_ms is None and bool((new <= closed_ms).any()):
        open_ms = wall_ms
    ahead = ahead[ahead[:, 0] > now_ms][:AHEAD]
    recent = times[-RECENT:]
    return TrendClock(now_ms, closed_ms, open_ms, last_counts_ms, recent, firm_ms, pause_ms, ahead)


def _ahead(before: NDArray[np.int64], new: NDArray[np.int64]) -> NDArray[np.int64]:
    """`TrendClock.ahead` with the slices `new` `(n,)` added, those behind event time included."""
    kept = before[before[:, 1] + len(new) <= FORGET_AFTER] + [0, len(new)]
    kept = kept[~np.isin(kept[:, 0], new)]
    added = np.unique(new)
    both = np.concatenate([kept, np.stack([added, np.zeros_like(added)], axis=1)])
    ordered: NDArray[np.int64] = both[np.argsort(both[:, 0])]
    return ordered


def _event_time(
    before_ms: int | None,
    past: NDArray[np.int64],
    candidates: NDArray[np.int64],
    company: int,
    leap_ms: int,
    *,
    few: bool,
) -> int | None:
    """The event time that counts in company give, None while there are too few.

    `past` `(n,)` are the remembered slices in their order, without those after the wall clock;
    `candidates` `(m,)` are those that the clock may step on, without repeats. `few` lets a clock
    that has not begun start with less than a company.
    """
    if len(past) >= company:
        reached = int(past[-company])
    elif before_ms is None and few and len(past):
        # The median is a plausible start even if one of the few clocks is wrong.
        reached = int(past[len(past) // 2])
    elif before_ms is None:
        return None
    else:
        reached = before_ms
    reached = reached if before_ms is None else max(reached, before_ms)
    return _by_steps(reached, candidates[candidates > reached], leap_ms)


def _longest_pause(clock: TrendClock, past: NDArray[np.int64], company: int, firm_ms: int) -> int:
    """The longest pause between neighbouring counts: the one remembered, which fades as event time
    advances, or one that event time passes as it reaches `firm_ms`.

    `past` `(n,)` are the remembered slices in their order. A pause has a company on either side, so
    no few wrong clocks make one.
    """
    start_ms = firm_ms if clock.firm_ms is None else clock.firm_ms
    faded_ms = clock.pause_ms - (firm_ms - start_ms) // FADING
    passed = past[company - 1 :]
    passed = passed[passed <= firm_ms]
    if clock.firm_ms is not None:
        passed = np.maximum(passed, clock.firm_ms)
    return max(faded_ms, int(np.diff(passed).max(initial=0)), 0)


def _of_few(past: NDArray[np.int64], firm_ms: int) -> int:
    """The time that the later half of the counts took, while too few came to make a pause."""
    passed = past[past <= firm_ms]
    if not len(passed) or len(past) >= 2 * COMPANY:
        return 0
    return firm_ms - int(passed[(len(passed) - 1) // 2])


def _in_silence(firm_ms: int, candidates: NDArray[np.int64], step_ms: int) -> int:
    """The event time that is reached from `firm_ms` by steps of up to `step_ms` over the candidates
    `(n,)`, by fewer than COMPANY such lengths in all.
    """
    ahead = candidates[(candidates > firm_ms) & (candidates < firm_ms + COMPANY * step_ms)]
    return _by_steps(firm_ms, ahead, step_ms)


def _by_steps(from_ms: int, ahead: NDArray[np.int64], step_ms: int) -> int:
    """The last of the ordered slices `ahead` `(n,)` before the first step beyond `step_ms`."""
    far = np.flatnonzero(np.diff(ahead, prepend=from_ms) > step_ms)
    near = ahead[: far[0]] if len(far) else ahead
    return int(near[-1]) if len(near) else from_ms
