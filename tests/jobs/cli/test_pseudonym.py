"""With a key in the environment the commands know users by their pseudonyms."""

import psycopg
import pytest

from interestream.pseudonyms import KEY, Pseudonyms

SECRET = "0123456789abcdef0123456789abcdef"

pytestmark = pytest.mark.usefixtures("hostile_rows")


def test_the_pseudonyms_of_users_are_printed(cli, monkeypatch):
    monkeypatch.setenv(KEY, SECRET)
    pseudonyms = Pseudonyms(SECRET.encode())
    out, _ = cli.run("pseudonym", "ada", "böb")
    assert out.splitlines() == [pseudonyms("ada"), pseudonyms("böb")]


def test_without_a_key_there_is_none_to_print(cli):
    _, error = cli.run("pseudonym", "ada", code=2)
    assert "there is no key of pseudonyms" in error


def test_a_user_is_asked_for_by_the_pseudonym(cli, dsn, monkeypatch):
    pseudonym = Pseudonyms(SECRET.encode())("ada")
    with psycopg.connect(dsn) as db:
        query = "SELECT item_id FROM interestream.items LIMIT 1"
        (item,) = db.execute(query).fetchone() or ("",)
        db.execute(
            "INSERT INTO interestream.user_items VALUES (%s, %s, 2, now(), now(), 1, now(), 1)",
            (pseudonym, item),
        )
    assert item in {row["item_id"] for row in cli.json("recommend", "ada", "-k", "1000")}
    monkeypatch.setenv(KEY, SECRET)
    assert item not in {row["item_id"] for row in cli.json("recommend", "ada", "-k", "1000")}
    found, _ = cli.run("user-data", "ada")
    assert f'"user_id": "{pseudonym}"' in found
    assert '"known": true' in found


def test_a_key_that_cannot_be_used_is_told_and_not_shown(cli, monkeypatch):
    monkeypatch.setenv(KEY, "hunter2")
    _, error = cli.run("recommend", "ada", code=2)
    assert "has 7 bytes" in error
    assert "hunter2" not in error
