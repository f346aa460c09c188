"""Pages through p_exclude: no item comes twice, whatever moves between the pages."""

import numpy as np
import pytest

from tests.sql.builders import add_item, add_items, interact, seeded, set_window, unit

PAGE = "SELECT item_id FROM interestream.{call}, p_exclude => %s)"


def page(db, call, shown):
    return [item for (item,) in db.execute(PAGE.format(call=call), [shown]).fetchall()]


@pytest.mark.parametrize(
    "call",
    [
        "recommend('ann', 10",
        "recommend('nobody', 10",
        "recommend_more_like('i0', 'ann', 10",
        "search_items(ARRAY[1,0,0,0,0,0,0,0], 10",
    ],
)
def test_pages_never_repeat_though_everything_moves(shop, call):
    vectors = seeded(100)
    add_items(shop, vectors)
    set_window(shop, "ann", "recent", vectors[0])
    rng = np.random.default_rng(0)
    shown: list[str] = []
    for number in range(6):
        found = page(shop, call, shown)
        assert len(found) == 10
        assert not set(found) & set(shown)
        shown += found
        # The user turns elsewhere, sees something of the page, others like an item of it, new
        # items come in and old ones go.
        shop.execute("DELETE FROM interestream.user_windows")
        set_window(shop, "ann", "recent", vectors[int(rng.integers(100))])
        interact(shop, "ann", found[0], "view")
        interact(shop, f"bob{number}", found[1], "like")
        add_item(shop, f"new{number}", unit(vectors[number] + 0.01))
        shop.execute(
            "UPDATE interestream.items SET available = false WHERE item_id = %s", [found[2]]
        )


def test_pages_end_when_nothing_is_left(shop):
    add_items(shop, seeded(25))
    set_window(shop, "ann", "recent", seeded(1)[0])
    shown: list[str] = []
    sizes = []
    for _ in range(4):
        found = page(shop, "recommend('ann', 10", shown)
        sizes.append(len(found))
        shown += found
    assert sizes == [10, 10, 5, 0]
    assert len(set(shown)) == 25


def test_the_second_page_goes_on_where_the_first_ended(shop):
    add_items(shop, seeded(60))
    set_window(shop, "ann", "recent", seeded(1, seed=4)[0])
    call = "recommend('ann', 10, p_diversity => 0"
    first = page(shop, call, [])
    second = page(shop, call, first)
    both = page(shop, "recommend('ann', 20, p_diversity => 0", [])
    assert first + second == both
