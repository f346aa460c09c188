"""Lists within lists: an event for each of the innermost elements."""

from typing import Any

from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.item_mapper import ItemMapper
from jobs.mapping.tables import EventMapping, ItemMapping

ROW: dict[str, Any] = {
    "who": "ada",
    "at": 1_700_000_000,
    "orders": [
        {"id": "o1", "paid": "card", "lines": [{"sku": "a", "n": 2}, {"sku": "b", "n": 3}]},
        {"id": "o2", "paid": "cash", "lines": [{"sku": "a", "n": 4}]},
    ],
}


def events(row: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    fields: dict[str, Any] = {
        "user_id": "who",
        "time": "at",
        "item_id": "orders[].lines[].sku",
        "default_action": "purchase",
    }
    return EventMapper(EventMapping(**{**fields, **more}))([row])


def test_fields_are_those_of_the_element_the_element_around_it_and_the_row() -> None:
    found = events(
        ROW,
        value="orders[].lines[].n",
        session_id="orders[].paid",
        event_id={"columns": ["orders[].id", "orders[].lines[].sku"]},
    )
    shown = [
        (event["event_id"], event["user_id"], event["item_id"], event["value"], event["session_id"])
        for event in found
    ]
    assert shown == [
        ("o1:a", "ada", "a", 2.0, "card"),
        ("o1:b", "ada", "b", 3.0, "card"),
        ("o2:a", "ada", "a", 4.0, "cash"),
    ]


def test_an_id_of_the_outer_list_or_of_the_row_is_told_apart() -> None:
    assert [event["event_id"] for event in events(ROW, event_id="orders[].id")] == [
        "o1",
        "o1-2",
        "o2-3",
    ]
    assert len({event["event_id"] for event in events(ROW)}) == 3


def test_a_list_that_is_empty_or_of_another_form_is_one_event_without_an_item() -> None:
    for orders in ([], "none", None, [{"id": "o3", "lines": []}], [7], [{"id": "o3"}]):
        (event,) = events({**ROW, "orders": orders})
        assert "item_id" not in event
        assert event["user_id"] == "ada"


def test_a_list_of_lists_is_read_by_place() -> None:
    row = {"who": "ada", "at": 1_700_000_000, "days": [[["a", 5], ["b", 3]], [["c", 1]]]}
    found = events(row, item_id="days[][][0]", value="days[][][1]")
    assert [(event["item_id"], event["value"]) for event in found] == [
        ("a", 5.0),
        ("b", 3.0),
        ("c", 1.0),
    ]


def test_items_of_a_list_in_a_list_are_items_each() -> None:
    mapper = ItemMapper(
        ItemMapping(
            item_id="shelves[].goods[].id", title="shelves[].goods[].name", language="shelves[].in"
        )
    )
    row = {
        "shelves": [
            {"in": "de", "goods": [{"id": 1, "name": "Tasse"}, {"id": 2, "name": "Teller"}]},
            {"in": "en", "goods": [{"id": 3, "name": "Mug"}]},
        ]
    }
    assert mapper([row]) == [
        {"item_id": 1, "title": "Tasse", "language": "de"},
        {"item_id": 2, "title": "Teller", "language": "de"},
        {"item_id": 3, "title": "Mug", "language": "en"},
    ]
