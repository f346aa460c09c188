"""check_variant(): one sentence for each way in which a variant is wrong."""

import json

import psycopg
import pytest

GOOD = {"variant": "bold", "share": 0.5}


def check(db, variant):
    db.execute("SELECT interestream.check_variant(%s)", [json.dumps(variant)])


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"diversity": 0, "explore": 1},
        {"space": 1},
        {"weights": {}},
        {"weights": {"few": {"text": 4.5, "popular_week": -20}}},
    ],
)
def test_what_can_be_used_passes(shop, more):
    check(shop, GOOD | more)


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        (None, "no name"),
        (["bold"], "no name"),
        ({"share": 1}, "no name"),
        ({"variant": 5, "share": 1}, "no name"),
        ({"variant": "so bold", "share": 1}, "no name"),
        ({"variant": "bold"}, "no share"),
        (GOOD | {"share": 1.1}, "share 1.1"),
        (GOOD | {"share": "half"}, 'share "half"'),
        (GOOD | {"diversity": -0.1}, "diversity -0.1"),
        (GOOD | {"explore": None}, "explore null"),
        (GOOD | {"boldness": 1}, "not known: boldness"),
        (GOOD | {"space": 1.5}, "space 1.5"),
        (GOOD | {"space": None}, "space null"),
        (GOOD | {"weights": 3}, "weights of variant bold"),
        (GOOD | {"weights": {"few": 3}}, "weights of variant bold"),
        (GOOD | {"weights": {"few": {"texts": 3}}}, "texts of segment few"),
        (GOOD | {"weights": {"some": {"text": 3}}}, "text of segment some"),
        (GOOD | {"weights": {"few": {"text": 21}}}, "weight 21"),
        (GOOD | {"weights": {"few": {"text": "4"}}}, 'weight "4"'),
    ],
)
def test_what_cannot_be_used_is_named(shop, variant, said):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=said):
        check(shop, variant)


def test_an_unknown_space_is_an_error(shop):
    with pytest.raises(psycopg.errors.UndefinedObject):
        check(shop, GOOD | {"space": 7})
