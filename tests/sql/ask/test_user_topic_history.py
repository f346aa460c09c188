"""user_topic_history(): the days that were kept, and the newest one as the user is now."""

from datetime import date, timedelta

import numpy as np
import psycopg
import pytest

from tests.sql.builders import NOON, add_space, add_topic, keep_day, set_window, speak

AXES = np.eye(8, dtype=np.float32)
DAY = NOON.date()


def history(
    db: psycopg.Connection, user: str = "ann", **named: int
) -> list[tuple[date, int, str, float]]:
    arguments = "".join(f", {name} => %({name})s" for name in named)
    return db.execute(
        "SELECT day, rank, topic, round(share::numeric, 2)::float8"
        f" FROM interestream.user_topic_history(%(user)s{arguments})",
        {"user": user, **named},
    ).fetchall()


def days(rows: list[tuple[date, int, str, float]]) -> list[date]:
    return sorted({row[0] for row in rows})


@pytest.fixture
def known(shop):
    add_topic(shop, "stars", AXES[0])
    set_window(shop, "ann", "topics", AXES[0])  # as of NOON
    for ago in (1, 5, 30):
        keep_day(shop, "ann", DAY - timedelta(days=ago), {"soups": 0.75, "other": 0.25})
    return shop


def test_kept_days_come_before_the_day_as_it_is_now(known):
    assert history(known, p_days=2) == [
        (DAY - timedelta(days=1), 1, "soups", 0.75),
        (DAY - timedelta(days=1), 2, "other", 0.25),
        (DAY, 1, "stars", 1.0),
        (DAY, 2, "other", 0.0),
    ]


def test_what_was_kept_of_the_newest_day_is_replaced_by_what_is_now(known):
    keep_day(known, "ann", DAY, {"soups": 1.0})
    assert [row[2] for row in history(known, p_days=1)] == ["stars", "other"]


def test_days_count_back_from_the_newest_one(known):
    assert days(history(known)) == [DAY - timedelta(days=ago) for ago in (5, 1, 0)]
    assert days(history(known, p_days=5)) == [DAY - timedelta(days=1), DAY]
    assert days(history(known, p_days=31))[0] == DAY - timedelta(days=30)


def test_without_windows_what_was_kept_is_told(known):
    known.execute("DELETE FROM interestream.user_windows")
    assert days(history(known)) == [DAY - timedelta(days=ago) for ago in (5, 1)]


def test_a_space_has_a_history_of_its_own(known):
    second = add_space(known, sha256="bb")
    assert history(known, p_space=second) == []
    keep_day(known, "ann", DAY, {"boats": 1.0}, space=second)
    assert history(known, p_space=second) == [(DAY, 1, "boats", 1.0)]


def test_an_unknown_user_has_no_rows(known):
    assert history(known, "nobody") == []


def test_no_user_and_no_days_are_clear_errors(known):
    with pytest.raises(psycopg.errors.NullValueNotAllowed), known.transaction():
        known.execute("SELECT interestream.user_topic_history(NULL)")
    with pytest.raises(psycopg.errors.InvalidParameterValue), known.transaction():
        history(known, p_days=0)
    with pytest.raises(psycopg.errors.UndefinedObject):
        history(known, p_space=99)


def test_names_are_in_the_language_that_is_asked_for(shop):
    add_topic(shop, "music", AXES[0])
    set_window(shop, "ann", "topics", AXES[0])
    keep_day(shop, "ann", DAY - timedelta(days=1), {"history": 0.75, "other": 0.25})
    speak(shop, "zh")
    assert [row[2] for row in history(shop)] == ["历史", "其他", "音乐", "其他"]
