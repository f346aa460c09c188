"""Rows of `user_items` in Postgres: merged to the same rows in any batches and any order."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_item_rows import UserItemRows, user_item_rows
from tests.builders import NOON_MS
from tests.jobs.sinks.builders import rows, write

Event = tuple[str, int, int, int, float, bool]
"""item, mask, time, key, weight, undoes"""


def rows_of(events: Sequence[Event]) -> UserItemRows:
    items, mask, time_ms, key, weight, undoes = (
        list(column) for column in zip(*events, strict=True)
    )
    return user_item_rows(
        ["ada"] * len(events),
        items,
        np.array(mask, dtype=np.int64),
        np.array(time_ms, dtype=np.int64),
        np.array(key, dtype=np.uint64),
        np.array(weight, dtype=np.float64),
        np.array(undoes, dtype=bool),
    )


@pytest.mark.parametrize("seed", range(8))
def test_rows_are_the_same_for_any_batches_and_repetitions(job_dsn, seed):
    chance = random.Random(seed)
    events: list[Event] = [
        (
            chance.choice(["east", "north"]),
            1 << chance.choice([0, 5, 62]),
            NOON_MS + chance.randrange(3),
            chance.choice([number, 2**64 - 1 - number]),
            *chance.choice([(0.0, False), (0.0, False), (3.0, False), (-0.5, False), (0.0, True)]),
        )
        for number in range(12)
    ]
    expected = []
    for item in sorted({event[0] for event in events}):
        of_item = [row for row in events if row[0] == item]
        signed = sorted((row for row in of_item if row[4] != 0 or row[5]), key=lambda row: row[2:4])
        newest = (signed[-1][4], signed[-1][2], signed[-1][3] - 2**63) if signed else (None,) * 3
        actions = 0
        for row in of_item:
            actions |= row[1]
        times = [row[2] for row in of_item]
        expected.append((item, actions, min(times), max(times), *newest))

    again = events + chance.sample(events, 5)
    chance.shuffle(again)
    parts = [again[:3], again[3:4], again[4:]]
    write(job_dsn, *(UserBatch(1, 1, 0, user_item_rows=rows_of(part)) for part in parts))
    assert (
        rows(
            job_dsn,
            "SELECT item_id, actions, (extract(epoch FROM first_at) * 1000)::bigint,"
            " (extract(epoch FROM last_at) * 1000)::bigint, signal,"
            " (extract(epoch FROM signal_at) * 1000)::bigint, signal_key"
            " FROM interestream.user_items ORDER BY item_id",
        )
        == expected
    )
