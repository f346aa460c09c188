"""Passwords of connection strings within texts of others."""

import pytest

from jobs.sinks.hidden_password import without_password

DSN = "postgresql://ada:s3%40ret@db:5432/shop"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"cannot open {DSN}", "cannot open postgresql://ada:***@db:5432/shop"),
        ("the password is s3@ret.", "the password is ***."),
        ("host=db password=other dbname=x", "host=db password=*** dbname=x"),
        ("host=db password='a b' dbname=x", "host=db password=*** dbname=x"),
        ("postgres://bob:p@else/x", "postgres://bob:***@else/x"),
        ("s3@retry is another word", "s3@retry is another word"),
        ("nothing here", "nothing here"),
    ],
)
def test_what_is_hidden(text, shown):
    assert without_password(text, DSN) == shown


def test_a_connection_string_that_cannot_be_read_is_hidden_as_a_whole():
    assert without_password("bad: postgresql:/s3cret@x", "postgresql:/s3cret@x") == "bad: ***"
    assert without_password("no string", "") == "no string"
