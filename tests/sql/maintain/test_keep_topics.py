"""keep_topics(): page by page, a row a day for users whose row was written since the last one."""

from datetime import date, timedelta

import numpy as np
import psycopg
import pytest

from tests.sql.builders import (
    NOON,
    Floats,
    add_space,
    add_topic,
    keep_day,
    set_interests,
    set_window,
    speak,
)

KEEP = "SELECT last_user, users, removed FROM interestream.keep_topics(%s, %s, %s, %s)"
AXES = np.eye(8, dtype=np.float32)
DAY = NOON.date()


def add_fan(db: psycopg.Connection, user: str, vector: Floats = AXES[0], space: int = 1) -> None:
    """A user who engages with what a vector says, whose row was written ten minutes ago."""
    set_interests(db, user, ["a"], space=space)
    set_window(db, user, "topics", vector, space=space)
    written(db, user, 10)


def written(db: psycopg.Connection, user: str, minutes_ago: float) -> None:
    db.execute(
        "UPDATE interestream.users SET committed_at = now() - %s * interval '1 minute'"
        " WHERE user_id = %s",
        [minutes_ago, user],
    )


def turn_to(db: psycopg.Connection, user: str, vector: Floats, days: int = 0) -> None:
    """Let the job have written another window of the user, of an event some days later."""
    db.execute("DELETE FROM interestream.user_windows WHERE user_id = %s", [user])
    set_window(db, user, "topics", vector)
    db.execute(
        "UPDATE interestream.user_windows SET as_of = as_of + %s WHERE user_id = %s",
        [timedelta(days=days), user],
    )
    written(db, user, 0)


def kept(db: psycopg.Connection) -> list[tuple[str, date, str]]:
    """User, day and strongest topic of every row."""
    return db.execute(
        "SELECT user_id, day, topics[1] FROM interestream.user_topic_history ORDER BY 1, 2"
    ).fetchall()


@pytest.fixture
def town(shop):
    add_topic(shop, "stars", AXES[0])
    add_topic(shop, "soups", AXES[1])
    return shop


def test_pages_go_by_user_until_there_is_none(town):
    for user in ("ann", "bob", "cid"):
        add_fan(town, user)
    assert town.execute(KEEP, [1, 28, None, 2]).fetchone() == ("bob", 2, 0)
    assert town.execute(KEEP, [1, 28, "bob", 2]).fetchone() == ("cid", 1, 0)
    assert town.execute(KEEP, [1, 28, "cid", 2]).fetchone() == (None, 0, 0)
    assert kept(town) == [(user, DAY, "stars") for user in ("ann", "bob", "cid")]


def test_the_shares_are_those_of_user_topics(town):
    add_fan(town, "ann", AXES[0] + AXES[1])
    town.execute(KEEP, [1, 28, None, 10])
    ((topics, shares),) = town.execute(
        "SELECT topics, shares FROM interestream.user_topic_history"
    ).fetchall()
    # Two cosines of 1/sqrt(2), and 0.15 for none of the topics, at a temperature of 0.05.
    weights = np.exp(np.array([2**-0.5, 2**-0.5, 0.15]) / 0.05)
    assert topics == ["soups", "stars", "other"]
    assert shares == pytest.approx((weights / weights.sum()).tolist(), abs=1e-2)
    assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_who_has_not_changed_is_not_written_again(town):
    add_fan(town, "ann")
    add_fan(town, "bob")
    town.execute(KEEP, [1, 28, None, 10])
    turn_to(town, "bob", AXES[1])
    assert town.execute(KEEP, [1, 28, None, 10]).fetchone() == ("bob", 1, 0)
    assert kept(town) == [("ann", DAY, "stars"), ("bob", DAY, "soups")]


def test_what_the_job_was_writing_at_the_last_run_is_not_missed(town):
    """The job has committed after the run what it had stamped shortly before it."""
    add_fan(town, "ann")
    town.execute(KEEP, [1, 28, None, 10])
    turn_to(town, "ann", AXES[1])
    written(town, "ann", 2)
    town.execute(KEEP, [1, 28, None, 10])
    assert kept(town) == [("ann", DAY, "soups")]


