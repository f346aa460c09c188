"""The plane against a singular value decomposition, and the groups that have a colour."""

from typing import Any

import numpy as np
import pytest

from jobs.serve.page.map.drawn import NOBODY, REST, draw
from tests.sql.builders import seeded, text


def rows(
    count: int, categories: list[str | None] | None = None, liked: list[int] | None = None
) -> list[dict[str, Any]]:
    return [
        {
            "item_id": f"i{number}",
            "title": f"Title {number}",
            "category": categories[number % len(categories)] if categories else "book",
            "liked": liked[number % len(liked)] if liked else 0,
            "vector": text(vector),
        }
        for number, vector in enumerate(seeded(count))
    ]


def test_the_plane_is_that_of_the_two_largest_singular_values():
    vectors = seeded(40).astype(np.float64)
    centred = vectors - vectors.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred)
    drawn = draw(1, rows(40))
    assert drawn is not None
    expected = centred @ directions[:2].T
    assert np.abs(drawn.places) == pytest.approx(np.abs(expected), abs=1e-4)
    assert drawn.plane.explained == pytest.approx(
        (sizes[:2] ** 2).sum() / (sizes**2).sum(), abs=1e-4
    )


def test_the_same_sample_has_the_same_map_whatever_came_before():
    first, _, second = draw(1, rows(40)), draw(1, rows(20)), draw(1, rows(40))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.places, second.places)


def test_a_vector_of_the_sample_is_placed_where_its_item_lies():
    drawn = draw(1, rows(40))
    assert drawn is not None
    assert drawn.plane.place(seeded(40)[7:9]) == pytest.approx(drawn.places[7:9], abs=1e-5)


def test_the_commonest_categories_have_a_group_and_the_others_share_one():
    names = [f"c{number}" for number in range(9)]
    drawn = draw(1, rows(39, [*names, *names[:3], None]))  # 13 names in turn, thrice
    assert drawn is not None
    groups = drawn.groups("category")
    assert [group["name"] for group in groups] == ["c0", "c1", "c2", "c3", "c4", "c5", "c6", REST]
    assert [len(group["points"]) for group in groups] == [6, 6, 6, 3, 3, 3, 3, 9]
    assert [group["rest"] for group in groups] == [False] * 7 + [True]


def test_popularity_has_thirds_of_what_somebody_likes():
    drawn = draw(1, rows(40, liked=[0, 1, 2, 3]))
    assert drawn is not None
    sizes = {group["name"]: len(group["points"]) for group in drawn.groups("popularity")}
    # A third of 30 likes is 1 and 2, another one 2 and 3: bounds are the values at 10 and 20.
    assert sizes == {"more than 2": 10, "2 or fewer": 20, NOBODY: 10}


def test_a_point_names_its_item():
    drawn = draw(1, rows(3))
    assert drawn is not None
    ((first, *_),) = [group["points"] for group in drawn.groups("category")]
    assert first[2:] == ["i0", "Title 0"]


def test_fewer_than_three_items_are_no_map():
    assert draw(1, rows(2)) is None
