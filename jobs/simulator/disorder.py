"""Disorders events on their way to the job, and counts what was done.

Some arrive twice, late, broken, or for items that never appear.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from jobs.datasets.dataset import Line, Record
from jobs.simulator.broken_lines import BREAKS
from jobs.simulator.undoing import UNDONE

_LATEST_MS = 2 * 3_600_000
_AGAIN_MS = 20 * 60_000


@dataclass(frozen=True)
class Disorder:
    """How many events are disordered, as shares of the good events."""

    duplicates: float = 0.03
    late: float = 0.05
    """Events that arrive up to two hours of event time later than they happen."""
    broken: float = 0.008
    unknown_items: float = 0.003
    """Extra events of items that never appear."""
    respelled: float = 0.02
    """Events whose time is written as RFC 3339 with an offset."""
    undone_late: float = 0.3
    """Share of the undone events that arrive after the event that undoes them."""


@dataclass(frozen=True)
class Truth:
    """The numbers that a job must find in the lines."""

    good: int
    """Distinct events that are accepted once their item is known."""
    duplicates: int = 0
    late: int = 0
    """Good events that arrive after a newer event of the same user."""
    early: int = 0
    """Good events that arrive before their item appears."""
    unknown_items: int = 0
    """Valid events of items that never appear; they become dead letters (`unknown_item`)."""
    broken: dict[str, int] = field(default_factory=dict)
    """Dead letters by the reason that the job must give."""
    undone_late: int = 0
    """Good events that arrive after the event that undoes them."""

    @property
    def lines(self) -> int:
        """Number of all lines."""
        return self.good + self.duplicates + self.unknown_items + sum(self.broken.values())


def disorder(
    events: Sequence[Record],
    how: Disorder,
    rng: np.random.Generator,
    spared: Collection[str] = (),
) -> tuple[list[Line], Truth]:
    """The lines in the order of arrival, and their numbers.

    `events` is sorted by time. The events of the users in `spared` are not disordered.
    """
    arrivals: list[tuple[int, int, Line]] = []

    def send(time_ms: int, line: Line) -> None:
        arrivals.append((time_ms, len(arrivals), line))

    counts: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    ways = [(reason, way) for reason, ways in BREAKS.items() for way in ways]
    undone = _undone_at(events)
    for event in events:
        time_ms: int = event["event_time"]
        if event["user_id"] in spared:
            send(time_ms, event)
            continue
        # One draw decides at most one disorder of an event, so that the counts do not overlap.
        chance = float(rng.random())
        line = event
        sent_ms = time_ms
        if (chance := chance - how.respelled) < 0:
            line = {**event, "event_time": _rfc3339(time_ms, rng)}
        elif (chance := chance - how.late) < 0:
            sent_ms += int(rng.integers(60_000, _LATEST_MS))
        elif (chance := chance - how.duplicates) < 0:
            send(time_ms + int(rng.integers(0, _AGAIN_MS)), event)
            counts["duplicates"] += 1
        elif (chance := chance - how.broken) < 0:
            number = sum(broken.values())
            reason, way = ways[number % len(ways)]
            copy = {**event, "event_id": f"x-{number:06d}"}
            send(time_ms, way(copy))
            broken[reason] += 1
        elif chance - how.unknown_items < 0:
            counts["unknown_items"] += 1
            number = counts["unknown_items"]
            unknown = {
                "event_id": f"g-{number:06d}",
                "action": "view",
                "item_id": f"lost-{number:05d}",
            }
            send(time_ms, {"user_id": event["user_id"], "event_time": time_ms, **unknown})
        elif event["event_id"] in undone and rng.random() < how.undone_late:
            sent_ms = undone[event["event_id"]] + int(rng.integers(1, _AGAIN_MS))
            counts["undone_late"] += 1
        send(sent_ms, line)
    arrivals.sort(key=lambda arrival: arrival[:2])
    lines = [line for _, _, line in arrivals]
    truth = Truth(
        good=len(events),
        duplicates=counts["duplicates"],
        late=_count_late(lines),
        unknown_items=counts["unknown_items"],
        broken=dict(broken),
        undone_late=counts["undone_late"],
    )
    return lines, truth


def _undone_at(events: Sequence[Record]) -> dict[str, int]:
    """The time in ms at which an event is undone, by its event id."""
    latest: dict[tuple[str, str, str], Record] = {}
    found: dict[str, int] = {}
    for event in events:
        about = (event["user_id"], str(event.get("item_id")))
        undone = UNDONE.get(event["action"])
        if undone is None:
            latest[*about, event["action"]] = event
        elif (before := latest.get((*about, undone))) is not None:
            found[before["event_id"]] = event["event_time"]
    return found


def _rfc3339(time_ms: int, rng: np.random.Generator) -> str:
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    text = moment.isoformat(timespec="milliseconds")
    return text if rng.random() < 0.5 else text.replace("+00:00", "Z")


def _count_late(lines: Sequence[Line]) -> int:
    newest: dict[str, int] = {}
    seen: set[str] = set()
    late = 0
    for line in lines:
        if not isinstance(line, dict) or line["event_id"] in seen:
            continue
        seen.add(line["event_id"])
        found = line["event_time"]
        if isinstance(found, str):
            found = round(datetime.fromisoformat(found).timestamp() * 1000)
        user = line["user_id"]
        late += found < newest.get(user, 0)
        newest[user] = max(found, newest.get(user, 0))
    return late
