"""user_data(): all rows of a user, in whatever table they lie."""

from datetime import date

import psycopg
import pytest

from jobs.maintenance.user_data import user_data
from tests.sql.builders import add_actions, add_item, add_space, interact, keep_day, seeded
from tests.sql.maintain.builders import add_letter, add_user

WITH_USERS = """
SELECT c.relname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'interestream'::regnamespace AND c.relkind IN ('r', 'p')
    AND a.attname = 'user_id'
"""


@pytest.fixture
def shop(db):
    add_actions(db)
    add_space(db)
    add_item(db, "a", seeded(1)[0], title="The moon")
    for number, user in enumerate(("ann", "bob")):
        add_user(db, user, 1)
        interact(db, user, "a", "view", "like")
        add_letter(db, number, 1, user=user)
        db.execute("INSERT INTO interestream.shown_items VALUES (%s, 'a', ARRAY[now()])", [user])
        keep_day(db, user, date(2026, 3, 1), {"music": 0.75, "other": 0.25})
    return db


def test_every_table_with_a_user_has_rows_of_the_user_alone(shop):
    found = user_data(shop, "ann")["tables"]
    assert set(found) == {name for (name,) in shop.execute(WITH_USERS)}
    # A table that comes later: fill it above, so that this test reads it.
    assert {name: len(rows) for name, rows in found.items()} == {
        "users": 1,
        "user_windows": 2,
        "user_topic_history": 1,
        "shown_items": 1,
        "user_items": 1,
        "dead_letters": 1,
    }
    assert {row["user_id"] for rows in found.values() for row in rows} == {"ann"}


def test_a_table_of_tomorrow_is_not_forgotten(shop):
    shop.execute("CREATE TABLE interestream.diary (user_id text, entry text)")
    shop.execute("INSERT INTO interestream.diary VALUES ('ann', 'dear'), ('bob', 'deer')")
    assert user_data(shop, "ann")["tables"]["diary"] == [{"user_id": "ann", "entry": "dear"}]


def test_rows_can_be_read_by_people(shop):
    found = user_data(shop, "ann")
    (relation,) = found["tables"]["user_items"]
    assert (relation["did"], relation["title"]) == (["view", "like"], "The moon")
    assert found["tables"]["dead_letters"][0]["raw"] == b"raw 0"
    window = found["tables"]["user_windows"][0]
    expected = seeded(1)[0]
    assert window["embedding"] == pytest.approx([float(x) for x in expected], abs=1e-3)
    assert found["interests"] == [
        {"space_id": 1, "rank": 1, "item_id": "a", "title": "The moon", "share": 1.0, "size": 4}
    ]


def test_topics_are_the_shares_that_user_topics_gives(shop):
    shop.execute(
        "INSERT INTO interestream.topic_vectors SELECT 1, topic, w.embedding, 'x'"
        " FROM interestream.topics, interestream.user_windows AS w"
        " WHERE topic = 'music' AND w.user_id = 'ann' AND w.kind = 'recent'"
    )
    (topic,) = [each for each in user_data(shop, "ann")["topics"] if each["topic"] == "music"]
    assert (topic["space_id"], topic["rank"]) == (1, 1)
    assert topic["cosine"] == pytest.approx(1, abs=1e-3)


def test_an_unknown_user_is_not_known(shop):
    found = user_data(shop, "nobody")
    assert found["known"] is False
    assert not any(found["tables"].values())
    assert (found["interests"], found["topics"]) == ([], [])


def test_a_reader_gets_no_part_of_it(shop):
    shop.execute("SET LOCAL ROLE interestream_reader")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        user_data(shop, "ann")


def test_an_admin_gets_all_of_it(shop):
    shop.execute("SET LOCAL ROLE interestream_admin")
    assert user_data(shop, "ann")["known"] is True
