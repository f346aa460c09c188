"""What users were shown, and counts of click-through, in Postgres."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from jobs.core.feedback.click_rows import ClickRows, click_rows
from jobs.core.feedback.contexts import Cell
from jobs.core.feedback.shown_rows import ShownRows
from jobs.core.interest.user_batch import UserBatch
from jobs.sinks.feedback_rows import MOST_TIMES
from tests.builders import NOON_MS
from tests.jobs.sinks.builders import rows, write

Impression = tuple[str, str, int]
_SHOWN = (
    "SELECT user_id, item_id, ARRAY(SELECT (extract(EPOCH FROM a.at) * 1000)::bigint"
    " FROM unnest(shown_at) WITH ORDINALITY AS a (at, n) ORDER BY a.n)"
    " FROM interestream.shown_items ORDER BY 1, 2"
)
_COUNTS = (
    "SELECT bucket, source, place, segment, variant, impressions, clicks"
    " FROM interestream.click_counts ORDER BY 1, 2, 3, 4, 5"
)


def shown(impressions: Sequence[Impression], **fields: object) -> UserBatch:
    users, items, times = (list(column) for column in zip(*impressions, strict=True))
    made = ShownRows(users, items, np.array(times, dtype=np.int64))
    return UserBatch(1, 1, 0, shown=made, **fields)  # type: ignore[arg-type]


def counts(bucket: int, made: ClickRows) -> UserBatch:
    return UserBatch(1, 1, bucket, click_rows=[made])


@pytest.mark.parametrize("seed", range(3))
def test_rows_are_the_same_for_any_batches_and_repetitions(job_dsn: str, seed: int) -> None:
    chance = random.Random(seed)
    impressions = [
        (
            chance.choice(["ada", "bob"]),
            chance.choice(["east", "up"]),
            NOON_MS + chance.randrange(60),
        )
        for _ in range(120)
    ]
    expected = []
    for pair in sorted({impression[:2] for impression in impressions}):
        times = {impression[2] for impression in impressions if impression[:2] == pair}
        expected.append((*pair, sorted(times, reverse=True)[:MOST_TIMES]))
    assert max(len(times) for _, _, times in expected) == MOST_TIMES
    again = impressions + chance.sample(impressions, 30)
    chance.shuffle(again)
    write(job_dsn, *(shown(part) for part in (again[:40], again[40:41], again[41:])))
    assert rows(job_dsn, _SHOWN) == expected


def test_what_a_merged_user_was_shown_is_joined(job_dsn: str) -> None:
    write(
        job_dsn,
        shown([("ada", "east", NOON_MS), ("old", "east", NOON_MS + 5), ("old", "up", NOON_MS)]),
        UserBatch(1, 1, 0, merged=[("old", "ada")]),
        UserBatch(1, 1, 0, merged=[("old", "ada")]),
    )
    assert rows(job_dsn, _SHOWN) == [
        ("ada", "east", [NOON_MS + 5, NOON_MS]),
        ("ada", "up", [NOON_MS]),
    ]


def test_counts_replace_those_of_before(job_dsn: str) -> None:
    first, second = Cell("new", 1, "few", "a"), Cell("", 0, "", "")
    write(
        job_dsn,
        counts(0, click_rows({first: (5, 1), second: (2, 0)}, complete=False)),
        counts(0, click_rows({first: (7, 2)}, complete=False)),
        counts(1, click_rows({first: (1, 1)}, complete=False)),
    )
    assert rows(job_dsn, _COUNTS) == [
        (0, "", 0, "", "", 2, 0),
        (0, "new", 1, "few", "a", 7, 2),
        (1, "new", 1, "few", "a", 1, 1),
    ]


def test_complete_counts_are_all_that_is_left_of_their_bucket(job_dsn: str) -> None:
    first, second = Cell("new", 1), Cell("new", 2)
    write(
        job_dsn,
        counts(0, click_rows({first: (5, 1), second: (2, 0)}, complete=False)),
        counts(1, click_rows({second: (9, 9)}, complete=True)),
        counts(0, click_rows({first: (3, 0)}, complete=True)),
    )
    assert [row[:3] + row[5:] for row in rows(job_dsn, _COUNTS)] == [
        (0, "new", 1, 3, 0),
        (1, "new", 2, 9, 9),
    ]
