"""Rows become events."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.tables import EventMapping

ROW = {"u": "ada", "i": "k1", "t": 1_700_000_000, "a": "view"}


def mapper(**more: Any) -> EventMapper:
    fields = {"user_id": "u", "item_id": "i", "time": "t", "default_action": "view", **more}
    return EventMapper(EventMapping(**fields))


def events(rows: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    return mapper(**more)(rows)


def test_fields_that_a_row_lacks_are_left_out() -> None:
    (event,) = events([{"u": "ada"}], value="v", text="w", session_id="s")
    del event["event_id"]
    assert event == {"user_id": "ada", "action": "view"}


def test_what_cannot_be_read_stays_for_the_dead_letter_and_is_counted() -> None:
    one = mapper(value="v", text="w")
    rows = [
        ROW | {"v": "many"},
        ROW | {"t": "soon"},
        ROW | {"w": {"no": "text"}},
        ROW | {"w": "ok"},
        ROW | {"v": True},
    ]
    found = one(rows)
    assert found[0]["value"] == "many"
    assert found[1]["event_time"] == "soon"
    assert found[2]["text"] == {"no": "text"}
    assert found[3]["text"] == "ok"
    assert found[4]["value"] is True
    assert one.counts.broken == 3


def test_a_number_beyond_a_double_by_its_factor_is_no_value() -> None:
    one = mapper(value={"column": "v", "factor": 10})
    assert [event["value"] for event in one([ROW | {"v": 1e308}, ROW | {"v": 2}])] == ["1e+308", 20]
    assert one.counts.broken == 1


def test_a_value_that_is_required_and_missing_makes_a_dead_letter() -> None:
    one = mapper(value={"column": "v", "required": True})
    found = one([ROW, ROW | {"v": ""}, ROW | {"v": 2}])
    assert [event["value"] for event in found] == ["", "", 2.0]
    assert one.counts.broken == 2


def test_names_become_actions_and_those_that_are_not_listed_pass() -> None:
    rows = [ROW | {"a": name} for name in ("addtocart", "view", 3)] + [{**ROW, "a": ""}]
    found = events(rows, action="a", actions={"addtocart": "cart", "3": "like"}, default_action="x")
    assert [event["action"] for event in found] == ["cart", "view", "like", "x"]


def test_events_of_ignored_names_are_left_out_and_counted_by_name() -> None:
    one = mapper(action="a", actions={"view": "view", "_other": "_ignore"}, default_action=None)
    found = one([ROW, ROW | {"a": "scroll"}, ROW | {"a": "session_start"}, ROW | {"a": "scroll"}])
    assert [event["action"] for event in found] == ["view"]
    assert one.counts.ignored == {"scroll": 2, "session_start": 1}
    assert one.counts.sentence() == (
        "left out: 3 events by their action (scroll 2, session_start 1)"
    )


def test_a_path_through_a_list_makes_an_event_of_each_element() -> None:
    row = {
        **ROW,
        "items": [{"id": "a", "price": 2}, {"id": "b"}, {"id": "a"}],
        "page": {"query": "mugs"},
    }
    found = events([row], item_id="items[].id", value="items[].price", text="page.query")
    assert [(event["item_id"], event.get("value"), event["text"]) for event in found] == [
        ("a", 2.0, "mugs"),
        ("b", None, "mugs"),
        ("a", None, "mugs"),
    ]
    assert len({event["event_id"] for event in found}) == 3


def test_a_row_without_the_list_is_one_event() -> None:
    source = {"first": ["products[].id", "product"]}
    rows = [{**ROW, "product": "p"}, {**ROW, "products": [], "product": "q"}]
    assert [event["item_id"] for event in events(rows, item_id=source)] == ["p", "q"]
    (event,) = events([{**ROW, "w": "tea"}], item_id="products[].id", text="w")
    assert "item_id" not in event


def test_elements_that_share_an_id_are_told_apart_and_the_first_keeps_it() -> None:
    row = {**ROW, "m": "m1", "items": [{"id": "a"}, {"id": "b"}]}
    found = events([row], item_id="items[].id", event_id="m")
    assert [event["event_id"] for event in found] == ["m1", "m1-2"]


@pytest.mark.parametrize("found", [[7], {"id": 7}, True, 1.5])
def test_what_is_no_id_becomes_none_by_its_number(found: Any) -> None:
    rows = [ROW | {"id": found, "items": [{"id": "a"}, {"id": "b"}]}]
    made = events(rows, item_id="items[].id", event_id="id")
    assert [event["event_id"] for event in made] == [found, found]


@pytest.mark.parametrize("field", ["user_id", "item_id", "time", "action", "value", "event_id"])
@pytest.mark.parametrize("part", [{"name": 1}, True, [{}]])
def test_a_part_of_a_joined_field_that_is_no_text_is_left_for_the_dead_letter(
    field: str, part: Any
) -> None:
    made = events([ROW, ROW | {"part": part}], **{field: {"join": ["a", "part"]}})
    assert len(made) == 2
    assert made[1][{"time": "event_time"}.get(field, field)] == part


def test_a_joined_item_that_is_split_may_hold_no_text() -> None:
    item = {"join": ["i", "part"], "split": " "}
    made = events([ROW | {"part": "k2"}, ROW | {"part": {}}], item_id=item)
    assert [event["item_id"] for event in made] == ["k1", "k2", {}]


def test_an_id_from_within_the_list_stays_as_it_is() -> None:
    row = {**ROW, "items": [{"id": "a", "line": 1}, {"id": "b", "line": 2}]}
    found = events([row], item_id="items[].id", event_id="items[].line")
    assert [event["event_id"] for event in found] == [1, 2]


def test_a_text_of_items_is_split_and_those_that_do_not_match_are_counted() -> None:
    one = mapper(item_id={"column": "i", "split": " ", "match": "^(.+)-1$"}, event_id="m")
    found = one([{**ROW, "i": "N1-1 N2-0 N3-1", "m": 7}])
    assert [(event["item_id"], event["event_id"]) for event in found] == [("N1", 7), ("N3", "7-3")]
    assert one.counts.unmatched == 1


def test_lines_of_one_order_are_told_apart_by_the_item() -> None:
    rows = [{**ROW, "order": "o9", "i": item} for item in ("k1", "k3", "k4")]
    found = events(rows, event_id={"columns": ["order", "i"]})
    assert [event["event_id"] for event in found] == ["o9:k1", "o9:k3", "o9:k4"]


def test_equal_lines_of_one_order_are_numbered_where_the_mapping_says_so() -> None:
    rows = [{**ROW, "order": "o9"}] * 2
    found = events(rows, event_id={"columns": ["order", "i"], "count_repeats": True})
    assert [event["event_id"] for event in found] == ["o9:k1", "o9:k1-2"]


def test_rows_of_a_group_take_what_its_first_row_has_said() -> None:
    rows: list[dict[str, Any]] = [
        {"order": "1", "u": "ada", "i": "a", "t": 1_700_000_000},
        {"order": "1", "u": "", "i": "b", "t": ""},
        {"order": "2", "u": "", "i": "c", "t": ""},
    ]
    found = events(rows, carry_down={"by": "order", "columns": ["u", "t"]})
    assert [event.get("user_id") for event in found] == ["ada", "ada", None]
    assert found[1]["event_time"] == 1_700_000_000_000


def test_columns_are_carried_as_context() -> None:
    (event,) = events([{**ROW, "page": {"url": "/a"}, "lang": "de"}], context=["page.url", "lang"])
    assert event["context"] == {"url": "/a", "lang": "de"}


def test_texts_that_stand_for_nothing_count_as_absent() -> None:
    (event,) = events([{**ROW, "i": "(not set)", "w": "0"}], text="w", absent=("(not set)", "0"))
    assert "item_id" not in event
    assert "text" not in event


VALUES = st.one_of(st.none(), st.just(""), st.integers(0, 3), st.sampled_from(["a", "4,5", "7"]))


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("u", "i", "t", "a", "v", "w", "e"), VALUES)
        ),
        max_size=6,
    ),
    st.integers(1, 6),
)
def test_a_batch_gives_what_its_rows_give_one_by_one(rows: list[dict[str, Any]], size: int) -> None:
    more = {
        "action": "a",
        "actions": {"a": "_ignore", "7": "like"},
        "value": {"column": "v", "decimal": ",", "factor": 2},
        "text": "w",
        "event_id": "e",
    }
    whole, one_by_one, parts = mapper(**more), mapper(**more), mapper(**more)
    found = whole(rows)
    assert found == [event for row in rows for event in one_by_one([row])]
    batches = [rows[place : place + size] for place in range(0, len(rows), size)]
    assert found == [event for batch in batches for event in parts(batch)]
    assert whole.counts == one_by_one.counts == parts.counts


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("u", "i", "t"), VALUES)), max_size=6))
def test_no_row_is_changed_and_none_is_lost(rows: list[dict[str, Any]]) -> None:
    copies = [dict(row) for row in rows]
    assert len(events(rows)) == len(rows)
    assert rows == copies


@pytest.mark.parametrize("row", [{"items": {"id": 1}}, {"items": "text"}, {"items": [1, None]}])
def test_a_list_of_another_form_stops_nothing(row: dict[str, Any]) -> None:
    found = events([{**ROW, **row}], item_id="items[].id")
    assert all("item_id" not in event for event in found)


def test_a_time_that_the_contract_reads_is_no_fault_whatever_the_unit() -> None:
    mapping = EventMapping(user_id="u", item_id="i", time="t", default_action="view")
    mapper = EventMapper(mapping)
    row = {"u": "ada", "i": "7", "t": "2024-05-01T14:00:00+02:00"}
    (event,) = mapper([row])
    assert event["event_time"] == "2024-05-01T14:00:00+02:00"
    assert mapper.counts.broken == 0
    mapper([{**row, "t": "2024-05-01T14:00:00"}])
    assert mapper.counts.broken == 1


def test_whole_numbers_that_an_absent_value_made_floats_are_ids() -> None:
    (event,) = events([{**ROW, "u": 12.0, "i": 7.0, "e": 3.0}], event_id="e")
    assert (event["user_id"], event["item_id"], event["event_id"]) == (12, 7, 3)
    assert {type(event[name]) for name in ("user_id", "item_id", "event_id")} == {int}
    for other in (1.5, 2.0**60, True, "7.0"):
        assert events([{**ROW, "i": other}])[0]["item_id"] is other


def test_ids_that_look_like_no_value_are_told_by_field() -> None:
    one = EventMapper(
        EventMapping(user_id="u", item_id="i", time="t", default_action="view", event_id="e"),
        "events[2]",
    )
    one([{"u": "null", "i": "None", "t": 1700000000, "e": "1"}, {"u": "ada", "i": "None", "t": 0}])
    assert one.counts.as_dict() == {"like_absent": {"item_id": {"None": 2}, "user_id": {"null": 1}}}
    assert one.counts.sentence().startswith(
        "events[2].item_id is the text 'None' in 2 rows: if that means none, set events[2].absent"
    )
