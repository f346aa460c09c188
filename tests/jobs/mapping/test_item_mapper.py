"""Rows become items."""

from typing import Any

import pytest

from jobs.core.parsing.events import Rejection
from jobs.core.parsing.parse_items import check_item
from jobs.core.parsing.rules import Rules
from jobs.mapping.item_mapper import ItemMapper
from jobs.mapping.tables import ItemMapping


def mapper(**more: Any) -> ItemMapper:
    return ItemMapper(ItemMapping(**{"item_id": "id", "title": "name", **more}))


def items(rows: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    return mapper(**more)(rows)


ROW = {"id": "1", "name": "Mug"}


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (["Twenty metres.", "Does not kink."], "Twenty metres. Does not kink."),
        ([], None),
        ("", None),
        (["", None], None),
        (12, "12"),
    ],
)
def test_lists_are_joined_and_empty_ones_are_absent(found: Any, text: str | None) -> None:
    (item,) = items([{**ROW, "about": found}], text="about")
    assert item.get("text") == text


def test_several_columns_are_one_text() -> None:
    (item,) = items([{**ROW, "a": ["x", "y"], "b": "", "c": "z"}], text=["a", "b", "c"])
    assert item["text"] == "x y z"
    (item,) = items([{**ROW, "a": "x", "c": "z"}], text={"join": ["a", "c"], "by": ", "})
    assert item["text"] == "x, z"


def test_a_text_of_names_becomes_a_list_that_can_be_read() -> None:
    (item,) = items([{**ROW, "a": "Comedy|Drama|"}], text={"column": "a", "split": "|"})
    assert item["text"] == "Comedy, Drama"


def test_html_is_removed_from_titles_and_texts() -> None:
    row = {"id": "1", "name": "<b>Mug</b> &amp; lid", "about": "<p>Blue</p><style>p{}</style>"}
    (item,) = items([row], text="about", html=True)
    assert (item["title"], item["text"]) == ("Mug & lid", "Blue")


def test_a_long_text_is_cut_where_the_mapping_says_so_and_counted() -> None:
    one = mapper(text={"column": "about", "max_chars": 12})
    (item,) = one([{**ROW, "about": "one two three four"}])
    assert item["text"] == "one two"
    assert one.counts.sentence() == "cut at max_chars: text of 1 item"


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("published_at", "soon"),
        ("updated_at", "99/99"),
        ("available", "perhaps"),
        ("categories", {"no": "list"}),
        ("text", {"no": "text"}),
        ("language", {"de": 1}),
        ("group_id", 1.5),
        ("attributes", "no object"),
    ],
)
def test_a_bad_optional_field_costs_the_field_and_not_the_item(field: str, found: Any) -> None:
    one = mapper(**{field: "x"})
    bad, good = one([{**ROW, "x": found}, {**ROW, "id": "2"}])
    assert bad == {"item_id": "1", "title": "Mug"}
    assert good["item_id"] == "2"
    assert one.counts.unreadable == {field: 1}
    assert f"unreadable and left out: {field} of 1 item" in one.counts.sentence()
    assert not isinstance(check_item(bad, Rules(frozenset())), Rejection)


@pytest.mark.parametrize("field", ["item_id", "title"])
def test_a_bad_required_field_stays_for_the_dead_letter(field: str) -> None:
    one = mapper(**{field: "x"})
    (item,) = one([{**ROW, "x": {"no": "text"}}])
    assert isinstance(check_item(item, Rules(frozenset())), Rejection)


def test_an_id_that_is_joined_of_more_than_texts_is_left_for_the_dead_letter() -> None:
    rows: list[dict[str, Any]] = [
        {"shop": "a", "sku": "7", "name": "Mug"},
        {"shop": {}, "sku": "8", "name": "Tea"},
    ]
    found = items(rows, item_id={"join": ["shop", "sku"], "by": "-"}, title="name")
    assert [item["item_id"] for item in found] == ["a-7", {}]


def test_availability_is_read_and_turned_round() -> None:
    hidden = ("True", "False", 0, "")
    rows = [{**ROW, "id": str(n), "hidden": found} for n, found in enumerate(hidden)]
    found = [
        item.get("available") for item in items(rows, available={"column": "hidden", "not": True})
    ]
    assert found == [False, True, True, None]


