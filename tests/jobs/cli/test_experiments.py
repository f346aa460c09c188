"""`interestream experiment`: from start to end, and what is refused."""

import psycopg
import pytest

from jobs.cli.options import console
from tests.sql.builders import add_actions, add_space
from tests.sql.experiments import show, variant_of


@pytest.fixture
def empty_shop(dsn: str) -> str:
    with psycopg.connect(dsn) as db:
        add_actions(db)
        add_space(db)
    return dsn


def test_an_experiment_from_start_to_end(cli, empty_shop):
    out, _ = cli.run("experiment", "report")
    assert out == ""
    out, _ = cli.run(
        "experiment", "start", "trial", "plain=0.5", "bold=0.5,diversity=0.6,few.text=4"
    )
    assert out == "experiment trial runs\n"
    with psycopg.connect(empty_shop) as db:
        ((started,),) = db.execute("SELECT started_at FROM interestream.experiments").fetchall()
        kept = db.execute(
            "SELECT diversity, weights FROM interestream.experiment_variants WHERE variant = 'bold'"
        ).fetchone()
        assert kept == (0.6, {"few": {"text": 4}})
        show(db, "ann", ["i1", "i2"], started, clicked=1)
        variant = variant_of(db, "ann")
    said, _ = cli.run("experiment", "share", "plain=0.2", "bold=0.7")
    assert said == (
        "experiment trial: plain 20.00%, bold 70.00%; 10.00% of the users get no variant\n"
    )
    rows = {row["variant"]: row for row in cli.json("experiment", "report")}
    assert {name: row["share"] for name, row in rows.items()} == {"plain": 0.2, "bold": 0.7}
    assert (rows[variant]["exposures"], rows[variant]["successes"]) == (2, 1)
    assert rows["bold"]["verdict"] == "too early"
    assert "too early" in cli.run("experiment", "report", "trial", "--per-user")[0]
    assert cli.run("experiment", "end")[0] == "experiment trial has ended\n"
    (kept,) = cli.json("experiment", "list")
    assert (kept["experiment"], kept["kind"]) == ("trial", "split")
    assert kept["started_at"] < kept["ended_at"]


def test_interleaving_is_an_option(cli, empty_shop):
    cli.run("experiment", "start", "teams", "a=0.5", "b=0.5,explore=0", "--interleave")
    assert [row["kind"] for row in cli.json("experiment", "list")] == ["interleaving"]


def test_a_report_is_legible_in_eighty_columns(cli, empty_shop, monkeypatch):
    cli.run("experiment", "start", "trial", "plain=0.5", "bold=0.5,diversity=0.6")
    wide, _ = cli.run("experiment", "report")
    monkeypatch.setattr(console, "width", 80)
    narrow, _ = cli.run("experiment", "report")
    assert "│" in wide
    assert max(map(len, narrow.splitlines())) <= 80
    lines = [line.strip().split(maxsplit=1) for line in narrow.splitlines()]
    for expected in (["variant", "bold"], ["share", "0.500"], ["verdict", "too early"]):
        assert expected in lines


def test_a_hint_names_the_command(cli, empty_shop):
    cli.run("experiment", "start", "trial", "plain=0.5", "bold=0.5")
    _, error = cli.run("experiment", "start", "next", "plain=0.5", "bold=0.5", code=2)
    assert "end it first, by `interestream experiment end`" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["start", "t", "a=0.5"], "1 variants cannot be compared"),
        (["start", "t", "a=0.5", "b"], "'b' is not of the form NAME=NUMBER"),
        (["start", "t", "a=0.5", "b=much"], "b is 'much', which is not a number"),
        (["start", "t", "a=0.5", "b=0.5,boldness=1"], "boldness"),
        (["start", "t", "a=0.5", "b=0.6"], "more than 1"),
        (["share", "a=0.5"], "no experiment is running"),
        (["end"], "no experiment is running"),
        (["report", "other"], "there is no experiment other"),
    ],
)
def test_what_is_wrong_is_one_sentence(cli, empty_shop, arguments, said):
    out, error = cli.run("experiment", *arguments, code=2)
    assert out == ""
    assert said in error
