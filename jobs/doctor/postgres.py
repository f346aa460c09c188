"""The server: whether it can be reached, its version, and pgvector."""

import re

import psycopg
from psycopg import sql

from jobs.doctor.finding import Finding, fail, from_message, ok, warn
from jobs.sinks.database_errors import describe_error
from sql import connection
from sql.prerequisites import OLDEST_POSTGRES, OLDEST_SAFE_VECTOR, OLDEST_VECTOR

AREA = "PostgreSQL"
NEWEST_POSTGRES = 18
CONNECT_S = 5
GIVE_DSN = "export INTERESTREAM_DSN=postgresql://..."


def connect(dsn: str) -> psycopg.Connection | Finding:
    """Return a connection, or why there is none."""
    if not dsn:
        return fail(AREA, "no connection string is given", GIVE_DSN)
    try:
        return connection.connect(dsn, autocommit=True, connect_timeout=CONNECT_S)
    except psycopg.Error as error:
        return from_message(AREA, describe_error(error))


def check_server(db: psycopg.Connection) -> list[Finding]:
    """Check the version of the server."""
    major, full, database, role = db.execute(
        "SELECT current_setting('server_version_num')::int / 10000,"
        " split_part(current_setting('server_version'), ' ', 1), current_database(), current_user"
    ).fetchone() or (0, "", "", "")
    found = f"PostgreSQL {full} at {db.info.host}:{db.info.port}, database {database}, role {role}"
    return [judge_version(major, found)]


def judge_version(major: int, found: str) -> Finding:
    """Return the finding of a server of a major version."""
    if major < OLDEST_POSTGRES:
        return fail(AREA, found, f"upgrade the server to {OLDEST_POSTGRES} to {NEWEST_POSTGRES}")
    if major > NEWEST_POSTGRES:
        supported = f"{OLDEST_POSTGRES} to {NEWEST_POSTGRES}"
        advice = f"nothing yet; {supported} are supported, this one has not been tried"
        return warn(AREA, found, advice)
    return ok(AREA, found)


def check_vector(db: psycopg.Connection) -> list[Finding]:
    """Check that pgvector is there, of a version that works, and open to this role."""
    row = db.execute(
        "SELECT e.extversion, n.nspname, has_schema_privilege(n.oid, 'USAGE'), current_user::text"
        " FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace"
        " WHERE e.extname = 'vector'"
    ).fetchone()
    offered = db.execute(
        "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"
    ).fetchone()
    package = f"postgresql-{db.info.server_version // 10000}-pgvector"
    if row is None:
        if offered is None:
            return [fail(AREA, "no pgvector on this server", f"apt-get install {package}")]
        advice = "interestream apply, or as a superuser: CREATE EXTENSION vector;"
        return [fail(AREA, f"pgvector {offered[0]} is not created in this database", advice)]
    version, schema, may_use, role = row
    found = f"pgvector {version} in the schema {schema}"
    if not may_use:
        grant = sql.SQL("GRANT USAGE ON SCHEMA {} TO {};").format(
            sql.Identifier(schema), sql.Identifier(role)
        )
        return [
            fail(AREA, f"{found}, which {role} may not use", f"as its owner: {grant.as_string(db)}")
        ]
    newer = offered is not None and numbers(offered[0]) > numbers(version)
    install = "" if newer else f"install a newer {package}, then "
    advice = f"{install}as the extension's owner: ALTER EXTENSION vector UPDATE;"
    if numbers(version) < OLDEST_VECTOR:
        return [fail(AREA, f"{found}, older than {_dotted(OLDEST_VECTOR)}", advice)]
    if numbers(version) < OLDEST_SAFE_VECTOR:
        oldest = _dotted(OLDEST_SAFE_VECTOR)
        damage = f"before {oldest} a vacuum can damage an HNSW index"
        return [warn(AREA, f"{found}: {damage}", advice)]
    return [ok(AREA, found)]


def numbers(version: str) -> tuple[int, ...]:
    """Return the first three numbers of a version.

    >>> numbers("0.8.10")
    (0, 8, 10)
    """
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
