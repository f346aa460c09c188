"""A job with `privacy.epsilon` shows the counts of days that are over, of the first event of each
user and day."""

import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import NOON_MS, event_line, item_line

DAY_MS = 86_400_000
NAMES = ("tea", "chess", "clouds", "salt")
ITEMS = [item_line(name, title=f"A book about {name}") for name in NAMES]
PRIVATE = [
    # At so large a budget the noise is 0, but for one draw in 10^43.
    "privacy.epsilon=100",
    "neighbors.enabled=false",
    "learning.enabled=false",
]


@pytest.mark.cluster
@pytest.mark.long
def test_trending_is_what_users_did_first_on_days_that_are_over(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    feed = DirectoryFeed(tmp_path / "streams")
    # Event time goes over a day in company alone: sixteen events or more.
    first = [(user, NAMES[user % 3], day) for day in range(3) for user in range(4 * day + 20)]
    expected = Counter(name for _, name, day in first if day < 2)
    lines = []
    for day in range(3):
        for user, name, _ in (each for each in first if each[2] == day):
            about = {"user_id": f"u{user}", "action": "like"}
            at_ms = NOON_MS + day * DAY_MS + user
            lines.append(event_line(f"{day}-{user}-1", item_id=name, event_time=at_ms, **about))
            lines += [
                event_line(f"{day}-{user}-{again}", item_id="salt", event_time=at_ms + 9, **about)
                for again in (2, 3)
            ]
    with (
        LocalCluster(tmp_path / "cluster", dsn) as cluster,
        psycopg.connect(dsn, autocommit=True) as db,
    ):
        job_id = cluster.submit(job_arguments(bundle_dir, tmp_path, PRIVATE))
        cluster.wait_running(job_id)
        feed.write_items(ITEMS)
        deadline = time.monotonic() + 120
        # Events that wait for their item are read in another order.
        while read_progress(db, space_id)["vectors"].records_in < len(ITEMS):
            assert time.monotonic() < deadline, "the items"
            time.sleep(0.1)
        feed.write_events(lines)
        while True:
            found = db.execute("SELECT item_id, interactions FROM interestream.trending()")
            rows: dict[str, int] = dict(found.fetchall())
            if rows == expected:
                break
            assert time.monotonic() < deadline, (rows, expected)
            time.sleep(0.2)
        windows = db.execute(
            "SELECT horizon FROM interestream.trend_windows WHERE space_id = %s ORDER BY 1",
            (space_id,),
        ).fetchall()
        assert windows == [("day",), ("month",), ("week",)]
        status = cluster.rest.status(job_id)
    assert status is not None
    assert status.restarts == 0
