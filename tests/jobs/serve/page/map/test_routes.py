"""The map over HTTP: nobody waits for it, and a user's points lie where their items do."""

import json
import time
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from jobs.serve_settings import Serve
from tests.jobs.serve.served import FRESH, Served, serving
from tests.sql.logins import login


def points(served: Served, **query: str) -> tuple[int, Any]:
    """The map, as soon as it is drawn."""
    for _ in range(600):
        status, text = served.get(f"map/points?{urlencode(query)}")
        if status != 202:
            return status, json.loads(text)
        if not json.loads(text)["drawing"]:
            return status, json.loads(text)
        time.sleep(0.1)
    raise AssertionError("no map within a minute")


def flat(document: dict[str, Any]) -> dict[str, list[float]]:
    """Places by item."""
    return {item: [x, y] for group in document["groups"] for x, y, item, _ in group["points"]}


def test_the_first_answer_says_that_the_map_is_being_drawn(population):
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        status, text = served.get("map/points")
        assert (status, json.loads(text)) == (202, {"drawing": True, "problem": ""})
        assert points(served)[0] == 200


def test_every_available_item_of_a_small_catalogue_is_on_it(population):
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        _, found = points(served)
    with psycopg.connect(population.dsn) as db:
        items = db.execute(
            "SELECT item_id FROM interestream.items"
            " WHERE available AND coalesce(representative, item_id) = item_id"
        ).fetchall()
    assert set(flat(found)) == {item for (item,) in items}
    assert found["items"] == len(items)
    assert 0 < found["explained"] < 1


def test_a_users_points_lie_where_these_items_do(population):
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        _, found = points(served, user="ada", colour="popularity")
    places = flat(found)
    own = found["user"]
    assert len(own["list"]) == 15
    assert own["interests"]
    on_it = [(row[2], row[:2]) for row in [*own["list"], *own["interests"]] if row[2] in places]
    assert len(on_it) > 10
    assert dict(on_it) == {item: pytest.approx(places[item], abs=2e-3) for item, _ in on_it}
    assert all(row[4].endswith("% of the interests") for row in own["interests"])


def test_a_sample_has_the_size_of_the_setting_and_is_the_same_again(population):
    settings = Serve(cache_s=0, counts_s=0, map_items=50)
    maps = []
    with login(population.dsn, "interestream_reader") as reader:
        for _ in range(2):
            with serving(reader, settings) as served:
                maps.append(flat(points(served)[1]))
    assert len(maps[0]) == 50
    assert maps[0] == maps[1]


def test_an_unknown_user_has_no_interests_and_the_list_of_everybody(population):
    with login(population.dsn, "interestream_reader") as reader, serving(reader) as served:
        _, found = points(served, user="nobody")
    assert found["user"]["interests"] == []
    assert found["user"]["list"]


def test_a_database_without_items_has_no_map(dsn):
    with login(dsn, "interestream_reader") as reader, serving(reader) as served:
        assert points(served) == (202, {"drawing": False, "problem": ""})


def test_zero_items_switch_it_off(dsn):
    off = FRESH.model_copy(update={"map_items": 0})
    with login(dsn, "interestream_reader") as reader, serving(reader, off) as served:
        assert served.get("map/points")[0] == 404
        assert "switched off" in served.get("map")[1]


def test_another_colour_is_refused(dsn):
    with login(dsn, "interestream_reader") as reader, serving(reader) as served:
        assert served.get("map/points?colour=red")[0] == 400
