"""Items of one group take one place in every answer, and one that was seen stands for all."""

from collections import Counter

import numpy as np
import psycopg
import pytest

from tests.sql.builders import (
    add_item,
    add_items,
    add_vector,
    copy_items,
    hours_ago,
    interact,
    seeded,
    set_interests,
    set_window,
    settle_groups,
    unit,
)

AXES = np.eye(8, dtype=np.float32)
FILTERS = ["NULL", "interestream.item_filter('{x}')"]


def asked(db, call):
    """(item_id, title) of an answer, by rank."""
    return db.execute(f"SELECT item_id, title FROM interestream.{call} ORDER BY rank").fetchall()


def recommended(db, k=10, user="ann", filter_="NULL", diversity=0.3, exclude="NULL"):
    return asked(
        db,
        f"recommend('{user}', {k}, p_diversity => {diversity}, p_filter => {filter_},"
        f" p_exclude => {exclude})",
    )


def most_frequent(rows):
    return max(Counter(title for _, title in rows).values())


def fill(db: psycopg.Connection, copies: int, others: int) -> None:
    """So many copies of the item that is nearest to ann, and others that lie farther away."""
    for number in range(copies):
        add_item(db, f"copy{number:03}", AXES[0], title="Copy", categories=["x"])
    for number, vector in enumerate(seeded(others)):
        add_item(db, f"other{number:03}", unit(vector + 0.3 * AXES[0]), categories=["x"])
    set_window(db, "ann", "recent", AXES[0])
    settle_groups(db)


@pytest.mark.parametrize("filter_", FILTERS)
@pytest.mark.parametrize("diversity", [0, 0.3, 1])
@pytest.mark.parametrize("copies", [12, 150])
def test_copies_take_one_place(shop, copies, diversity, filter_):
    fill(shop, copies, 30)
    rows = recommended(shop, filter_=filter_, diversity=diversity)
    assert len(rows) == 10
    assert rows[0] == ("copy000", "Copy")
    assert most_frequent(rows) == 1


@pytest.mark.parametrize("filter_", FILTERS)
@pytest.mark.parametrize("user", ["ann", "nobody"])
def test_what_fills_the_last_places_is_no_copy_either(shop, user, filter_):
    fill(shop, 150, 4)
    for number in range(150):  # without vectors
        add_item(shop, f"new{number:03}", title="New", published_at=hours_ago(1), categories=["x"])
    settle_groups(shop)
    interact(shop, "bob", "copy007", "like")
    interact(shop, "bob", "copy008", "like")
    interact(shop, "eve", "new007", "like")
    rows = recommended(shop, user=user, filter_=filter_)
    assert len(rows) == 6
    assert most_frequent(rows) == 1


@pytest.mark.parametrize("filter_", FILTERS)
def test_copies_do_not_fill_a_search_of_the_vector_index(shop, filter_):
    vectors = seeded(3_000)
    copy_items(shop, vectors, [["x"]] * len(vectors))
    near = unit(AXES[0] + 0.2 * seeded(150, seed=3))
    for number in range(300):
        vector = AXES[0] if number < 150 else near[number - 150]
        add_item(shop, f"j{number:03}", vector, categories=["x"], group=f"g{max(number, 149)}")
    set_window(shop, "ann", "recent", AXES[0])
    settle_groups(shop)
    budget = f"SELECT interestream.walk_budget(1, {filter_})"
    assert shop.execute(budget).fetchone()[0] > 0

    rows = recommended(shop, 20, filter_=filter_, diversity=0)

    catalogue = np.concatenate([vectors, near])
    names = [f"i{number}" for number in range(3_000)] + [f"j{n}" for n in range(150, 300)]
    best = [names[number] for number in np.argsort(-(catalogue @ AXES[0]))[:19]]
    assert rows[0][0] == "j000"
    assert len({item for item, _ in rows} & set(best)) >= 18  # the index is approximate


@pytest.mark.parametrize("filter_", FILTERS)
@pytest.mark.parametrize("indexed", [False, True])
def test_what_was_seen_under_another_id_stays_out(shop, indexed, filter_):
    if indexed:
        vectors = seeded(3_000)
        copy_items(shop, vectors, [["x"]] * len(vectors))
    fill(shop, 12, 30)
    add_item(shop, "near", unit(AXES[0] + 0.1 * AXES[1]), categories=["x"])
    add_item(shop, "withdrawn", title="Title near", available=False)
    add_item(shop, "variant", -AXES[0], group="shirt")
    add_item(shop, "shirt", AXES[0], group="shirt", categories=["x"])
    settle_groups(shop)
    titles = {title for _, title in recommended(shop, 40, filter_=filter_)}
    assert {"Copy", "Title near"} <= titles
    interact(shop, "ann", "copy011", "view")
    interact(shop, "ann", "withdrawn", "dislike")
    interact(shop, "ann", "variant", "view")
    rows = recommended(shop, 40, filter_=filter_)
    assert not {"Copy", "Title near", "Title shirt", "Title variant"} & {t for _, t in rows}
    interact(shop, "eve", "copy011", "view")  # who has no vector
    assert "Copy" not in {title for _, title in recommended(shop, 50, "eve", filter_)}