def test_attributes_come_from_several_columns() -> None:
    row = {**ROW, "Price": "1.234,50", "Brand": "Acme", "size": {"cm": 3}, "none": ""}
    (item,) = items([row], attributes=["Price", "Brand", "size.cm", "none"])
    assert item["attributes"] == {"Price": "1.234,50", "Brand": "Acme", "cm": 3}
    table = {"price": {"column": "Price", "decimal": ","}, "brand": "Brand"}
    (item,) = items([row], attributes=table)
    assert item["attributes"] == {"price": 1234.5, "brand": "Acme"}
    (item,) = items([row], attributes="size")
    assert item["attributes"] == {"cm": 3}


def test_one_attribute_that_is_no_number_costs_that_attribute() -> None:
    one = mapper(attributes={"price": {"column": "p", "number": True}, "brand": "b"})
    (item,) = one([{**ROW, "p": "on request", "b": "Acme"}])
    assert item["attributes"] == {"brand": "Acme"}
    assert one.counts.unreadable == {"attributes.price": 1}


def test_categories_come_from_lists_texts_and_several_columns() -> None:
    row = {**ROW, "a": "home; tea", "b": ["x;y", "home"], "genres": [{"name": "n"}]}
    (item,) = items([row], categories=["a", "b", "genres[].name"], separator=";")
    assert item["categories"] == ["home", "tea", "x;y", "n"]


def test_a_year_in_a_title_is_a_date() -> None:
    source = {"column": "name", "match": r"\((\d{4})\)\s*$"}
    dated, undated = items(
        [{"id": 1, "name": "Heat (1995)"}, {"id": 2, "name": "Heat"}], published_at=source
    )
    assert dated["published_at"] == "1995-01-01T00:00:00Z"
    assert "published_at" not in undated


def test_rows_without_a_title_are_variants_of_the_product_before_them() -> None:
    one = mapper(variants=True)
    found = one([ROW, {"id": "1", "name": ""}, {"id": "1"}, {"id": "2", "name": ""}])
    assert [item["item_id"] for item in found] == ["1", "2"]
    assert one.counts.variants == 2
    assert "title" not in found[1]


def test_variants_with_ids_of_their_own_are_items_of_one_group() -> None:
    one = mapper(
        item_id={"first": ["sku", "handle"]},
        group_id="handle",
        variants=True,
        carry_down={"by": "handle", "columns": ["name"]},
    )
    found = one(
        [
            {"handle": "mug", "sku": "m-red", "name": "Mug"},
            {"handle": "mug", "sku": "m-blue", "name": ""},
            {"handle": "mug", "sku": "", "name": ""},
            {"handle": "hat", "sku": "", "name": "Hat"},
            {"handle": "hat", "sku": "", "name": ""},
        ]
    )
    assert [(item["item_id"], item["title"], item["group_id"]) for item in found] == [
        ("m-red", "Mug", "mug"),
        ("m-blue", "Mug", "mug"),
        ("hat", "Hat", "hat"),
    ]
    assert one.counts.variants == 2


def test_items_of_a_list_are_given_once_and_again_when_they_change() -> None:
    one = mapper(item_id="items[].id", title="items[].name")
    first, second, changed = (
        {"id": 1, "name": "a"},
        {"id": 2, "name": "b"},
        {"id": 1, "name": "c"},
    )
    rows = [{"items": part} for part in ([first, second], [first], [changed])]
    found = one([*rows, {"other": 1}])
    assert [(item["item_id"], item["title"]) for item in found] == [(1, "a"), (2, "b"), (1, "c")]
    assert one.counts.repeated == 1


def test_whole_numbers_that_are_floats_are_ids_of_items_and_groups() -> None:
    mapper = ItemMapper(ItemMapping(item_id="id", title="name", group_id="group"))
    (item,) = mapper([{"id": 7.0, "name": "Mug", "group": 3.0}])
    assert (type(item["item_id"]), item["item_id"]) == (int, 7)
    assert (type(item["group_id"]), item["group_id"]) == (int, 3)


def test_a_value_that_cannot_be_read_is_told_with_the_first_of_its_field() -> None:
    mapper = ItemMapper(
        ItemMapping(
            item_id="id",
            title="name",
            available="stock",
            published_at="day",
            attributes={"price": {"column": "price", "number": True}},
        )
    )
    row = {"id": "1", "name": "Mug", "stock": "ja", "day": "gestern", "price": "frei"}
    assert mapper([row, {**row, "id": "2", "stock": "nein"}, {**row, "id": "3", "stock": "yes"}])
    assert mapper.counts.sentence().split("; ") == [
        'unreadable and left out: attributes.price of 3 items (such as "frei")',
        'unreadable and left out: available of 2 items (such as "ja")',
        'unreadable and left out: published_at of 3 items (such as "gestern")',
    ]


