"""A database with hostile strings, and the commands that print them."""

import json
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from bench.fuzz.hostile import HOSTILE
from jobs.cli import app
from jobs.cli.options import console
from tests.sql.builders import add_actions, add_item, add_space, seeded

DEAD_LETTER = (
    "INSERT INTO interestream.dead_letters"
    " (space_id, epoch, stream, bucket, seq, raw, reason, detail, user_id) VALUES"
)


class CommandLine:
    """Runs `interestream` commands in this process."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def run(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        """Return (standard output, standard error); the exit code must be `code`."""
        environment = {"INTERESTREAM_DSN": self.dsn, "COLUMNS": "200", "TERM": "xterm"}
        done = CliRunner().invoke(app, list(arguments), env=environment)
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        return done.stdout, done.stderr

    def json(self, *arguments: str) -> Any:
        """Return the document that a command prints with --json, which must be ASCII."""
        out, _ = self.run(*arguments, "--json")
        assert out.isascii()
        assert "\x7f" not in out
        return json.loads(out)


@pytest.fixture
def cli(dsn: str, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    # The console was made at import time, with the width of the terminal of then.
    monkeypatch.setattr(console, "width", 200)
    return CommandLine(dsn)


@pytest.fixture
def hostile_rows(dsn: str) -> None:
    """Items, a user, dead letters and a topic with hostile names, and counters."""
    vectors = seeded(len(HOSTILE))
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
        add_actions(db)
        for number, text in enumerate(HOSTILE):
            add_item(db, text, vectors[number], title=f"{text} {number}", categories=[text])
            db.execute(
                "INSERT INTO interestream.user_items VALUES (%s, %s, 2, now(), now(), 1, now(), 1)",
                (f"user {text}", text),
            )
            raw = text.encode() + b"\xff\x1b[2J"
            db.execute(
                f"{DEAD_LETTER} (1, 1, 'events', 0, %s, %s, 'unknown_action', %s, %s)".encode(),
                (number, raw, text, text),
            )
        db.execute(f"{DEAD_LETTER} (1, 1, 'items', 0, 0, '{{', 'not_json', '', NULL)".encode())
        db.execute("INSERT INTO interestream.topics VALUES (%s, %s)", (HOSTILE[22], [HOSTILE[23]]))
        db.execute(
            "INSERT INTO interestream.job_progress"
            " (space_id, stream, bucket, epoch, records_in, duplicates, dead_letters, waiting,"
            "  applied, excluded)"
            " VALUES (1, 'events', 0, 1, 1000, 5, 61, 3, 900, 31)"
        )
