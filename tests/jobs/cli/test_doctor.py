"""`interestream doctor` on the terminal: the page, its exit code, and JSON."""

import json

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from jobs.cli import app
from jobs.spaces.build import build_space


@pytest.fixture(autouse=True)
def bare(tmp_path, monkeypatch):
    """An empty folder, and no environment variable that names anything."""
    for name in ("INTERESTREAM_DSN", "INTERESTREAM_REGISTRY", "FLINK_HOME", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_a_bare_folder_fails_with_a_page_and_changes_nothing(tmp_path):
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "Configuration"
    assert "  fail  no connection string is given" in lines
    assert "        -> export INTERESTREAM_DSN=postgresql://..." in lines
    failed = sum(line.startswith("  fail  ") for line in lines)
    warnings = sum(line.startswith("  warn  ") for line in lines)
    assert lines[-1].endswith(f" ok, {warnings} warnings, {failed} failed")
    assert list(tmp_path.iterdir()) == []


def test_a_database_in_order_exits_with_0_and_shows_no_password(cli, dsn, bundle_dir, tmp_path):
    build_space(dsn, bundle_dir, ["A book about tea", "One about chess"], sample=2)
    out, error = cli.run("doctor", "--set", f"encoder.bundle={bundle_dir}")
    assert ", 0 failed" in out
    assert str(conninfo_to_dict(dsn)["password"]) not in out + error


def test_json_has_the_counts_and_every_finding(cli, dsn):
    out, _ = cli.run("doctor", "--json", code=1)
    page = json.loads(out)
    levels = [finding["level"] for finding in page["findings"]]
    assert [page[level] for level in ("ok", "warn", "fail")] == [
        levels.count(level) for level in ("ok", "warn", "fail")
    ]
    assert set(page["findings"][0]) == {"area", "level", "found", "advice"}


def test_control_characters_of_a_name_are_escaped(cli, dsn):
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("INSERT INTO interestream.applied_migrations VALUES (E'9\\x1b[2J.sql', 'ab')")
    out, _ = cli.run("doctor", code=1)
    assert "9\\x1b[2J.sql" in out
    assert "\x1b[2J" not in out


def test_a_wrong_option_exits_with_2():
    assert CliRunner().invoke(app, ["doctor", "--space", "first"]).exit_code == 2