def test_what_neighbours_and_popularity_offer_is_collapsed_as_well(shop):
    fill(shop, 4, 30)
    interact(shop, "ann", "other000", "like")
    shop.execute(
        """
        INSERT INTO interestream.item_neighbors VALUES
        (1, 'other000', '{copy001,copy002,other001}', '{3,2,1}', 5, %(at)s, 1e6, 1, 1),
        (1, 'copy001', '{other000}', '{1}', 5, %(at)s, 1e6, 1, 1),
        (1, 'copy002', '{other000}', '{1}', 5, %(at)s, 1e6, 1, 1),
        (1, 'other001', '{other000}', '{1}', 5, %(at)s, 1e6, 1, 1)
        """,
        {"at": hours_ago(1)},
    )
    shop.execute(
        "INSERT INTO interestream.trend_windows (space_id, horizon, length, window_start,"
        " window_end, as_of, interactions, largest, best_ids, epoch, version) VALUES"
        " (1, 'week', '7 days', %(b)s, %(e)s, %(e)s, 9, 9, '{copy003,other002}', 1, 1)",
        {"b": hours_ago(168), "e": hours_ago(0)},
    )
    shop.execute("INSERT INTO interestream.trends VALUES (1, 'week', 'copy003', 9, 9)")
    rows = recommended(shop)
    assert [title for _, title in rows].count("Copy") == 1
    assert rows[0] == ("copy001", "Copy")  # of the four it has the best score
    interact(shop, "ann", "copy000", "view")
    assert "Copy" not in {title for _, title in recommended(shop)}
    # A user without a vector is answered from what is popular.
    cold = recommended(shop, 30, "eve")
    assert [title for _, title in cold].count("Copy") == 1
    assert cold[0][0] == "copy003"


def test_pages_share_no_group(shop):
    fill(shop, 12, 30)
    shown: list[str] = []
    titles: list[str] = []
    for _ in range(4):
        rows = recommended(
            shop, 8, exclude="ARRAY[" + ",".join(f"'{i}'" for i in shown) + "]::text[]"
        )
        shown += [item for item, _ in rows]
        titles += [title for _, title in rows]
    assert len(titles) == len(set(titles)) == 31
    # A copy that is excluded takes the others along.
    assert "Copy" not in {title for _, title in recommended(shop, exclude="ARRAY['copy009']")}


def test_an_item_without_copies_is_found_whatever_its_group_was(shop):
    fill(shop, 2, 5)
    shop.execute("UPDATE interestream.items SET title = 'Own' WHERE item_id = 'copy001'")
    settle_groups(shop)
    assert {"copy000", "copy001"} <= {item for item, _ in recommended(shop)}


def test_the_representative_that_is_withdrawn_gives_its_place_to_another(shop):
    fill(shop, 3, 5)
    shop.execute("UPDATE interestream.items SET available = false WHERE item_id = 'copy000'")
    settle_groups(shop)
    assert recommended(shop)[0] == ("copy001", "Copy")
    assert most_frequent(recommended(shop)) == 1


def test_similar_items_and_searches_show_one_of_each_and_no_copy_of_the_item_itself(shop):
    fill(shop, 12, 30)
    for call in (
        "similar_items('copy004')",
        "recommend_more_like('copy004', 'ann')",
        "recommend_more_like('copy004', 'nobody', p_filter => interestream.item_filter('{x}'))",
    ):
        rows = asked(shop, call)
        assert len(rows) == 10
        assert "Copy" not in {title for _, title in rows}
    for call in (
        "similar_items('other000')",
        "recommend_more_like('other000', 'ann')",
        "search_items(ARRAY[1,0,0,0,0,0,0,0]::real[])",
        "search_items(ARRAY[1,0,0,0,0,0,0,0]::real[], p_user => 'ann')",
    ):
        rows = asked(shop, call)
        assert len(rows) == 10
        assert most_frequent(rows) == 1
    interact(shop, "ann", "copy003", "view")
    seen = asked(shop, "search_items(ARRAY[1,0,0,0,0,0,0,0]::real[], p_user => 'ann')")
    assert "Copy" not in {title for _, title in seen}


def test_with_a_filter_another_item_of_the_group_is_found(shop):
    add_items(shop, seeded(5))
    add_item(shop, "a", AXES[0], group="shirt", categories=["red"])
    add_item(shop, "b", AXES[1], group="shirt", categories=["blue"])
    set_window(shop, "ann", "recent", AXES[0])
    settle_groups(shop)
    assert recommended(shop, filter_="interestream.item_filter('{blue}')") == [("b", "Title b")]
    assert recommended(shop, filter_="interestream.item_filter('{blue,red}')") == [("a", "Title a")]


def test_a_group_whose_first_item_has_no_vector_yet_comes_from_what_needs_none(shop):
    add_item(shop, "a", title="Equal")
    add_item(shop, "b", AXES[0], title="Equal")
    set_window(shop, "ann", "recent", AXES[0])
    settle_groups(shop)
    assert recommended(shop) == [("a", "Equal")]
    add_vector(shop, "a", AXES[0])
    assert recommended(shop) == [("a", "Equal")]


def test_the_titles_of_an_interest_are_others_than_its_own(shop):
    fill(shop, 3, 30)
    set_interests(shop, "ann", ["copy002"])
    (label, titles) = shop.execute(
        "SELECT label, titles FROM interestream.user_interests('ann') WHERE kind = 'interest'"
    ).fetchone()
    assert label == "Copy"
    assert len(titles) == 3
    assert "Copy" not in titles
