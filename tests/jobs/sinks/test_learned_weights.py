"""Asking what would be recommended, and adding steps to the learned weights."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import psycopg
import pytest

from jobs.core.learning.sampling import Question
from jobs.core.learning.softmax_step import softmax_step
from jobs.learning_settings import Learning
from jobs.sinks.learned_weights import FADE, START, Asked, add_step
from jobs.sinks.learned_weights import ask as ask_or_none
from tests.sql.builders import (
    NOON,
    add_actions,
    add_items,
    add_space,
    interact,
    seeded,
    set_interests,
    set_window,
    show,
)
from tests.sql.internal.test_neighbor_items import set_neighbors
from tests.sql.internal.test_popularity import count


@pytest.fixture
def db(dsn):
    """A catalogue. Everybody likes i9. Ann likes i0, and i7 is the neighbor of i0."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        add_actions(connection)
        add_space(connection)
        add_items(connection, seeded(40))
        set_window(connection, "ann", "recent", seeded(40)[0])
        set_interests(connection, "ann", ["i0"])
        interact(connection, "ann", "i0", "like")
        set_neighbors(connection, "i0", {"i7": 4.0}, 4.0)
        set_neighbors(connection, "i7", {}, 4.0)
        count(connection, "week", {"i9": 99, "i5": 1})
        yield connection


DEFAULT = Learning(rate=0.1)


def ask(db: psycopg.Connection, space_id: int, question: Question) -> Asked:
    asked = ask_or_none(db, space_id, question)
    assert asked is not None
    return asked


def learned(db, segment):
    return dict(
        db.execute(
            "SELECT source, delta FROM interestream.learned_weights WHERE segment = %s", [segment]
        ).fetchall()
    )


def step(db, question, learning=DEFAULT):
    asked = ask(db, 1, question)
    gradient = None
    if asked.answer is not None:
        gradient = softmax_step(asked.features, asked.weights, asked.answer).gradient
    with db.transaction():
        add_step(db, 1, asked, gradient, learning)
    return asked, gradient


def test_a_question_has_the_features_of_every_candidate(db):
    asked = ask(db, 1, Question("ann", "i7"))
    at = dict(zip(asked.sources, asked.features[asked.answer], strict=True))
    assert asked.segment == "few"
    assert len(asked.features) == 39  # all but i0, which ann has seen
    assert at["neighbors"] == at["neighbors_share"] == at["neighbors_last"] == 1
    assert at["popular_week"] == 0
    assert at["unseen"] == 0
    cosine = seeded(40)[0] @ seeded(40)[7]
    assert at["text"] == pytest.approx(cosine, abs=2e-3)
    assert at["text_last"] == pytest.approx(cosine, abs=2e-3)


def test_an_unknown_user_is_offered_what_is_popular(db):
    asked = ask(db, 1, Question("zoe", "i9"))
    assert asked.segment == "none"
    popular = asked.features[:, asked.sources.index("popular_week")]
    assert sorted(popular) == pytest.approx([np.log(2) / np.log(100), 1.0])
    assert popular[asked.answer] == 1.0
    used = {source for source, used in zip(asked.sources, asked.learned, strict=True) if used}
    assert used == {"popular_week", "shown"}


def test_what_was_shown_just_before_is_no_part_of_a_question(db):
    show(db, "ann", "i9", NOON)
    for minutes, shown in ((0, 0), (30, 0), (31, 1 / 4)):
        at_ms = int((NOON + timedelta(minutes=minutes)).timestamp() * 1000)
        asked = ask(db, 1, Question("ann", "i9", at_ms))
        found = asked.features[asked.answer, asked.sources.index("shown")]
        assert found == pytest.approx(shown), minutes


