"""What users undo and say, from the raw line to the tables."""

from collections.abc import Iterator

import numpy as np
import pytest

from jobs.config import DEFAULT_ACTIONS
from jobs.core.interest.sentiment import SentimentAxis
from jobs.operators.interest_step import WAITING_CHECK_MS
from jobs.texts.sentiment import Sentiment
from tests.builders import (
    DAY_MS,
    EAST,
    INWARD,
    NOON_MS,
    NORTH,
    SLANT,
    UP,
    event_line,
    key_of,
    search_line,
)
from tests.jobs.operators.builders import InterestWorld, vectors_row

POSITIVE = ("recent", "session", "day", "month", "topics")

UPBEAT = Sentiment(SentimentAxis(np.array([0.0, 0.0, 1.0, 0.0]), 0.0), neutral_band=0.0)
"""A text likes as far as its vector points up."""
DOWN = (0.0, 0.0, -1.0, 0.0)
HALF_UP = (0.0, 0.0, 0.5, 0.75**0.5)


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn, sentiment=UPBEAT) as made:
        yield made


def at(number: int, action: str, **fields: object) -> bytes:
    """The event `number` milliseconds after noon."""
    return event_line(number, action=action, event_time=NOON_MS + number, **fields)


def signal(world: InterestWorld, item_id: str = "east") -> tuple[float, int]:
    ((told, key),) = world.rows(
        "SELECT signal, signal_key FROM interestream.user_items WHERE item_id = %s", item_id
    )
    return told, key


@pytest.mark.parametrize(
    ("action", "undo"), [("like", "unlike"), ("cart", "uncart"), ("purchase", "return")]
)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("together", [True, False])
def test_what_is_undone_leaves_no_window_whichever_comes_first(
    world, action, undo, order, together
):
    told = [at(1, action), at(2, undo)]
    lines = [told[place] for place in order]
    if together:
        world.events(*lines)
    else:
        for line in lines:
            world.events(line)
    assert world.windows() == {}
    assert world.rows("SELECT events, interest_items FROM interestream.users") == [(2, [])]
    assert signal(world) == (0.0, key_of("e2") - 2**63)
    assert world.progress() == {"records_in": 2, "applied": 2}


def test_an_undone_dislike_takes_the_row_of_dislikes(world):
    world.events(at(1, "dislike"), at(2, "like", item_id="north"))
    assert world.windows()["dislikes"] == list(EAST)
    world.events(at(3, "undislike"))
    assert world.windows() == {kind: list(NORTH) for kind in POSITIVE}


def test_a_like_after_the_unlike_stands(world):
    world.events(at(1, "like"), at(2, "like"), at(3, "unlike"), at(4, "like"))
    weights = dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))
    assert weights == pytest.approx(dict.fromkeys(POSITIVE, 3.0))
    assert signal(world) == (3.0, key_of("e4") - 2**63)


def test_what_is_undone_was_seen_and_done_all_the_same(world):
    world.events(at(1, "like"), at(2, "unlike"))
    bits = world.settings.identity.action_bits
    assert world.rows("SELECT actions FROM interestream.user_items") == [
        ((1 << bits["like"]) | (1 << bits["unlike"]),)
    ]


def test_the_view_of_what_is_no_longer_liked_stays(world):
    world.events(at(1, "view"), at(2, "like"), at(3, "unlike"))
    assert world.windows() == {kind: list(EAST) for kind in POSITIVE}
    # Rank 1 of `recent`: the undone like keeps rank 0.
    weights = dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))
    assert weights["recent"] == pytest.approx(2 ** (-1 / 3))
    assert weights["session"] == 1.0


def test_a_like_that_waits_for_its_item_can_be_undone_while_it_waits(world):
    world.events(at(1, "like", item_id="new"))
    world.events(at(2, "unlike", item_id="new"), at(3, "view", item_id="north"))
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.windows() == {kind: list(NORTH) for kind in POSITIVE}
    assert world.progress() == {"records_in": 3, "applied": 3}


def test_an_unlike_of_before_a_restore_takes_back_a_like_of_after_it(world):
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


def test_only_as_much_is_remembered_as_configured(job_dsn):
    with InterestWorld(job_dsn, interest={"undo_last_n": 1, "slow_delay_s": 0}) as world:
        world.events(at(1, "like"))
        world.events(at(2, "like", item_id="north"))
        world.events(at(3, "unlike"))
        assert world.rows(
            "SELECT weight FROM interestream.user_windows WHERE kind = 'session'"
        ) == [(6.0,)]


def comment(number: int, **fields: object) -> bytes:
    return at(number, "comment", text="how nice", **fields)


def test_words_of_liking_about_an_item_like_the_item_and_attend_to_the_words(world):
    world.spoken((comment(1), UP))
    assert world.windows() == {kind: list(EAST) for kind in POSITIVE} | {"topics": list(UP)}
    assert signal(world) == (1.0, key_of("e1") - 2**63)


def test_half_a_liking_weighs_half_and_attends_in_full(world):
    world.spoken((comment(1), HALF_UP))
    weights = dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))
    halves = dict.fromkeys(POSITIVE, 0.5)
    assert weights == pytest.approx({**halves, "topics": 1.0}, rel=1e-3)


