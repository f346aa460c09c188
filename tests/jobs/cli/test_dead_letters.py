"""Dead letters on the command line: read, and written out to be fed again."""

import base64
import subprocess
import sys

import psycopg
import pytest

from bench.fuzz.hostile import HOSTILE

pytestmark = pytest.mark.usefixtures("hostile_rows")


def raws(dsn: str, where: str) -> list[bytes]:
    with psycopg.connect(dsn) as db:
        rows = db.execute(
            f"SELECT raw FROM interestream.dead_letters WHERE {where}".encode()
        ).fetchall()
    return sorted(row[0] for row in rows)


def test_reasons_are_counted_and_the_newest_are_shown_whole_in_json(told):
    found = told.json("dead-letters", "--newest", "2", "--stream", "events")
    assert [(row["reason"], row["letters"]) for row in found["reasons"]] == [
        ("unknown_action", len(HOSTILE))
    ]
    newest = [base64.b64decode(letter["raw"]) for letter in found["newest"]]
    assert newest == [text.encode() + b"\xff\x1b[2J" for text in (HOSTILE[-1], HOSTILE[-2])]


def test_none_are_told(told):
    assert told.run("dead-letters", "--reason", "too_long")[0] == "There are none.\n"
    assert told.json("dead-letters", "--reason", "too_long") == {"reasons": [], "newest": []}


def test_exported_lines_are_the_bytes_that_came_in(told, dsn, tmp_path):
    file = tmp_path / "events.ndjson"
    out, _ = told.run("dead-letters", "export", "events", str(file), "--reason", "unknown_action")
    assert out == f"{len(HOSTILE)} records\n"
    wanted = raws(dsn, "stream = 'events'")
    assert sorted(_split(file.read_bytes(), wanted)) == wanted
    assert [path.name for path in tmp_path.iterdir()] == ["events.ndjson"]


def _split(written: bytes, wanted: list[bytes]) -> list[bytes]:
    """A hostile text of this test may hold a line feed, which a line that came in never does."""
    assert written.endswith(b"\n")
    assert len(written) == sum(len(raw) + 1 for raw in wanted)
    return [raw for raw in wanted if raw + b"\n" in written]


def test_records_go_to_a_pipe_and_to_no_terminal(dsn, told):
    command = [sys.executable, "-m", "jobs.cli", "dead-letters", "export", "items", "-"]
    done = subprocess.run([*command, "--dsn", dsn], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, b"{\n")


def test_a_folder_that_is_not_there_is_told(told, tmp_path):
    _, error = told.run("dead-letters", "export", "items", str(tmp_path / "no" / "x"), code=2)
    assert error.startswith("It did not work: No such file or directory")
