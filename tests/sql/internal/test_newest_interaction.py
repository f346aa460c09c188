"""newest_interaction(): what stands for now while old data is replayed."""

from datetime import timedelta

from tests.sql.builders import NOON, hours_ago, interact


def newest(db):
    return db.execute("SELECT interestream.newest_interaction()").fetchone()[0]


def test_without_interactions_there_is_none(shop):
    assert newest(shop) is None


def test_the_newest_that_is_not_in_the_future_counts(shop):
    interact(shop, "ann", "a", "view", at=hours_ago(1e5))
    interact(shop, "ann", "b", "view", at=hours_ago(9e4))
    shop.execute(
        "INSERT INTO interestream.user_items"
        " VALUES ('bob', 'c', 2, now(), now() + interval '1 day')"
    )
    assert newest(shop) == hours_ago(9e4)


def test_where_all_are_in_the_future_the_earliest_counts(shop):
    far = NOON + timedelta(days=365 * 400)
    interact(shop, "ann", "a", "view", at=far)
    interact(shop, "ann", "b", "view", at=far + timedelta(days=1))
    assert newest(shop) == far
