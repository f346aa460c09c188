"""The schema `interestream`: whether it is that of the files at hand, and what the role may do."""

import hashlib
import re

import psycopg
from psycopg import sql

from jobs.doctor.finding import Finding, fail, ok, warn
from sql.apply import HERE
from sql.prerequisites import ROLES, SCHEMA
from sql.scripts import function_files, migration_files

AREA = "Schema"
APPLY = "interestream apply"
UPGRADE = "pip install --upgrade interestream: code that is older than its database does not fit it"
MAY = {
    "interestream_reader": "ask for recommendations",
    "interestream_writer": "run the job",
    "interestream_admin": "maintain topics, weights and spaces",
}
_BODY = re.compile(r"AS \$\$(.*)\$\$", re.DOTALL)


def check_schema(db: psycopg.Connection) -> list[Finding]:
    """Check that the schema is there and up to date, and the rights of the role."""
    # Not to_regclass(), which a role without rights on the schema may not ask.
    exists = (
        "SELECT EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE c.relname = 'applied_migrations' AND n.nspname = %s)"
    )
    if not _scalar(db, exists, SCHEMA):
        may_create = _scalar(db, "SELECT has_database_privilege(current_database(), %s)", "CREATE")
        advice = APPLY if may_create else f"with a role that may create schemas: {APPLY}"
        return [fail(AREA, f"this database has no schema {SCHEMA}", advice)]
    findings = _role(db)
    if _scalar(db, "SELECT has_schema_privilege(%s, 'USAGE')", SCHEMA):
        findings += [*_migrations(db), *_functions(db)]
    return findings


def _migrations(db: psycopg.Connection) -> list[Finding]:
    readable = "SELECT has_table_privilege(%s, 'SELECT')"
    if not _scalar(db, readable, f"{SCHEMA}.applied_migrations"):
        return [ok(AREA, "which migrations were applied, only interestream_admin may read")]
    query = "SELECT name, sha256 FROM interestream.applied_migrations ORDER BY name"
    applied: dict[str, str] = dict(db.execute(query).fetchall())
    files = {file.name: file.read_bytes() for file in migration_files(HERE)}
    missing = [name for name in files if name not in applied]
    newer = [name for name in applied if name not in files]
    changed = [
        name
        for name, content in files.items()
        if name in applied and applied[name] != hashlib.sha256(content).hexdigest()
    ]
    if newer:
        return [fail(AREA, f"the database is newer than this package: {', '.join(newer)}", UPGRADE)]
    findings = []
    if changed:
        advice = "pip install --force-reinstall interestream: an applied migration must not change"
        found = f"migrations that read differently than when they ran: {', '.join(changed)}"
        findings.append(fail(AREA, found, advice))
    if missing:
        findings.append(fail(AREA, f"migrations to apply: {', '.join(missing)}", APPLY))
    return findings or [ok(AREA, f"all {len(files)} migrations, the last is {max(files)}")]


def _functions(db: psycopg.Connection) -> list[Finding]:
    bodies: dict[str, set[str]] = {}
    for name, body in db.execute(
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = %s::regnamespace", [SCHEMA]
    ):
        bodies.setdefault(name, set()).add(body)
    files = {file.stem: file.read_text() for file in function_files(HERE)}
    missing = [name for name in files if name not in bodies]
    changed = [
        name
        for name, text in files.items()
        if name in bodies and (body := _BODY.search(text)) and body[1] not in bodies[name]
    ]
    findings = [
        fail(AREA, f"functions {what}: {_some(names)}", APPLY)
        for what, names in (("that are missing", missing), ("of another version", changed))
        if names
    ]
    return findings or [ok(AREA, f"all {len(files)} functions, as in this package")]


def _role(db: psycopg.Connection) -> list[Finding]:
    role, owns = db.execute(
        "SELECT current_user::text, pg_has_role(nspowner, 'USAGE') FROM pg_namespace"
        " WHERE nspname = %s",
        [SCHEMA],
    ).fetchone() or ("", False)
    if owns:
        return [ok(AREA, f"role {role} owns the schema, or may act as its owner: it may do all")]
    rows = db.execute(
        "SELECT rolname::text FROM pg_roles WHERE rolname = ANY(%s)"
        " AND pg_has_role(oid, 'USAGE') ORDER BY rolname",
        [list(ROLES)],
    ).fetchall()
    member = [name for (name,) in rows]
    if "interestream_writer" in member:
        rights = " and ".join(MAY[name] for name in member)
        return [ok(AREA, f"role {role} is a member of {', '.join(member)}: it may {rights}")]
    grant = sql.SQL("GRANT interestream_writer TO {};").format(sql.Identifier(role)).as_string(db)
    advice = f"for the job, as the schema's owner: {grant}"
    if member:
        rights = " and ".join(MAY[name] for name in member)
        found = f"role {role} is a member of {', '.join(member)}: it may {rights}"
        return [warn(AREA, f"{found}, and not run the job", advice)]
    return [fail(AREA, f"role {role} is a member of none of {', '.join(ROLES)}", advice)]


def _scalar(db: psycopg.Connection, query: str, argument: str) -> bool:
    row = db.execute(query.encode(), [argument]).fetchone()
    return bool(row and row[0])


def _some(names: list[str]) -> str:
    """The first names, and how many more there are.

    >>> _some(["a", "b"]), _some(list("abcdef"))
    ('a, b', 'a, b, c, d and 2 more')
    """
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more
