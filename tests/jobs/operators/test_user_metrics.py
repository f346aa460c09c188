"""What the interest step and the user writer tell of their batches."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.core.interest.user_batch import UserBatch
from jobs.core.progress import Progress
from jobs.operators.user_batches import AppliedEvents, CountedBatch
from tests.builders import EAST, command_line, event_line, search_line
from tests.jobs.operators.builders import InterestWorld


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn) as made:
        yield made


def told(flink: Any, name: str) -> dict[str, int]:
    """The counters above 0 of a name, by the value of their label."""
    found = {}
    for key, number in flink.metrics.read().items():
        head, _, label = key.partition("{")
        if head == name and label and number:
            found[label.partition("=")[2].rstrip("}")] = number
    return found


def test_events_are_counted_by_action_when_they_count(world):
    world.events(
        event_line(1),
        event_line(1),
        event_line(2, action="view", user_id="bob"),
        event_line(3, action="view", item_id="unknown"),
        event_line(4, action="sing"),
        b"{",
    )
    world.text_events((search_line(5, "a telescope"), EAST))
    assert told(world.writer, "events") == {"like": 1, "view": 1, "search": 1}
    assert told(world.writer, "dead_letters") == {"unknown_action": 1, "not_json": 1}
    read = world.writer.metrics.read()
    assert read["applied"] == 3
    assert set(DEFAULT_ACTIONS) == {
        name[len("events{action=") : -1] for name in read if name.startswith("events{")
    }


def test_dead_letters_of_commands_are_counted_by_reason(world):
    world.control(command_line("ada", "dance"))
    assert told(world.writer, "dead_letters") == {
        reason: 1 for reason, _ in world.reasons("control")
    }
    assert world.writer.metrics.read()["dead_letters"] == 0, "that is the counter of events"


def test_rows_are_counted_by_table(world):
    world.events(event_line(1), event_line(2, user_id="bob", item_id="north"), b"{")
    written = told(world.writer, "rows_written")
    for table, count in written.items():
        ((found,),) = world.rows(f"SELECT count(*) FROM interestream.{table}")
        assert found == count, table
    assert set(written) == {"users", "user_windows", "user_items", "dead_letters"}


def test_the_age_of_events_and_the_delay_of_their_batch_are_those_at_the_commit(world):
    now_ms = time.time_ns() // 1_000_000
    times_ms = now_ms - np.array([-60_000, 20_000, 20_000, 200_000])
    events = AppliedEvents(times_ms, np.zeros(4, dtype=np.intp))
    progress = Progress(4, applied=4)
    batch = UserBatch(1, 1, 0, progress={"events": progress})
    counted = CountedBatch(batch, Progress(), events=events, began_ms=now_ms - 20_000)
    assert list(world.writer.operator.process_element(counted, None)) == []
    read = world.writer.metrics.read()
    # Between the bounds of a bucket and these times there is room for a slow machine.
    found = [read[f"freshness_ms_bucket{{le={bound}}}"] for bound in ("10000", "60000", "Inf")]
    assert found == [1, 3, 4]
    found = [read[f"delay_ms_bucket{{le={bound}}}"] for bound in ("10000", "60000", "Inf")]
    assert found == [0, 4, 4]
    assert (read["freshness_ms_count"], read["delay_ms_count"]) == (4, 4)
    assert read["freshness_ms_sum"] >= 240_000, "an event of the future has no age below 0"


def test_the_step_counts_batches_lines_and_users(world):
    world.events(event_line(1), event_line(2, user_id="bob"))
    world.events(event_line(3))
    read = world.flink.metrics.read()
    assert (read["batches"], read["lines"], read["users_new"]) == (2, 3, 2)
    assert (read["user_cache_hits"], read["user_cache_misses"]) == (1, 2)
    assert read["users_written"] == 3
    assert read["users_written_bytes"] > 3 * len(b"an entry")
