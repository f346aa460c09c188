"""`interestream map`, and mappings by name."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs.cli import app
from jobs.cli.options import console
from jobs.mapping.read_mapping import read_mapping
from jobs.mapping.ready_made import ready_names

MAPPING = """
[events]
file = "feedback.csv"
user_id = "UserId"
item_id = "ItemId"
action = "FeedbackType"
time = "Timestamp"
time_unit = "rfc3339"
"""


@pytest.fixture
def feedback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(console, "width", 200)
    (tmp_path / "feedback.toml").write_text(f'{MAPPING}time_zone = "Europe/Berlin"\n')
    (tmp_path / "feedback.csv").write_text(
        "FeedbackType,UserId,ItemId,Timestamp\nlike,u1,101,2022-06-24 21:20:11\n"
        "like,u2,101,2022-06-24 21:20:12\n"
    )
    return tmp_path


def run(*arguments: object, code: int = 0) -> tuple[str, str]:
    done = CliRunner().invoke(app, ["map", *map(str, arguments)])
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done.stdout, done.stderr


def test_the_mappings_of_the_package_are_listed_and_shown(tmp_path: Path) -> None:
    listed = json.loads(run("list", "--json")[0])
    assert [row["name"] for row in listed] == ready_names()
    assert "Google Analytics 4" in run("list")[0]
    shown, _ = run("show", "ga4")
    (tmp_path / "mine.toml").write_text(shown)
    assert read_mapping(tmp_path / "mine.toml").name == "ga4"
    assert "ga5" in run("show", "ga5", code=2)[1]


def test_a_check_shows_rows_before_and_after(feedback: Path) -> None:
    out, _ = run("check", feedback / "feedback.toml", feedback / "feedback.csv")
    lines = out.splitlines()
    assert lines[1].startswith('  row 1: {"FeedbackType": "like"')
    assert '"event_time": 1656098411000' in lines[2]
    assert lines[-1] == "2 rows, 2 records: all would be accepted"


def test_a_check_in_which_records_would_die_ends_with_1_and_says_why(feedback: Path) -> None:
    (feedback / "feedback.toml").write_text(MAPPING)
    out, error = run("check", feedback / "feedback.toml", feedback, code=1)
    assert "dead letter: bad_time (2022-06-24 21:20:11)" in out
    assert "2 would become dead letters (bad_time 2)" in out
    assert "has no offset: name its zone in events.time_zone" in error.replace("\n", " ")
    report = json.loads(run("check", feedback / "feedback.toml", feedback, "--json", code=1)[0])
    assert report["tables"][0]["dead"] == {"bad_time": 2}


def test_actions_of_the_configuration_count(feedback: Path) -> None:
    file = feedback / "feedback.csv"
    file.write_text(file.read_text().replace("like,", "star,"))
    run("check", feedback / "feedback.toml", file, code=1)
    run("check", feedback / "feedback.toml", file, "--set", "actions.star.weight=1")


def test_what_cannot_be_read_ends_with_2(feedback: Path) -> None:
    file = feedback / "feedback.csv"
    file.write_text(file.read_text().replace("UserId", "User"))
    _, error = run("check", feedback / "feedback.toml", file, code=2)
    assert "has no column 'UserId' (for user_id)" in error.replace("\n", " ")
    run("check", "no-such-mapping", file, code=2)
    run("check", feedback / "feedback.toml", feedback / "absent.csv", code=2)


def test_control_characters_of_rows_do_not_reach_the_terminal(feedback: Path) -> None:
    file = feedback / "feedback.csv"
    file.write_text(file.read_text() + "li\x1b[2Jke,u1,101,2022-06-24 21:20:11\n")
    out, _ = run("check", feedback / "feedback.toml", file, code=1)
    assert "\x1b" not in out
