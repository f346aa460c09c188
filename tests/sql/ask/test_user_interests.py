"""user_interests(): what a user is interested in, in words."""

import numpy as np
import psycopg
import pytest

from tests.sql.builders import (
    NOON,
    add_item,
    add_topic,
    set_interests,
    set_window,
    speak,
    text,
    unit,
)

AXES = np.eye(8, dtype=np.float32)


def interests(db, user="ann", **named):
    arguments = "".join(f", {name} => %({name})s" for name in named)
    cursor = db.cursor(row_factory=psycopg.rows.dict_row)
    return cursor.execute(
        f"SELECT * FROM interestream.user_interests(%(user)s{arguments})", {"user": user, **named}
    ).fetchall()


@pytest.fixture
def known(shop):
    add_item(shop, "s1", AXES[0], title="Stars", categories=["space", "films"])
    add_item(shop, "s2", unit(AXES[0] + 0.1 * AXES[3]), title="Planets", categories=["space"])
    add_item(shop, "c1", AXES[1], title="Soup", categories=["cooking"])
    set_window(shop, "ann", "month", AXES[1])
    set_window(shop, "ann", "recent", AXES[0])
    set_window(shop, "ann", "dislikes", AXES[1])
    set_interests(shop, "ann", ["s1", "c1"], [0.75, 0.25])
    return shop


def test_windows_come_first_then_interests_then_dislikes(known):
    rows = interests(known)
    assert [(row["kind"], row["rank"]) for row in rows] == [
        ("recent", 1),
        ("month", 1),
        ("interest", 1),
        ("interest", 2),
        ("dislikes", 1),
    ]
    assert {row["as_of"] for row in rows} == {NOON}


def test_a_window_is_labelled_by_its_nearest_items_and_their_categories(known):
    row = interests(known, p_titles=1)[0]
    assert row["label"] == "Stars"
    assert row["titles"] == ["Stars"]
    assert row["categories"] == ["space", "films"]
    assert row["share"] == pytest.approx(0.5 / (0.5 + 0.1))
    assert row["size"] is None


def test_an_interest_is_labelled_by_its_medoid(known):
    row = interests(known)[2]
    assert row["label"] == "Stars"
    assert row["titles"][0] == "Planets"
    assert "Stars" not in row["titles"]
    assert row["share"] == 0.75
    assert row["size"] == 4


def test_dislikes_have_no_share(known):
    assert interests(known)[-1]["share"] is None


def test_a_medoid_that_was_withdrawn_keeps_its_label(known):
    known.execute("UPDATE interestream.items SET available = false WHERE item_id = 's1'")
    assert interests(known)[2]["label"] == "Stars"


def test_an_unknown_user_has_no_rows(known):
    assert interests(known, "nobody") == []


def test_no_user_is_a_clear_error(known):
    with pytest.raises(psycopg.errors.NullValueNotAllowed):
        interests(known, None)


def test_topics_stand_between_interests_and_dislikes_and_name_every_row(known):
    known.execute("INSERT INTO interestream.topics VALUES ('astronomy', '{stars}')")
    known.execute(
        "INSERT INTO interestream.topic_vectors VALUES (1, 'astronomy', %s::halfvec, 'sha')",
        [text(AXES[0])],
    )
    set_window(known, "ann", "topics", AXES[0])
    rows = interests(known)
    assert [(row["kind"], row["label"], row["topic"]) for row in rows] == [
        ("recent", "Stars", "astronomy"),
        ("month", "Soup", None),
        ("interest", "Stars", "astronomy"),
        ("interest", "Soup", None),
        ("topic", "astronomy", "astronomy"),
        ("topic", "other", None),
        ("dislikes", "Soup", None),
    ]
    assert rows[4]["share"] + rows[5]["share"] == pytest.approx(1)
    assert rows[0]["share"] == pytest.approx(0.5 / (0.5 + 0.1))


def test_topics_are_named_in_the_language_that_is_asked_for(known):
    add_topic(known, "science and space", AXES[0])
    speak(known, "zh")
    rows = interests(known)
    assert [(row["label"], row["topic"]) for row in rows if row["kind"] == "topic"] == [
        ("科学与太空", "科学与太空"),
        ("其他", None),
    ]
    assert rows[0]["topic"] == "科学与太空"
