"""explain_filter(): what each condition leaves, counted in Python."""

from typing import Any

import numpy as np
import pytest

from tests.sql.builders import add_item


@pytest.fixture
def items(db):
    rng = np.random.default_rng(5)
    made = []
    for number in range(60):
        item: dict[str, Any] = {
            "categories": ["book"] if rng.random() < 0.6 else ["film"],
            "language": ["de", "en"][int(rng.integers(2))],
            "attributes": {"price": int(rng.integers(30))},
            "available": rng.random() < 0.8,
        }
        add_item(db, f"i{number}", **item)
        made.append(item)
    return [item for item in made if item["available"]]


def test_conditions_are_counted_alone_and_together(db, items):
    tests = [
        lambda item: "book" in item["categories"],
        lambda item: item["language"] == "de",
        lambda item: 5 <= item["attributes"]["price"] < 20,
        lambda item: item["attributes"]["price"] != 7,
    ]
    rows = db.execute(
        "SELECT * FROM interestream.explain_filter(interestream.item_filter('{book}', '{de}',"
        """ p_ranges => '{"price": {"min": 5, "below": 20}}',"""
        """ p_not_attributes => '{"price": 7}'))"""
    ).fetchall()
    left = items
    for place, (test, row) in enumerate(zip(tests, rows, strict=True), start=1):
        left = [item for item in left if test(item)]
        assert row[0] == place
        assert row[2:] == (sum(map(test, items)), len(left), len(items))
    assert [row[1] for row in rows] == [
        "category book",
        "language de",
        "price from 5 and below 20",
        "not price 7",
    ]
    assert 0 < rows[-1][3] < rows[0][3]


def test_a_catalogue_without_items_leaves_nothing(db):
    rows = db.execute(
        "SELECT passing, remaining, available FROM"
        " interestream.explain_filter(interestream.item_filter('{book}'))"
    ).fetchall()
    assert rows == [(0, 0, 0)]


def test_a_filter_that_filters_nothing_has_no_rows(db):
    assert db.execute("SELECT * FROM interestream.explain_filter(NULL)").fetchall() == []
