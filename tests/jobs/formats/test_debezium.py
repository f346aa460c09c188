"""Debezium's envelope in JSON: what each kind of record says, and what is none."""

import base64

import pytest

from jobs.formats import (
    FormatSettings,
    Ignored,
    Record,
    Truncation,
    Undecodable,
    Upsert,
    Withdrawal,
    decoder,
)
from tests.jobs.formats.debezium_records import SETTINGS, SOURCE, change, record
from tests.jobs.formats.found import reason_of

ITEMS = decoder(SETTINGS, "items")
EVENTS = decoder(SETTINGS, "events")
HIDDEN = "__debezium_unavailable_value"


@pytest.mark.parametrize(
    ("op", "item", "event"),
    [
        ("c", Upsert({"id": 2}), Upsert({"id": 2})),
        ("r", Upsert({"id": 2}), Upsert({"id": 2})),
        ("u", Upsert({"id": 2}), Ignored("update of an event")),
        ("d", Withdrawal({"id": 1}), Ignored("deletion of an event")),
        ("t", Truncation(), Ignored("truncation of a table")),
        ("m", Ignored("logical message"), Ignored("logical message")),
    ],
)
def test_items_follow_the_table_and_events_happen_once(op, item, event):
    value = record(change(op, {"id": 1}, {"id": 2}))
    assert ITEMS(value) == item
    assert EVENTS(value) == event
    assert decoder(SETTINGS, "control")(value) == event


def test_a_deleted_row_without_its_old_values_is_known_by_its_key():
    assert ITEMS(record(change("d"), {"id": 1})) == Withdrawal({"id": 1})
    nameless = Undecodable("no_row", "a row is deleted that neither 'before' nor a key names")
    assert ITEMS(record(change("d"))) == nameless


@pytest.mark.parametrize("value", [None, b"null", b'{"schema": null, "payload": null}'])
def test_a_tombstone_withdraws_the_item_of_its_key_once_more(value):
    told = Withdrawal({"id": 1}, told_before=True)
    assert ITEMS(Record(value, b'{"id": 1}')) == told
    assert ITEMS(Record(value)) == Ignored("tombstone without a key")
    assert EVENTS(Record(value, b'{"id": 1}')) == Ignored("tombstone")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"ts_ms": 1_767_323_045_000}, "heartbeat"),
        (
            {"status": "BEGIN", "id": "1:2", "event_count": None, "data_collections": None},
            "transaction",
        ),
        (
            {"source": SOURCE, "databaseName": "shop", "ddl": "ALTER ...", "ts_ms": 1},
            "schema change",
        ),
        ({"source": SOURCE, "ddl": None, "tableChanges": []}, "schema change"),
        ({"id": "1", "type": "x", "aggregate_type": "y", "additional_data": {}}, "notification"),
    ],
)
def test_records_without_rows_are_ignored(value, reason):
    assert ITEMS(record(value)) == EVENTS(record(value)) == Ignored(reason)


def test_a_row_may_have_the_names_of_the_envelope():
    row = {"id": 1, "op": "u", "source": "web", "ts_ms": 5}
    assert EVENTS(record(row)) == Upsert(row)


@pytest.mark.parametrize(
    ("extra", "item", "event"),
    [
        ({"__deleted": "true"}, Withdrawal, Ignored),
        ({"__deleted": "false"}, Upsert, Upsert),
        ({"__op": "d"}, Withdrawal, Ignored),
        ({"__op": "u"}, Upsert, Ignored),
        ({"__op": "r"}, Upsert, Upsert),
        ({}, Upsert, Upsert),
    ],
)
def test_a_flattened_row_says_itself_what_became_of_it(extra, item, event):
    value = record({"id": 1, **extra})
    assert (type(ITEMS(value)), type(EVENTS(value))) == (item, event)


@pytest.mark.parametrize("text", [b"u", b'"u"'])
def test_a_header_may_say_what_became_of_a_flattened_row(text):
    value = record({"id": 1}, None, {"__op": text})
    assert EVENTS(value) == Ignored("update of an event")
    assert ITEMS(value) == Upsert({"id": 1})


HIDDEN_IN_BYTES = base64.b64encode(HIDDEN.encode()).decode()


@pytest.mark.parametrize("hidden", [HIDDEN, HIDDEN_IN_BYTES, [HIDDEN], {HIDDEN: HIDDEN}])
def test_a_column_that_was_not_logged_never_becomes_a_text(hidden):
    after = {"id": 1, "text": hidden}
    for value in (change("u", {"id": 1}, after), change("u", None, after), after):
        found = ITEMS(record(value))
        assert isinstance(found, Undecodable)
        assert found.reason == "unavailable_value"
        assert "'text'" in found.detail
        assert "REPLICA IDENTITY FULL" in found.detail


def test_a_column_that_was_not_logged_is_taken_from_before_the_change():
    before, after = {"id": 1, "text": "old"}, {"id": 2, "text": HIDDEN}
    assert ITEMS(record(change("u", before, after))) == Upsert({"id": 2, "text": "old"})
    # Before it, too, the text may be nothing.
    before["text"] = None
    assert ITEMS(record(change("u", before, after))) == Upsert({"id": 2, "text": None})


def test_a_deleted_row_is_known_without_the_columns_that_were_not_logged():
    value = record(change("d", {"id": 1, "text": HIDDEN}))
    assert ITEMS(value) == Withdrawal({"id": 1})


def test_the_text_in_its_place_can_be_another_one():
    decode = decoder(FormatSettings(envelope="debezium", unavailable_value="?"), "items")
    assert reason_of(decode(record(change("u", None, {"text": "?"})))) == "unavailable_value"
    assert decode(record(change("u", None, {"text": HIDDEN}))) == Upsert({"text": HIDDEN})


def test_documents_of_mongodb_are_texts_of_json():
    value = change("c", None, '{"_id": {"$oid": "64"}, "title": "Moon"}')
    assert ITEMS(record(value)) == Upsert({"_id": {"$oid": "64"}, "title": "Moon"})


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (change("c"), "no_row", "op is 'c', and 'after' holds no row"),
        (change("u", {"id": 1}), "no_row", "op is 'u', and 'after' holds no row"),
        (change("x"), "not_debezium", "op is 'x', not one of c, r, u, d, t, m"),
        (change("c", None, 7), "not_debezium", "'after' is a int, not a row"),
    ],
)
def test_what_is_no_change_says_why(value, reason, detail):
    assert ITEMS(record(value)) == Undecodable(reason, detail)


@pytest.mark.parametrize(
    ("value", "reason"),
    [(b"", "not_json"), (b"\xff", "not_utf8"), (b"[1]", "not_an_object"), (b"7", "not_an_object")],
)
def test_what_is_no_object_says_why(value, reason):
    assert reason_of(ITEMS(Record(value))) == reason