def test_words_of_disliking_about_an_item_dislike_the_item(world):
    world.spoken((comment(1), DOWN))
    assert world.windows() == {"dislikes": list(EAST), "topics": list(DOWN)}
    assert signal(world)[0] == -1.0


def test_neutral_words_move_topics_alone(world):
    world.spoken((comment(1), INWARD), (comment(2, item_id=None), INWARD))
    assert world.windows() == {"topics": list(INWARD)}
    assert world.counted() == 2


def test_words_of_liking_about_nothing_like_what_they_say(world):
    world.spoken((comment(1, item_id=None), UP))
    assert world.windows() == {kind: list(UP) for kind in POSITIVE}
    assert world.rows("SELECT * FROM interestream.user_items") == []


def test_a_comment_without_words_counts_for_its_item(world):
    world.events(at(1, "comment"))
    assert world.windows() == {kind: list(EAST) for kind in POSITIVE}


def test_a_comment_without_its_vector_is_unreadable_text(world):
    world.spoken((comment(1), None), (comment(2), UP))
    world.events(comment(3))
    assert world.reasons() == [("unreadable_text", "ada")] * 2
    assert world.progress() == {"records_in": 3, "dead_letters": 2, "applied": 1}


def test_a_comment_waits_for_its_item_with_its_words(world):
    world.spoken((comment(1, item_id="new"), UP))
    assert world.progress() == {"records_in": 1, "waiting": 1}
    world.restart()
    world.flink.broadcast(vectors_row({"new": SLANT}))
    world.flink.advance(WAITING_CHECK_MS)
    found = world.windows()
    assert found.pop("topics") == list(UP)
    for kind in ("recent", "session", "day", "month"):
        np.testing.assert_allclose(found.pop(kind), SLANT, atol=1e-3)
    assert found == {}


def test_where_a_value_tells_it_words_do_not(job_dsn):
    review = {
        "weight": 4,
        "scale": "signed",
        "value_range": (0, 2.5, 5),
        "text": "said",
    }
    actions = {name: action.model_dump() for name, action in DEFAULT_ACTIONS.items()}
    with InterestWorld(job_dsn, sentiment=UPBEAT, actions={**actions, "rating": review}) as world:
        world.spoken((at(1, "rating", value=5, text="oh no"), DOWN))
        assert world.windows()["recent"] == list(EAST)
        assert signal(world)[0] == 4.0
        world.spoken((at(2, "rating", text="oh no"), DOWN))
        assert signal(world)[0] == -4.0


def test_a_search_and_a_comment_of_the_same_words_keep_their_own_vectors(world):
    # Two prompts make two vectors; both stand among the last interactions.
    world.spoken((search_line(1, "how nice", event_time=NOON_MS + 1), INWARD))
    world.spoken((comment(2, item_id=None), UP))
    world.events(at(0, "view", item_id="north"))
    # 1 * up, 2 * 2^(-1/3) * inward, 2^(-2/3) * north
    total = np.array([0.0, 2 ** (-2 / 3), 1.0, 2 * 2 ** (-1 / 3)])
    np.testing.assert_allclose(world.windows()["recent"], total / np.linalg.norm(total), atol=1e-3)


def test_topics_fade_by_their_half_life(job_dsn):
    interest = {"topics_half_life_s": 86_400.0, "slow_delay_s": 0}
    with InterestWorld(job_dsn, interest=interest) as world:
        world.spoken((comment(-DAY_MS), INWARD))
        world.events(at(0, "view", item_id="north"))
        expected = np.array([0.0, 1.0, 0.0, 0.5])
        np.testing.assert_allclose(
            world.windows()["topics"], expected / np.linalg.norm(expected), atol=1e-3
        )


@pytest.mark.parametrize(
    ("off", "kinds"),
    [
        ({"last_n": 0}, {"day", "month", "topics", "dislikes"}),
        ({"half_lives_s": {}}, {"recent", "session", "topics", "dislikes"}),
        ({"topics_half_life_s": 0}, {"recent", "session", "day", "month", "dislikes"}),
        ({"dislikes_half_life_s": 0}, {*POSITIVE}),
        (
            {
                "last_n": 0,
                "half_lives_s": {},
                "topics_half_life_s": 0,
                "dislikes_half_life_s": 0,
            },
            set(),
        ),
    ],
)
def test_parts_that_are_switched_off_have_no_rows(job_dsn, off, kinds):
    with InterestWorld(job_dsn, interest={"slow_delay_s": 0, **off}) as world:
        world.events(at(1, "like"), at(2, "dislike", item_id="north"), at(3, "view"))
        world.events(at(4, "unlike"))
        assert set(world.windows()) == kinds
        assert world.counted() == 4
        interests = world.rows("SELECT interest_items FROM interestream.users")
        assert interests == [([],)] if "last_n" in off else [(["east"],)]
        world.restart()
        world.events(at(5, "view"))
        assert set(world.windows()) == kinds


def test_a_configuration_without_relations_writes_none(job_dsn):
    interest = {"relations": False, "slow_delay_s": 0}
    with InterestWorld(job_dsn, interest=interest) as world:
        world.events(at(1, "like"))
        assert world.counted() == 1
        assert world.rows("SELECT * FROM interestream.user_items") == []
