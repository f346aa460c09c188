"""Functions of a former signature that views of others stand on: kept under another name.

Postgres neither drops such a function nor adds a parameter to it. It is renamed, which its views
follow, and from then on calls the function that has its name now, by the names of its parameters.
It goes with the first deploy after its last view.
"""

from collections.abc import Collection

import psycopg
from psycopg import sql

from sql.prerequisites import ROLES, SCHEMA

PREFIX = "kept_"

_DESCRIBE = """
SELECT proname::text, pg_get_function_identity_arguments(oid), pg_get_function_arguments(oid),
    pg_get_function_result(oid), provolatile::text,
    coalesce(proargnames[:pronargs], '{}')::text[],
    ARRAY(
        SELECT result.name::text FROM unnest(proargnames, proargmodes) AS result (name, mode)
        WHERE result.mode = 't'
    )
FROM pg_proc WHERE oid = %s
"""
_VOLATILITY = {"i": "IMMUTABLE", "s": "STABLE", "v": "VOLATILE"}


def drop_or_keep(connection: psycopg.Connection, oid: int, names: Collection[str]) -> str | None:
    """Drop a function; where something stands on it, keep it, and return the name it has then.

    Only one of `names` is kept, the functions that are there from now on. Raises
    psycopg.errors.DependentObjectsStillExist for another.
    """
    name, identity = _described(connection, oid)[:2]
    function = sql.SQL("{}({})").format(sql.Identifier(SCHEMA, name), sql.SQL(identity))
    try:
        with connection.transaction():
            connection.execute(sql.SQL("DROP FUNCTION {}").format(function))
    except psycopg.errors.DependentObjectsStillExist:
        if name.startswith(PREFIX) and function_of(name) in names:
            return name
        if name not in names:
            raise
    else:
        return None
    kept = _free_name(connection, name)
    connection.execute(
        sql.SQL("ALTER FUNCTION {} RENAME TO {}").format(function, sql.Identifier(kept))
    )
    return kept


def forward(connection: psycopg.Connection, kept: str, *, grant: bool) -> None:
    """Let a kept function call the one that has its former name, and be called by the same roles.

    Raises psycopg.Error where the new function does not take its parameters or lacks its columns.
    """
    name = function_of(kept)
    oid = connection.execute(
        "SELECT oid FROM pg_proc WHERE pronamespace = %s::regnamespace AND proname = %s",
        [SCHEMA, kept],
    ).fetchone() or (0,)
    _, _, arguments, returns, volatility, parameters, columns = _described(connection, oid[0])
    given = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(parameter), sql.SQL(f"${number}"))
        for number, parameter in enumerate(parameters, start=1)
    )
    call = sql.SQL("{}({})").format(sql.Identifier(SCHEMA, name), given)
    if columns:
        named = sql.SQL(", ").join(map(sql.Identifier, columns))
        call = sql.SQL("{} FROM {}").format(named, call)
    own = sql.Identifier(SCHEMA, kept)
    connection.execute("SET LOCAL check_function_bodies = on")
    connection.execute(
        sql.SQL(
            "CREATE OR REPLACE FUNCTION {}({}) RETURNS {} LANGUAGE sql {} PARALLEL SAFE AS {}"
        ).format(
            own,
            sql.SQL(arguments),
            sql.SQL(returns),
            sql.SQL(_VOLATILITY[volatility]),
            sql.Literal(sql.SQL("SELECT {}").format(call).as_string(connection)),
        )
    )
    comment = f"{name}() as a view that stands on it knows it; it calls {SCHEMA}.{name}()."
    connection.execute(sql.SQL("COMMENT ON FUNCTION {} IS {}").format(own, sql.Literal(comment)))
    if not grant:
        return
    granted = connection.execute(
        """
        SELECT rolname::text FROM pg_roles WHERE rolname = ANY(%s) AND oid IN (
            SELECT rights.grantee FROM pg_proc, aclexplode(proacl) AS rights
            WHERE pronamespace = %s::regnamespace AND proname = %s
        )
        """,
        [list(ROLES), SCHEMA, name],
    ).fetchall()
    for (role,) in granted:
        connection.execute(
            sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(own, sql.Identifier(role))
        )


def function_of(kept: str) -> str:
    """The function that a kept one calls: `kept_recommend_2` calls `recommend`.

    >>> function_of("kept_recommend_2"), function_of("kept_recommend")
    ('recommend', 'recommend')
    """
    name = kept.removeprefix(PREFIX)
    head, _, tail = name.rpartition("_")
    return head if tail.isdecimal() else name


def _described(
    connection: psycopg.Connection, oid: int
) -> tuple[str, str, str, str, str, list[str], list[str]]:
    row = connection.execute(_DESCRIBE, [oid]).fetchone()
    assert row is not None
    return row


def _free_name(connection: psycopg.Connection, name: str) -> str:
    taken = {
        found
        for (found,) in connection.execute(
            "SELECT proname::text FROM pg_proc WHERE pronamespace = %s::regnamespace", [SCHEMA]
        )
    }
    kept, number = f"{PREFIX}{name}", 1
    while kept in taken:
        number += 1
        kept = f"{PREFIX}{name}_{number}"
    return kept
