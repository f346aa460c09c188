"""range_path(): which attributes are numbers within bounds."""

import psycopg
import pytest
from psycopg.types.json import Jsonb


def path(db, ranges):
    return db.execute("SELECT interestream.range_path(%s::jsonb)::text", [ranges]).fetchone()[0]


def matches(db, ranges, attributes):
    (found,) = db.execute(
        "SELECT %s::jsonb @@ interestream.range_path(%s::jsonb)", [Jsonb(attributes), Jsonb(ranges)]
    ).fetchone()
    return found


BOUNDS: list[tuple[dict[str, float], list[float], list[float]]] = [
    ({"min": 5}, [5, 5.0, 1e9], [4.999, -5]),
    ({"above": 5}, [5.001], [5, 4]),
    ({"max": -1.5}, [-1.5, -2], [-1.4, 0]),
    ({"below": 5}, [4.999, -1e9], [5, 6]),
    ({"min": 2, "below": 4}, [2, 3.9], [1.9, 4]),
    ({"min": 2, "above": 3}, [3.1], [2.5, 3]),
    ({"min": 7, "max": 7}, [7], [6.9, 7.1]),
]


def test_min_and_max_include_their_bound_and_above_and_below_do_not(db):
    for bounds, inside, outside in BOUNDS:
        for number in inside:
            assert matches(db, {"n": bounds}, {"n": number}) is True, (bounds, number)
        for number in outside:
            assert matches(db, {"n": bounds}, {"n": number}) is False, (bounds, number)


def test_what_is_no_number_is_in_no_range(db):
    for value in ["3", None, True, {"n": 3}, [], ["3"]]:
        assert matches(db, {"n": {"min": -100, "max": 100}}, {"n": value}) is False, value


def test_an_attribute_that_is_missing_is_in_no_range(db):
    assert matches(db, {"n": {"max": 100}}, {"m": 3}) is False


def test_one_number_of_a_list_must_meet_all_bounds(db):
    assert matches(db, {"n": {"min": 2, "max": 4}}, {"n": [1, 3]}) is True
    assert matches(db, {"n": {"min": 2, "max": 4}}, {"n": [1, 5]}) is False


def test_an_attribute_of_any_name_is_meant(db):
    for name in ["a b", 'a"b', "a\\b", "a.b", "ä", "$", "", "a\nb", "@ || true"]:
        assert matches(db, {name: {"min": 1}}, {name: 1}) is True, name
        assert matches(db, {name: {"min": 1}}, {name: 0}) is False, name


def test_several_ranges_must_all_hold(db):
    ranges = {"price": {"below": 5}, "pages": {"min": 100}}
    assert matches(db, ranges, {"price": 4, "pages": 100}) is True
    assert matches(db, ranges, {"price": 4, "pages": 99}) is False


def test_no_ranges_have_no_path(db):
    assert path(db, None) is None
    assert path(db, "{}") is None


ERRORS = [
    ("[]", "ranges cannot be a JSON array"),
    ('{"n": 5}', "the range of n has no bounds"),
    ('{"n": {}}', "the range of n has no bounds"),
    ('{"n": {"most": 5}}', "the range of n cannot have most"),
    ('{"n": {"min": "5"}}', "min of the range of n is no number"),
    ('{"n": {"min": null}}', "min of the range of n is no number"),
    ('{"n": {"min": 6, "max": 5}}', "no number is in the range of n"),
    ('{"n": {"min": 5, "below": 5}}', "no number is in the range of n"),
    ('{"n": {"above": 5, "max": 5}}', "no number is in the range of n"),
    ('{"n": {"above": 5, "min": 1, "max": 5}}', "no number is in the range of n"),
]


def test_a_range_that_means_nothing_is_a_clear_error(db):
    for ranges, message in ERRORS:
        with (
            pytest.raises(psycopg.errors.InvalidParameterValue, match=message) as caught,
            db.transaction(),
        ):
            path(db, ranges)
        assert caught.value.diag.message_hint
