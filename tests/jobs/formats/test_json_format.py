"""Plain JSON: values, keys and null values."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.formats import FormatSettings, Record, Undecodable, Upsert, Withdrawal, decoder
from tests.jobs.formats.found import reason_of

ITEMS = decoder(FormatSettings(), "items")
EVENTS = decoder(FormatSettings(), "events")


def test_an_object_is_a_row():
    assert ITEMS(Record(b' {"item_id": 7, "title": "Moon"}\n')) == Upsert(
        {"item_id": 7, "title": "Moon"}
    )


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[1]", "not_an_object"),
        (b"\xff", "not_utf8"),
        (b'{"a": "\\u0000"}', "null_character"),
        (b'{"a": 1e999}', "not_json"),
        (b'{"a":' * 201 + b"1" + b"}" * 201, "not_json"),
    ],
)
def test_what_is_no_record_of_the_contract_is_none_here(value, reason):
    assert reason_of(EVENTS(Record(value))) == reason


def test_integers_beyond_64_bits_are_texts_and_never_other_numbers():
    value = b'{"a": 18446744073709551615, "b": 18446744073709551616, "c": [-9223372036854775809]}'
    assert ITEMS(Record(value)) == Upsert(
        {"a": 18446744073709551615, "b": "18446744073709551616", "c": ["-9223372036854775809"]}
    )


def test_digits_of_fractions_and_texts_stay_what_they_are():
    value = b'{"pi": 3.14159265358979323846264338327950288, "code": "123456789012345678901234"}'
    assert ITEMS(Record(value)) == Upsert(
        {"pi": 3.141592653589793, "code": "123456789012345678901234"}
    )


def test_an_integer_goes_as_far_as_a_double_does():
    assert ITEMS(Record(b'{"a": %s}' % (b"9" * 308))) == Upsert({"a": "9" * 308})
    assert reason_of(ITEMS(Record(b'{"a": %s}' % (b"9" * 5000)))) == "not_json"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=10,
)


def with_texts_for_long_integers(found):
    if isinstance(found, list):
        return [with_texts_for_long_integers(one) for one in found]
    if isinstance(found, dict):
        return {name: with_texts_for_long_integers(one) for name, one in found.items()}
    if type(found) is int and not -(2**63) <= found < 2**64:
        return str(found)
    return found


@given(st.dictionaries(st.text("xyz"), values))
def test_every_object_comes_back(row):
    found = ITEMS(Record(json.dumps(row).encode()))
    assert found == Upsert(with_texts_for_long_integers(row))


@pytest.mark.parametrize(
    ("key", "row"),
    [
        (b"b-17", {"item_id": "b-17"}),
        (b'"b-17"', {"item_id": "b-17"}),
        (b"17", {"item_id": 17}),
        (b"017", {"item_id": "017"}),
        (b"1.50", {"item_id": "1.50"}),
        (b"true", {"item_id": "true"}),
        (b"18446744073709551616", {"item_id": "18446744073709551616"}),
        (b'{"sku": "b-17"}', {"sku": "b-17"}),
    ],
)
def test_a_null_value_withdraws_the_item_of_its_key(key, row):
    assert ITEMS(Record(None, key)) == Withdrawal(row)


def test_a_key_that_is_no_object_has_the_name_that_is_set():
    decode = decoder(FormatSettings(key_field="sku"), "items")
    assert decode(Record(None, b"b-17")) == Withdrawal({"sku": "b-17"})


@pytest.mark.parametrize("key", [None, b""])
def test_a_null_value_without_a_key_names_no_item(key):
    assert ITEMS(Record(None, key)) == Undecodable(
        "no_value", "a null value without a key, which would name the item"
    )


def test_a_key_that_is_no_text_is_a_dead_letter():
    assert ITEMS(Record(None, b"\xff\xfe")) == Undecodable("not_utf8", "byte 0 of the key")


@pytest.mark.parametrize("key", [b"a\0", b'"a\\u0000"', b'{"id": "\\u0000"}'])
def test_no_key_holds_a_null_character(key):
    assert reason_of(ITEMS(Record(None, key))) == "null_character"


@pytest.mark.parametrize("stream", ["events", "control"])
def test_a_null_value_is_no_event_and_no_command(stream):
    decode = decoder(FormatSettings(), stream)
    assert decode(Record(None, b"ada")) == Undecodable("no_value", "a null value")


def test_the_schema_id_in_front_of_json_is_passed_over():
    assert ITEMS(Record(b'\0\0\0\0\7{"item_id": 7}')) == Upsert({"item_id": 7})
    assert ITEMS(Record(None, b"\0\0\0\0\x077")) == Withdrawal({"item_id": 7})
