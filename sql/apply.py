"""Bring the schema `interestream` of a database up to date: `python -m sql.apply DSN`.

Everything happens in one transaction under an advisory lock:

1. the versions of the server and of pgvector, the extension, the three roles, the tables that
   record what was applied;
2. `migrations/*.sql`, once each, in the order of their names. An applied migration is frozen: its
   sha256 is kept, and a file that reads differently later is refused;
3. `functions/*/*.sql`, on every run: one function per file, named after it. Their order does not
   matter, a changed signature replaces the old one, a function without a file is dropped;
4. `grants.sql`, on every run.

So an upgraded database ends up equal to a fresh one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from sql.connection import connect
from sql.errors import ApplyError
from sql.migrate import migrate
from sql.prerequisites import (
    SCHEMA,
    check_server,
    ensure_extension,
    ensure_roles,
    grant_extension,
    lock,
)
from sql.replace_functions import replace_functions
from sql.scripts import function_files, migration_files, run, without_grants

HERE = Path(__file__).parent

_RECORDS = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.applied_migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS {SCHEMA}.applied_functions (name text PRIMARY KEY);
COMMENT ON TABLE {SCHEMA}.applied_migrations IS 'Migrations that ran here and the hash they had; written by sql/apply.py.';
COMMENT ON TABLE {SCHEMA}.applied_functions IS 'Functions that sql/apply.py created and may drop; others in this schema are left alone.';
"""  # noqa: E501


@dataclass(frozen=True)
class Report:
    """What one run did, and what the person running it should know."""

    migrations: tuple[str, ...]
    """Migrations that ran now, in order."""
    functions: tuple[str, ...]
    """Functions that exist in the schema now."""
    dropped: tuple[str, ...]
    """Functions, with their arguments, that were dropped for good."""
    warnings: tuple[str, ...]
    """What is not as it should be, though it works; each says what to do."""

    def lines(self) -> list[str]:
        """The report for a terminal."""
        lines = [f"migrated {name}" for name in self.migrations] or ["no new migration"]
        lines.append(f"{len(self.functions)} functions")
        lines += [f"dropped {name}" for name in self.dropped]
        return lines + [f"warning: {text}" for text in self.warnings]


def apply(dsn: str, *, root: Path = HERE, lock_timeout_s: float = 60.0) -> Report:
    """Bring the database behind `dsn` up to date with the files under `root`.

    All or nothing. Raises an ApplyError when the files do not fit the database, and psycopg.Error
    when a statement fails.
    """
    with connect(dsn, autocommit=True) as connection, connection.transaction():
        return apply_on(connection, root=root, lock_timeout_s=lock_timeout_s)


def apply_on(
    connection: psycopg.Connection, *, root: Path = HERE, lock_timeout_s: float = 60.0
) -> Report:
    """`apply` inside the caller's transaction; it raises the same and commits nothing."""
    functions = function_files(root)
    lock(connection, lock_timeout_s)
    check_server(connection)
    warnings = ensure_extension(connection)
    roles_exist, role_warnings = ensure_roles(connection)
    if roles_exist:
        role_warnings += grant_extension(connection)
    run(connection, _RECORDS)
    migrated = migrate(connection, migration_files(root))
    names, dropped = replace_functions(connection, functions, grant=roles_exist)
    grants = root / "grants.sql"
    if grants.exists():
        statements = grants.read_text()
        run(connection, statements if roles_exist else without_grants(statements))
    return Report(tuple(migrated), tuple(names), tuple(dropped), tuple(warnings + role_warnings))


def main(
    dsn: Annotated[str, typer.Argument(help="Connection string of the database.")],
    lock_timeout_s: Annotated[float, typer.Option(help="Longest wait for another run, s.")] = 60.0,
) -> None:
    """Create or upgrade the schema interestream in a database."""
    try:
        report = apply(dsn, lock_timeout_s=lock_timeout_s)
    except (ApplyError, psycopg.Error) as error:
        typer.echo(f"not applied: {error}", err=True)
        raise typer.Exit(1) from error
    for line in report.lines():
        typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
