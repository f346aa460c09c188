"""counts_as_seen(): seen or disliked, unless a rule lets the item come again."""

from tests.sql.builders import add_item, hours_ago, interact


def seen(db, item, *, rules):
    return db.execute(
        "SELECT interestream.counts_as_seen(u, interestream.seen_mask(), %s)"
        " FROM interestream.user_items AS u WHERE u.item_id = %s",
        [rules, item],
    ).fetchone()[0]


def test_what_was_seen_or_disliked_counts_and_a_rule_frees_what_was_seen(shop):
    for item in ("viewed", "shown", "disliked", "newest"):
        add_item(shop, item)
    interact(shop, "ann", "viewed", "view", at=hours_ago(48))
    interact(shop, "ann", "shown", "impression", at=hours_ago(48))
    interact(shop, "ann", "disliked", "dislike", at=hours_ago(48))
    interact(shop, "bob", "newest", "view")
    assert [bool(seen(shop, i, rules=False)) for i in ("viewed", "shown", "disliked")] == [
        True,
        False,
        True,
    ]
    shop.execute("INSERT INTO interestream.repeat_rules VALUES ('*', '*', 1)")
    assert [bool(seen(shop, i, rules=True)) for i in ("viewed", "shown", "disliked")] == [
        False,
        False,
        True,
    ]


def test_postgres_writes_it_into_the_statement(shop):
    plan = shop.execute(
        "EXPLAIN (VERBOSE) SELECT FROM interestream.user_items AS u"
        " WHERE interestream.counts_as_seen(u, 1, false)"
    ).fetchall()
    text = " ".join(line for (line,) in plan)
    assert "counts_as_seen" not in text
    assert "seen_by_rules" not in text
