"""`interestream health` against rows of a real Postgres: exit codes, sentences, JSON."""

import json
import os
import time
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from jobs.cli import app
from jobs.datasets.feed import DirectoryFeed
from jobs.runtime.processes import free_port
from tests.sql.builders import add_space
from tests.sql.logins import login

ROW = (
    "INSERT INTO interestream.job_progress (space_id, stream, bucket, epoch, records_in,"
    " duplicates, dead_letters, waiting, applied, excluded, committed_at)"
    " VALUES (%s, %s, %s, 1, %s, 0, %s, %s, 0, 0, clock_timestamp() - make_interval(secs => %s))"
)


@pytest.fixture(autouse=True)
def bare(tmp_path, monkeypatch):
    """An empty folder, and no environment variable that names a database."""
    monkeypatch.delenv("INTERESTREAM_DSN", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def rows(dsn):
    """Writes counters of the events of the only space, which is active."""
    with psycopg.connect(dsn, autocommit=True) as db:
        space_id = add_space(db)

        def write(
            age_s: float, *, records: int = 1_000, dead: int = 0, waiting: int = 0, bucket: int = 0
        ) -> None:
            db.execute(ROW, (space_id, "events", bucket, records, dead, waiting, age_s))

        yield write


def file_of(folder: Path, age_s: float) -> Path:
    """A folder of streams with one file of events that is so many seconds old."""
    path = folder / "streams" / "events" / "1.ndjson"
    path.parent.mkdir(parents=True)
    path.write_text("{}\n")
    os.utime(path, (time.time() - age_s, time.time() - age_s))
    return folder / "streams"


@pytest.mark.parametrize(("age_s", "code"), [(5, 0), (100, 1), (400, 2)])
def test_the_exit_code_follows_the_age_of_the_newest_commit(cli, rows, age_s, code):
    rows(age_s)
    rows(9_000, bucket=1)
    out, error = cli.run("health", code=code)
    word = ("ok", "warning", "critical")[code]
    assert out.splitlines()[0].startswith(f"{word:<8}  the newest commit to space 1 is ")
    assert error == ""


def test_thresholds_are_options(cli, rows):
    rows(100, dead=60)
    cli.run("health", code=1)
    cli.run("health", "--commit-age-s", "200:400", "--dead-letter-share", "0.1:0.2", code=0)
    cli.run("health", "--commit-age-s", "10:50", code=2)


def test_an_idle_job_is_ok_by_its_streams(cli, rows, tmp_path):
    rows(4_000)
    streams = str(file_of(tmp_path, age_s=5_000))
    out, _ = cli.run("health", "--streams", streams, code=0)
    assert "the newest commit to space 1 is 67 min old, and no file waits" in out
    cli.run("health", "--set", f"sources.root={streams}", code=0)


def test_a_file_that_is_not_read_is_critical(cli, rows, tmp_path):
    rows(4_000)
    streams = str(file_of(tmp_path, age_s=3_000))
    out, _ = cli.run("health", "--streams", streams, code=2)
    assert "the oldest file of events that waits has waited for 50 min" in out
    assert all(line.startswith("critical") for line in out.splitlines()[:2])
    assert all(line.startswith("ok") for line in out.splitlines()[2:])


def test_streams_that_were_named_and_cannot_be_read_are_a_warning(cli, rows, tmp_path):
    rows(5)
    cli.run("health", code=0)
    out, _ = cli.run("health", "--streams", str(tmp_path / "nowhere"), code=1)
    assert out.startswith(f"warning   the streams in {tmp_path / 'nowhere'} cannot be read")


def test_a_folder_that_was_moved_away_is_critical(cli, rows, tmp_path):
    rows(5)
    DirectoryFeed(tmp_path / "streams")
    setting = f"sources.root={tmp_path / 'streams'}"
    cli.run("health", "--set", setting, code=0)
    (tmp_path / "streams" / "events").rename(tmp_path / "aside")
    out, _ = cli.run("health", "--set", setting, code=2)
    assert out.startswith("critical  the folder of the stream events is gone: Flink reports no err")


def test_shares_are_judged_over_all_buckets(cli, rows):
    rows(5, records=600, waiting=200)
    rows(5, records=400, waiting=200, bucket=1)
    out, _ = cli.run("health", code=2)
    assert "40.0% of the records of events wait for their item (400 of 1,000)" in out


def test_json_has_the_state_and_the_numbers(cli, rows):
    rows(100)
    out, _ = cli.run("health", "--json", code=1)
    assert out.isascii()
    document = json.loads(out)
    assert document["state"] == "warning"
    first = document["checks"][0]
    assert (first["check"], first["state"]) == ("commit", "warning")
    assert first["value"] == pytest.approx(100, abs=20)


def test_a_reader_may_ask(dsn, rows, cli):
    rows(5)
    with login(dsn, "interestream_reader") as reader:
        cli.dsn = reader
        cli.run("health", code=0)


def test_a_database_without_the_schema_or_a_space_is_critical(cli, dsn, empty_dsn):
    out, _ = cli.run("health", code=2)
    assert out == (
        "critical  there is no active space: make one with `interestream space create`\n"
    )
    cli.dsn = empty_dsn
    out, _ = cli.run("health", code=2)
    assert out.startswith("critical  the schema of this database is missing or old")


def test_postgres_and_flink_that_do_not_answer_are_critical_without_the_password(cli):
    cli.dsn = f"postgresql://ada:s3cret@127.0.0.1:{free_port()}/shop"
    out, error = cli.run("health", "--jobmanager", f"127.0.0.1:{free_port()}", code=2)
    postgres, flink = out.splitlines()
    assert postgres.startswith("critical  Postgres cannot be reached")
    assert flink.startswith("critical  no JobManager answers at http://127.0.0.1:")
    assert "s3cret" not in out + error


def test_no_database_is_critical(cli):
    cli.dsn = ""
    out, _ = cli.run("health", code=2)
    assert out == "critical  no database: give --dsn, or set INTERESTREAM_DSN\n"


def test_a_dead_flink_does_not_hide_what_postgres_says(cli, rows, dsn):
    rows(5)
    out, _ = cli.run("health", "--jobmanager", f"127.0.0.1:{free_port()}", "--json", code=2)
    checks = [check["check"] for check in json.loads(out)["checks"]]
    assert checks == ["flink", "commit", "waiting", "dead letters", "maintenance"]
    assert str(conninfo_to_dict(dsn)["password"]) not in out


@pytest.mark.parametrize(
    "arguments", [["--lag-s", "5"], ["--restarts", "9:1"], ["--config", "none.toml"]]
)
def test_a_wrong_option_exits_with_2_and_says_so_on_the_standard_error_alone(arguments):
    done = CliRunner().invoke(app, ["health", *arguments])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr


def test_the_help_lists_the_thresholds():
    done = CliRunner().invoke(app, ["health", "--help"], env={"COLUMNS": "200"})
    for option, default in (("--commit-age-s", "60:300"), ("--lag-s", "30:120")):
        lines = [line for line in done.output.splitlines() if f" {option} " in line]
        assert f"[default: {default}]" in lines[0]
