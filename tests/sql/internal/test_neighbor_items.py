"""neighbor_items(): neighbours of what a user liked last, against the same in numpy."""

import random

import pytest

from tests.sql.builders import NOON, add_item, hours_ago, interact

DAY_S = 86_400.0


def set_neighbors(db, item, neighbors, interactions, *, as_of=NOON, half_life_s=365 * DAY_S):
    """A row of `item_neighbors`; `neighbors` maps ids to strengths."""
    strongest = sorted(neighbors, key=lambda other: -neighbors[other])
    db.execute(
        "INSERT INTO interestream.item_neighbors VALUES (1, %s, %s, %s, %s, %s, %s, 1, 1)",
        [
            item,
            strongest,
            [neighbors[other] for other in strongest],
            interactions,
            as_of,
            half_life_s,
        ],
    )


def neighbors_of(db, user="ann", limit=200, *, passing="NULL", exclude=None):
    return db.execute(
        f"SELECT * FROM interestream.neighbor_items(1, %s, %s, {passing}, %s::text[])",
        [user, limit, exclude],
    ).fetchall()


def test_strengths_are_those_of_the_formula(shop):
    rng = random.Random(3)
    ids = [f"i{number:02d}" for number in range(60)]
    counts = {item: float(rng.randint(1, 30)) for item in ids}
    rules = {
        item: {other: round(rng.uniform(0.5, 20), 2) for other in rng.sample(ids, 12)}
        for item in ids
    }
    ages_d = {item: rng.choice([0.0, 30.0, 365.0]) for item in ids}
    for item in ids:
        add_item(shop, item)
        set_neighbors(shop, item, rules[item], counts[item], as_of=hours_ago(24 * ages_d[item]))
    liked = rng.sample(ids, 25)
    for place, item in enumerate(liked):
        interact(shop, "ann", item, "like", at=hours_ago(place))
    newest_d = min(ages_d[item] for item in liked[:20])
    decay = {item: 2 ** (-(ages_d[item] - newest_d) / 365) for item in ids}
    expected: dict[str, float] = {}
    for rank, item in enumerate(liked[:20]):
        for other, strength in rules[item].items():
            added = strength * decay[item] * (counts[item] * decay[item]) ** -0.5
            expected[other] = expected.get(other, 0.0) + 2 ** (-rank / 3) * added
    expected = {
        item: strength * (counts[item] * decay[item]) ** -0.25
        for item, strength in expected.items()
        if item not in liked
    }
    found = {item: strength for item, strength, *_ in neighbors_of(shop)}
    assert found == pytest.approx(expected, rel=1e-5)
    order = [item for item, *_ in neighbors_of(shop)]
    assert order == sorted(expected, key=lambda item: -expected[item])
    assert [item for item, *_ in neighbors_of(shop, limit=5)] == order[:5]


def test_the_liked_item_that_adds_most_is_named(shop):
    for item in "abx":
        add_item(shop, item)
    set_neighbors(shop, "a", {"x": 5.0}, 1.0)
    set_neighbors(shop, "b", {"x": 1.0}, 1.0)
    set_neighbors(shop, "x", {}, 1.0)
    interact(shop, "ann", "b", "like", at=hours_ago(1))
    interact(shop, "ann", "a", "like", at=hours_ago(2))
    assert [(item, liked) for item, _, liked, *_ in neighbors_of(shop)] == [("x", "a")]


def test_seen_disliked_excluded_withdrawn_and_filtered_items_are_left_out(shop):
    names = ["seen", "disliked", "withdrawn", "film", "excluded", "left"]
    for item in names:
        add_item(
            shop,
            item,
            available=item != "withdrawn",
            categories=["film" if item == "film" else "book"],
        )
        set_neighbors(shop, item, {}, 1.0)
    add_item(shop, "liked")
    set_neighbors(shop, "liked", dict.fromkeys(names, 1.0), 1.0)
    interact(shop, "ann", "liked", "like")
    interact(shop, "ann", "seen", "view")
    interact(shop, "ann", "disliked", "dislike")
    passing = "interestream.item_filter(ARRAY['book'])"
    found = neighbors_of(shop, passing=passing, exclude=["excluded"])
    assert [item for item, *_ in found] == ["left"]


def test_somebody_who_liked_nothing_has_none(shop):
    add_item(shop, "a")
    set_neighbors(shop, "a", {"a": 1.0}, 1.0)
    assert neighbors_of(shop, "nobody") == []


def test_the_strength_of_bought_items_is_told_apart(shop):
    shop.execute("INSERT INTO interestream.buying_actions VALUES ('like')")
    for item in ("bought", "viewed", "x", "y"):
        add_item(shop, item)
    set_neighbors(shop, "viewed", {"x": 3.0, "y": 2.0}, 1.0)
    set_neighbors(shop, "bought", {"x": 4.0}, 1.0)
    for item in "xy":
        set_neighbors(shop, item, {}, 1.0)
    interact(shop, "ann", "viewed", "view", at=hours_ago(1))
    interact(shop, "ann", "bought", "like", at=hours_ago(2))
    found = {item: (strength, bought) for item, strength, _, _, bought in neighbors_of(shop)}
    second = 2 ** (-1 / 3)
    assert found["x"] == pytest.approx((3 + 4 * second, 4 * second))
    assert found["y"] == pytest.approx((2, 0))
