"""trending(): decayed attention, against the closed form."""

import psycopg
import pytest

from tests.sql.builders import NOON, add_item, hours_ago, interact


def trending(db, **named):
    arguments = ", ".join(f"{name} => %({name})s" for name in named)
    cursor = db.cursor(row_factory=psycopg.rows.dict_row)
    return cursor.execute(f"SELECT * FROM interestream.trending({arguments})", named).fetchall()


@pytest.fixture
def busy(shop):
    for item in "abcd":
        add_item(shop, item, categories=["first"] if item in "ab" else ["last"])
    interact(shop, "ann", "a", "like", at=hours_ago(7 * 24))  # signal 3
    interact(shop, "bob", "b", "view", at=NOON)  # signal 1
    interact(shop, "bob", "c", "impression", at=NOON)
    interact(shop, "bob", "d", "dislike", at=hours_ago(7 * 24))  # signal -3
    return shop


def test_attention_halves_with_every_half_life(busy):
    rows = trending(busy)
    expected = {"a": (3 + 0.1) / 2, "b": 1 + 0.1, "c": 0.1, "d": 0.1 / 2}
    assert [row["item_id"] for row in rows] == sorted(
        expected, key=expected.__getitem__, reverse=True
    )
    for row in rows:
        assert row["score"] == pytest.approx(expected[row["item_id"]], rel=1e-5)
        assert row["as_of"] == NOON
        assert row["interactions"] == 1
    assert [row["rank"] for row in rows] == [1, 2, 3, 4]


def test_a_short_half_life_prefers_what_is_new(busy):
    assert trending(busy, p_half_life="1 day")[0]["item_id"] == "b"


def test_an_earlier_time_does_not_know_what_came_later(busy):
    rows = trending(busy, p_as_of=hours_ago(1))
    assert {row["item_id"] for row in rows} == {"a", "d"}


def test_only_the_newest_rows_count(busy):
    assert {row["item_id"] for row in trending(busy, p_rows=2)} == {"b", "c"}


def test_a_category_and_k_narrow_the_answer(busy):
    assert [row["item_id"] for row in trending(busy, p_category="last")] == ["c", "d"]
    assert [row["item_id"] for row in trending(busy, p_k=1)] == ["a"]


def test_withdrawn_items_do_not_take_a_place(busy):
    busy.execute("UPDATE interestream.items SET available = false WHERE item_id = 'a'")
    assert [row["item_id"] for row in trending(busy, p_k=1)] == ["b"]


def test_events_from_the_future_wait_for_their_time(busy):
    busy.execute(
        "UPDATE interestream.user_items SET last_at = now() + interval '1 day' WHERE item_id = 'a'"
    )
    assert {row["item_id"] for row in trending(busy)} == {"b", "c", "d"}


def test_there_is_an_answer_even_if_everything_is_in_the_future(busy):
    busy.execute("UPDATE interestream.user_items SET last_at = now() + interval '1 day'")
    assert len(trending(busy)) == 4


def test_nothing_happened_is_no_row(shop):
    assert trending(shop) == []


@pytest.mark.parametrize("named", [{"p_k": 0}, {"p_half_life": "0"}, {"p_half_life": None}])
def test_what_cannot_be_answered_is_a_clear_error(busy, named):
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        trending(busy, **named)