def test_each_day_of_events_has_a_row_and_old_days_go(town):
    add_fan(town, "ann")
    town.execute(KEEP, [1, 3, None, 10])
    for day, removed in ((1, 0), (2, 0), (3, 1), (9, 3)):
        turn_to(town, "ann", AXES[day % 2], days=day)
        assert town.execute(KEEP, [1, 3, None, 10]).fetchone() == ("ann", 1, removed)
    assert kept(town) == [("ann", DAY + timedelta(days=9), "soups")]


def test_a_space_is_kept_for_itself(town):
    second = add_space(town, sha256="bb")
    add_topic(town, "stars", AXES[1], space=second)
    add_fan(town, "ann")
    add_fan(town, "ann", AXES[1], space=second)
    assert town.execute(KEEP, [second, 28, None, 10]).fetchone() == ("ann", 1, 0)
    rows = town.execute("SELECT space_id FROM interestream.user_topic_history").fetchall()
    assert rows == [(second,)]


def test_a_space_that_is_gone_has_no_rows(town):
    assert town.execute(KEEP, [99, 28, None, 10]).fetchone() == (None, 0, 0)


def test_a_space_without_topics_keeps_nothing(shop):
    add_fan(shop, "ann")
    assert shop.execute(KEEP, [1, 28, None, 10]).fetchone() == ("ann", 0, 0)


def test_a_user_of_dislikes_alone_has_no_topics(town):
    set_interests(town, "ann", ["a"])
    set_window(town, "ann", "dislikes", AXES[0])
    assert town.execute(KEEP, [1, 28, None, 10]).fetchone() == ("ann", 0, 0)


@pytest.mark.parametrize(("days", "limit"), [(0, 10), (401, 10), (None, 10), (28, 0)])
def test_what_is_no_history_is_a_clear_error(town, days, limit):
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        town.execute(KEEP, [1, days, None, limit])


def test_nothing_is_kept_of_a_user_who_is_being_forgotten(dsn):
    with psycopg.connect(dsn, autocommit=True) as db, psycopg.connect(dsn) as job:
        add_space(db)
        add_topic(db, "stars", AXES[0])
        for user in ("ann", "bob"):
            add_fan(db, user)
        job.execute("SELECT interestream.forget_user('ann')")
        db.execute("SET lock_timeout = '1s'")
        assert db.execute(KEEP, [1, 28, None, 10]).fetchone() == ("bob", 1, 0)
        job.commit()
        assert kept(db) == [("bob", DAY, "stars")]


def test_forgetting_waits_for_what_is_being_kept_and_deletes_it(dsn):
    with psycopg.connect(dsn, autocommit=True) as job, psycopg.connect(dsn) as run:
        add_space(job)
        add_topic(job, "stars", AXES[0])
        add_fan(job, "ann")
        run.execute(KEEP, [1, 28, None, 10])
        job.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            job.execute("SELECT interestream.forget_user('ann')")
        # The job writes the row of the user meanwhile.
        job.execute("UPDATE interestream.users SET events = 11 WHERE user_id = 'ann'")
        run.commit()
        job.execute("SELECT interestream.forget_user('ann')")
        assert kept(job) == []


def test_rows_of_others_stay_when_old_days_go(town):
    keep_day(town, "bob", DAY - timedelta(days=300), {"stars": 1.0})
    add_fan(town, "ann")
    town.execute(KEEP, [1, 3, None, 10])
    assert [user for user, _, _ in kept(town)] == ["ann", "bob"]


def test_topics_are_kept_by_their_names_whatever_language_is_asked_for(shop):
    add_topic(shop, "music", AXES[0])
    add_fan(shop, "ann")
    speak(shop, "zh")
    shop.execute(KEEP, [1, 28, None, 10])
    assert shop.execute("SELECT topics FROM interestream.user_topic_history").fetchone() == (
        ["music", "other"],
    )
