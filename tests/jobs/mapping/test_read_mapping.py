"""Mappings that cannot be used."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from jobs.datasets import file_format
from jobs.mapping.errors import MappingError
from jobs.mapping.item_mapper import ItemMapper
from jobs.mapping.read_mapping import mapping_of, read_mapping
from jobs.mapping.tables import FILE_KEYS, EventMapping, ItemMapping

MAPPING = """
name = "shop"
[items]
file = "items.csv"
item_id = "id"
title = "name"
[events]
file = "events.csv"
user_id = "user"
item_id = "item"
action = "what"
time = "at"
"""


def refused(text: str) -> str:
    with pytest.raises(MappingError) as error:
        mapping_of(tomllib.loads(text), "shop.toml", "shop")
    message = str(error.value)
    assert message.startswith("shop.toml: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("colour = 'c'", "unknown key 'events.colour'; use file, user_id"),
        ("value = 5", "events.value cannot be 5: give the name of a column"),
        ("value = { factor = 2 }", "events.value needs one of column, path"),
        ("value = { column = 'a', constant = 1 }", "events.value needs one of"),
        ("value = { column = 'a', faktor = 2 }", "unknown key 'events.value.faktor'; use"),
        ("value = { column = 'a', factor = '2' }", "events.value.factor cannot be '2'"),
        ("value = { column = 'a', decimal = ';' }", "events.value.decimal is ';'; use"),
        ("value = { column = 7 }", "events.value.column cannot be 7"),
        ("value = { first = [] }", "events.value.first cannot be []"),
        ("value = { first = ['a', 7] }", "events.value.first[1] cannot be 7"),
        ("value = { path = 'a[b' }", "events.value.path is 'a[b', which is no path"),
        ("text = { join = ['a'], by = 1 }", "events.text.by cannot be 1"),
        ("value_factor = '2'", "events.value_factor cannot be '2'"),
        (
            "time_unit = 'minutes'",
            "events.time_unit is 'minutes'; use s, ms, us, ns, excel, rfc3339",
        ),
        ("time_zone = 'Mars/Base'", 'events.time_zone is "Mars/Base"'),
        ("event_time = 'at'", "'events.time' and 'events.event_time' are one field"),
        ("order = 'size'", "events.order is 'size'; use time, file"),
        ("absent = 'x'", "events.absent cannot be 'x'"),
        ("actions = ['cart']", "events.actions cannot be ['cart']"),
        ("actions = { a = 1 }", "events.actions cannot be {'a': 1}"),
        ("event_id = { columns = 'a' }", "events.event_id.columns cannot be 'a'"),
        ("event_id = { columns = ['a'], count_repeats = 1 }", "count_repeats cannot be 1"),
        ("session_id = { columns = ['a'] }", "unknown key 'events.session_id.columns'"),
        ("context = 5", "events.context cannot be 5"),
        ("carry_down = { by = 'a' }", "events.carry_down cannot be"),
    ],
)
def test_a_wrong_key_of_events_is_named_with_what_is_allowed(line: str, named: str) -> None:
    assert named in refused(f"{MAPPING}{line}\n")


@pytest.mark.parametrize(
    ("item", "named"),
    [
        ("{ column = 'i', match = '(' }", "events.item_id.match is no regular expression"),
        ("{ column = 'i', match = 'a' }", "events.item_id.match has 0 groups; it needs one"),
        ("{ column = 'i', split = '' }", "events.item_id.split cannot be empty"),
        ("{ column = 'i', split = 1 }", "events.item_id.split cannot be 1"),
    ],
)
def test_a_wrong_item_of_events_is_named(item: str, named: str) -> None:
    assert named in refused(MAPPING.replace('item_id = "item"', f"item_id = {item}"))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("text = { column = 'a', max_chars = 0 }", "items.text.max_chars cannot be 0"),
        ("text = { column = 'a', split = '' }", "items.text.split cannot be empty"),
        ("available = { column = 'a', not = 'yes' }", "items.available.not cannot be 'yes'"),
        ("available = { column = 'a', yes = 'yes' }", "items.available.yes cannot be 'yes'"),
        ("published_at = { column = 'a', unit = 'd' }", "items.published_at.unit is 'd'; use"),
        ("published_at = { column = 'a', zone = 'X' }", 'items.published_at.zone is "X"'),
        ("html = 'yes'", "items.html cannot be 'yes': give true or false"),
        ("separator = 1", "items.separator cannot be 1: give a text"),
        ("attributes = [1]", "items.attributes cannot hold 1"),
        (
            "attributes = { a = { column = 'a', number = 1 } }",
            "items.attributes.a.number cannot be",
        ),
        ("time_unit = 'h'", "items.time_unit is 'h'"),
    ],
)
def test_a_wrong_key_of_items_is_named(line: str, named: str) -> None:
    assert named in refused(MAPPING.replace("[events]", f"{line}\n[events]"))


def test_what_a_mapping_must_have_is_named() -> None:
    assert "needs a table 'items' or 'events'" in refused("name = 'x'")
    assert "'items.title' is missing" in refused(MAPPING.replace('title = "name"', ""))
    assert "'action' or a 'default_action'" in refused(MAPPING.replace('action = "what"', ""))
    assert "'item_id' or 'text'" in refused(MAPPING.replace('item_id = "item"', ""))
    without = MAPPING.replace('action = "what"', 'default_action = "x"\nactions = { a = "b" }')
    assert "'events.action' is missing" in refused(without)


def test_a_key_of_the_second_table_of_events_is_named_with_its_number() -> None:
    text = MAPPING.replace("[events]", "[[events]]")
    assert "'events[2].time' is missing" in refused(
        f'{text}\n[[events]]\nuser_id = "u"\nitem_id = "i"\ndefault_action = "a"'
    )


def test_a_mapping_may_have_events_alone_and_items_alone() -> None:
    items, events = MAPPING.partition("[events]")[::2]
    assert mapping_of(tomllib.loads(items), "x", "x").events == ()
    assert mapping_of(tomllib.loads("[events]" + events), "x", "x").items is None


def test_keys_of_the_file_are_passed_on_as_they_stand() -> None:
    text = f'{MAPPING}delimiter = ";"\nquote = ""\nheader = false\ncolumns = ["a", "b"]\n'
    (events,) = mapping_of(tomllib.loads(text), "x", "x").events
    assert events.file_keys == {
        "delimiter": ";",
        "quote": "",
        "header": False,
        "columns": ["a", "b"],
    }
    assert set(FILE_KEYS) == set(file_format.FILE_KEYS)


def test_the_first_mapping_of_the_page_can_be_used() -> None:
    page = (Path(__file__).parents[3] / "docs" / "mapping.md").read_text()
    first = page.partition("```toml\n")[2].partition("```")[0]
    mapping = mapping_of(tomllib.loads(first), "docs/mapping.md", "")
    assert mapping.name == "shop"
    assert mapping.items is not None
    row = {"sku": "7", "name": "Mug", "hidden": "1", "price": "3,5", "brand": "Acme"}
    (item,) = ItemMapper(mapping.items)([row])
    assert item["available"] is False
    assert item["attributes"] == {"price": 3.5, "brand": "Acme"}


@pytest.mark.parametrize("table", [ItemMapping, EventMapping])
def test_every_key_stands_on_the_page(table: type) -> None:
    page = (Path(__file__).parents[3] / "docs" / "mapping.md").read_text()
    keys = {field.name for field in fields(table)} - {"file_keys"}
    assert [key for key in sorted(keys | set(FILE_KEYS)) if f"`{key}`" not in page] == []


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[events")
    with pytest.raises(MappingError, match=r"bad\.toml"):
        read_mapping(tmp_path / "bad.toml")


def test_a_mapping_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(MAPPING, encoding="utf-8-sig")
    assert read_mapping(tmp_path / "shop.toml").name == "shop"
