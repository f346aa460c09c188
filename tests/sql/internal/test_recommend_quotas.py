"""recommend() with quotas, against the nearest items of each type in numpy."""

import numpy as np
import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql.builders import (
    add_item,
    interact,
    seeded,
    set_source_weights,
    set_window,
    settle_groups,
)

N = 240
QUERY = seeded(1, seed=9)[0]


@pytest.fixture
def types(shop: psycopg.Connection) -> dict[str, str]:
    """Of each item its type: products, a tenth courses, and three articles far from ann."""
    vectors = seeded(N)
    far = np.argsort(vectors @ QUERY)[:3]
    found = {}
    for number, vector in enumerate(vectors):
        item = f"i{number}"
        found[item] = "article" if number in far else "course" if number % 10 == 0 else "product"
        add_item(shop, item, vector, attributes={"type": found[item]}, categories=["x"])
    set_source_weights(shop, text=1.0)
    set_window(shop, "ann", "recent", QUERY)
    for number in range(0, N, 7):
        if f"i{number}" not in {f"i{each}" for each in far}:
            interact(shop, "ann", f"i{number}", "view")
    return found


def expected(types, quotas, k):
    """Ids by cosine: the nearest of each type, and the nearest of other types."""
    cosines = seeded(N) @ QUERY
    far = [item for item, kind in types.items() if kind == "article"]
    seen = {f"i{number}" for number in range(0, N, 7)} - set(far)
    order = [f"i{n}" for n in np.argsort(-cosines) if f"i{n}" not in seen]
    chosen = [
        item
        for kind, quota in quotas.items()
        for item in [item for item in order if types[item] == kind][:quota]
    ]
    others = [item for item in order if types[item] not in quotas]
    chosen += others[: k - len(chosen)]
    return sorted(chosen, key=order.index)


def asked(db, k, quotas, user="ann", **more):
    named = "".join(f", {name} => {value}" for name, value in more.items())
    rows = db.execute(
        f"SELECT rank, item_id, score FROM interestream.recommend(%s, %s, p_diversity => 0,"
        f" p_quotas => %s{named})",
        [user, k, Jsonb(quotas)],
    ).fetchall()
    assert [rank for rank, *_ in rows] == list(range(1, len(rows) + 1))
    return [item for _, item, _ in rows]


def test_each_type_has_its_nearest_items_and_others_the_rest(shop, types):
    for quotas, k in [
        ({"course": 2, "article": 1}, 10),
        ({"course": 2, "article": 1}, 3),
        ({"course": 0}, 12),
        ({"article": 8}, 20),
        ({"none such": 4, "course": 1}, 10),
        ({"product": 2, "course": 3, "article": 2}, 50),
    ]:
        assert asked(shop, k, quotas) == expected(types, quotas, k), quotas
    # Nothing but the quotas is left: two, three and two.
    assert len(asked(shop, 50, {"product": 2, "course": 3, "article": 2})) == 7


def test_no_quotas_change_nothing(shop, types):
    assert asked(shop, 20, {}) == expected(types, {}, 20)


def test_a_longer_list_has_all_rows_of_the_shorter_one(shop, types):
    quotas = {"course": 2, "article": 1}
    assert set(asked(shop, 10, quotas)) <= set(asked(shop, 20, quotas))


def test_a_filter_and_excluded_items_count_as_well(shop, types):
    quotas = {"course": 2, "article": 1}
    (course,) = [i for i in asked(shop, 10, quotas) if types[i] == "course"][:1]
    found = asked(shop, 10, quotas, p_exclude=f"'{{{course}}}'")
    assert course not in found
    assert [types[item] for item in found].count("course") == 2
    only = "interestream.item_filter(p_types => '{course,product}')"
    found = asked(shop, 10, quotas, p_filter=only)
    assert sorted(types[item] for item in found) == ["course"] * 2 + ["product"] * 8


def test_a_user_whom_nobody_knows_gets_quotas_too(shop, types):
    found = [types[item] for item in asked(shop, 10, {"course": 2, "article": 1}, user="nobody")]
    assert sorted(found) == ["article"] + ["course"] * 2 + ["product"] * 7


def test_variants_of_two_types_take_one_place(shop, types):
    for kind in ("course", "article"):
        add_item(shop, f"both {kind}", QUERY, group="g", attributes={"type": kind})
    settle_groups(shop)
    found = asked(shop, 10, {"course": 2, "article": 2})
    assert len([item for item in found if item.startswith("both")]) == 1


def test_each_of_several_users_has_the_quotas(shop, types):
    set_window(shop, "bob", "recent", seeded(1, seed=10)[0])
    rows = shop.execute(
        "SELECT user_id, rank, item_id FROM interestream.recommend_many('{bob,ann}', 5,"
        """ p_diversity => 0, p_quotas => '{"course": 2}')"""
    ).fetchall()
    assert [(user, rank) for user, rank, _ in rows] == [
        (user, rank) for user in ("bob", "ann") for rank in range(1, 6)
    ]
    for user in ("ann", "bob"):
        own = [item for name, _, item in rows if name == user]
        assert [types[item] for item in own].count("course") == 2
    assert own != [item for name, _, item in rows if name == "ann"]


def test_lists_are_merged_by_score_without_leaving_their_order(shop, types):
    """With diversity a list is not in the order of scores; each type keeps its own order."""
    quotas = {"course": 5, "article": 2}
    query = "SELECT item_id FROM interestream.recommend('ann', {}, p_diversity => 0.8, {})"
    whole = [
        item
        for (item,) in shop.execute(
            query.format(20, """p_quotas => '{"course": 5, "article": 2}'""")
        ).fetchall()
    ]
    for kind, quota in quotas.items():
        wanted = f"p_filter => interestream.item_filter(p_types => '{{{kind}}}')"
        alone = [item for (item,) in shop.execute(query.format(quota, wanted)).fetchall()]
        assert [item for item in whole if types[item] == kind] == alone
