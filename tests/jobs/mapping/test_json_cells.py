"""Cells that hold JSON, as exports of databases and of pandas have them."""

from collections import Counter
from typing import Any

import pytest

from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.item_mapper import ItemMapper
from jobs.mapping.json_cells import JsonCells
from jobs.mapping.tables import EventMapping, ItemMapping


def items(rows: list[dict[str, Any]], **more: Any) -> tuple[list[dict[str, Any]], str]:
    mapper = ItemMapper(ItemMapping(**{"item_id": "id", "title": "name", **more}))
    return mapper(rows), mapper.counts.sentence()


@pytest.mark.parametrize(
    ("cell", "categories"),
    [
        ('["Home", "Mugs, big"]', ["Home", "Mugs, big"]),
        ("['Home', 'Mugs']", ["Home", "Mugs"]),
        ('["x", null]', ["x"]),
        ("[]", None),
        ("", None),
        ("null", None),
    ],
)
def test_categories_in_a_cell_of_json_are_names(cell: str, categories: list[str] | None) -> None:
    row = {"id": "1", "name": "A", "cats": cell}
    found, said = items([row], categories="cats", separator=",", json=("cats",))
    assert found[0].get("categories") == categories
    assert said == ""


def test_a_path_leads_into_a_cell_of_json() -> None:
    row = {
        "id": "1",
        "name": "A",
        "genres": "[{'id': 16, 'name': 'Animation'}, {'id': 18, 'name': 'Drama'}]",
        "more": '{"brand": "X", "price": 3}',
    }
    found, _ = items([row], categories="genres[].name", attributes="more", json=("genres", "more"))
    assert found == [
        {
            "item_id": "1",
            "title": "A",
            "categories": ["Animation", "Drama"],
            "attributes": {"brand": "X", "price": 3},
        }
    ]


def test_a_basket_in_a_cell_is_an_event_for_each_of_its_items() -> None:
    mapper = EventMapper(
        EventMapping(
            user_id="who",
            time="at",
            item_id="basket[].sku",
            default_action="purchase",
            json=("basket",),
        )
    )
    row = {"who": "ada", "at": "1700000000", "basket": '[{"sku": "k1"}, {"sku": "k3"}]'}
    assert [event["item_id"] for event in mapper([row])] == ["k1", "k3"]


@pytest.mark.parametrize("cell", ["mug", "[1,", "{1, 2}", "b'a'", "__import__('os')", "[" * 9_000])
def test_a_cell_that_is_no_json_is_absent_and_counted(cell: str) -> None:
    unread: Counter[str] = Counter()
    assert JsonCells(["a"])([{"a": cell, "b": "1"}], unread) == [{"a": None, "b": "1"}]
    assert unread == {"a": 1}
    found, said = items([{"id": "1", "name": "A", "a": cell}], categories="a", json=("a",))
    assert found == [{"item_id": "1", "title": "A"}]
    assert said == "no JSON, and absent: a of 1 row"


def test_categories_that_look_like_json_are_told_with_the_key_to_use() -> None:
    rows = [{"id": "1", "name": "A", "cats": '["Home"]'}, {"id": "2", "name": "B", "cats": "Home"}]
    _, said = items(rows, categories="cats")
    assert "categories of 1 item look like JSON" in said
    assert "items.json" in said
    _, said = items([{"id": "1", "name": "A", "cats": ["[Home]"]}], categories="cats")
    assert said == ""
