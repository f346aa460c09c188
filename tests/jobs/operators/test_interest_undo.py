"""Undoing and replacing, from the raw line to the tables."""

from collections.abc import Iterator

import numpy as np
import psycopg
import pytest

from jobs.operators.interest_step import WAITING_CHECK_MS
from tests.builders import (
    EAST,
    ITEMS,
    NOON_MS,
    NORTH,
    UP,
    event_line,
    key_of,
)
from tests.jobs.operators.builders import InterestWorld, vectors_row
from tests.sql.builders import add_item, set_source_weights

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


def rating(number: int, value: float, item_id: str = "east", **fields: object) -> bytes:
    return at(number, "rating", value=value, item_id=item_id, **fields)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("together", [True, False])
def test_the_later_rating_counts_whichever_is_read_first(world, order, together):
    in_order = [rating(1, 5), rating(2, 0.5)]
    lines = [in_order[index] for index in order]
    if together:
        world.events(*lines)
    else:
        for line in lines:
            world.events(line)
    assert world.windows() == {"dislikes": list(EAST)}
    assert world.rows("SELECT weight FROM interestream.user_windows") == [(pytest.approx(3.2),)]
    assert world.rows("SELECT events, interest_items FROM interestream.users") == [(2, [])]
    value, key = signal(world)
    assert value == pytest.approx(-3.2)
    assert key == key_of("e2") - 2**63
    assert world.progress() == {"records_in": 2, "applied": 2}


def test_of_ratings_at_one_time_the_one_with_the_larger_key_counts(world):
    ids = sorted(["a", "b"], key=key_of)
    values = {ids[0]: 5, ids[1]: 0.5}
    for event_id in ("a", "b"):
        world.events(
            event_line(event_id, action="rating", value=values[event_id], event_time=NOON_MS)
        )
    assert world.windows() == {"dislikes": list(EAST)}


def test_a_rating_with_the_id_of_the_former_one_is_a_duplicate(world):
    world.events(rating(1, 5))
    world.events(event_line(1, action="rating", value=0.5, event_time=NOON_MS + 9))
    assert world.windows() == {kind: list(EAST) for kind in POSITIVE}
    assert world.progress() == {"records_in": 2, "applied": 1, "duplicates": 1}


def test_a_neutral_rating_leaves_nothing_of_the_former_one(world):
    world.events(rating(1, 5))
    world.events(rating(2, 2.5))
    assert world.windows() == {}
    assert signal(world) == (0.0, key_of("e2") - 2**63)


def test_a_rating_replaces_one_that_waits_for_its_item(world):
    world.events(rating(1, 5, "new"))
    world.events(rating(2, 0.5, "new"), at(3, "view", item_id="north"))
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.windows() == {
        "dislikes": list(UP),
        **{kind: list(NORTH) for kind in POSITIVE},
    }


def test_a_rating_from_before_a_restore_is_replaced_and_replaces(world):
    world.events(rating(2, 5))
    world.restart()
    world.events(rating(3, 0.5), rating(1, 4, "north"))
    world.restart()
    world.events(rating(0, 5, "north"))
    weights = dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))
    assert weights["session"] == pytest.approx(2.4)
    assert weights["dislikes"] == pytest.approx(3.2)


def test_a_configuration_lets_ratings_add_up_or_other_actions_be_replaced(world):
    add = {"rating": {"weight": 4, "scale": "signed", "value_range": (0, 2.5, 5)}}
    with_dwell = {"dwell": {"weight": 2, "scale": "linear", "value_range": (0, 120)}}
    for actions, session, dislikes in (
        (add | with_dwell, 4 + 2 + 1, 3.2),
        ({"rating": add["rating"] | {"repeat": "replace"}} | with_dwell, 2 + 1, 3.2),
        (add | {"dwell": with_dwell["dwell"] | {"repeat": "replace"}}, 4 + 1, 3.2),
    ):
        user_id = f"u{session}"
        world.restart(actions=actions)
        world.events(
            rating(1, 5, user_id=user_id),
            rating(2, 0.5, user_id=user_id),
            at(3, "dwell", value=120, user_id=user_id),
            at(4, "dwell", value=60, user_id=user_id),
        )
        weights = dict(
            world.rows(
                "SELECT kind, weight FROM interestream.user_windows WHERE user_id = %s", user_id
            )
        )
        assert weights["session"] == pytest.approx(session)
        assert weights["dislikes"] == pytest.approx(dislikes)


def test_ratings_that_an_earlier_configuration_added_up_stay_counted(world):
    add = {"rating": {"weight": 4, "scale": "signed", "value_range": (0, 2.5, 5)}}
    replace = {"rating": add["rating"] | {"repeat": "replace"}}
    world.restart(actions=add)
    world.events(rating(1, 5))
    world.restart(actions=replace)
    world.events(rating(2, 4.5), rating(3, 4))
    weights = dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))
    assert weights["session"] == pytest.approx(4 + 2.4)
    world.restart(actions=add)
    world.events(rating(4, 4), rating(0, 3.75))
    weights = dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))
    assert weights["session"] == pytest.approx(4 + 2.4 + 2.4 + 2)


@pytest.mark.parametrize(
    ("second", "repeat", "first"),
    [(None, "replace", "sequel"), (0.5, "replace", "shore"), (0.5, "add", "sequel")],
)
def test_the_sequel_of_a_film_that_is_rated_anew_is_not_ranked_first(
    job_dsn, second, repeat, first
):
    """`east` is the film, and `north` another one that the user likes less."""
    rated = {"weight": 4, "scale": "signed", "value_range": (0, 2.5, 5), "repeat": repeat}
    like = {"weight": 1}
    with InterestWorld(job_dsn, actions={"rating": rated, "like": like}) as world:
        with psycopg.connect(job_dsn, autocommit=True) as db:
            db.execute("SELECT interestream.activate_space(%s)", [world.space_id])
            # The windows alone decide, and not what was liked last.
            set_source_weights(db, text=1.0)
            for item_id, vector in {
                **ITEMS,
                "sequel": (0.96, 0.0, 0.28, 0.0),
                "shore": (0.0, 0.96, 0.28, 0.0),
            }.items():
                unit = np.array(vector, dtype=np.float32)
                add_item(db, item_id, unit, space=world.space_id)
        world.events(at(1, "like", item_id="north"), rating(2, 5))
        if second is not None:
            world.events(rating(3, second))
        ranked = world.rows("SELECT item_id FROM interestream.recommend('ada', 10)")
        assert ranked[0] == (first,)
