"""The learner: questions from a batch before it is written, and no error that stops the job."""

import logging
from dataclasses import replace

import numpy as np
import psycopg
import pytest

from jobs.config import Config
from jobs.core.interest.user_batch import UserBatch
from jobs.operators.learner import Learner
from tests.builders import operator_settings
from tests.jobs.core.learning.test_sampling import rows
from tests.sql.builders import add_actions, add_items, add_space, seeded, set_interests, set_window


@pytest.fixture
def db(dsn):
    """A catalogue, and ann with a window."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        add_actions(connection)
        add_space(connection)
        add_items(connection, seeded(40))
        set_window(connection, "ann", "recent", seeded(40)[0])
        set_interests(connection, "ann", ["i0"])
        yield connection


def config(dsn: str, **learning: object) -> Config:
    changed = {"sample": 1.0, "time_share": 1.0, **learning}
    return operator_settings(dsn, learning=changed).config


def batch(*events: tuple[str, str, int, float]) -> UserBatch:
    return UserBatch(1, 1, 0, user_item_rows=rows(*events))


def steps(db):
    return db.execute("SELECT segment, steps FROM interestream.learning").fetchall()


def test_a_like_of_a_batch_becomes_a_step(db, dsn):
    learner = Learner(config(dsn), 1)
    learner.learn(batch(("ann", "i7", 5, 1.0), ("ann", "i8", 6, 1.0)))
    learner.close()
    assert steps(db) == [("few", 1)]
    assert db.execute("SELECT count(*) > 0 FROM interestream.learned_weights").fetchone() == (True,)


@pytest.mark.parametrize("learning", [{"enabled": False}, {"sample": 1e-12}])
def test_nothing_is_learned_if_nothing_is_asked(db, dsn, learning):
    learner = Learner(config(dsn, **learning), 1)
    learner.learn(batch(("ann", "i7", 5, 1.0)))
    learner.learn(UserBatch(1, 1, 0))
    learner.close()
    assert steps(db) == []


def test_a_click_counts_by_how_seldom_its_place_is_looked_at(db, dsn):
    """The second place is clicked half as often as the first, so a step there is twice as long."""
    for place, clicks in ((1, 4 * 10**7), (2, 2 * 10**7)):
        db.execute(
            "INSERT INTO interestream.click_counts VALUES (1, 0, '', %s, '', '', 1000000000, %s)",
            [place, clicks],
        )
    liked = batch(("ann", "i7", 5, 1.0))
    squares_of = "SELECT squares - 1 FROM interestream.learned_weights WHERE source = %s"
    squares = []
    for places in ({}, {("ann", "i7"): 2}, {("ann", "i8"): 2}):
        learner = Learner(config(dsn), 1)
        learner.learn(replace(liked, clicked_places=places))
        learner.close()
        squares.append(db.execute(squares_of, ["text"]).fetchone()[0])
        db.execute("SELECT interestream.reset_weights()")
    assert squares[0] > 0
    assert squares[1] == pytest.approx(4 * squares[0], rel=1e-4)
    assert squares[2] == squares[0]


def test_questions_keep_to_their_share_of_the_time(db, dsn):
    learner = Learner(config(dsn, time_share=1e-6), 1)
    for _ in range(50):
        learner.learn(batch(("ann", "i7", 5, 1.0)))
    learner.close()
    # A tenth of a second is kept for the first ones, and a question takes milliseconds.
    assert 0 < steps(db)[0][1] < 50


def test_an_error_of_postgres_ends_learning_for_a_while_and_not_the_job(db, dsn, caplog):
    db.execute("ALTER TABLE interestream.learned_weights RENAME TO elsewhere")
    learner = Learner(config(dsn), 1)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            learner.learn(batch(("ann", "i7", 5, 1.0)))
    assert [record.getMessage() for record in caplog.records] == [
        "The weights of the sources are not learned for 60 s: UndefinedTable"
    ]
    db.execute("ALTER TABLE interestream.elsewhere RENAME TO learned_weights")
    learner._paused_until_s = 0.0
    learner.learn(batch(("ann", "i7", 5, 1.0)))
    learner.close()
    assert steps(db) == [("few", 1)]


def test_a_server_that_is_away_is_no_error_and_no_password_reaches_the_log(caplog):
    learner = Learner(config("postgresql://ann:secret@127.0.0.1:1/none"), 1)
    with caplog.at_level(logging.WARNING):
        learner.learn(batch(("ann", "i7", 5, 1.0)))
    assert len(caplog.records) == 1
    assert "secret" not in caplog.text


def test_weights_go_where_users_go(db, dsn):
    """Users who turn to what is far from their taste teach that texts count less."""
    learner = Learner(config(dsn), 1)
    order = np.argsort(seeded(40) @ seeded(40)[0])
    before = text_weight(db)
    for number in order[:15]:
        learner.learn(batch(("ann", f"i{number}", 5, 1.0)))
    learner.close()
    assert text_weight(db) < before - 0.3


def text_weight(db):
    return db.execute("SELECT weights[1] FROM interestream.ranking_weights(1, 'few')").fetchone()[0]


def test_of_a_space_that_was_deleted_nothing_is_learned(db, dsn):
    other = add_space(db, sha256="bb")
    db.execute("SELECT interestream.activate_space(%s)", [other])
    db.execute("SELECT interestream.drop_space(1)")
    learner = Learner(config(dsn), 1)
    learner.learn(batch(("ann", "i7", 5, 1.0)))
    learner.close()
    assert steps(db) == []
