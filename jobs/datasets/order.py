"""Orders events by time, or by time with a bounded disorder."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime

import numpy as np

from jobs.datasets.dataset import Line

# A time outside 1990-2100 is a mistake; it must not move the other events.
_EARLIEST_MS, _LATEST_MS = 631_152_000_000, 4_102_444_800_000


def event_time_ms(line: Line) -> int | None:
    """The event's time in epoch milliseconds; None where it has none, or one outside 1990-2100.

    >>> event_time_ms({"event_time": "2024-01-01T00:00:00Z"}), event_time_ms(b"{")
    (1704067200000, None)
    """
    found = line.get("event_time") if isinstance(line, dict) else None
    if isinstance(found, str):
        try:
            moment = datetime.fromisoformat(found)
            found = None if moment.tzinfo is None else round(moment.timestamp() * 1000)
        except (ValueError, OverflowError):
            return None
    if type(found) is not int or not _EARLIEST_MS <= found <= _LATEST_MS:
        return None
    return found


def by_time(events: Iterable[Line]) -> list[Line]:
    """All events sorted by time, in memory.

    Events of one time keep their order; an event without a time stays behind the one before it.

    >>> by_time([{"event_time": 1_700_000_000_002}, {}, {"event_time": 1_700_000_000_001}])
    [{'event_time': 1700000000001}, {'event_time': 1700000000002}, {}]
    """
    keyed: list[tuple[int, Line]] = []
    time_ms = 0
    for event in events:
        found = event_time_ms(event)
        time_ms = time_ms if found is None else found
        keyed.append((time_ms, event))
    keyed.sort(key=lambda pair: pair[0])
    return [event for _, event in keyed]


def shuffled(events: Iterable[Line], lateness_ms: int, seed: int) -> Iterator[Line]:
    """Delay each event by up to `lateness_ms` of event time, at random.

    When `events` is sorted by time, no event comes after one that is more than `lateness_ms`
    newer. The events of one `lateness_ms` are in memory; the same seed gives the same order.
    """
    rng = np.random.default_rng(seed)
    held: list[tuple[int, int, Line]] = []
    clock_ms = 0
    for number, event in enumerate(events):
        clock_ms = max(clock_ms, event_time_ms(event) or 0)
        while held and held[0][0] < clock_ms:
            yield heapq.heappop(held)[2]
        delay_ms = int(rng.integers(0, lateness_ms, endpoint=True))
        heapq.heappush(held, (clock_ms + delay_ms, number, event))
    while held:
        yield heapq.heappop(held)[2]
