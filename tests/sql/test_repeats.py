"""Seen items that a rule lets come again, in every answer."""

from collections.abc import Callable

import numpy as np
import psycopg
import pytest

from tests.sql.builders import (
    NOON,
    add_item,
    hours_ago,
    interact,
    seeded,
    set_source_weights,
    set_window,
    settle_groups,
)

N = 60
QUERY = seeded(1, seed=9)[0]


@pytest.fixture
def touched(shop):
    """What ann did: {item: (action, days ago)}; every third item is food."""
    rng = np.random.default_rng(2)
    found = {}
    for number, vector in enumerate(seeded(N)):
        kind = "food" if number % 3 == 0 else "book"
        add_item(shop, f"i{number}", vector, attributes={"type": kind})
        if number % 2:
            action = ["view", "like", "dislike"][int(rng.integers(3))]
            found[f"i{number}"] = (action, int(rng.integers(1, 60)))
            interact(shop, "ann", f"i{number}", action, at=hours_ago(24 * found[f"i{number}"][1]))
    interact(shop, "bob", "i0", "view", at=NOON)
    set_source_weights(shop, text=1.0)
    set_window(shop, "ann", "recent", QUERY)
    return found


def answers(db, exact):
    """Items of each answer for ann; `exact` are the calls that give all there is, nearest first."""
    calls = {
        "recommend": "recommend('ann', 100, p_diversity => 0)",
        "search": "search_items(%(query)s::real[], 100, 'ann', p_personal => 0)",
    }
    return [
        [
            item
            for (item,) in db.execute(
                f"SELECT item_id FROM interestream.{call} ORDER BY rank", {"query": QUERY.tolist()}
            ).fetchall()
        ]
        for name, call in calls.items()
        if name in exact
    ]


def expected(touched, comes_again):
    order = [f"i{n}" for n in np.argsort(-(seeded(N) @ QUERY))]
    return [i for i in order if i not in touched or comes_again(i, *touched[i])]


def is_food(item):
    return int(item[1:]) % 3 == 0


Rule = tuple[str, str, float | None]
CASES: list[tuple[list[Rule], Callable[[str, str, int], bool]]] = [
    ([], lambda *_: False),
    ([("like", "food", 20)], lambda i, a, days: a == "like" and is_food(i) and days >= 20),
    ([("*", "food", 0)], lambda i, a, _: a != "dislike" and is_food(i)),
    (
        [("view", "*", 30), ("view", "food", None)],
        lambda i, a, days: a == "view" and not is_food(i) and days >= 30,
    ),
]


def test_only_what_a_rule_is_about_comes_again_after_its_days(shop, touched):
    for rules, comes_again in CASES:
        shop.execute("DELETE FROM interestream.repeat_rules")
        for rule in rules:
            shop.execute("INSERT INTO interestream.repeat_rules VALUES (%s, %s, %s)", rule)
        wanted = expected(touched, comes_again)
        assert (len(wanted) > N - len(touched)) == bool(rules)
        for found in answers(shop, ("recommend", "search")):
            assert found == wanted, rules
    # The unknown user's way, of what has no vector: popular, trending and new.
    shop.execute("DELETE FROM interestream.user_windows")
    (found,) = answers(shop, ("recommend",))
    assert sorted(found) == sorted(wanted)


def test_a_rule_is_about_an_action_that_exists(shop):
    with (
        pytest.raises(psycopg.errors.ForeignKeyViolation) as caught,
        shop.transaction(),
    ):
        shop.execute("INSERT INTO interestream.repeat_rules VALUES ('vieww', '*', 30)")
    assert caught.value.diag.message_detail == (
        'Key (named_action)=(vieww) is not present in table "actions".'
    )
    shop.execute("INSERT INTO interestream.repeat_rules VALUES ('view', '*', 30), ('*', 'x', 1)")


def test_a_variant_comes_again_with_the_one_that_was_seen(shop):
    for item in ("a", "b"):
        add_item(shop, item, QUERY, group="g", attributes={"type": "food"})
    add_item(shop, "other", seeded(1)[0])
    settle_groups(shop)
    interact(shop, "ann", "a", "like", at=hours_ago(24 * 40))
    interact(shop, "bob", "other", "view", at=NOON)
    set_window(shop, "ann", "recent", QUERY)
    recommended = "SELECT item_id FROM interestream.recommend('ann')"
    assert shop.execute(recommended).fetchall() == [("other",)]
    shop.execute("INSERT INTO interestream.repeat_rules VALUES ('like', 'food', 30)")
    found = shop.execute(recommended).fetchall()
    assert sorted(found) == [("a",), ("other",)]
