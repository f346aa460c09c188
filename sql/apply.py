"""Bring the schema `interestream` of a database up to date: `python -m sql.apply DSN`.

Everything happens in one transaction under an advisory lock:

1. the extension, the three roles, the book of what was applied;
2. `migrations/*.sql`, once each, in the order of their names. An applied migration is frozen: its
   sha256 is kept, and a file that reads differently later is refused;
3. `functions/*.sql`, on every run: one function per file, named after it. Their order does not
   matter, a changed signature replaces the old one, a function without a file is dropped;
4. `grants.sql`, on every run.

So an upgraded database ends up equal to a fresh one.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from psycopg import sql

from sql.errors import (
    ApplyError,
    ExtensionMissingError,
    FunctionFileError,
    LockedError,
    MigrationChangedError,
    MigrationOrderError,
)

HERE = Path(__file__).parent
SCHEMA = "interestream"
LOCK_KEY = 0x696E7465_72657374  # "interest"
OLDEST_SAFE_VECTOR = (0, 8, 4)
ROLES = ("interestream_reader", "interestream_writer", "interestream_admin")

_BOOKS = f"""
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

# A line that grants to our roles or revokes from them; left out where they could not be made.
_GRANT_LINE = re.compile(
    r"^(GRANT\b[^;]*\bTO|REVOKE\b[^;]*\bFROM) interestream_[^;]*;", re.MULTILINE
)


@dataclass(frozen=True)
class Report:
    """What one run did, and what the person running it should know."""

    migrations: tuple[str, ...]
    """Migrations that ran now, in order."""
    functions: tuple[str, ...]
    """Functions that stand in the schema now."""
    dropped: tuple[str, ...]
    """Functions, with their arguments, that were dropped for good."""
    warnings: tuple[str, ...]

    def lines(self) -> list[str]:
        """The report for a terminal."""
        said = [f"migrated {name}" for name in self.migrations] or ["no new migration"]
        said.append(f"{len(self.functions)} functions")
        said += [f"dropped {name}" for name in self.dropped]
        return said + [f"warning: {text}" for text in self.warnings]


def apply(dsn: str, *, root: Path = HERE, lock_timeout_s: float = 60.0) -> Report:
    """Bring the database behind `dsn` up to date with the files under `root`.

    All or nothing. Raises an ApplyError when the files do not fit the database, and psycopg.Error
    when a statement fails.
    """
    with psycopg.connect(dsn, autocommit=True) as connection, connection.transaction():
        return apply_on(connection, root=root, lock_timeout_s=lock_timeout_s)


def apply_on(
    connection: psycopg.Connection, *, root: Path = HERE, lock_timeout_s: float = 60.0
) -> Report:
    """The same inside the caller's transaction."""
    _lock(connection, lock_timeout_s)
    warnings = _extension(connection)
    roles_stand, role_warnings = _roles(connection)
    _run(connection, _BOOKS)
    migrated = _migrate(connection, sorted((root / "migrations").glob("*.sql")))
    functions, dropped = _replace_functions(
        connection, sorted((root / "functions").glob("*.sql")), roles_stand=roles_stand
    )
    grants = root / "grants.sql"
    if grants.exists():
        _run(connection, _for_roles(grants.read_text(), roles_stand))
    return Report(
        tuple(migrated), tuple(functions), tuple(dropped), tuple(warnings + role_warnings)
    )


def _run(connection: psycopg.Connection, statements: str) -> None:
    connection.execute(statements.encode())


def _lock(connection: psycopg.Connection, timeout_s: float) -> None:
    connection.execute("SELECT set_config('lock_timeout', %s, true)", [f"{timeout_s * 1000:.0f}ms"])
    try:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
    except psycopg.errors.LockNotAvailable as error:
        raise LockedError(
            f"another process has been applying the schema for {timeout_s:.0f} s: wait for it"
        ) from error


def _extension(connection: psycopg.Connection) -> list[str]:
    """Make sure of pgvector and put its schema on the search path of this transaction."""
    query = """
        SELECT e.extversion, n.nspname
        FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'vector'
    """
    found = connection.execute(query).fetchone()
    if found is None:
        offered = connection.execute(
            "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"
        ).fetchone()
        if offered is None:
            raise ExtensionMissingError(
                "this server has no pgvector: install its package (postgresql-NN-pgvector), or use "
                "the embedded Postgres"
            )
        try:
            with connection.transaction():
                connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        except psycopg.errors.InsufficientPrivilege as error:
            raise ExtensionMissingError(
                "this role may not create the extension: let a superuser run "
                "CREATE EXTENSION vector; in this database, then try again"
            ) from error
        found = connection.execute(query).fetchone()
        assert found is not None
    version, schema = found
    # pg_temp last: nobody's temporary object stands in for one of ours. The functions keep this
    # path (SET search_path FROM CURRENT), so callers need none.
    connection.execute(
        "SELECT set_config('search_path', %s, true)",
        [f'pg_catalog, {SCHEMA}, "{schema}", pg_temp'],
    )
    # Load the library: its settings (hnsw.*) are named in the functions.
    connection.execute("SELECT '[1]'::vector")
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    if numbers >= OLDEST_SAFE_VECTOR:
        return []
    oldest = ".".join(map(str, OLDEST_SAFE_VECTOR))
    return [
        f"pgvector {version} is older than {oldest}, before which a vacuum can damage an HNSW "
        "index: install a newer one, then ALTER EXTENSION vector UPDATE"
    ]


