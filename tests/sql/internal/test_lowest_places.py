"""lowest_places(): the beginning of a set of places."""

import pytest


@pytest.mark.parametrize(
    ("places", "count", "expected"),
    [
        ("{[0,10)}", 4, "{[0,4)}"),
        ("{[2,5),[7,9)}", 4, "{[2,5),[7,8)}"),
        ("{[2,5),[7,9)}", 3, "{[2,5)}"),
        ("{[2,5)}", 99, "{[2,5)}"),
        ("{[2,5)}", 0, "{}"),
        ("{}", 3, "{}"),
    ],
)
def test_the_lowest_come_first(db, places, count, expected):
    row = db.execute("SELECT interestream.lowest_places(%s, %s)::text", [places, count]).fetchone()
    assert row == (expected,)
