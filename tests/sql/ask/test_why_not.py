"""why_not(): each obstacle alone, and the agreement with what recommend() gives."""

from datetime import UTC, datetime

import psycopg
import pytest

from tests.sql.builders import (
    NOON,
    add_item,
    add_space,
    hours_ago,
    interact,
    seeded,
    set_window,
    settle_groups,
)

VECTORS = seeded(12)


def why_not(
    db: psycopg.Connection, item: str, user: str | None = None, **named: object
) -> dict[str, str]:
    arguments = "".join(f", {name} => %({name})s" for name in named)
    return dict(
        db.execute(
            f"SELECT * FROM interestream.why_not(%(item)s, %(user)s::text{arguments})",
            {"item": item, "user": user, **named},
        ).fetchall()
    )


def filtered(db: psycopg.Connection, item: str, **fields: object) -> list[str]:
    arguments = ", ".join(f"{name} => %({name})s" for name in fields)
    rows = db.execute(
        "SELECT obstacle, words FROM interestream.why_not("
        f"%(item)s, p_filter => interestream.item_filter({arguments}))",
        {"item": item, **fields},
    ).fetchall()
    assert {obstacle for obstacle, _ in rows} <= {"filtered"}
    return [words for _, words in rows]


@pytest.fixture
def stocked(shop):
    add_item(shop, "a", VECTORS[0], categories=["book"], language="en", attributes={"level": 1})
    add_item(shop, "b", VECTORS[1], title="Moon", group="g")
    add_item(shop, "c", VECTORS[2], title="Moon, paperback", group="g")
    settle_groups(shop)
    return shop


def test_nothing_stands_against_an_item_that_may_come(stocked):
    assert why_not(stocked, "a") == {}
    assert why_not(stocked, "a", "ann") == {}


def test_an_item_that_is_not_there_is_unknown_and_nothing_else(stocked):
    assert list(why_not(stocked, "nothing", "ann")) == ["unknown"]
    stocked.execute("SELECT interestream.delete_items('{a}')")
    assert "deleted for good" in why_not(stocked, "a")["unknown"]


def test_a_withdrawn_item_says_so(stocked):
    stocked.execute("UPDATE interestream.items SET available = false WHERE item_id = 'a'")
    assert list(why_not(stocked, "a")) == ["withdrawn"]


def test_an_item_without_a_vector_names_the_space(stocked):
    second = add_space(stocked, sha256="bb")
    assert why_not(stocked, "a", p_space=1) == {}
    words = why_not(stocked, "a", p_space=second)
    assert list(words) == ["no_vector"]
    assert f"in space {second}:" in words["no_vector"]


def test_a_variant_names_the_item_that_stands_for_it(stocked):
    assert why_not(stocked, "b") == {}
    assert why_not(stocked, "c") == {
        "variant": 'Another item of its group stands for it: b, "Moon".'
    }
    stocked.execute("UPDATE interestream.items SET available = false WHERE item_id = 'b'")
    settle_groups(stocked)
    assert why_not(stocked, "c") == {}


def test_a_seen_item_names_the_actions_and_when(stocked):
    interact(stocked, "ann", "a", "impression", "view", "like", at=NOON)
    assert why_not(stocked, "a", "ann") == {
        "seen": "The user has seen it: view, like, last on 2026-03-01 12:00 UTC."
    }
    assert why_not(stocked, "a", "bob") == {}


def test_an_impression_is_no_obstacle(stocked):
    interact(stocked, "ann", "a", "impression")
    assert why_not(stocked, "a", "ann") == {}


def test_a_disliked_item_says_since_when(stocked):
    interact(stocked, "ann", "a", signal=-1.0)
    assert why_not(stocked, "a", "ann") == {
        "disliked": "The user dislikes it since 2026-03-01 12:00 UTC."
    }
    interact(stocked, "bob", "a", "dislike")
    assert list(why_not(stocked, "a", "bob")) == ["seen", "disliked"]


def test_a_group_that_the_user_has_seen_names_the_variant(stocked):
    interact(stocked, "ann", "c", "view")
    assert why_not(stocked, "b", "ann") == {
        "seen_variant": "The user has seen or dislikes another item of its group: c,"
        ' "Moon, paperback".'
    }


