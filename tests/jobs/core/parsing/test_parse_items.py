"""Items: a line for every reason of a dead letter, and the fields of an accepted item."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.verify.recompute.validation import Bounds, RejectedError, read_item
from jobs.core.parsing.parse_items import Item, Withdrawal, parse_items
from tests.builders import NOON, NOON_MS, RULES, item_line, line

BOUNDS = Bounds(latest_ms=NOON_MS)


def reason_of(raw: bytes) -> str | None:
    parsed = parse_items([raw], RULES)
    assert len(parsed.records) + len(parsed.dead) == 1
    return parsed.dead[0].reason if parsed.dead else None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'"\xff"', "not_utf8"),
        (b"{", "not_json"),
        (b"[]", "not_an_object"),
        (b'{"item_id": 1, "title": "\\u0000"}', "null_character"),
        (b'{"item_id": 1, "title": "a", "attributes": {"b": "\\u0000"}}', "null_character"),
        (line({"title": "Alien"}), "missing_field"),
        (item_line("", title="Alien"), "missing_field"),
        (item_line("a", title=""), "missing_field"),
        (item_line("a", title=None), "missing_field"),
        (item_line("a", title=None, available=True), "missing_field"),
        (line({"available": False}), "missing_field"),
        (item_line("a", title=3, available=False), "wrong_type"),
        (item_line("a", title="", available=False, text=["Alien"]), "wrong_type"),
        (item_line("a", title="", available=False, updated_at="1979"), "bad_time"),
        (item_line("a", title=3), "wrong_type"),
        (item_line("a", text=["Alien"]), "wrong_type"),
        (item_line("a", categories="Horror"), "wrong_type"),
        (item_line("a", categories=["Horror", None]), "wrong_type"),
        (item_line("a", available="yes"), "wrong_type"),
        (item_line("a", attributes=[]), "wrong_type"),
        (item_line("a", published_at=True), "wrong_type"),
        (item_line("a", group_id=["g"]), "wrong_type"),
        (item_line("a", group_id="g" * 257), "too_long"),
        (item_line("a" * 257), "too_long"),
        (item_line("a", title="t" * 8193), "too_long"),
        (item_line("a", text="t" * 8193), "too_long"),
        (item_line("a", categories=["c" * 257]), "too_long"),
        (item_line("a", published_at="1979"), "bad_time"),
        (item_line("a", updated_at="2026-03-10T12:00:00"), "bad_time"),
        (item_line("a", published_at=253_402_300_800_000), "time_out_of_bounds"),
        (item_line("a", updated_at=-62_135_596_800_001), "time_out_of_bounds"),
        (item_line("a", attributes={"b": "c" * 65_536}), "too_large"),
    ],
)
def test_every_reason_has_a_line(raw, reason):
    assert reason_of(raw) == reason


def test_a_full_record_is_read_field_by_field():
    raw = line(
        {
            "item_id": 7,
            "title": "Alien",
            "text": "Horror in space",
            "categories": ["Horror", "Sci-Fi"],
            "language": "en",
            "published_at": "1979-05-25T00:00:00Z",
            "available": False,
            "attributes": {"minutes": 117},
            "updated_at": NOON,
            "group_id": 12,
        }
    )
    assert parse_items([raw], RULES).items == [
        Item(
            item_id="7",
            title="Alien",
            body="Horror in space",
            categories=("Horror", "Sci-Fi"),
            language="en",
            published_ms=296_438_400_000,
            available=False,
            attributes='{"minutes":117}',
            updated_ms=NOON_MS,
            group_id="12",
        )
    ]


def test_nulls_and_empty_texts_are_absent():
    raw = line(
        {
            "item_id": "a",
            "title": "Alien",
            "text": "",
            "categories": None,
            "language": "",
            "available": None,
            "attributes": None,
            "group_id": None,
        }
    )
    assert parse_items([raw], RULES).items == [Item("a", "Alien")]
    raw = item_line("a", title="Alien", group_id="")
    assert parse_items([raw], RULES).items == [Item("a", "Alien")]


@pytest.mark.parametrize("title", [{}, {"title": None}, {"title": ""}])
def test_a_record_without_a_title_that_is_not_available_is_a_withdrawal(title):
    record = {"item_id": 7, "available": False, "text": "Horror", **title}
    parsed = parse_items([line(record), line({**record, "updated_at": NOON})], RULES)
    assert parsed.records == [Withdrawal("7"), Withdrawal("7", NOON_MS)]
    assert (parsed.items, parsed.dead) == ([], [])


def test_records_keep_their_order():
    lines = [item_line("a"), line({"item_id": "a", "available": False}), item_line("b")]
    assert parse_items(lines, RULES).records == [Item("a", "A"), Withdrawal("a"), Item("b", "B")]


def test_the_document_is_the_title_and_the_text_where_there_is_one():
    assert Item("a", "Alien").document == "Alien"
    assert Item("a", "Alien", "In space").document == "Alien. In space"


def test_the_hash_changes_with_the_document_alone():
    item = Item("a", "Alien", "In space")
    assert item.text_hash == Item("b", "Alien", "In space", ("Horror",), available=False).text_hash
    assert item.text_hash != Item("a", "Alien", "In Space").text_hash
    assert item.text_hash == Item("a", "Alien. In space").text_hash
    assert len(item.text_hash) == 16


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.text(max_size=4),
    st.sampled_from([NOON, "x" * 257]),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(0, 3), max_size=2),
)
records = st.dictionaries(
    st.sampled_from(
        [
            "item_id",
            "title",
            "text",
            "categories",
            "language",
            "published_at",
            "available",
            "attributes",
            "updated_at",
            "group_id",
        ]
    ),
    values,
).filter(lambda record: "" not in (record.get("published_at"), record.get("updated_at")))
# An empty time counts as absent; the contract leaves this open, and the oracle rejects it.


def essence(record: Any) -> tuple[Any, ...]:
    return record.item_id, record.updated_ms, getattr(record, "document", None)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            records.map(lambda record: json.dumps(record).encode()),
            records.map(lambda record: json.dumps({"item_id": 1, "title": "T", **record}).encode()),
            st.binary(max_size=5),
        ),
        max_size=5,
    )
)
def test_every_line_is_an_item_or_a_dead_letter_and_the_oracle_agrees(lines):
    parsed = parse_items(lines, RULES)
    assert len(parsed.records) + len(parsed.dead) == len(lines)
    expected = []
    for raw in lines:
        try:
            expected.append(read_item(raw, BOUNDS))
        except RejectedError:
            continue
    assert [essence(found) for found in parsed.records] == [essence(one) for one in expected]
