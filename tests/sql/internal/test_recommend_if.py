"""recommend_if(): the answer of recommend() for rows that leave no trace."""

from datetime import timedelta

import psycopg
import pytest
from psycopg.types.json import Jsonb

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
    %(user)s, %(item)s, %(bits)s::bigint, %(signal)s::real, %(at)s,
    '{recent}', %(vectors)s::halfvec[], '{3}', %(interests)s, '{1}', '{4}', p_k => 10
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


def test_in_an_experiment_it_has_the_variant_of_the_user(shop):
    fill(shop)
    shop.execute(
        "SELECT interestream.start_experiment('much', %s)",
        [
            Jsonb(
                [
                    {"variant": "usual", "share": 0.5},
                    {"variant": "diverse", "share": 0.3, "diversity": 0.9},
                ]
            )
        ],
    )
    seen = set()
    for number in range(12):
        user = f"user{number}"
        of_user = shop.execute(
            "SELECT v.variant FROM interestream.user_variant(%s) AS v", [user]
        ).fetchone()
        rows = shop.execute(ASK, asked(shop, user=user)).fetchall()
        expected = f"much/{of_user[0]}" if of_user else None
        assert {row[11].get("variant") for row in rows} == {expected}
        seen.add(of_user)
    assert len(seen) == 3


def test_what_was_shown_to_the_user_counts(shop):
    """An item that was shown 16 times and never clicked sinks, as it does for the user."""
    fill(shop)
    first = shop.execute(ASK, asked(shop)).fetchall()
    shop.execute(
        "INSERT INTO interestream.shown_items (user_id, item_id, shown_at)"
        " SELECT 'ann', %s, array_agg(%s - n * interval '1 hour' ORDER BY n)"
        " FROM generate_series(1, 16) AS n",
        [first[0][1], NOON],
    )
    shown = shop.execute(ASK, asked(shop)).fetchall()
    parts = {row[1]: row[11]["score"]["shown"] for row in shown}
    assert first[0][11]["score"]["shown"] == 0
    assert first[0][1] not in parts or parts[first[0][1]] < 0
    assert shown[0][1] != first[0][1]
