"""Migrations: each runs once, in the order of the names, and is frozen by its hash from then on."""

import hashlib
from pathlib import Path

import psycopg

from sql.errors import MigrationChangedError, MigrationOrderError
from sql.scripts import run


def migrate(connection: psycopg.Connection, files: list[Path]) -> list[str]:
    """Run the migrations that this database does not have. Returns their names, in order.

    Raises MigrationOrderError when the applied ones are not the first of `files`, and
    MigrationChangedError when an applied one has another sha256 now.
    """
    applied: dict[str, str] = dict(
        connection.execute("SELECT name, sha256 FROM applied_migrations ORDER BY name").fetchall()
    )
    names = [file.name for file in files]
    if list(applied) != names[: len(applied)]:
        raise MigrationOrderError(
            f"this database has the migrations {', '.join(applied)}; the files are "
            f"{', '.join(names) or 'none'}. New migrations go after the applied ones, and code "
            "older than the database does not fit it"
        )
    migrated = []
    for file in files:
        content = file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        before = applied.get(file.name)
        if before == digest:
            continue
        if before is not None:
            raise MigrationChangedError(
                f"{file.name} ran here with sha256 {before}, the file now has {digest}: put the "
                "file back as it was and write the change as a new migration"
            )
        run(connection, content.decode())
        connection.execute(
            "INSERT INTO applied_migrations (name, sha256) VALUES (%s, %s)", [file.name, digest]
        )
        migrated.append(file.name)
    return migrated
