"""recommend_interleaved(): both variants in one list, each row with its team."""

from tests.sql.builders import add_item, seeded, set_window, settle_groups
from tests.sql.experiments import BOLD, PLAIN, start, variant_of
from tests.sql.internal.test_recommend_variants import USERS, crowd, ids  # noqa: F401
from tests.sql.internal.test_team_draft import by_hand


def rows_of(db, user, k=6):
    return db.execute(
        "SELECT item_id, parts ->> 'variant' FROM interestream.recommend(%s, %s) ORDER BY rank",
        [user, k],
    ).fetchall()


def test_the_list_is_a_draft_of_both_lists(crowd):  # noqa: F811
    lists = {
        user: [
            ids(crowd, f"recommend('{user}', 6, p_diversity => {diversity})")
            for diversity in (0.3, 1)
        ]
        for user in USERS[:6]
    }
    start(crowd, PLAIN, BOLD, kind="interleaving")
    for user, (plain, bold) in lists.items():
        names = {1: "trial/plain", 2: "trial/bold"}
        expected = [(item, names[team]) for item, team in by_hand(plain, bold, 6, f"trial:{user}")]
        assert rows_of(crowd, user) == expected


def test_a_longer_list_begins_like_a_shorter_one(crowd):  # noqa: F811
    start(crowd, PLAIN, BOLD, kind="interleaving")
    assert rows_of(crowd, "user1", 12)[:6] == rows_of(crowd, "user1", 6)


def test_who_is_outside_of_the_shares_gets_one_list(crowd):  # noqa: F811
    start(crowd, PLAIN | {"share": 0.2}, BOLD | {"share": 0.2}, kind="interleaving")
    asked = {user: rows_of(crowd, user) for user in USERS}
    inside = {
        user
        for user in USERS
        if crowd.execute("SELECT FROM interestream.user_variant(%s)", [user]).fetchall()
    }
    assert 0 < len(inside) < len(USERS)
    for user, rows in asked.items():
        named = {variant for _, variant in rows}
        assert named == ({"trial/plain", "trial/bold"} if user in inside else {None})
        assert variant_of(crowd, user) is None


def test_of_a_group_one_item_alone_is_in_the_list(shop):
    vectors = seeded(30)
    for number, vector in enumerate(vectors):
        add_item(shop, f"i{number}", vector, group=f"g{number // 2}")
    settle_groups(shop)
    set_window(shop, "ann", "recent", seeded(1, seed=1)[0])
    start(shop, PLAIN, BOLD, kind="interleaving")
    items = [int(item[1:]) // 2 for item, _ in rows_of(shop, "ann", 12)]
    assert len(items) == len(set(items)) == 12
