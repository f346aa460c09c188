"""Lines of the simulator as if they happened now."""

import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator

import orjson

from jobs.datasets.dataset import Line, line_bytes
from jobs.datasets.feed import DirectoryFeed

EVERY_S = 0.1


def at(line: Line, now_ms: int) -> bytes:
    """The event of a line at another time; a line that is no event stays as it is.

    >>> at(b'{"event_id":"e","event_time":5}', 7)
    b'{"event_id":"e","event_time":7}'
    >>> at({"event_id": "e", "event_time": 5}, 7), at(b'{"event_', 7)
    (b'{"event_id":"e","event_time":7}', b'{"event_')
    """
    raw = line_bytes(line)
    try:
        event = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw
    if not isinstance(event, dict) or not isinstance(event.get("event_time"), int | str):
        return raw
    return orjson.dumps({**event, "event_time": now_ms})


def feed_live(
    feed: DirectoryFeed,
    lines: Iterable[Line],
    per_s: float,
    until: Callable[[], bool],
    wave_s: float = 120.0,
) -> int:
    """Write lines as they happen until `until` says so; returns how many.

    The rate rises and falls by a third within `wave_s`.
    """
    remaining: Iterator[Line] = iter(lines)
    began_s, due, written = time.monotonic(), 0.0, 0
    while not until():
        passed_s = time.monotonic() - began_s
        due += EVERY_S * per_s * (1 + math.sin(passed_s / wave_s * 2 * math.pi) / 3)
        count = int(due) - written
        chunk = [
            at(each, time.time_ns() // 1_000_000) for each in itertools.islice(remaining, count)
        ]
        written += feed.write_events(chunk)
        if len(chunk) < count:
            break
        time.sleep(max(began_s + (passed_s // EVERY_S + 1) * EVERY_S - time.monotonic(), 0.0))
    return written
