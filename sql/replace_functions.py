"""Functions: each is replaced on every run; old signatures and functions without a file go.

What a view of somebody else stands on stays, under another name: `kept_functions.py`.
"""

from dataclasses import dataclass
from pathlib import Path

import psycopg

from sql.errors import FunctionFileError
from sql.kept_functions import drop_or_keep, forward
from sql.prerequisites import ROLES, SCHEMA
from sql.scripts import run, without_grants, written_as


def replace_functions(
    connection: psycopg.Connection, files: list[Path], *, grant: bool
) -> tuple[list[str], list[str]]:
    """Replace every function; without `grant` nobody but the owner may call them.

    Returns (names that exist now, signatures that were dropped for good). Raises FunctionFileError
    for a file that does not define exactly the function it is named after.
    """
    names = [file.stem for file in files]
    known = [name for (name,) in connection.execute("SELECT name FROM applied_functions")]
    kept: list[str] = []
    # Bodies may name functions of files that come later.
    connection.execute("SET LOCAL check_function_bodies = off")
    before = _functions(connection, names + known)
    if grant:
        # A replaced function keeps its rights, but only those that its file grants shall count.
        for found in before.values():
            run(connection, f"REVOKE ALL ON FUNCTION {found.signature} FROM {', '.join(ROLES)}")
        before = _functions(connection, names + known)
    for file in files:
        statements = file.read_text() if grant else without_grants(file.read_text())
        try:
            with connection.transaction():
                run(connection, statements)
        except (psycopg.errors.InvalidFunctionDefinition, psycopg.errors.AmbiguousFunction):
            # Postgres does not replace a function whose return type or argument names change; and
            # other argument types would leave two functions that COMMENT ON cannot tell apart.
            kept += _drop(connection, list(_functions(connection, [file.stem])), names)
            run(connection, statements)
    old: list[int] = []
    for file in files:
        # A function of this name that was not written just now has an older signature.
        now = _functions(connection, [file.stem])
        unwritten = [oid for oid, found in now.items() if before.get(oid) == found]
        if len(now) - len(unwritten) != 1:
            raise FunctionFileError(
                f"{written_as(file)} must define exactly one function, {SCHEMA}.{file.stem}"
            )
        old += unwritten
    old += list(_functions(connection, [name for name in known if name not in names]))
    kept += _drop(connection, old, names)
    for name in kept:
        forward(connection, name, grant=grant)
    after = {found.signature for found in _functions(connection, names + kept).values()}
    connection.execute("DELETE FROM applied_functions")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO applied_functions (name) VALUES (%s)", [(name,) for name in names + kept]
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


def _drop(connection: psycopg.Connection, oids: list[int], names: list[str]) -> list[str]:
    """Drop functions; returns the names of those that stay, since a view stands on them."""
    found = [drop_or_keep(connection, oid, names) for oid in oids]
    return [name for name in found if name is not None]
