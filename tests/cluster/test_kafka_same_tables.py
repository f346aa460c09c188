"""The same records give the same tables, whatever they come through and on how many tasks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from bench.verify.compare import Tolerance
from bench.verify.compare.neighbors import LEAST
from bench.verify.phased_replay import PhasedReplay, phases_of
from jobs.datasets.feed import Feed
from jobs.datasets.topic_feed import TopicFeed
from jobs.local.stack import fresh_postgres, stack
from jobs.simulator import SimulatedDataset, simulated_dataset
from jobs.spaces.build import documents
from tests.cluster.terminal import until
from tests.cluster.test_kafka import settings_of, topics_of
from tests.fixtures.kafka import Broker

TOLERANCE = Tolerance()
STILL_S = 8
"""Event time of trends follows the newest event within a few seconds."""

Key = tuple[str, ...]
Rows = dict[Key, tuple[Any, ...]]

USERS = """
SELECT user_id, events, last_event_at, interest_items, interest_weights, interest_sizes
FROM interestream.users
"""
WINDOWS = """
SELECT user_id, kind, as_of, weight::float8, embedding::text FROM interestream.user_windows
"""
NEIGHBORS = """
SELECT n.item_id, neighbor_id, strength * growth FROM (
    SELECT *, power(2, extract(epoch FROM as_of - max(as_of) OVER ()) / half_life_s) AS growth
    FROM interestream.item_neighbors
) AS n, unnest(neighbor_ids, strengths) AS s (neighbor_id, strength)
"""
TRENDS = "SELECT horizon, item_id, interactions, weight FROM interestream.trends"
TRENDS_WRITTEN = "SELECT count(*), max(committed_at) FROM interestream.trend_windows"


@dataclass(frozen=True)
class Tables:
    """What a job leaves, by key."""

    users: Rows
    windows: Rows
    neighbors: Rows
    trends: Rows


def rows(db: psycopg.Connection, query: str, keys: int) -> Rows:
    return {row[:keys]: row[keys:] for row in db.execute(query.encode()).fetchall()}


def tables_after(
    dataset: SimulatedDataset,
    bundle: Path,
    folder: Path,
    settings: Sequence[str] = (),
    feed: Feed | None = None,
) -> Tables:
    """The tables of a job that has read the data set through `feed`, by default folders."""
    shared = ["neighbors.update_s=1", "neighbors.keep=100000", "encoder.threads=1"]
    with (
        fresh_postgres(folder / "postgres") as server,
        stack(
            server.dsn,
            bundle,
            documents(dataset.items()),
            folder / "job",
            overrides=[*shared, *settings],
        ) as running,
        psycopg.connect(server.dsn, autocommit=True) as db,
    ):
        replay = PhasedReplay(db, running, lambda *_: None, feed)
        for phase in phases_of(dataset):
            replay.run(phase)
        replay.wait_neighbors()
        seen: list[Any] = []

        def is_still() -> bool:
            seen.append(db.execute(TRENDS_WRITTEN.encode()).fetchone())
            return len(seen) > STILL_S * 10 and len(set(seen[-STILL_S * 10 :])) == 1

        until(is_still, "trends go on", 240.0)
        return Tables(
            users=rows(db, USERS, 1),
            windows=rows(db, WINDOWS, 2),
            neighbors=rows(db, NEIGHBORS, 2),
            trends=rows(db, TRENDS, 2),
        )


def pairs(one: Rows, other: Rows) -> Iterator[tuple[Key, tuple[Any, ...], tuple[Any, ...]]]:
    assert one.keys() == other.keys()
    for key, row in one.items():
        yield key, row, other[key]


def assert_same(one: Tables, other: Tables) -> None:
    """Exact where counts and times are, and up to the tolerances of the recomputation elsewhere."""
    for key, (events, last_at, items, weights, sizes), found in pairs(one.users, other.users):
        assert (events, last_at) == found[:2], key
        assert (len(items), sizes) == (len(found[2]), found[4]), key
        assert np.allclose(weights, found[3], atol=TOLERANCE.component), key
        # Two items that explain an interest equally well may change places.
        assert len(set(items) ^ set(found[2])) <= 2, key
    same_items = [row[2] == found[2] for _, row, found in pairs(one.users, other.users)]
    assert np.mean(same_items) > 0.95
    for key, (as_of, weight, text), found in pairs(one.windows, other.windows):
        assert as_of == found[0], key
        assert weight == pytest.approx(found[1], rel=TOLERANCE.weight), key
        vectors = [np.fromstring(each[1:-1], sep=",") for each in (text, found[2])]
        lengths = np.linalg.norm(vectors, axis=1)
        assert vectors[0] @ vectors[1] / lengths.prod() >= TOLERANCE.cosine, key
    # A neighbour that has faded may be there or not.
    for key in one.neighbors.keys() | other.neighbors.keys():
        strengths = [each.neighbors.get(key, (0.0,))[0] for each in (one, other)]
        assert strengths[0] == pytest.approx(strengths[1], rel=1e-3, abs=LEAST), key
    for key, (interactions, weight), found in pairs(one.trends, other.trends):
        assert interactions == found[0], key
        assert weight == pytest.approx(found[1], rel=TOLERANCE.weight), key


@pytest.mark.cluster
@pytest.mark.timeout(900)  # on a machine with much else to do
def test_files_one_partition_and_eight_on_two_tasks_give_the_same_tables(
    kafka: Broker, kafka_connectors: Path, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=5, users=60, events=2_000, items=120, days=8)
    by_files = tables_after(dataset, bundle_dir, tmp_path / "files")
    assert len(by_files.users) > 40
    assert len(by_files.windows) > 100
    assert len(by_files.neighbors) > 100
    assert len(by_files.trends) > 50
    for partitions, parallelism in ((1, 1), (8, 2)):
        topics = topics_of(kafka, f"same-{partitions}", partitions)
        settings = [
            *settings_of(topics, kafka_connectors),
            f"batching.parallelism={parallelism}",
        ]
        folder = tmp_path / f"partitions-{partitions}"
        found = tables_after(dataset, bundle_dir, folder, settings, TopicFeed(topics))
        assert_same(by_files, found)
