"""Undoing, from the raw line to the tables."""

from collections.abc import Iterator

import pytest

from jobs.operators.interest_step import WAITING_CHECK_MS
from tests.builders import (
    EAST,
    NOON_MS,
    NORTH,
    UP,
    event_line,
    key_of,
)
from tests.jobs.operators.builders import InterestWorld, vectors_row

POSITIVE = ("recent", "session", "day", "month", "topics")


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn) as made:
        yield made


def at(number: int, action: str, **fields: object) -> bytes:
    """The event `number` milliseconds after noon."""
    return event_line(number, action=action, event_time=NOON_MS + number, **fields)


def signal(world: InterestWorld, item_id: str = "east") -> tuple[float, int]:
    ((value, key),) = world.rows(
        "SELECT signal, signal_key FROM interestream.user_items WHERE item_id = %s", item_id
    )
    return value, key


@pytest.mark.parametrize(
    ("action", "undo"), [("like", "unlike"), ("cart", "uncart"), ("purchase", "return")]
)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("together", [True, False])
def test_an_undone_event_leaves_no_window_in_any_order(world, action, undo, order, together):
    in_order = [at(1, action), at(2, undo)]
    lines = [in_order[index] for index in order]
    if together:
        world.events(*lines)
    else:
        for line in lines:
            world.events(line)
    assert world.windows() == {}
    assert world.rows("SELECT events, interest_items FROM interestream.users") == [(2, [])]
    assert signal(world) == (0.0, key_of("e2") - 2**63)
    assert world.progress() == {"records_in": 2, "applied": 2}


def test_an_undone_dislike_deletes_the_row_of_dislikes(world):
    world.events(at(1, "dislike"), at(2, "like", item_id="north"))
    assert world.windows()["dislikes"] == list(EAST)
    world.events(at(3, "undislike"))
    assert world.windows() == {kind: list(NORTH) for kind in POSITIVE}


def test_a_like_after_an_unlike_counts(world):
    world.events(at(1, "like"), at(2, "like"), at(3, "unlike"), at(4, "like"))
    weights = dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))
    assert weights == pytest.approx(dict.fromkeys(POSITIVE, 3.0))
    assert signal(world) == (3.0, key_of("e4") - 2**63)


def test_an_undone_event_keeps_its_action_in_user_items(world):
    world.events(at(1, "like"), at(2, "unlike"))
    bits = world.settings.identity.action_bits
    assert world.rows("SELECT actions FROM interestream.user_items") == [
        ((1 << bits["like"]) | (1 << bits["unlike"]),)
    ]


def test_an_unlike_leaves_views_of_the_item(world):
    world.events(at(1, "view"), at(2, "like"), at(3, "unlike"))
    assert world.windows() == {kind: list(EAST) for kind in POSITIVE}
    # Rank 1 of `recent`: the undone like keeps rank 0.
    weights = dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))
    assert weights["recent"] == pytest.approx(2 ** (-1 / 3))
    assert weights["session"] == 1.0


def test_a_waiting_like_can_be_undone(world):
    world.events(at(1, "like", item_id="new"))
    world.events(at(2, "unlike", item_id="new"), at(3, "view", item_id="north"))
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.windows() == {kind: list(NORTH) for kind in POSITIVE}
    assert world.progress() == {"records_in": 3, "applied": 3}


def test_an_unlike_from_before_a_restore_undoes_a_like_after_it(world):
    world.events(at(2, "unlike"))
    world.restart()
    world.events(at(1, "like"))
    assert world.windows() == {}


def test_other_users_and_items_are_not_undone(world):
    world.events(at(1, "like"), at(2, "like", user_id="bob"), at(3, "like", item_id="north"))
    world.events(at(4, "unlike", user_id="bob"), at(5, "unlike", item_id="up"))
    assert world.windows("bob") == {}
    weights = dict(
        world.rows("SELECT kind, weight FROM interestream.user_windows WHERE user_id = 'ada'")
    )
    assert weights["session"] == 6.0


def test_the_undo_log_keeps_as_many_events_as_configured(job_dsn):
    with InterestWorld(job_dsn, interest={"undo_last_n": 1, "slow_delay_s": 0}) as world:
        world.events(at(1, "like"))
        world.events(at(2, "like", item_id="north"))
        world.events(at(3, "unlike"))
        assert world.rows(
            "SELECT weight FROM interestream.user_windows WHERE kind = 'session'"
        ) == [(6.0,)]
