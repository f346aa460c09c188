"""user_variant(): the variant of a user, by the hash alone."""

import psycopg
import pytest

from tests.sql.experiments import PLAIN, start
from tests.sql.internal.test_user_place import place


def test_the_places_decide(shop):
    start(shop, {"variant": "a", "share": 0.3}, {"variant": "b", "share": 0.4})
    for number in range(60):
        user = f"user{number}"
        where = place("trial", user)
        name = "a" if where < 3_000 else "b" if where < 7_000 else None
        rows = shop.execute("SELECT * FROM interestream.user_variant(%s)", [user]).fetchall()
        assert rows == ([("trial", "split", name)] if name else [])


def test_an_ended_experiment_is_asked_for_by_name(shop):
    start(shop, PLAIN, {"variant": "b", "share": 0.5})
    (now,) = shop.execute("SELECT * FROM interestream.user_variant('ann')").fetchall()
    shop.execute("SELECT interestream.end_experiment()")
    assert shop.execute("SELECT * FROM interestream.user_variant('ann')").fetchall() == []
    then = shop.execute("SELECT * FROM interestream.user_variant('ann', 'trial')").fetchall()
    assert then == [now]


def test_interleaving_gives_both(shop):
    start(shop, PLAIN, {"variant": "b", "share": 0.5}, kind="interleaving")
    rows = shop.execute("SELECT * FROM interestream.user_variant('ann')").fetchall()
    assert rows == [("trial", "interleaving", None)]


def test_an_experiment_that_does_not_exist_is_an_error(shop):
    assert shop.execute("SELECT * FROM interestream.user_variant('ann')").fetchall() == []
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="there is no experiment zzz"):
        shop.execute("SELECT * FROM interestream.user_variant('ann', 'zzz')")
