"""passes_filter(), as recommend() and its sisters use it, against the same filters in Python.

Every combination must give as many rows as pass it, the nearest first.
"""

import itertools
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql.builders import (
    NOON,
    Floats,
    add_item,
    interact,
    seeded,
    set_source_weights,
    set_window,
)

N = 240


@dataclass(frozen=True)
class Item:
    item_id: str
    vector: Floats
    title: str
    categories: tuple[str, ...]
    language: str | None
    attributes: dict[str, Any]
    published_at: datetime | None


def passes(item: Item, wanted: dict[str, Any]) -> bool:
    return all(TESTS[field](item, value) for field, value in wanted.items())


def has(item: Item, name: str, value: Any) -> bool:
    own = item.attributes.get(name)
    return own == value or (isinstance(own, list) and value in own)


def type_of(item: Item) -> str | None:
    own = item.attributes.get("type")
    return own if isinstance(own, str) else next(iter(item.categories), None)


def within(item: Item, name: str, bounds: dict[str, float]) -> bool:
    own = item.attributes.get(name)
    numbers = [n for n in (own if isinstance(own, list) else [own]) if isinstance(n, int | float)]
    return any(
        bounds.get("min", -inf) <= n <= bounds.get("max", inf)
        and bounds.get("above", -inf) < n < bounds.get("below", inf)
        for n in numbers
    )


TESTS: dict[str, Callable[[Item, Any], bool]] = {
    "p_categories": lambda item, names: bool(set(names) & set(item.categories)),
    "p_languages": lambda item, names: item.language in names,
    "p_attributes": lambda item, pairs: pairs.items() <= item.attributes.items(),
    "p_published_after": lambda item, at: item.published_at is not None and item.published_at >= at,
    "p_published_before": lambda item, at: item.published_at is not None and item.published_at < at,
    "p_ranges": lambda item, ranges: all(within(item, *each) for each in ranges.items()),
    "p_types": lambda item, names: type_of(item) in names,
    "p_not_types": lambda item, names: type_of(item) not in names,
    "p_not_categories": lambda item, names: not set(names) & set(item.categories),
    "p_not_words": lambda item, words: (
        not ({word.lower() for word in words} & set(item.title.lower().split()))
    ),
    "p_not_attributes": lambda item, pairs: (
        not any(
            has(item, name, value)
            for name, given in pairs.items()
            for value in (given if isinstance(given, list) else [given])
        )
    ),
}
FIELDS = {
    "p_categories": ["film", "tea"],
    "p_languages": ["de", "fr"],
    "p_attributes": {"brand": 1},
    "p_published_after": NOON - timedelta(days=50),
}
MORE_FIELDS = {
    "p_published_before": NOON - timedelta(days=20),
    "p_ranges": {"price": {"min": 2, "below": 20}, "sizes": {"above": 3}},
    "p_types": ["course", "film", "book"],
    "p_not_categories": ["tea", "no such category"],
    "p_not_words": ["moon", "ÉTOILE"],
    "p_not_attributes": {"tags": ["new", "old"], "brand": 2},
    "p_not_types": ["course"],
}
COMBINATIONS = [
    dict(chosen) for size in range(1, 5) for chosen in itertools.combinations(FIELDS.items(), size)
]
MORE_COMBINATIONS = [
    dict(chosen)
    for size in (1, 2, 3)
    for chosen in itertools.combinations(MORE_FIELDS.items(), size)
] + [MORE_FIELDS, FIELDS | MORE_FIELDS]
WORDS = ["Moon", "moonlight", "Étoile", "tea", "time", "for", "Night"]


@pytest.fixture
def items(shop: psycopg.Connection) -> list[Item]:
    rng = np.random.default_rng(3)
    made = [
        Item(
            f"i{number}",
            vector,
            " ".join(rng.choice(WORDS, 3)),
            tuple(name for name in ("film", "book", "tea") if rng.random() < 0.3),
            [None, "en", "de", "fr"][int(rng.integers(4))],
            {"brand": int(rng.integers(3)), "size": "L"} | attributes(rng),
            None if rng.random() < 0.1 else NOON - timedelta(days=int(rng.integers(100))),
        )
        for number, vector in enumerate(seeded(N))
    ]
    for item in made:
        add_item(
            shop,
            item.item_id,
            item.vector,
            title=item.title,
            categories=item.categories,
            language=item.language,
            attributes=item.attributes,
            published_at=item.published_at,
        )
    return made


def attributes(rng: np.random.Generator) -> dict[str, Any]:
    """Some of a price (a number, or else), sizes, tags and a type."""
    given = {
        "price": [1, 2, 4.5, 19.99, 20, "4.5", None, [30, 3]][int(rng.integers(8))],
        "sizes": [int(size) for size in rng.integers(0, 8, 2)],
        "tags": [["new", "hot"], ["old"], "new", "hot"][int(rng.integers(4))],
        "type": ["course", "article", 7][int(rng.integers(3))],
    }
    return {name: value for name, value in given.items() if rng.random() < 0.8}


