"""The neighbor step on a real Postgres: rows are the sums of all pairs, whatever happens."""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from jobs.operators.item_vectors import removal
from jobs.operators.neighbor_step import DEFER_MS, NEIGHBOR_PENDING, NeighborStep
from tests.builders import ITEMS, NOON_MS, event_line
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import InterestWorld, vectors_row

DAY_MS = 86_400_000
NAMES = sorted(ITEMS)


class NeighborWorld:
    """An interest step, its writer, and the neighbor step behind them."""

    def __init__(self, dsn: str, **neighbors: Any) -> None:
        self.dsn = dsn
        self.users = InterestWorld(dsn, neighbors=neighbors)
        self.flink = FakeFlink(lambda: NeighborStep(self.users.settings), NOON_MS)
        self.sent = 0

    def likes(self, *items: str, user: str = "ada", at_ms: int = NOON_MS, first: int = 0) -> None:
        """One event a minute, and a batch for each."""
        for number, item in enumerate(items, first):
            when = at_ms + 60_000 * number
            name = f"{user}-{number}"
            self.users.events(event_line(name, user_id=user, item_id=item, event_time=when))
        self.forward()

    def forward(self) -> None:
        for row in self.users.pair_rows[self.sent :]:
            assert self.flink.send(row) == []
        self.sent = len(self.users.pair_rows)

    def rows(self) -> dict[str, tuple[dict[str, float], float]]:
        """Strengths by neighbour, and interactions, by item."""
        with psycopg.connect(self.dsn, autocommit=True) as db:
            found = db.execute(
                "SELECT item_id, neighbor_ids, strengths, interactions"
                " FROM interestream.item_neighbors"
            ).fetchall()
        for _, _, strengths, _ in found:
            assert strengths == sorted(strengths, reverse=True)
        return {
            item: (dict(zip(neighbors, strengths, strict=True)), count)
            for item, neighbors, strengths, count in found
        }

    def close(self) -> None:
        self.flink.close()
        self.users.flink.close()
        self.users.writer.close()


@pytest.fixture
def world(job_dsn: str) -> Iterator[NeighborWorld]:
    made = NeighborWorld(job_dsn)
    yield made
    made.close()


Rows = dict[str, tuple[dict[str, float], float]]
"""Strengths by neighbour, and interactions, by item."""


def expected(*sequences: tuple[str, ...]) -> Rows:
    """Rows of sequences of different items, all at about one time."""
    strengths: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    counts: dict[str, float] = defaultdict(float)
    for items in sequences:
        for newer, item in enumerate(items):
            counts[item] += 1
            for older in range(newer):
                strength = 1 / math.sqrt(newer - older)
                strengths[items[older]][item] += strength
                strengths[item][items[older]] += strength / 2
    return {item: (dict(strengths[item]), counts[item]) for item in counts}


def assert_rows(world: NeighborWorld, *sequences: tuple[str, ...]) -> None:
    compare(world.rows(), expected(*sequences))


def compare(found: Rows, wanted: Rows) -> None:
    assert found.keys() == wanted.keys()
    for item, (strengths, count) in wanted.items():
        assert found[item][0] == pytest.approx(strengths, rel=1e-4), item
        assert found[item][1] == pytest.approx(count, rel=1e-4), item


def test_the_first_rows_of_a_quiet_stream_are_written_within_two_seconds(world):
    world.likes(*NAMES[:3])
    assert world.rows() == {}
    world.flink.advance(2_000)
    assert_rows(world, tuple(NAMES[:3]))
    assert world.flink.entries(NEIGHBOR_PENDING.get_name()) == 0


def test_what_waits_and_what_was_written_are_metrics(world):
    world.likes(*NAMES[:3])
    assert world.flink.metrics.read()["pending_messages"] == world.sent > 0
    world.flink.advance(2_000)
    read = world.flink.metrics.read()
    assert read["pending_messages"] == 0
    assert read["rows_written{table=item_neighbors}"] == len(world.rows()) == 3
    assert read["batches"] >= 1


def test_later_writes_are_update_s_apart_and_a_pause_writes_all(world):
    world.likes(*NAMES[:3])
    world.flink.advance(2_000)
    for user in range(30):
        world.likes(*NAMES[:2], user=f"user-{user}")
        world.flink.advance(50)
    assert_rows(world, tuple(NAMES[:3]))
    world.flink.advance(20_000)
    assert_rows(world, tuple(NAMES[:3]), *[tuple(NAMES[:2])] * 30)
    assert world.flink.timers == 0


