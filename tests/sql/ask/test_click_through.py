"""click_through(): impressions and clicks of all buckets of a space, by what they say."""

import psycopg
import pytest

from tests.sql.builders import add_space


def count(db, bucket, cell, impressions, clicks, space=1):
    db.execute(
        "INSERT INTO interestream.click_counts VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [space, bucket, *cell, impressions, clicks],
    )


def test_buckets_add_up(shop):
    count(shop, 0, ("neighbor", 1, "few", "a"), 10, 3)
    count(shop, 1, ("neighbor", 1, "few", "a"), 30, 0)
    count(shop, 2, ("neighbor", 1, "few", "a"), 0, 1)
    count(shop, 2, ("popular_week", 1, "few", "a"), 0, 1)
    count(shop, 1, ("neighbor", 2, "few", "a"), 8, 0)
    count(shop, 1, ("neighbor", 1, "few", "b"), 5, 5)
    rows = shop.execute("SELECT * FROM interestream.click_through()").fetchall()
    assert rows == [
        ("neighbor", 1, "few", "a", 40, 4, pytest.approx(0.1)),
        ("neighbor", 1, "few", "b", 5, 5, 1.0),
        ("neighbor", 2, "few", "a", 8, 0, 0.0),
    ]


def test_each_space_has_its_own(shop):
    other = add_space(shop, sha256="bb")
    count(shop, 0, ("", 0, "", ""), 4, 1)
    count(shop, 0, ("", 0, "", ""), 6, 3, space=other)
    query = "SELECT impressions, clicks FROM interestream.click_through(%s)"
    assert shop.execute(query, [None]).fetchall() == [(4, 1)]
    assert shop.execute(query, [other]).fetchall() == [(6, 3)]
    with pytest.raises(psycopg.errors.UndefinedObject):
        shop.execute(query, [99])