RICH = {"id": "1", "name": "Mug", "about": "Blue.", "tags": "home|tea", "price": 3, "brand": "Acme"}
WHOLE = {
    "item_id": "1",
    "title": "Mug",
    "text": "Blue.",
    "categories": ["home", "tea"],
    "attributes": {"price": 3, "brand": "Acme"},
}
FIELDS: dict[str, Any] = {"text": "about", "categories": "tags", "attributes": ["price", "brand"]}


@pytest.mark.parametrize("batches", [1, 3])
def test_a_later_poorer_row_of_an_item_keeps_what_an_earlier_one_said(batches: int) -> None:
    one = mapper(**FIELDS)
    rows: list[dict[str, Any]] = [
        RICH,
        {"id": "1", "name": "Mug"},
        {"id": 1, "name": "The mug", "price": 4},
    ]
    given = [rows] if batches == 1 else [[row] for row in rows]
    assert [item for batch in given for item in one(batch)] == [
        WHOLE,
        {**WHOLE, "item_id": 1, "title": "The mug", "attributes": {"price": 4, "brand": "Acme"}},
    ]
    assert (one.counts.repeated, one.counts.completed, one.counts.broken) == (1, 1, 0)
    assert one.counts.sentence() == (
        "left out: 1 item equal to the one before; completed by an earlier row of the same id: 1"
        " item"
    )


def test_a_row_without_a_title_is_completed_and_one_that_nobody_titled_is_broken() -> None:
    one = mapper(**FIELDS)
    found = one([{"id": "2"}, RICH, {"id": "1", "tags": "garden"}])
    assert found == [{"item_id": "2"}, WHOLE, {**WHOLE, "categories": ["garden"]}]
    assert one.counts.broken == 1


def test_a_new_pass_begins_with_nothing() -> None:
    mapping = ItemMapping(item_id="id", title="name", **FIELDS)
    assert ItemMapper(mapping)([RICH]) == [WHOLE]
    assert ItemMapper(mapping)([{"id": "1", "name": "Mug"}]) == [{"item_id": "1", "title": "Mug"}]


def test_with_a_time_of_its_own_a_row_is_a_whole_version_of_its_item() -> None:
    one = mapper(**FIELDS, updated_at="at")
    found = one([{**RICH, "at": "2024-05-01"}, {"id": "1", "name": "Mug", "at": "2024-05-02"}])
    assert found[1] == {"item_id": "1", "title": "Mug", "updated_at": "2024-05-02T00:00:00Z"}
    assert one.counts.completed == 0


def test_items_of_a_log_keep_what_an_earlier_event_said_of_them() -> None:
    one = mapper(item_id="items[].id", title="items[].name", categories="items[].kind")
    rich, poor = {"id": 1, "name": "Mug", "kind": "home"}, {"id": 1, "name": "Mug"}
    other = {"id": 2, "name": "Hat"}
    found = one([{"items": [rich, other]}, {"items": [poor]}, {"items": [poor, other]}])
    assert found == [
        {"item_id": 1, "title": "Mug", "categories": ["home"]},
        {"item_id": 2, "title": "Hat"},
    ]
    assert one.counts.repeated == 3


def test_ids_and_titles_that_look_like_no_value_are_told_and_named() -> None:
    one = mapper(categories="tags")
    one([{"id": "nan", "name": "Mug"}, {"id": "nan", "name": "Hat"}, {"id": "3", "name": "\\N"}])
    assert one.counts.sentence() == (
        "items.item_id is the text 'nan' in 2 rows: if that means none, set items.absent = ['nan'];"
        " items.title is the text '\\N' in 1 row: if that means none, set items.absent = ['\\\\N']"
    )
    assert one.counts.as_dict() == {"like_absent": {"item_id": {"nan": 2}, "title": {"\\N": 1}}}
    settled = mapper(absent=("nan", "\\N"))
    settled([{"id": "nan", "name": "Mug"}])
    assert (settled.counts.broken, settled.counts.as_dict()) == (1, {})
