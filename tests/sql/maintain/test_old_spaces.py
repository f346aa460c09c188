"""old_spaces(): which spaces nobody has used for long."""

from tests.sql.maintain.builders import add_old_space, written

OLD = "SELECT space_id, bundle FROM interestream.old_spaces(now() - interval '90 days')"


def test_making_writing_and_activating_a_space_are_uses_of_it(shop):
    made, filled, left_alone = (
        add_old_space(shop, name, days) for name, days in (("bb", 80), ("cc", 200), ("dd", 200))
    )
    written(shop, filled, 10)
    written(shop, left_alone, 100)
    assert shop.execute(OLD).fetchall() == [(left_alone, "mini@1")]
    shop.execute("UPDATE interestream.spaces SET created_at = now() - interval '1 year'")
    assert [space for space, _ in shop.execute(OLD)] == [made, left_alone]


def test_the_active_and_the_previous_space_are_never_old(shop):
    second, third = add_old_space(shop, "bb", 200), add_old_space(shop, "cc", 200)
    for space in (second, third):
        shop.execute("SELECT interestream.activate_space(%s)", [space])
    for table, column in (("spaces", "created_at"), ("space_activations", "activated_at")):
        shop.execute(f"UPDATE interestream.{table} SET {column} = {column} - interval '1 year'")
    # Active is the third, previous the second.
    assert [space for space, _ in shop.execute(OLD)] == [1]
    (last,) = shop.execute(
        "SELECT now() - last_used_at > interval '364 days'"
        " FROM interestream.old_spaces(now() - interval '90 days')"
    ).fetchone()
    assert last
