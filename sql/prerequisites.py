"""What the database must have before anything is applied: the lock, pgvector, the three roles."""

import re

import psycopg
from psycopg import sql

from sql.errors import (
    ExtensionMissingError,
    ExtensionTooOldError,
    LockedError,
    ServerTooOldError,
)

SCHEMA = "interestream"
LOCK_KEY = 0x696E7465_72657374  # "interest"
OLDEST_POSTGRES = 15
"""Oldest major version with which the functions are tested."""
OLDEST_VECTOR = (0, 8, 0)
OLDEST_SAFE_VECTOR = (0, 8, 4)
ROLES = ("interestream_reader", "interestream_writer", "interestream_admin")


def lock(connection: psycopg.Connection, timeout_s: float) -> None:
    """Keep other runs out until the transaction ends. Raises LockedError after `timeout_s`."""
    connection.execute("SELECT set_config('lock_timeout', %s, true)", [f"{timeout_s * 1000:.0f}ms"])
    try:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
    except psycopg.errors.LockNotAvailable as error:
        raise LockedError(
            f"another process has been applying the schema for {timeout_s:.0f} s: wait for it"
        ) from error


def check_server(connection: psycopg.Connection) -> None:
    """Raise ServerTooOldError where the server is older than OLDEST_POSTGRES."""
    if connection.info.server_version < OLDEST_POSTGRES * 10_000:
        version = connection.execute("SHOW server_version").fetchone() or ("unknown",)
        raise ServerTooOldError(
            f"this server is PostgreSQL {version[0]}, and {OLDEST_POSTGRES} or newer is needed:"
            " upgrade it, or use another one"
        )


def ensure_extension(connection: psycopg.Connection) -> list[str]:
    """Create pgvector where it is missing, and put its schema on this transaction's search path.

    Returns warnings. Raises ExtensionMissingError when it is missing and cannot be created, and
    ExtensionTooOldError when it is older than OLDEST_VECTOR.
    """
    query = """
        SELECT e.extversion, n.nspname
        FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'vector'
    """
    found = connection.execute(query).fetchone()
    offered = connection.execute(
        "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"
    ).fetchone()
    if found is None:
        if offered is None:
            raise ExtensionMissingError(
                "this server has no pgvector: install its package (postgresql-NN-pgvector), or use "
                "the embedded Postgres"
            )
        _refuse_old(offered[0], offered[0])
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
    _refuse_old(version, offered[0] if offered else version)
    # pg_temp comes last, so that nobody's temporary object is taken for one of ours. The functions
    # keep this path (SET search_path FROM CURRENT), so callers need none.
    path = sql.SQL("pg_catalog, {}, {}, pg_temp").format(
        sql.Identifier(SCHEMA), sql.Identifier(schema)
    )
    connection.execute("SELECT set_config('search_path', %s, true)", [path.as_string(connection)])
    # This loads the library, whose settings (hnsw.*) the functions name.
    try:
        connection.execute("SELECT '[1]'::vector")
    except psycopg.errors.UndefinedObject as error:
        raise ExtensionMissingError(
            f"this role may not use the schema {schema}, in which pgvector lies: let its owner run"
            f" GRANT USAGE ON SCHEMA {sql.Identifier(schema).as_string(connection)} TO the role"
        ) from error
    if _numbers(version) >= OLDEST_SAFE_VECTOR:
        return []
    return [
        f"pgvector {version} is older than {_dotted(OLDEST_SAFE_VECTOR)}, before which a vacuum can"
        " damage an HNSW index: install a newer one, then ALTER EXTENSION vector UPDATE"
    ]


def grant_extension(connection: psycopg.Connection) -> list[str]:
    """Let the three roles use the schema of pgvector, whose operators the functions call.

    Returns a warning where this role may not grant it, and a role lacks it.
    """
    schema, lacking = connection.execute(
        """
        SELECT n.nspname, array(
            SELECT r FROM unnest(%s::text[]) AS r WHERE NOT has_schema_privilege(r, n.oid, 'USAGE')
        )
        FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'vector'
        """,
        [list(ROLES)],
    ).fetchone() or ("", [])
    if not lacking:
        return []
    grant = sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(
        sql.Identifier(schema), sql.SQL(", ").join(map(sql.Identifier, lacking))
    )
    try:
        with connection.transaction():
            connection.execute(grant)
    except psycopg.errors.InsufficientPrivilege:
        return [
            f"pgvector lies in the schema {schema}, which {', '.join(lacking)} may not use: let its"
            f" owner run {grant.as_string(connection)};"
        ]
    return []


def _refuse_old(version: str, offered: str) -> None:
    """Raise ExtensionTooOldError for a version that lacks what the functions need.

    Those are halfvec, and scans of an index that go on until enough rows pass the filter.
    """
    if _numbers(version) >= OLDEST_VECTOR:
        return
    newer = _numbers(offered) >= OLDEST_VECTOR
    raise ExtensionTooOldError(
        f"pgvector here is {version}, and {_dotted(OLDEST_VECTOR)} or newer is needed: "
        + (
            f"the server offers {offered}, so run ALTER EXTENSION vector UPDATE"
            if newer
            else "install a newer one (package postgresql-NN-pgvector) on the server, then run"
            " ALTER EXTENSION vector UPDATE where it is created already"
        )
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def ensure_roles(connection: psycopg.Connection) -> tuple[bool, list[str]]:
    """Create the roles that are missing. Returns (whether all exist now, warnings)."""
    for role in ROLES:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            continue
        try:
            with connection.transaction():
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            pass  # Another run created it just now, for another database of this server.
        except psycopg.errors.InsufficientPrivilege:
            wanted = " ".join(f"CREATE ROLE {name} NOLOGIN;" for name in ROLES)
            return False, [
                "this role may not create roles, so nothing was granted and only the owner can use "
                f"the schema. Let a role with CREATEROLE run: {wanted} then apply again"
            ]
    return True, []
