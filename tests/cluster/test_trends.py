"""Trends on the standalone cluster: shuffled, late, absurd and and idle input, and a crash."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space, documents

LONG_AGO_MS = 1_500_000_000_000
"""Friday, 2017-07-14 02:40:00 UTC: the events are a replay of a time long ago."""
SPAN_S = 3 * 86_400
HORIZONS = {
    "hour": (3_600, 60),
    "six_hours": (21_600, 300),
    "day": (86_400, 1_800),
    "week": (604_800, 10_800),
    "month": (2_592_000, 21_600),
}
HALF_LIFE_S = 365 * 86_400
WEIGHTS = {"view": 1.0, "like": 3.0, "purchase": 5.0, "impression": 0.0, "dislike": -3.0}
ITEMS = [{"item_id": f"item-{n}", "title": f"Title number {n}"} for n in range(40)]

Event = dict[str, Any]


def happened(seed: int, count: int) -> list[Event]:
    """Events over three days, in order of their time, which is whole seconds."""
    rng = random.Random(seed)
    times = sorted(rng.randrange(SPAN_S) for _ in range(count))
    return [
        {
            "event_id": f"e{number}",
            "user_id": f"user-{rng.randrange(200)}",
            "action": rng.choice(list(WEIGHTS)),
            "item_id": f"item-{min(int(rng.expovariate(0.1)), 39)}",
            "event_time": LONG_AGO_MS + 1000 * second,
        }
        for number, second in enumerate(times)
    ]


def in_order_of_arrival(events: list[Event], seed: int) -> list[Event]:
    """All of them up to ten minutes late, one in ten up to two days; some come twice."""
    rng = random.Random(seed)

    def arrival(event: Event) -> float:
        late_s = rng.uniform(0, 2 * 86_400) if rng.random() < 0.1 else rng.uniform(0, 600)
        return float(event["event_time"]) + 1000 * late_s

    arrived = sorted([*events, *rng.sample(events, len(events) // 20)], key=arrival)
    return arrived


def absurd(count: int, seed: int) -> list[Event]:
    """Clocks that are wrong: years ahead, years behind, before and after all bounds."""
    rng = random.Random(seed)
    now_ms = int(time.time() * 1000)
    times = [
        LONG_AGO_MS + 7 * 86_400_000 + rng.randrange(5 * 365 * 86_400_000),
        LONG_AGO_MS - rng.randrange(5 * 365 * 86_400_000) - SPAN_S * 1000 * 4,
        now_ms + 3_600_000,
        now_ms + 10**9,
        -1,
        9 * 10**18,
    ]
    return [
        {
            "event_id": f"absurd-{number}",
            "user_id": "user-1",
            "action": "purchase",
            "item_id": "item-39",
            "event_time": times[number % len(times)],
        }
        for number in range(count)
    ]


def expected(events: list[Event], as_of_ms: int) -> dict[str, dict[str, tuple[int, float]]]:
    """From the contract: each accepted event once; positive ones; times inside the window."""
    once = {(event["user_id"], event["event_id"]): event for event in events}
    found = {}
    for name, (length_s, slide_s) in HORIZONS.items():
        slide_ms = slide_s * 1000
        end_ms = (as_of_ms + slide_ms - 1) // slide_ms * slide_ms
        count: Counter[str] = Counter()
        weight: defaultdict[str, float] = defaultdict(float)
        for event in once.values():
            inside = end_ms - length_s * 1000 <= event["event_time"] < as_of_ms
            if inside and WEIGHTS[event["action"]] > 0:
                count[event["item_id"]] += 1
                weight[event["item_id"]] += WEIGHTS[event["action"]]
        found[name] = {item: (count[item], weight[item]) for item in count}
    return found


def ever(events: list[Event], as_of_ms: int) -> dict[str, float]:
    """From the contract: the weights of all time, halved with every half-life of whole days."""
    once = {(event["user_id"], event["event_id"]): event for event in events}
    weights: defaultdict[str, float] = defaultdict(float)
    for event in once.values():
        if 0 < event["event_time"] < as_of_ms and WEIGHTS[event["action"]] > 0:
            days = (as_of_ms - 1) // 86_400_000 - event["event_time"] // 86_400_000
            factor = 2.0 ** (-days * 86_400 / HALF_LIFE_S)
            weights[event["item_id"]] += WEIGHTS[event["action"]] * factor
    return dict(weights)


class Watched:
    """Reads the tables, and waits for them."""

    def __init__(self, db: psycopg.Connection, space_id: int, cluster: LocalCluster) -> None:
        self._db = db
        self._space_id = space_id
        self._cluster = cluster

    def rows(self) -> dict[str, dict[str, tuple[int, float]]]:
        found: dict[str, dict[str, tuple[int, float]]] = {name: {} for name in HORIZONS}
        for horizon, item, count, weight in self._db.execute(
            "SELECT horizon, item_id, interactions, weight FROM interestream.trends"
            " WHERE space_id = %s AND horizon <> 'all'",
            (self._space_id,),
        ).fetchall():
            found[horizon][item] = (count, weight)
        return found

    def ever(self) -> dict[str, float]:
        return dict(
            self._db.execute(
                "SELECT item_id, weight FROM interestream.trends"
                " WHERE space_id = %s AND horizon = 'all'",
                (self._space_id,),
            ).fetchall()
        )

    def as_of_ms(self) -> int | None:
        times = self._db.execute(
            "SELECT DISTINCT (extract(epoch FROM as_of) * 1000)::bigint"
            " FROM interestream.trend_windows WHERE space_id = %s",
            (self._space_id,),
        ).fetchall()
        assert len(times) <= 1
        return times[0][0] if times else None

    def until(self, what: str, true: Callable[[], bool], timeout_s: float = 150.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not true():
            self._cluster.replace_ended()
            if time.monotonic() > deadline:
                pytest.fail(f"{what}: as of {self.as_of_ms()}, {self.rows()}")
            time.sleep(0.2)

    def until_counted(self, events: list[Event], newest: Event) -> None:
        """Wait until event time has reached the newest event and all events are counted."""
        as_of_ms = newest["event_time"] // 1000 * 1000 + 1000
        rows = expected(events, as_of_ms)
        self.until(
            f"counts as of {as_of_ms} must be {rows}",
            lambda: self.as_of_ms() == as_of_ms and self.rows() == rows,
        )

    def fed(self, count: int) -> None:
        self.until(
            f"{count} events are in",
            lambda: read_progress(self._db, self._space_id)["events"].records_in >= count,
        )


def test_the_recomputation_counts_what_the_contract_says() -> None:
    view = {"user_id": "u", "action": "view", "item_id": "a"}
    events = [
        {**view, "event_id": 1, "event_time": LONG_AGO_MS},
        {**view, "event_id": 1, "event_time": LONG_AGO_MS},
        {**view, "event_id": 2, "event_time": LONG_AGO_MS - 3_599_000, "action": "like"},
        {**view, "event_id": 3, "event_time": LONG_AGO_MS - 3_600_000},
        {**view, "event_id": 4, "event_time": LONG_AGO_MS, "action": "dislike"},
    ]
    found = expected(events, LONG_AGO_MS + 1000)
    # The hour ends with the minute: at 02:41:00.
    assert found["hour"] == {"a": (1, 1.0)}
    assert found["day"] == found["week"] == {"a": (3, 5.0)}


@pytest.mark.cluster
@pytest.mark.long
def test_trends_equal_a_count_of_all_events_however_they_arrive(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    space_id = build_space(dsn, bundle_dir, documents(ITEMS), sample=20)
    feed = DirectoryFeed(tmp_path / "streams")
    settings = ["trends.update_s=1", "checkpoints.interval_ms=1000", "batching.parallelism=2"]
    arguments = job_arguments(bundle_dir, tmp_path, settings)
    events = happened(seed=7, count=6_000)
    arriving = in_order_of_arrival(events, seed=8)
    newest = max(
        (event for event in events if WEIGHTS[event["action"]] > 0),
        key=lambda event: event["event_time"],
    )
    with (
        LocalCluster(tmp_path / "cluster", dsn, task_managers=2) as cluster,
        psycopg.connect(dsn, autocommit=True) as db,
    ):
        watched = Watched(db, space_id, cluster)
        job_id = cluster.submit(arguments)
        cluster.wait_running(job_id)
        feed.write_items(ITEMS)
        watched.until(
            "items", lambda: read_progress(db, space_id)["vectors"].records_in >= len(ITEMS)
        )
        wrong = absurd(60, seed=9)
        fed = 0
        for number, start in enumerate(range(0, len(arriving), 300)):
            # One wrong clock in a hundred, spread over the replay.
            fed += feed.write_events([*arriving[start : start + 300], *wrong[number::21]])
            if number == 8:
                watched.fed(fed - 300)
                cluster.kill_task_manager()
                cluster.start_task_manager()
            if number == 14:
                time.sleep(6)  # an idle source: open windows are closed before the next events
            time.sleep(0.2)
        watched.fed(fed)
        # Years behind is out of every window; years ahead has not come yet.
        watched.until_counted(events, newest)
        heads = db.execute(
            "SELECT item_id, interactions FROM interestream.trending(5, p_horizon => 'day')"
        ).fetchall()
        day = watched.rows()["day"]
        assert [day[item][0] for item, _ in heads] == [count for _, count in heads]
        assert all(one >= other for one, other in pairwise(day[item][1] for item, _ in heads))

        # Nothing came for a while; a late event and a later one are still counted.
        late = {**newest, "event_id": "late", "event_time": LONG_AGO_MS + 5_000}
        later = {**newest, "event_id": "later", "event_time": newest["event_time"] + 60_000}
        feed.write_events([late, later])
        watched.until_counted([*events, late, later], later)

        # Few events with long pauses between them: event time has no company at the end.
        sparse = [
            {
                **later,
                "event_id": f"sparse-{n}",
                "event_time": later["event_time"] + n * 6 * 3_600_000,
            }
            for n in range(1, 41)
        ]
        feed.write_events(sparse)
        everything = [*events, *wrong, late, later, *sparse]
        watched.until_counted(everything, sparse[-1])
        as_of_ms = watched.as_of_ms()
        assert as_of_ms is not None
        assert watched.ever() == pytest.approx(ever(everything, as_of_ms), abs=0.0011)
