"""`interestream user-data`: one JSON document, whatever the user is called."""

import base64
import json

import pytest

from bench.fuzz.hostile import HOSTILE
from tests.sql.logins import login

pytestmark = pytest.mark.usefixtures("hostile_rows")


@pytest.mark.parametrize("number", range(0, len(HOSTILE), 7))
def test_a_user_of_any_name_is_printed_in_ascii(cli, number):
    name = HOSTILE[number]
    out, _ = cli.run("user-data", "--", f"user {name}")
    assert out.isascii()
    found = json.loads(out)
    (relation,) = found["tables"]["user_items"]
    assert (found["user_id"], relation["item_id"]) == (f"user {name}", name)
    assert relation["did"] == ["view"]


def test_records_are_base64(cli):
    found = json.loads(cli.run("user-data", "--", HOSTILE[0])[0])
    (letter,) = found["tables"]["dead_letters"]
    assert base64.b64decode(letter["raw"]) == HOSTILE[0].encode() + b"\xff\x1b[2J"


def test_a_role_that_may_not_read_all_is_told_so(cli, dsn):
    with login(dsn, "interestream_reader") as reader:
        out, error = cli.run("user-data", "ann", "--dsn", reader, code=2)
    assert out == ""
    assert "interestream_admin" in error
