"""Commands that query: tables for people, JSON for programs, no control characters in either."""

import re

import psycopg
import pytest
from rich.console import Console

from bench.fuzz.hostile import HOSTILE
from tests.jobs.cli.test_escape_controls import unsafe_characters

COLOURS = re.compile("\x1b\\[[0-9;]*m")

pytestmark = pytest.mark.usefixtures("hostile_rows")


def test_status_shows_counters_lag_dead_letters_and_spaces(cli):
    found = cli.json("status")
    (stream,) = found["streams"]
    assert (stream["stream"], stream["records_in"], stream["waiting"]) == ("events", 1000, 3)
    assert stream["lag_s"] >= 0
    counts = {(row["stream"], row["reason"]): row["letters"] for row in found["dead_letters"]}
    assert counts == {("events", "unknown_action"): len(HOSTILE), ("items", "not_json"): 1}
    assert [space["active"] for space in found["spaces"]] == [True]
    output, _ = cli.run("status")
    assert "1,000" in output
    assert "unknown_action" in output


def test_status_of_a_role_that_may_not_read_dead_letters_says_so(cli, dsn):
    cli.dsn = f"{dsn}?options=-c%20role%3Dinterestream_reader"
    assert cli.json("status")["dead_letters"] is None
    assert "this role may not read them" in cli.run("status")[0]


def test_items_that_came_again_unchanged_are_told_so_that_the_numbers_add_up(cli, dsn):
    with psycopg.connect(dsn) as db:
        db.execute(
            "INSERT INTO interestream.job_progress (space_id, stream, bucket, epoch, records_in,"
            " duplicates, dead_letters, waiting, applied, excluded)"
            " VALUES (1, 'items', 0, 1, 50, 3, 2, 0, 25, 0)"
        )
    items = next(row for row in cli.json("status")["streams"] if row["stream"] == "items")
    assert items["unchanged"] == 20
    assert "unchanged" in cli.run("status")[0]


def test_the_job_itself_may_ask_for_the_status(cli, dsn):
    cli.dsn = f"{dsn}?options=-c%20role%3Dinterestream_writer"
    assert cli.json("status")["streams"][0]["records_in"] == 1000


def test_trending_prints_the_rows_of_the_function(cli):
    found = cli.json("trending", "-k", "5")
    assert [row["rank"] for row in found] == [1, 2, 3, 4, 5]
    assert {row["item_id"] for row in found} <= set(HOSTILE)
    (one,) = cli.json("trending", "--category", HOSTILE[0])
    assert one["item_id"] == HOSTILE[0]


def test_trending_heads_the_count_as_interactions(cli):
    output, _ = cli.run("trending", "-k", "1")
    assert "interactions" in output.splitlines()[1]


def test_recommendations_come_with_their_reason(cli):
    found = cli.json("recommend", "new user", "-k", "3")
    assert len(found) == 3
    assert all(row["reason"] for row in found)
    seen = f"user {HOSTILE[3]}"
    assert HOSTILE[3] not in {row["item_id"] for row in cli.json("recommend", seen, "-k", "100")}


def test_a_category_without_items_is_named(cli):
    output, _ = cli.run("recommend", "new user", "--category", "none such\x1b[2J")
    assert "Nothing was found: no item passes: category none such" in output
    assert "\x1b[2J" not in output
    assert "leaves 0 of" in output


def test_similar_items_exclude_the_item_and_an_unknown_item_is_an_error(cli):
    found = cli.json("similar", HOSTILE[0])
    assert HOSTILE[0] not in {row["item_id"] for row in found}
    assert found[0]["similarity"] >= found[-1]["similarity"]
    _, error = cli.run("similar", "unknown\x1b[2J", code=2)
    assert "has no vector in space 1" in error
    assert "\\x1b[2J" in error
    assert unsafe_characters(error.replace("\n", "")) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("trending", "-k", "100"),
        ("recommend", HOSTILE[22], "-k", "100"),
        ("similar", "-k", "100", "--", HOSTILE[0]),
        ("dead-letters", "--newest", "100"),
        ("topics", "list"),
        ("space", "list"),
        ("config",),
    ],
)
def test_nothing_hostile_reaches_the_terminal(cli, arguments):
    out, error = cli.run(*arguments)
    assert unsafe_characters((out + error).replace("\n", "")) == []
    assert len(out) > 100


def test_a_terminal_receives_no_escape_sequences_but_colours(cli, monkeypatch):
    terminal = Console(force_terminal=True, color_system="truecolor", width=200)
    monkeypatch.setattr("jobs.cli.output.console", terminal)
    out, _ = cli.run("trending", "-k", "100")
    assert COLOURS.search(out)
    assert unsafe_characters(COLOURS.sub("", out).replace("\n", "")) == []


@pytest.mark.parametrize(
    "arguments",
    [("recommend", "ada"), ("trending",), ("similar", "a"), ("status",), ("dead-letters",)],
)
def test_a_database_that_cannot_be_reached_is_an_error_in_one_sentence(cli, arguments):
    cli.dsn = "postgresql://postgres:secret@127.0.0.1:1/nowhere"
    out, error = cli.run(*arguments, code=2)
    assert out == ""
    assert error.startswith("It did not work: Postgres cannot be reached")
    assert "secret" not in error
