"""lock_groups(): the keys of the groups as they are and as they will be, and their locks."""

import psycopg
import pytest

from tests.sql.builders import add_item

LOCK = "SELECT interestream.lock_groups(%s, %s, %s, %s)"


def lock(db, item, title, group=None):
    (keys,) = db.execute(LOCK, [[item], [group], [title], [None]]).fetchone()
    return set(keys)


def key(db, title, group=None):
    query = "SELECT interestream.group_key('i', %s, %s, NULL)"
    (found,) = db.execute(query, [group, title]).fetchone()
    return found


@pytest.fixture
def two(dsn):
    with psycopg.connect(dsn) as one, psycopg.connect(dsn) as other:
        add_item(one, "a", title="Old")
        one.commit()
        other.execute("SET lock_timeout = '100ms'")
        yield one, other


def test_the_keys_are_those_before_and_after_the_write(two):
    one, _ = two
    assert lock(one, "a", "New") == {key(one, "Old"), key(one, "New")}
    assert lock(one, "a", "Old") == {key(one, "Old")}
    assert lock(one, "a", "Old", "g") == {key(one, "Old"), key(one, "Old", "g")}
    assert key(one, "Next") in lock(one, "b", "Next")


@pytest.mark.parametrize(("item", "title"), [("b", "New"), ("b", "Old"), ("a", "Another")], ids=str)
def test_another_writer_of_such_a_group_or_item_waits(two, item, title):
    one, other = two
    lock(one, "a", "New")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        lock(other, item, title)
    other.rollback()
    one.rollback()
    other.execute("SET lock_timeout = '100ms'")
    assert lock(other, item, title)


def test_two_writers_of_an_item_that_is_not_stored_yet_wait_for_each_other(two):
    one, other = two
    lock(one, "new", "One title")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        lock(other, "new", "Another title")
