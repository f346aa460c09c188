"""Whatever a user, an item, a category or a text is called, it stays a value."""

import psycopg
import pytest

from tests.sql.builders import add_item, interact, seeded, set_interests, set_window

HOSTILE = [
    "'; DROP TABLE interestream.items; --",
    "\\'; SELECT pg_sleep(60); --",
    "$q$; DROP TABLE interestream.items; $q$",
    "$$ || current_user || $$",
    '"}]; DELETE FROM interestream.users; --',
    "%s %I %L %1$s %",
    "{a,b}",
    "{}",
    "NULL",
    "null",
    "1) OR (1=1",
    "[1,2,3]",
    "\n\r\t\b\\N\\.",
    "\u202eright to left",
    "😀 ünï\u200bcødé",
    "a" * 256,
    "?q=%00&amp;<script>alert(1)</script>",
]


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def nasty(request: pytest.FixtureRequest, shop: psycopg.Connection) -> str:
    """A string that names a user, an item, a title, a category, a language and an attribute."""
    name: str = request.param
    for number, vector in enumerate(seeded(4)):
        add_item(shop, f"i{number}", vector)
    add_item(
        shop,
        name,
        seeded(1, seed=8)[0],
        title=name,
        categories=[name],
        language=name,
        attributes={name: name},
    )
    set_window(shop, name, "recent", seeded(1)[0])
    set_interests(shop, name, [name])
    interact(shop, name, "i0", "like")
    return name


def answers(db, statement, *values):
    rows = db.execute(statement, values).fetchall()
    assert db.execute("SELECT count(*) FROM interestream.items").fetchone() == (5,)
    return rows


def test_every_question_takes_it_as_a_value(shop, nasty):
    assert len(answers(shop, "SELECT * FROM interestream.recommend(%s)", nasty)) == 4
    assert len(answers(shop, "SELECT * FROM interestream.recommend_many(%s)", [nasty])) == 4
    for call in (
        "recommend(%s, 10, %s)",
        "recommend(%s, p_filter => interestream.item_filter(p_languages => %s))",
        "recommend('nobody', p_filter => interestream.item_filter(%s, %s))",
    ):
        values = [nasty, [nasty]] if call.startswith("recommend(%s") else [[nasty], [nasty]]
        rows = answers(shop, f"SELECT item_id, title FROM interestream.{call}", *values)
        assert rows == [(nasty, nasty)]
    rows = answers(
        shop,
        "SELECT item_id FROM interestream.recommend('nobody', p_filter =>"
        " interestream.item_filter(p_attributes => jsonb_build_object(%s::text, %s::text)))",
        nasty,
        nasty,
    )
    assert rows == [(nasty,)]
    rows = answers(
        shop, "SELECT item_id FROM interestream.recommend(%s, p_exclude => %s)", nasty, [nasty]
    )
    assert len(rows) == 3
    assert len(answers(shop, "SELECT * FROM interestream.similar_items(%s)", nasty)) == 4
    assert (
        len(answers(shop, "SELECT * FROM interestream.recommend_more_like(%s, %s)", nasty, nasty))
        == 3
    )
    assert answers(shop, "SELECT * FROM interestream.similar_users(%s)", nasty) == []
    assert len(answers(shop, "SELECT * FROM interestream.trending(5, %s)", nasty)) == 0
    found = answers(shop, "SELECT label FROM interestream.user_interests(%s)", nasty)
    assert (nasty,) in found


def test_types_words_ranges_and_quotas_take_it_as_a_value(shop, nasty):
    wanted = "SELECT item_id FROM interestream.recommend('nobody', 10, p_filter =>"
    rows = answers(shop, f"{wanted} interestream.item_filter(p_types => %s))", [nasty])
    assert rows == [(nasty,)]
    for field in ("p_not_types", "p_not_categories", "p_not_words"):
        rows = answers(shop, f"{wanted} interestream.item_filter({field} => %s))", [nasty])
        assert len(rows) == 4
        assert (nasty,) not in rows
    shop.execute(
        "UPDATE interestream.items SET attributes = jsonb_build_object(%s::text, 5)"
        " WHERE item_id = 'i1'",
        [nasty],
    )
    ranges = "jsonb_build_object(%s::text, jsonb_build_object('min', 5))"
    rows = answers(shop, f"{wanted} interestream.item_filter(p_ranges => {ranges}))", nasty)
    assert rows == [("i1",)]
    rows = answers(
        shop,
        "SELECT item_id FROM interestream.recommend('nobody', 3, p_quotas =>"
        " jsonb_build_object(%s::text, 1))",
        nasty,
    )
    assert len(rows) == 3
    assert (nasty,) in rows
    (condition,) = answers(
        shop,
        "SELECT condition FROM interestream.explain_filter(interestream.item_filter(%s))",
        [nasty],
    )
    assert condition == (f"category {nasty}",)
    shop.execute("INSERT INTO interestream.repeat_rules VALUES ('*', %s, 1)", [nasty])
    assert len(answers(shop, "SELECT * FROM interestream.recommend(%s)", nasty)) == 4


def test_an_unknown_item_is_named_as_it_is(shop, nasty):
    with pytest.raises(psycopg.errors.NoDataFound) as caught:
        shop.execute("SELECT * FROM interestream.similar_items(%s)", [nasty + "?"])
    assert str(caught.value).startswith("item ")


def test_a_search_takes_it_as_a_user_and_a_category(shop, nasty):
    search = "SELECT item_id FROM interestream.search_items(%s::real[], 10, %s, %s)"
    assert answers(shop, search, seeded(1)[0].tolist(), nasty, [nasty]) == [(nasty,)]


def test_forgetting_takes_this_user_and_nobody_else(shop, nasty):
    set_window(shop, "ann", "recent", seeded(1)[0])
    assert answers(shop, "SELECT interestream.forget_user(%s)", nasty) == [(3,)]
    assert shop.execute("SELECT user_id FROM interestream.user_windows").fetchall() == [("ann",)]


def test_a_kind_and_a_part_of_any_name_are_data(shop):
    for name in HOSTILE:
        shop.execute("INSERT INTO interestream.blend_weights VALUES (%s, 0.1)", [name])
        shop.execute("INSERT INTO interestream.score_weights VALUES (%s, 0.1)", [name])
        set_window(shop, "ann", name, seeded(1)[0])
    add_item(shop, "i0", seeded(1)[0])
    (row,) = shop.execute("SELECT source, parts FROM interestream.recommend('ann')").fetchall()
    assert row[0] in HOSTILE
    assert set(row[1]["windows"]) == set(HOSTILE)


def test_a_space_of_any_bundle_name_is_made_and_dropped(shop):
    for number, name in enumerate(HOSTILE):
        (space,) = shop.execute(
            "SELECT interestream.create_space(%s, %s, %s, 2, '{0,0}')", [name, name, name]
        ).fetchone()
        assert space == number + 2
        shop.execute("SELECT interestream.drop_space(%s)", [space])
    assert shop.execute("SELECT count(*) FROM interestream.spaces").fetchone() == (1,)
