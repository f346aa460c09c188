"""Nine tenths of all events of one user, clocks ahead and behind, and every line fed twice."""

import time
from pathlib import Path
from zlib import crc32

import pytest

from bench.verify.run import verify
from jobs.datasets.dataset import Dataset, Line
from jobs.simulator import simulated_dataset
from tests.builders import DAY_MS, HOUR_MS, MINUTE_MS

KNOWN_IDS = 64
"""Ids in a user's record; the busy one has a hundred times as many."""
YEAR_MS = 365 * DAY_MS
AHEAD_MS = (45_000, 10 * MINUTE_MS, 25 * HOUR_MS, -7 * YEAR_MS, -45 * YEAR_MS)
"""How far clocks are ahead of ours; the third and the last give dead letters."""


def skewed(event: Line, now_ms: int) -> Line:
    """The event, of the busy user in nine cases of ten, and by a wrong clock in one of fifty.

    A copy of an event is changed as the event was: with another time it would be another one.
    """
    if not isinstance(event, dict):
        return event
    number = crc32(str(event.get("event_id")).encode())
    changed = {**event, "user_id": "busy"} if number % 10 else dict(event)
    if number % 50 == 7:
        # The clock goes on while events come.
        changed["event_time"] = now_ms + AHEAD_MS[number // 50 % len(AHEAD_MS)] + number % 1_000
    return changed


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_one_user_with_nine_tenths_of_all_events_and_wrong_clocks_give_the_rows_of_the_input(
    tmp_path: Path,
) -> None:
    simulated = simulated_dataset(seed=8, users=60, events=7_000, items=200, days=10)
    now_ms = int(time.time() * 1000)
    events = [skewed(event, now_ms) for event in simulated.events()]
    dataset = Dataset(
        "one busy user, wrong clocks",
        items=simulated.items,
        # Again in the same order: every id that a record still knows is pushed out before its turn.
        events=lambda: iter([*events, *events]),
    )
    settings = [f"retention.duplicate_last_n={KNOWN_IDS}"]
    assert verify(dataset, 0, 1, settings, tmp_path)
