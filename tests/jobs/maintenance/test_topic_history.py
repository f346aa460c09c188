"""keep_topic_history(): a run of maintenance keeps the topics of a day, and removes old ones."""

from datetime import timedelta

import psycopg
import pytest

from jobs.maintenance import topic_history
from jobs.maintenance.outcome import Removed, Report
from jobs.maintenance.run import maintain
from tests.sql.builders import NOON, add_topic, keep_day, seeded, set_interests, set_window
from tests.sql.logins import login


@pytest.fixture
def town(shop: psycopg.Connection) -> psycopg.Connection:
    """Three users with topics."""
    add_topic(shop, "stars", seeded(1)[0])
    for user in ("ann", "bob", "cid"):
        set_interests(shop, user, ["a"])
        set_window(shop, user, "topics", seeded(1)[0])
    return shop


def of(report: Report) -> Removed:
    (done,) = [each for each in report.done if each.kind == "topic history"]
    assert done.setting == "retention.topic_history_days"
    assert done.removed is not None
    return done.removed


def kept(db: psycopg.Connection) -> list[tuple[str, object]]:
    return db.execute(
        "SELECT user_id, day FROM interestream.user_topic_history ORDER BY 1, 2"
    ).fetchall()


def test_a_run_keeps_the_topics_of_all_users_in_batches(town, place, monkeypatch):
    monkeypatch.setattr(topic_history, "USERS_OF_A_BATCH", 2)
    found = of(maintain(place()))
    assert (found.count, found.written) == (0, 3)
    assert kept(town) == [(user, NOON.date()) for user in ("ann", "bob", "cid")]


def test_rows_that_were_kept_before_go(town, place, monkeypatch):
    monkeypatch.setattr(topic_history, "ROWS_OF_A_BATCH", 2)
    for days in (29, 40, 400):
        keep_day(town, "dan", NOON.date() - timedelta(days), {"stars": 1.0}, age_days=days)
    keep_day(town, "dan", NOON.date(), {"stars": 1.0}, age_days=27)
    assert of(maintain(place(), dry_run=True)).count == 3
    assert len(kept(town)) == 4
    assert of(maintain(place())).count == 3
    assert [user for user, _ in kept(town)] == ["ann", "bob", "cid", "dan"]


def test_zero_days_keep_none_and_remove_what_is_there(town, place):
    maintain(place())
    found = of(maintain(place("retention.topic_history_days=0")))
    assert (found.count, found.written) == (3, 0)
    assert kept(town) == []


def test_a_dry_run_keeps_nothing(town, place):
    assert of(maintain(place(), dry_run=True)).written == 0
    assert kept(town) == []


def test_an_admin_may_do_it(town, place, dsn):
    with login(dsn, "interestream_admin") as admin:
        assert of(maintain(place(of=admin))).written == 3
