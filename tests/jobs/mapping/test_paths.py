"""Columns and paths."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.mapping.fields import Scope, compile_field

NAMES = st.text(st.characters(blacklist_characters=".[]=\0", codec="utf-8"), min_size=1, max_size=6)


def read(source: Any, row: dict[str, Any]) -> Any:
    return compile_field(source, "events.item_id", Scope()).get(row)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("id", 7),
        ("page.title", "Start"),
        ("items[0].id", "a"),
        ("items[1].id", "b"),
        ("items[2].id", None),
        ("items[].id", ["a", "b"]),
        ("params[key=page].value.text", "p1"),
        ("params[key=none].value.text", None),
        ("page.title.deeper", None),
        ("absent.member", None),
        ({"path": "page.title"}, "Start"),
        ({"column": "id"}, 7),
        ({"constant": "view"}, "view"),
        ({"first": ["absent", "empty", "id"]}, 7),
        ({"join": ["id", "absent", "page.title"], "by": "/"}, "7/Start"),
    ],
)
def test_a_source_reads_a_column_a_path_or_a_constant(source: Any, found: Any) -> None:
    row = {
        "id": 7,
        "empty": "",
        "page": {"title": "Start"},
        "items": [{"id": "a"}, {"id": "b"}, {}],
        "params": [{"key": "lang"}, {"key": "page", "value": {"text": "p1"}}],
    }
    assert read(source, row) == found


@pytest.mark.parametrize("name", ["Body (HTML)", "Price [EUR]", "a.b", "items[].id", "in stock?"])
def test_a_column_of_that_very_name_is_read_whatever_signs_it_holds(name: str) -> None:
    assert read({"column": name}, {name: "x"}) == "x"
    if "[]" not in name:
        assert read(name, {name: "x", "a": {"b": "y"}}) == "x"


@pytest.mark.parametrize("empty", ["", [], None])
def test_empty_texts_and_lists_count_as_absent_and_zero_and_false_do_not(empty: Any) -> None:
    assert read("a", {"a": empty}) is None
    assert read("b.a", {"b": {"a": empty}}) is None
    assert read({"first": ["a", "c"]}, {"a": empty, "c": 0}) == 0
    assert read("c", {"c": False}) is False


@settings(deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=4), st.integers())
def test_a_path_of_members_finds_what_lies_there(names: list[str], value: int) -> None:
    row: Any = value
    for name in reversed(names):
        row = {name: row}
    assert read({"path": ".".join(names)}, row) == value


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(1, 9)), max_size=6))
def test_a_path_through_a_list_gives_what_its_elements_have(values: list[int | None]) -> None:
    row = {"items": [{} if value is None else {"id": value} for value in values]}
    expected = [value for value in values if value is not None]
    assert read("items[].id", row) == (expected or None)