def filtered(db, call, wanted, **named):
    names = ", ".join(f"{name} => %({name})s" for name in wanted)
    named |= {key: as_parameter(value) for key, value in wanted.items()}
    rows = db.execute(
        f"SELECT item_id FROM interestream.{call}, p_filter => interestream.item_filter({names}))",
        named,
    ).fetchall()
    return [item for (item,) in rows]


def as_parameter(value):
    return Jsonb(value) if isinstance(value, dict) else value


def nearest(
    items: list[Item], query: Floats, wanted: dict[str, Any], without: Collection[str] = ()
) -> list[str]:
    passing = [i for i in items if passes(i, wanted) and i.item_id not in without]
    return [i.item_id for i in sorted(passing, key=lambda i: -float(i.vector @ query))]


@pytest.mark.parametrize("wanted", COMBINATIONS, ids="+".join)
def test_recommend_gives_all_that_passes_by_score(shop, items, wanted):
    query = seeded(1, seed=9)[0]
    set_source_weights(shop, text=1.0)
    set_window(shop, "ann", "recent", query)
    seen = {f"i{number}" for number in range(0, N, 7)}
    for item in seen:
        interact(shop, "ann", item, "view")
    found = filtered(shop, "recommend('ann', 300, p_diversity => 0", wanted)
    # With one window, blend and interest are both the cosine with it.
    assert found == nearest(items, query, wanted, seen)
    assert len(found) >= 5


@pytest.mark.parametrize("wanted", COMBINATIONS, ids="+".join)
def test_a_user_whom_nobody_knows_gets_all_that_passes(shop, items, wanted):
    for number in (3, 8, 21, 34):
        interact(shop, "bob", f"i{number}", "like")
    found = filtered(shop, "recommend('nobody', 300", wanted)
    assert len(found) == len(set(found))
    assert set(found) == {item.item_id for item in items if passes(item, wanted)}


@pytest.mark.parametrize("wanted", COMBINATIONS[::3], ids="+".join)
def test_the_sisters_filter_the_same(shop, items, wanted):
    query = seeded(1, seed=9)[0]
    found = filtered(shop, "search_items(%(query)s::real[], 300", wanted, query=query.tolist())
    assert found == nearest(items, query, wanted)
    origin = items[5]
    best = nearest(items, origin.vector, wanted, {"i5"})
    assert filtered(shop, "similar_items('i5', 300", wanted) == best
    assert (
        filtered(shop, "recommend_more_like('i5', 'nobody', 300, p_diversity => 0", wanted) == best
    )


def test_ranges_and_exclusions_filter_every_answer_the_same(shop, items):
    query = seeded(1, seed=9)[0]
    set_source_weights(shop, text=1.0)
    set_window(shop, "ann", "recent", query)
    seen = {f"i{number}" for number in range(0, N, 7)}
    for item in seen:
        interact(shop, "ann", item, "view")
    origin = items[5]
    sizes = []
    for wanted in MORE_COMBINATIONS:
        expected = nearest(items, query, wanted, seen)
        assert filtered(shop, "recommend('ann', 300, p_diversity => 0", wanted) == expected, wanted
        found = filtered(shop, "search_items(%(query)s::real[], 300", wanted, query=query.tolist())
        assert found == nearest(items, query, wanted), wanted
        best = nearest(items, origin.vector, wanted, {"i5"})
        assert filtered(shop, "similar_items('i5', 300", wanted) == best, wanted
        sizes.append(len(expected))
    # Every field filters something by itself, and most combinations leave something.
    assert all(0 < size < N - len(seen) for size in sizes[: len(MORE_FIELDS)])
    assert np.median(sizes) >= 10


def test_a_user_whom_nobody_knows_gets_what_is_in_ranges_and_not_excluded(shop, items):
    for number in (3, 8, 21, 34):
        interact(shop, "bob", f"i{number}", "like")
    for wanted in MORE_COMBINATIONS:
        found = filtered(shop, "recommend('nobody', 300", wanted)
        assert len(found) == len(set(found))
        assert set(found) == {item.item_id for item in items if passes(item, wanted)}, wanted


def test_a_filter_serves_an_item_that_was_changed_a_moment_ago(shop, items):
    set_window(shop, "ann", "recent", items[0].vector)
    wanted = {"p_attributes": {"colour": "red"}}
    assert filtered(shop, "recommend('ann', 5", wanted) == []
    shop.execute(
        """UPDATE interestream.items SET attributes = '{"colour": "red"}' WHERE item_id = 'i9'"""
    )
    assert filtered(shop, "recommend('ann', 5", wanted) == ["i9"]


def test_nested_attributes_are_contained(shop):
    add_item(shop, "a", seeded(1)[0], attributes={"format": {"kind": "book", "pages": 90}})
    add_item(shop, "b", seeded(1)[0], attributes={"format": {"kind": "film"}, "tags": ["x", "y"]})
    set_window(shop, "ann", "recent", seeded(1)[0])
    assert filtered(shop, "recommend('ann', 5", {"p_attributes": {"format": {"kind": "book"}}}) == [
        "a"
    ]
    assert filtered(shop, "recommend('ann', 5", {"p_attributes": {"tags": ["y"]}}) == ["b"]
