"""The search for items, and the page of one."""

import re
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from tests.jobs.serve.served import serving
from tests.sql.builders import add_item, interact, seeded, set_window
from tests.sql.logins import login


def one(db: psycopg.Connection, query: str) -> tuple[Any, ...]:
    found = db.execute(query).fetchone()
    assert found is not None
    return found


@pytest.fixture
def shop(filled: str) -> str:
    with psycopg.connect(filled) as db:
        add_item(db, "moon%1", seeded(3)[2], title="The Moon in 100% of Evenings")
        add_item(db, "gone", title="Mooring", available=False)
    return filled


def asked(dsn: str, page: str, **query: str) -> tuple[int, str]:
    with login(dsn, "interestream_reader") as reader, serving(reader) as served:
        return served.get(f"{page}?{urlencode(query)}")


def test_words_of_a_title_find_items_in_upper_or_lower_case(shop):
    status, text = asked(shop, "items", q="mOO")
    assert status == 200
    assert "The Moon in 100% of Evenings" in text
    assert "Mooring" in text
    assert "withdrawn" in text
    assert "Title i3" not in text


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("evenings  moon", True),
        ("moon nights", False),
        ("100%", True),
        ("1%0", False),
        ("_", False),
        ("moon\\", False),
    ],
)
def test_a_title_has_all_words_in_any_order_and_signs_of_patterns_stand_for_themselves(
    shop, words, found
):
    _, text = asked(shop, "items", q=words)
    assert ("The Moon" in text) is found


def test_an_id_leads_to_its_item(shop):
    status, text = asked(shop, "items", q="moon%1")
    assert status == 200
    assert "<h1>The Moon in 100% of Evenings</h1>" in text


def test_an_unknown_item_says_so(shop):
    status, text = asked(shop, "item", id="<script>")
    assert status == 404
    assert "There is no such item" in text
    assert "<script>" not in text.replace('<script src="/static', "")


def test_the_page_of_an_item_has_what_the_database_says(population):
    with psycopg.connect(population.dsn) as db:
        (item, liked) = one(
            db,
            "SELECT item_id, interactions FROM interestream.item_neighbors"
            " ORDER BY interactions DESC, item_id LIMIT 1",
        )
        neighbors = db.execute(
            "SELECT i.title FROM interestream.item_neighbors AS n,"
            " unnest(n.neighbor_ids) WITH ORDINALITY AS o (id, place)"
            " JOIN interestream.items AS i ON i.item_id = o.id"
            " WHERE n.item_id = %s ORDER BY o.place LIMIT 10",
            [item],
        ).fetchall()
        similar = db.execute(
            "SELECT title FROM interestream.similar_items(%s, 10)", [item]
        ).fetchall()
        fans = db.execute(
            "SELECT user_id FROM interestream.user_items WHERE item_id = %s AND signal > 0", [item]
        ).fetchall()
    status, text = asked(population.dsn, "item", id=item)
    assert status == 200
    assert f"liked {liked:,.0f} times" in text
    for (title,) in [*neighbors, *similar]:
        assert title.replace("'", "&#39;").replace('"', "&#34;") in text
    assert fans
    assert sum(f'title="{user}"' in text for (user,) in fans) == len(fans)
    assert "Nothing stands against it: the taste of each user decides" in text


def test_the_page_says_why_a_user_does_not_get_it(filled):
    status, text = asked(filled, "item", id="i3", user="ann")
    assert status == 200
    assert "The user has seen it: like, last on 2026-03-01 12:00 UTC." in text


def test_the_page_says_in_which_place_a_user_gets_it(filled):
    with psycopg.connect(filled) as db:
        (item, rank) = one(
            db, "SELECT item_id, rank FROM interestream.recommend('ann', 5) WHERE rank = 4"
        )
    _, text = asked(filled, "item", id=item, user="ann")
    assert f"It is in place {rank} of the list" in text


def test_an_item_that_only_others_get_is_possible(dsn, shop):
    with psycopg.connect(shop) as db:
        set_window(db, "bob", "recent", seeded(1)[0])
        for number in range(150):
            add_item(db, f"near{number}", seeded(1)[0])
        add_item(db, "far", -seeded(1)[0])
        interact(db, "bob", "i1", "like")
    _, text = asked(shop, "item", id="far", user="bob")
    assert "its score does not reach the first 100 places" in text


def test_what_is_popular_stands_in_the_order_of_the_weight_that_is_shown(population):
    _, text = asked(population.dsn, "items")
    assert '<th class="num">Weight</th>' in text
    numbers = re.findall(r'<td class="num">([^<]*)</td>', text)
    weights = [float(each.replace(",", "")) for each in numbers[::2]]
    assert len(weights) == 25
    assert weights == sorted(weights, reverse=True)
