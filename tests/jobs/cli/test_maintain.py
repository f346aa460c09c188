"""`interestream maintain` on the command line: what it prints, and its exit codes."""

import psycopg
import pytest

from jobs.maintenance.only_one import only_one
from tests.sql.builders import add_space
from tests.sql.logins import login
from tests.sql.maintain.builders import add_letter, add_old_space


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Nothing of this machine is touched: neither its cluster nor its cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def shop(dsn):
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
        for seq in range(3):
            add_letter(db, seq, 100)
        add_old_space(db, "bb", 100)
        yield db


def test_a_dry_run_says_what_would_go(cli, shop):
    out, _ = cli.run("maintain", "--dry-run")
    assert "would be removed" in out
    assert "dead letters" in out
    assert "3 rows" in out
    assert "old spaces: 2 (mini@1)" in out
    assert "Switched off, or without a folder: retention.users_s," in out
    assert shop.execute("SELECT count(*) FROM interestream.dead_letters").fetchone() == (3,)


def test_json_has_every_kind_with_its_setting(cli, shop):
    found = cli.json("maintain")
    assert found["dry_run"] is False
    kinds = {each["kind"]: each for each in found["kinds"]}
    assert kinds["dead letters"] == {
        "kind": "dead letters",
        "setting": "retention.dead_letters_s",
        "removed": 3,
        "unit": "rows",
        "names": [],
        "freed_bytes": None,
        "written": None,
        "problem": None,
    }
    assert kinds["old spaces"]["names"] == ["2 (mini@1)"]
    assert kinds["bundles"]["freed_bytes"] == 0
    assert found["off"] == [
        "retention.users_s",
        "retention.user_items_s",
        "retention.withdrawn_items_s",
        "retention.checkpoints_s",
        "retention.store_mb",
    ]
    assert found["hints"] == []
    again = cli.json("maintain")
    assert {each["removed"] for each in again["kinds"]} == {0}


def test_what_is_not_done_is_an_exit_code_of_2(cli, shop, tmp_path):
    (tmp_path / "store").write_text("no database " * 1_000)
    out, error = cli.run("maintain", "--set", f"encoder.store={tmp_path / 'store'}", code=2)
    assert "3 rows" in out
    assert error == "Not done: encoder store: file is not a database\n"


def test_a_second_run_at_once_is_not_done(cli, dsn, shop):
    with only_one(dsn):
        out, error = cli.run("maintain", code=2)
    assert out == ""
    assert "another `interestream maintain` works on this database" in error


def test_users_must_not_go_before_their_state(cli):
    _, error = cli.run("maintain", "--set", "retention.users_s=86400", code=2)
    assert "users_s (86400) must be 0, or at least user_ttl_s (34560000)" in error


def test_letters_that_are_gone_are_still_counted(cli, shop):
    cli.json("maintain")
    add_letter(shop, 9, 1)
    found = cli.json("dead-letters")
    (row,) = found["reasons"]
    assert (row["letters"], row["removed"]) == (1, 3)
    assert "bad_time" in cli.run("dead-letters")[0]
    with login(cli.dsn, "interestream_writer") as job:
        assert "bad_time" in cli.run("dead-letters", "--dsn", job)[0]
