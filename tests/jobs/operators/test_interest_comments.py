"""Comments in the interest step, from the raw line to the tables."""

from collections.abc import Iterator

import numpy as np
import pytest

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.core.interest.sentiment import SentimentAxis
from jobs.operators.interest_step import WAITING_CHECK_MS
from jobs.texts.sentiment import Sentiment
from tests.builders import (
    DAY_MS,
    EAST,
    INWARD,
    NOON_MS,
    SLANT,
    UP,
    event_line,
    key_of,
    search_line,
)
from tests.jobs.operators.builders import InterestWorld, vectors_row

POSITIVE = ("recent", "session", "day", "month", "topics")

LIKES_UP = Sentiment(SentimentAxis(np.array([0.0, 0.0, 1.0, 0.0]), 0.0), neutral_band=0.0)
"""A text's sentiment is how far its vector points up."""

DOWN = (0.0, 0.0, -1.0, 0.0)

HALF_UP = (0.0, 0.0, 0.5, 0.75**0.5)


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn, sentiment=LIKES_UP) as made:
        yield made


def at(number: int, action: str, **fields: object) -> bytes:
    """The event `number` milliseconds after noon."""
    return event_line(number, action=action, event_time=NOON_MS + number, **fields)


def signal(world: InterestWorld, item_id: str = "east") -> tuple[float, int]:
    ((value, key),) = world.rows(
        "SELECT signal, signal_key FROM interestream.user_items WHERE item_id = %s", item_id
    )
    return value, key


def comment(number: int, **fields: object) -> bytes:
    return at(number, "comment", text="how nice", **fields)


def test_a_positive_comment_on_an_item_likes_the_item_and_engages_with_the_text(world):
    world.text_events((comment(1), UP))
    assert world.windows() == {kind: list(EAST) for kind in POSITIVE} | {"topics": list(UP)}
    assert signal(world) == (1.0, key_of("e1") - 2**63)


def test_half_a_sentiment_counts_half_and_engages_in_full(world):
    world.text_events((comment(1), HALF_UP))
    weights = dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))
    halves = dict.fromkeys(POSITIVE, 0.5)
    assert weights == pytest.approx({**halves, "topics": 1.0}, rel=1e-3)


def test_a_negative_comment_on_an_item_dislikes_the_item(world):
    world.text_events((comment(1), DOWN))
    assert world.windows() == {"dislikes": list(EAST), "topics": list(DOWN)}
    assert signal(world)[0] == -1.0


def test_a_neutral_comment_moves_topics_alone(world):
    world.text_events((comment(1), INWARD), (comment(2, item_id=None), INWARD))
    assert world.windows() == {"topics": list(INWARD)}
    assert world.event_count() == 2


def test_a_positive_comment_without_an_item_likes_its_text(world):
    world.text_events((comment(1, item_id=None), UP))
    assert world.windows() == {kind: list(UP) for kind in POSITIVE}
    assert world.rows("SELECT * FROM interestream.user_items") == []


def test_a_comment_without_a_text_counts_for_its_item(world):
    world.events(at(1, "comment"))
    assert world.windows() == {kind: list(EAST) for kind in POSITIVE}


def test_a_comment_without_a_vector_is_an_unreadable_text(world):
    world.text_events((comment(1), None), (comment(2), UP))
    world.events(comment(3))
    assert world.reasons() == [("unreadable_text", "ada")] * 2
    assert world.progress() == {"records_in": 3, "dead_letters": 2, "applied": 1}


def test_a_comment_waits_for_its_item_with_its_text(world):
    world.text_events((comment(1, item_id="new"), UP))
    assert world.progress() == {"records_in": 1, "waiting": 1}
    world.restart()
    world.flink.broadcast(vectors_row({"new": SLANT}))
    world.flink.advance(WAITING_CHECK_MS)
    found = world.windows()
    assert found.pop("topics") == list(UP)
    for kind in ("recent", "session", "day", "month"):
        np.testing.assert_allclose(found.pop(kind), SLANT, atol=1e-3)
    assert found == {}


def test_a_value_decides_instead_of_the_sentiment(job_dsn):
    review = {
        "weight": 4,
        "scale": "signed",
        "value_range": (0, 2.5, 5),
        "text": "said",
    }
    actions = {name: action.model_dump() for name, action in DEFAULT_ACTIONS.items()}
    with InterestWorld(job_dsn, sentiment=LIKES_UP, actions={**actions, "rating": review}) as world:
        world.text_events((at(1, "rating", value=5, text="oh no"), DOWN))
        assert world.windows()["recent"] == list(EAST)
        assert signal(world)[0] == 4.0
        world.text_events((at(2, "rating", text="oh no"), DOWN))
        assert signal(world)[0] == -4.0


def test_a_query_and_a_comment_of_the_same_words_keep_their_own_vectors(world):
    # The two prompts give two vectors, and both are among the last interactions.
    world.text_events((search_line(1, "how nice", event_time=NOON_MS + 1), INWARD))
    world.text_events((comment(2, item_id=None), UP))
    world.events(at(0, "view", item_id="north"))
    # 1 * up, 2 * 2^(-1/3) * inward, 2^(-2/3) * north
    total = np.array([0.0, 2 ** (-2 / 3), 1.0, 2 * 2 ** (-1 / 3)])
    np.testing.assert_allclose(world.windows()["recent"], total / np.linalg.norm(total), atol=1e-3)


def test_topics_decay_by_their_half_life(job_dsn):
    interest = {"topics_half_life_s": 86_400.0, "slow_delay_s": 0}
    with InterestWorld(job_dsn, interest=interest) as world:
        world.text_events((comment(-DAY_MS), INWARD))
        world.events(at(0, "view", item_id="north"))
        expected = np.array([0.0, 1.0, 0.0, 0.5])
        np.testing.assert_allclose(
            world.windows()["topics"], expected / np.linalg.norm(expected), atol=1e-3
        )