def test_an_excluded_item_and_its_variants_say_so(stocked):
    assert list(why_not(stocked, "a", p_exclude=["a"])) == ["excluded"]
    assert list(why_not(stocked, "b", p_exclude=["c"])) == ["excluded"]
    assert why_not(stocked, "b", p_exclude=["a"]) == {}


def test_each_condition_of_a_filter_has_a_sentence(stocked):
    stocked.execute("SET LOCAL TimeZone = 'UTC'")
    late = datetime(2030, 1, 1, tzinfo=UTC)
    stocked.execute("UPDATE interestream.items SET published_at = %s WHERE item_id = 'a'", [NOON])
    assert filtered(stocked, "a", p_categories=["book"], p_languages=["en"]) == []
    assert filtered(
        stocked,
        "a",
        p_categories=["film", "game"],
        p_languages=["de", "fr"],
        p_attributes='{"level": 2}',
        p_published_after=late,
    ) == [
        "It does not pass the filter: category film or game.",
        "It does not pass the filter: language de or fr.",
        "It does not pass the filter: published from 2030-01-01 00:00:00+00 on.",
        "It does not pass the filter: level 2.",
    ]


def test_an_item_of_unknown_language_and_time_fails_these_filters(stocked):
    stocked.execute("SET LOCAL TimeZone = 'UTC'")
    assert filtered(stocked, "b", p_languages=["de"], p_published_after=NOON) == [
        "It does not pass the filter: language de.",
        "It does not pass the filter: published from 2026-03-01 12:00:00+00 on.",
    ]


def test_a_filter_says_of_a_withdrawn_item_what_it_fails_besides(stocked):
    stocked.execute("UPDATE interestream.items SET available = false WHERE item_id = 'a'")
    found = stocked.execute(
        "SELECT obstacle FROM interestream.why_not("
        "'a', p_filter => interestream.item_filter('{film}', '{en}'))"
    ).fetchall()
    assert found == [("withdrawn",), ("filtered",)]


def test_ranges_and_exclusions_are_named_as_conditions(stocked):
    found = filtered(
        stocked,
        "a",
        p_ranges='{"level": {"above": 1}, "pages": {"min": 2}}',
        p_not_categories=["book"],
        p_not_words=["a", "nowhere"],
        p_types=["book"],
    )
    assert found == [
        f"It does not pass the filter: {condition}."
        for condition in (
            "level above 1",
            "pages from 2",
            "not in category book",
            "without the word a or nowhere",
        )
    ]


def test_an_item_that_a_rule_lets_come_again_is_not_seen(stocked):
    interact(stocked, "ann", "a", "view", at=hours_ago(48))
    interact(stocked, "ann", "c", "view", at=hours_ago(48))
    interact(stocked, "bob", "b", "view", at=NOON)
    assert list(why_not(stocked, "a", "ann")) == ["seen"]
    assert "seen_variant" in why_not(stocked, "b", "ann")
    stocked.execute("INSERT INTO interestream.repeat_rules VALUES ('view', '*', 1)")
    assert why_not(stocked, "a", "ann") == {}
    assert why_not(stocked, "b", "ann") == {}


def test_recommend_gives_what_has_no_obstacle_and_nothing_else(stocked):
    """Of four items that may come all do when four are asked for."""
    for number, item in enumerate("defgh", start=3):
        add_item(stocked, item, VECTORS[number], available=item != "e")
    add_item(stocked, "z")  # without a vector
    set_window(stocked, "ann", "recent", VECTORS[11])
    interact(stocked, "ann", "f", "view")
    interact(stocked, "ann", "g", signal=-2.0)
    given = {
        item for (item,) in stocked.execute("SELECT item_id FROM interestream.recommend('ann', 4)")
    }
    items = [item for (item,) in stocked.execute("SELECT item_id FROM interestream.items")]
    assert given == {item for item in items if not why_not(stocked, item, "ann")}
    assert given == {"a", "b", "d", "h"}


def test_no_item_is_a_clear_error(stocked):
    with pytest.raises(psycopg.errors.NullValueNotAllowed):
        stocked.execute("SELECT interestream.why_not(NULL)")
