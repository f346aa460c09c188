"""A dump, restored into another server as docs/postgres.md has it, is the same database."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from jobs.local.postgres import Server, binaries, temporary_postgres
from sql.apply import apply
from tests.sql.calls import READING


@pytest.fixture
def other_server() -> Iterator[Server]:
    """A server that has never seen the schema or its roles."""
    with temporary_postgres() as server:
        yield server


def run(program: str, dsn: str, *arguments: str, read: str | None = None) -> str:
    """What a program of Postgres prints; the connection is in its environment."""
    given = conninfo_to_dict(dsn)
    connection = {f"PG{name.upper()}": str(given[name]) for name in ("host", "port", "user")}
    connection |= {"PGPASSWORD": str(given["password"]), "PGDATABASE": str(given["dbname"])}
    done = subprocess.run(
        [str(binaries() / program), *arguments],
        env={**os.environ, **connection},
        input=read,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def answers(dsn: str) -> dict[str, list[Any]]:
    """What every function that reads answers."""
    with psycopg.connect(dsn) as db:
        return {
            name: db.execute(f"SELECT * FROM interestream.{name}({arguments})").fetchall()
            for name, arguments in READING.items()
        }


def test_a_restored_database_gives_the_same_answers_and_needs_no_migration(
    filled: str, other_server: Server, tmp_path: Path
) -> None:
    dump = tmp_path / "interestream.dump"
    restored = other_server.dsn_of("restored")
    roles = run("pg_dumpall", filled, "--roles-only", "--no-role-passwords")
    # The superuser of the embedded server is there already.
    new = "".join(
        line for line in roles.splitlines(True) if not line.startswith("CREATE ROLE post")
    )
    run("pg_dump", filled, "--format=custom", "--file", str(dump))

    run("psql", other_server.dsn, "--set=ON_ERROR_STOP=1", "--quiet", read=new)
    run("createdb", other_server.dsn, "restored")
    run("pg_restore", restored, "--exit-on-error", "--dbname=restored", str(dump))

    expected = answers(filled)
    assert len(expected["recommend"]) == 10
    assert answers(restored) == expected
    report = apply(restored)
    assert (report.migrations, report.dropped, report.warnings) == ((), (), ())
    assert answers(restored) == expected
    with psycopg.connect(restored) as db:
        # A new space gets a number of its own, and readers keep their rights.
        assert db.execute(
            "SELECT interestream.create_space('other', '1', 'bb', 1, '{0}', false)"
        ).fetchone() == (2,)
        db.execute("SET ROLE interestream_reader")
        assert db.execute("SELECT count(*) FROM interestream.recommend('ann')").fetchone() == (10,)
