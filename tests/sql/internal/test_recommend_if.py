"""recommend_if(): the answer of recommend() for rows that leave no trace."""

from datetime import timedelta

import psycopg
import pytest

from tests.sql.builders import (
    ACTIONS,
    NOON,
    add_item,
    add_items,
    interact,
    seeded,
    set_interests,
    set_window,
    text,
)

LATER = NOON + timedelta(minutes=1)
TABLES = ("users", "user_windows", "user_items")
ASK = """
SELECT * FROM interestream.recommend_if(
    %(user)s, %(item)s, %(bits)s::bigint, %(signal)s::real, %(at)s, '{recent}', %(vectors)s::halfvec[], '{3}',
    %(interests)s, '{1}', '{4}', p_k => 10
)
"""


def fill(db: psycopg.Connection) -> None:
    add_items(db, seeded(60))
    set_window(db, "ann", "recent", seeded(1, seed=1)[0])
    set_interests(db, "ann", ["i3"])
    interact(db, "ann", "i3", "like")
    interact(db, "bob", "i5", "like")


def asked(db: psycopg.Connection, **values: object) -> dict[str, object]:
    return {
        "user": "ann",
        "item": "i8",
        "bits": 1 << ACTIONS["like"][0],
        "signal": 3.0,
        "at": LATER,
        "vectors": [text(seeded(1, seed=2)[0])],
        "interests": ["i8"],
        **values,
    }


def everything(db: psycopg.Connection) -> list[object]:
    return [
        db.execute(f"SELECT t::text FROM interestream.{table} AS t ORDER BY 1").fetchall()
        for table in TABLES
    ]


def test_it_answers_as_recommend_does_once_the_rows_are_there(shop):
    fill(shop)
    supposed = shop.execute(ASK, asked(shop)).fetchall()
    for table in ("user_windows", "users"):
        shop.execute(f"DELETE FROM interestream.{table} WHERE user_id = 'ann'")
    set_window(shop, "ann", "recent", seeded(1, seed=2)[0])
    set_interests(shop, "ann", ["i8"])
    interact(shop, "ann", "i8", "like", at=LATER)
    real = shop.execute("SELECT * FROM interestream.recommend('ann')").fetchall()
    assert len(real) == 10
    assert supposed == real


def test_nothing_is_left_and_the_answers_of_others_stay(shop):
    fill(shop)
    before = everything(shop)
    now = shop.execute("SELECT * FROM interestream.recommend('ann')").fetchall()
    supposed = shop.execute(ASK, asked(shop)).fetchall()
    assert supposed != now
    assert everything(shop) == before
    assert shop.execute("SELECT * FROM interestream.recommend('ann')").fetchall() == now


def test_a_second_action_on_an_item_is_added_to_the_first(shop):
    """A search counts no item as seen; the view before it still does."""
    fill(shop)
    interact(shop, "ann", "i9", "view")
    bits = 1 << ACTIONS["search"][0]
    rows = shop.execute(
        ASK, asked(shop, item="i9", bits=bits, signal=None, vectors=[text(seeded(60)[9])])
    ).fetchall()
    assert "i9" not in {row[1] for row in rows}


def test_a_variant_of_the_item_is_gone_as_well(shop):
    fill(shop)
    for name in ("red", "blue"):
        add_item(shop, name, seeded(1, seed=2)[0], group="shirt")
    shop.execute(
        "SELECT interestream.settle_groups(array_agg(DISTINCT group_key)) FROM interestream.items"
    )
    without = shop.execute(ASK, asked(shop)).fetchall()
    assert {"red", "blue"} & {row[1] for row in without}
    rows = shop.execute(ASK, asked(shop, item="red")).fetchall()
    assert not {"red", "blue"} & {row[1] for row in rows}


def test_a_user_of_whom_nothing_is_known_may_be_asked_about(shop):
    fill(shop)
    rows = shop.execute(ASK, asked(shop, user="nobody")).fetchall()
    assert len(rows) == 10
    assert "i8" not in {row[1] for row in rows}


@pytest.mark.parametrize("missing", ["user", "item", "at"])
def test_what_is_missing_is_told(shop, missing):
    fill(shop)
    with pytest.raises(psycopg.errors.NullValueNotAllowed):
        shop.execute(ASK, asked(shop, **{missing: None}))


def test_a_wrong_number_of_rows_is_refused_and_leaves_nothing(shop):
    fill(shop)
    before = everything(shop)
    with pytest.raises(psycopg.errors.InvalidParameterValue), shop.transaction():
        shop.execute(ASK.replace("p_k => 10", "p_k => 0"), asked(shop))
    assert everything(shop) == before
