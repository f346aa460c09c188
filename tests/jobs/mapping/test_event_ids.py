"""Ids of events that have none."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.mapping.event_ids import Repeats, combined_id, derived_id
from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.tables import EventMapping

ROWS = st.lists(
    st.fixed_dictionaries(
        {"u": st.sampled_from("ab"), "i": st.sampled_from("xy"), "t": st.integers(1, 3)}
    ),
    max_size=8,
)
PARTS = st.lists(st.one_of(st.none(), st.text(":\\ab", max_size=3)), min_size=2, max_size=2)


def mapper(**more: Any) -> EventMapper:
    return EventMapper(
        EventMapping(user_id="u", item_id="i", time="t", default_action="view", **more)
    )


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [event["event_id"] for event in mapper()(rows)]


@settings(deadline=None)
@given(ROWS)
def test_derived_ids_differ_between_all_rows(rows: list[dict[str, Any]]) -> None:
    assert len(set(ids(rows))) == len(rows)


@settings(deadline=None)
@given(ROWS, ROWS)
def test_rows_keep_their_ids_when_others_are_put_on_top_or_below(
    old: list[dict[str, Any]], new: list[dict[str, Any]]
) -> None:
    assert set(ids(old)) <= set(ids(new + old))
    assert set(ids(old)) <= set(ids(old + new))


@settings(deadline=None)
@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_ids_do_not_depend_on_the_order_of_the_rows(
    orders: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    assert Counter(ids(orders[0])) == Counter(ids(orders[1]))


@settings(deadline=None)
@given(ROWS, st.integers(1, 8))
def test_the_ids_do_not_depend_on_the_batches(rows: list[dict[str, Any]], size: int) -> None:
    one = mapper()
    parts = [one(rows[place : place + size]) for place in range(0, len(rows), size)]
    assert [event["event_id"] for part in parts for event in part] == ids(rows)


def test_a_column_that_is_not_mapped_does_not_change_an_id() -> None:
    row = {"u": "a", "i": "x", "t": 1}
    assert ids([row]) == ids([{**row, "status": "paid"}])


def test_a_new_pass_gives_the_ids_of_the_first() -> None:
    rows = [{"u": "a", "i": "x", "t": 1}] * 2
    assert mapper()(rows) == mapper()(rows)


@settings(deadline=None)
@given(PARTS, PARTS)
def test_combined_ids_are_equal_only_where_all_columns_are(
    first: list[str | None], second: list[str | None]
) -> None:
    given_first = [part or "" for part in first]
    given_second = [part or "" for part in second]
    if None not in (combined_id(first), combined_id(second)):
        assert (combined_id(first) == combined_id(second)) == (given_first == given_second)


def test_what_json_cannot_hold_gets_an_id_all_the_same() -> None:
    for value in (2**70, "\ud800", {1}):
        assert derived_id({"value": value}, Repeats()) == derived_id({"value": value}, Repeats())
