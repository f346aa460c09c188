"""Dead letters on the command line: listed, and exported to be fed again."""

import base64
import subprocess
import sys

import psycopg
import pytest

from bench.fuzz.hostile import HOSTILE
from jobs.cli.options import console
from tests.jobs.cli.conftest import DEAD_LETTER

pytestmark = pytest.mark.usefixtures("hostile_rows")


def raw_records(dsn: str, where: str) -> list[bytes]:
    with psycopg.connect(dsn) as db:
        rows = db.execute(
            f"SELECT raw FROM interestream.dead_letters WHERE {where}".encode()
        ).fetchall()
    return sorted(row[0] for row in rows)


def test_reasons_are_counted_and_the_newest_are_complete_in_json(cli):
    found = cli.json("dead-letters", "--newest", "2", "--stream", "events")
    assert [(row["reason"], row["letters"]) for row in found["reasons"]] == [
        ("unknown_action", len(HOSTILE))
    ]
    newest = [base64.b64decode(row["raw"]) for row in found["newest"]]
    assert newest == [text.encode() + b"\xff\x1b[2J" for text in (HOSTILE[-1], HOSTILE[-2])]


def test_a_long_record_has_the_width_of_the_terminal(cli, dsn, monkeypatch):
    record = '{"user_id": "ada", "item_id": "' + "x" * 150 + '"}'
    with psycopg.connect(dsn) as db:
        db.execute(
            f"{DEAD_LETTER} (1, 9, 'items', 0, 9, %s, 'bad_time', 'in the future', 'ada')".encode(),
            [record.encode()],
        )
    monkeypatch.setattr(console, "width", 80)
    out, _ = cli.run("dead-letters", "--reason", "bad_time")
    block = out[out.index("\nwhen") :].splitlines()[1:]
    assert [line.split()[0] for line in block[:5]] == ["when", "stream", "reason", "detail", "user"]
    assert max(map(len, block)) <= 80
    printed = "".join(line[8:].strip() for line in block[5:])
    assert printed.replace(" ", "") == record.replace(" ", "")
    assert len(block[5:]) <= 4


def test_no_dead_letters_are_a_sentence_and_empty_lists(cli):
    assert cli.run("dead-letters", "--reason", "too_long")[0] == "No dead letters were found.\n"
    assert cli.json("dead-letters", "--reason", "too_long") == {"reasons": [], "newest": []}


def test_exported_lines_are_the_bytes_of_the_records(cli, dsn, tmp_path):
    file = tmp_path / "events.ndjson"
    out, _ = cli.run("dead-letters", "export", "events", str(file), "--reason", "unknown_action")
    assert out == f"{len(HOSTILE)} records\n"
    expected = raw_records(dsn, "stream = 'events'")
    assert sorted(_split(file.read_bytes(), expected)) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["events.ndjson"]


def _split(written: bytes, expected: list[bytes]) -> list[bytes]:
    """Return the expected records that were written. Hostile texts of this test hold line feeds,
    which real records never do, so splitting into lines would not do."""
    assert written.endswith(b"\n")
    assert len(written) == sum(len(raw) + 1 for raw in expected)
    return [raw for raw in expected if raw + b"\n" in written]


def test_records_can_be_written_to_a_pipe(dsn):
    command = [sys.executable, "-m", "jobs.cli", "dead-letters", "export", "items", "-"]
    done = subprocess.run([*command, "--dsn", dsn], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, b"{\n")


def test_a_missing_folder_is_an_error(cli, tmp_path):
    _, error = cli.run("dead-letters", "export", "items", str(tmp_path / "no" / "x"), code=2)
    assert error.startswith("It did not work: No such file or directory")