def _roles(connection: psycopg.Connection) -> tuple[bool, list[str]]:
    """Create the roles that are missing; (whether all stand, warnings)."""
    for role in ROLES:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            continue
        try:
            with connection.transaction():
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            pass  # somebody else created it just now, for another database of this server
        except psycopg.errors.InsufficientPrivilege:
            wanted = " ".join(f"CREATE ROLE {name} NOLOGIN;" for name in ROLES)
            return False, [
                "this role may not create roles, so nothing was granted and only the owner can use "
                f"the schema. Let somebody with CREATEROLE run: {wanted} then apply again"
            ]
    return True, []


def _migrate(connection: psycopg.Connection, files: list[Path]) -> list[str]:
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
        _run(connection, content.decode())
        connection.execute(
            "INSERT INTO applied_migrations (name, sha256) VALUES (%s, %s)", [file.name, digest]
        )
        migrated.append(file.name)
    return migrated


def _replace_functions(
    connection: psycopg.Connection, files: list[Path], *, roles_stand: bool
) -> tuple[list[str], list[str]]:
    """Replace every function; (names that stand now, signatures that are gone)."""
    names = [file.stem for file in files]
    known = [name for (name,) in connection.execute("SELECT name FROM applied_functions")]
    # Bodies may name functions of files that come later.
    connection.execute("SET LOCAL check_function_bodies = off")
    before = _functions(connection, names + known)
    if roles_stand:
        # A replaced function keeps its rights: only those of its file shall count.
        for found in before.values():
            _run(connection, f"REVOKE ALL ON FUNCTION {found.signature} FROM {', '.join(ROLES)}")
        before = _functions(connection, names + known)
    for file in files:
        statements = _for_roles(file.read_text(), roles_stand)
        try:
            with connection.transaction():
                _run(connection, statements)
        except (psycopg.errors.InvalidFunctionDefinition, psycopg.errors.AmbiguousFunction):
            # Another return type or other names of arguments may not be replaced; other types of
            # arguments would leave two functions that COMMENT ON cannot tell apart.
            _drop(connection, list(_functions(connection, [file.stem])))
            _run(connection, statements)
    old = []
    for name in names:
        # Whatever bears the name and was not written just now is an older signature.
        now = _functions(connection, [name])
        unwritten = [oid for oid, found in now.items() if before.get(oid) == found]
        if len(now) - len(unwritten) != 1:
            raise FunctionFileError(
                f"functions/{name}.sql must define exactly one function, {SCHEMA}.{name}"
            )
        old += unwritten
    old += list(_functions(connection, [name for name in known if name not in names]))
    _drop(connection, old)
    after = {found.signature for found in _functions(connection, names).values()}
    connection.execute("DELETE FROM applied_functions")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO applied_functions (name) VALUES (%s)", [(name,) for name in names]
        )
    return names, sorted({found.signature for found in before.values()} - after)


@dataclass(frozen=True)
class _Function:
    """A function as the catalogue holds it; `written_by` changes whenever it is replaced."""

    signature: str
    written_by: str


def _functions(connection: psycopg.Connection, names: list[str]) -> dict[int, _Function]:
    """The functions of our schema with one of these names, by object id."""
    rows = connection.execute(
        """
        SELECT oid, oid::regprocedure::text, xmin::text || ctid::text FROM pg_proc
        WHERE pronamespace = %s::regnamespace AND proname = ANY(%s)
        """,
        [SCHEMA, names],
    )
    return {oid: _Function(signature, written_by) for oid, signature, written_by in rows}


def _drop(connection: psycopg.Connection, oids: list[int]) -> None:
    for (signature,) in connection.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE oid = ANY(%s::oid[])", [oids]
    ).fetchall():
        _run(connection, f"DROP FUNCTION {signature}")


def _for_roles(statements: str, roles_stand: bool) -> str:
    return statements if roles_stand else _GRANT_LINE.sub("", statements)


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