def test_a_row_that_hardly_moves_is_written_in_time_although_the_stream_goes_on(world):
    for user in range(60):
        world.likes(*NAMES[:2], user=f"user-{user}")
    world.flink.advance(2_000)
    world.likes(*NAMES[:2], user="one more")
    world.flink.advance(10_000)
    assert_rows(world, *[tuple(NAMES[:2])] * 60)
    for number in range(DEFER_MS // 10_000):
        world.likes(*NAMES[2:4], user=f"late-{number}")
        world.flink.advance(10_000)
    assert world.rows()[NAMES[0]][1] == pytest.approx(61, rel=1e-4)


def test_after_a_restore_from_any_moment_the_rows_end_the_same(world):
    world.likes(NAMES[0], NAMES[1])
    world.flink.advance(500)
    checkpoints = world.flink.snapshot(), world.users.flink.snapshot()
    world.likes(NAMES[2], first=2)
    world.flink.advance(30_000)
    world.users.restart(checkpoints[1])
    world.flink.restore(checkpoints[0])
    world.sent = len(world.users.pair_rows)
    world.likes(NAMES[2], first=2)
    world.flink.advance(30_000)
    assert_rows(world, tuple(NAMES[:3]))


def test_sums_halve_with_event_time_and_say_as_of_when(job_dsn):
    world = NeighborWorld(job_dsn, half_life_s=86_400)
    world.likes(*NAMES[:2], at_ms=NOON_MS - 3 * DAY_MS)
    world.flink.advance(2_000)
    world.likes(*NAMES[:2], user="bob")
    world.flink.advance(30_000)
    assert world.rows()[NAMES[0]][0] == pytest.approx({NAMES[1]: 1 + 1 / 8}, rel=1e-3)
    with psycopg.connect(job_dsn, autocommit=True) as db:
        (found,) = db.execute(
            "SELECT (extract(epoch FROM max(as_of)) * 1000)::bigint, max(half_life_s)"
            " FROM interestream.item_neighbors"
        ).fetchall()
    assert found == (NOON_MS + 60_000, 86_400)
    world.close()


def test_only_the_strongest_neighbours_are_kept(job_dsn):
    world = NeighborWorld(job_dsn, keep=2, serve=1)
    world.likes(*NAMES[:4])
    world.likes(NAMES[0], NAMES[2], user="bob")
    world.flink.advance(30_000)
    neighbors, count = world.rows()[NAMES[0]]
    assert list(neighbors) == [NAMES[2]]
    assert count == pytest.approx(2, rel=1e-4)
    world.close()


def test_a_new_job_deletes_the_rows_of_the_one_before(world, job_dsn):
    with psycopg.connect(job_dsn, autocommit=True) as db:
        for epoch in (7, 100_000):
            db.execute(
                "INSERT INTO interestream.item_neighbors VALUES"
                " (1, %s, '{}', '{}', 1, now(), 1, %s, 1)",
                [f"of {epoch}", epoch],
            )
    world.likes(NAMES[0])
    world.flink.advance(2_000)
    assert world.rows().keys() == {NAMES[0], "of 100000"}


def test_an_item_may_have_any_id(job_dsn):
    nasty = ['a"b', "c\\d", "{e,f}", "NULL", " ", "g\n'"]
    world = NeighborWorld(job_dsn)
    world.users.flink.broadcast(vectors_row(dict.fromkeys(nasty, ITEMS[NAMES[0]])))
    world.likes(*nasty)
    world.flink.advance(2_000)
    assert_rows(world, tuple(nasty))
    world.close()


def test_an_undo_takes_pairs_back_and_rows_stay_without_them(world):
    world.likes(*NAMES[:3])
    world.users.events(
        event_line(
            "undo",
            user_id="ada",
            item_id=NAMES[1],
            action="unlike",
            event_time=NOON_MS + 10**6,
        )
    )
    world.forward()
    world.flink.advance(30_000)
    found = world.rows()
    assert found[NAMES[0]][0] == pytest.approx({NAMES[2]: 1}, rel=1e-4)
    assert found[NAMES[1]] == ({}, 0)


def test_a_deleted_item_is_written_neither_as_a_row_nor_as_a_neighbour(world):
    world.likes("east", "north", "up")
    with psycopg.connect(world.dsn, autocommit=True) as db:
        db.execute("SELECT interestream.delete_items('{north}')")
    world.flink.advance(20_000)
    kept = expected(("east", "north", "up"))
    del kept["north"]
    for neighbors, _ in kept.values():
        del neighbors["north"]
    compare(world.rows(), kept)


def test_rows_of_a_deleted_item_stay_away_when_its_users_go_on(world):
    world.likes("east", "north")
    world.flink.advance(20_000)
    with psycopg.connect(world.dsn, autocommit=True) as db:
        db.execute("SELECT interestream.delete_items('{north}')")
    compare(world.rows(), {"east": ({}, 1.0)})
    world.users.flink.broadcast(removal(["north"]))
    world.likes("up", first=2)
    world.flink.advance(80_000)
    # The deleted item keeps its place in the sequence: up is two places behind east.
    kept = {"east": ({"up": 2**-0.5}, 1.0), "up": ({"east": 2**-0.5 / 2}, 1.0)}
    compare(world.rows(), kept)
