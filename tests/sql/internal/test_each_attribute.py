"""each_attribute(): one value by itself, and one in a list."""

from psycopg.types.json import Jsonb


def made(db, attributes):
    return db.execute("SELECT interestream.each_attribute(%s)", [Jsonb(attributes)]).fetchone()[0]


def test_each_value_is_told_by_itself_and_in_a_list(db):
    assert made(db, {"a": 1, "b": ["x", {"y": 2}]}) == [
        {"a": 1},
        {"a": [1]},
        {"b": "x"},
        {"b": ["x"]},
        {"b": {"y": 2}},
        {"b": [{"y": 2}]},
    ]


def test_no_values_give_nothing(db):
    assert made(db, {}) is None
    assert made(db, {"a": []}) is None
