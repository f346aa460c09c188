"""Asking from the command line: tables for people, JSON for programs, nothing for terminals."""

import re

import pytest
from rich.console import Console

from bench.fuzz.hostile import HOSTILE
from tests.jobs.cli.test_escape_controls import obeyed

COLOURS = re.compile("\x1b\\[[0-9;]*m")

pytestmark = pytest.mark.usefixtures("hostile_rows")


def test_status_tells_counters_lag_dead_letters_and_spaces(told):
    found = told.json("status")
    (stream,) = found["streams"]
    assert (stream["stream"], stream["records_in"], stream["waiting"]) == ("events", 1000, 3)
    assert stream["lag_s"] >= 0
    letters = {(each["stream"], each["reason"]): each["letters"] for each in found["dead_letters"]}
    assert letters == {("events", "unknown_action"): len(HOSTILE), ("items", "not_json"): 1}
    assert [space["active"] for space in found["spaces"]] == [True]
    shown, _ = told.run("status")
    assert "1,000" in shown
    assert "unknown_action" in shown


def test_status_of_a_role_that_may_not_read_dead_letters_says_so(told, dsn):
    told.dsn = f"{dsn}?options=-c%20role%3Dinterestream_reader"
    assert told.json("status")["dead_letters"] is None
    assert "this role may not read them" in told.run("status")[0]


def test_trending_is_the_answer_of_the_function(told):
    found = told.json("trending", "-k", "5")
    assert [row["rank"] for row in found] == [1, 2, 3, 4, 5]
    assert {row["item_id"] for row in found} <= set(HOSTILE)
    (one,) = told.json("trending", "--category", HOSTILE[0])
    assert one["item_id"] == HOSTILE[0]


def test_recommendations_come_with_their_reason(told):
    found = told.json("recommend", "somebody new", "-k", "3")
    assert len(found) == 3
    assert all(row["reason"] for row in found)
    seen = f"user {HOSTILE[3]}"
    assert HOSTILE[3] not in {row["item_id"] for row in told.json("recommend", seen, "-k", "100")}


def test_similar_items_are_others_and_an_unknown_one_is_told(told):
    found = told.json("similar", HOSTILE[0])
    assert HOSTILE[0] not in {row["item_id"] for row in found}
    assert found[0]["similarity"] >= found[-1]["similarity"]
    _, error = told.run("similar", "nobody\x1b[2J", code=2)
    assert "has no vector in space 1" in error
    assert "\\x1b[2J" in error
    assert obeyed(error.replace("\n", "")) == []


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
def test_nothing_hostile_reaches_the_terminal(told, arguments):
    out, error = told.run(*arguments)
    assert obeyed((out + error).replace("\n", "")) == []
    assert len(out) > 100


def test_colours_are_all_that_a_terminal_is_told(told, monkeypatch):
    terminal = Console(force_terminal=True, color_system="truecolor", width=200)
    monkeypatch.setattr("jobs.cli.output.console", terminal)
    out, _ = told.run("trending", "-k", "100")
    assert COLOURS.search(out)
    assert obeyed(COLOURS.sub("", out).replace("\n", "")) == []


@pytest.mark.parametrize(
    "arguments",
    [("recommend", "ada"), ("trending",), ("similar", "a"), ("status",), ("dead-letters",)],
)
def test_a_database_that_is_not_there_is_told_in_one_sentence(told, arguments):
    told.dsn = "postgresql://postgres:secret@127.0.0.1:1/nowhere"
    out, error = told.run(*arguments, code=2)
    assert out == ""
    assert error.startswith("It did not work: Postgres cannot be reached")
    assert "secret" not in error