def test_a_step_goes_along_the_gradient_by_the_rule_of_adagrad(db):
    _, first = step(db, Question("ann", "i7"))
    squares = START + first**2
    expected = 0.1 * first / np.sqrt(squares)
    asked, second = step(db, Question("ann", "i9"))
    squares += second**2
    for segment, shrink in (("all", 1.0), ("few", 1 - 0.0005)):
        found = learned(db, segment)
        for place, source in enumerate(asked.sources):
            value = expected[place] * shrink + 0.1 * second[place] / np.sqrt(squares[place])
            assert found[source] == pytest.approx(value, abs=1e-9), (segment, source)
    assert learned(db, "many") == {}


def test_what_was_learned_changes_the_next_answer(db):
    before = ask(db, 1, Question("ann", "i7"))
    for _ in range(50):
        step(db, Question("ann", "i7"))
    after = ask(db, 1, Question("ann", "i7"))
    chances = [
        softmax_step(asked.features, asked.weights, asked.answer or 0).chance
        for asked in (before, after)
    ]
    assert chances[1] > 2 * chances[0]


def test_weights_stay_within_the_bound(db):
    for _ in range(30):
        step(db, Question("ann", "i7"), Learning(rate=1.0, bound=0.5))
    assert max(map(abs, learned(db, "all").values())) == 0.5


def test_an_answer_that_is_no_candidate_is_counted_and_teaches_nothing(db):
    step(db, Question("ann", "i7"))
    before = learned(db, "all")
    _, gradient = step(db, Question("ann", "elsewhere"))
    assert gradient is None
    assert learned(db, "all") == before
    assert db.execute("SELECT steps, asked, found FROM interestream.learning").fetchall() == [
        (1, 1 * FADE + 1, FADE)
    ]


def test_an_item_that_the_user_knows_is_no_question(db):
    assert ask_or_none(db, 1, Question("ann", "i0")) is None


def test_an_item_that_may_come_again_is_a_question_again(db):
    db.execute("INSERT INTO interestream.repeat_rules VALUES ('like', '*', 30)")
    assert ask_or_none(db, 1, Question("ann", "i0")) is None
    interact(db, "bob", "i3", "like", at=NOON + timedelta(days=31))
    asked = ask(db, 1, Question("ann", "i0"))
    assert asked.answer is not None
    assert len(asked.features) == 40


def test_frozen_weights_are_not_learned(db):
    assert db.execute("SELECT interestream.freeze_weights()").fetchone() == (True,)
    assert ask_or_none(db, 1, Question("ann", "i7")) is None
    assert db.execute("SELECT interestream.freeze_weights(false)").fetchone() == (True,)
    assert ask(db, 1, Question("ann", "i7")).sources


def test_reset_weights_are_those_of_the_start(db):
    before = ask(db, 1, Question("ann", "i7")).weights.tolist()
    step(db, Question("ann", "i7"))
    assert ask(db, 1, Question("ann", "i7")).weights.tolist() != before
    db.execute("SELECT interestream.reset_weights()")
    assert ask(db, 1, Question("ann", "i7")).weights.tolist() == before


def test_a_source_without_a_row_is_not_learned(db):
    db.execute("DELETE FROM interestream.source_weights WHERE source = 'popular_week'")
    step(db, Question("ann", "i7"))
    assert "popular_week" not in learned(db, "all")
    assert "neighbors" in learned(db, "all")


def test_steps_of_writers_at_once_add_up(db, dsn):
    asked = ask(db, 1, Question("ann", "i7"))
    gradient = np.ones(len(asked.sources))

    def write(_: int) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            for _ in range(20):
                with connection.transaction():
                    add_step(connection, 1, asked, gradient, DEFAULT)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    # Adagrad with equal gradients: the sum of 0.1 / sqrt(START + n), n from 1 to 80.
    expected = sum(0.1 / np.sqrt(START + n) for n in range(1, 81))
    assert learned(db, "all")["text"] == pytest.approx(expected)
    assert db.execute("SELECT steps FROM interestream.learning").fetchone() == (80,)
