"""end_experiment(): everybody gets what there was before."""

import psycopg
import pytest

from tests.sql.builders import add_items, seeded, set_window
from tests.sql.experiments import start


def test_recommend_answers_as_before(shop):
    add_items(shop, seeded(60))
    users = [f"user{n}" for n in range(6)]
    for user in users:
        set_window(shop, user, "recent", seeded(1, seed=1)[0])
    query = "SELECT user_id, rank, item_id, parts FROM interestream.recommend_many(%s)"
    before = shop.execute(query, [users]).fetchall()
    start(shop)
    assert shop.execute(query, [users]).fetchall() != before
    assert shop.execute("SELECT interestream.end_experiment()").fetchone() == ("trial",)
    assert shop.execute(query, [users]).fetchall() == before
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="no experiment"):
        shop.execute("SELECT interestream.end_experiment()")
