"""What the database must have before anything is applied: the lock, pgvector, the three roles."""

import re

import psycopg
from psycopg import sql

from sql.errors import ExtensionMissingError, LockedError

SCHEMA = "interestream"
LOCK_KEY = 0x696E7465_72657374  # "interest"
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


def ensure_extension(connection: psycopg.Connection) -> list[str]:
    """Create pgvector where it is missing, and put its schema on this transaction's search path.

    Returns warnings. Raises ExtensionMissingError when it is missing and cannot be created.
    """
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
    # pg_temp comes last, so that nobody's temporary object is taken for one of ours. The functions
    # keep this path (SET search_path FROM CURRENT), so callers need none.
    connection.execute(
        "SELECT set_config('search_path', %s, true)",
        [f'pg_catalog, {SCHEMA}, "{schema}", pg_temp'],
    )
    # This loads the library, whose settings (hnsw.*) the functions name.
    connection.execute("SELECT '[1]'::vector")
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    if numbers >= OLDEST_SAFE_VECTOR:
        return []
    oldest = ".".join(map(str, OLDEST_SAFE_VECTOR))
    return [
        f"pgvector {version} is older than {oldest}, before which a vacuum can damage an HNSW "
        "index: install a newer one, then ALTER EXTENSION vector UPDATE"
    ]


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
