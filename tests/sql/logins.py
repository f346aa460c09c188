"""Logins of their own for the three roles: what a role may do is tested over its own connection."""

import contextlib
import secrets
from collections.abc import Iterator

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo


@contextlib.contextmanager
def login(dsn: str, role: str) -> Iterator[str]:
    """DSN of somebody who is a member of `role` and nothing else; the database is that of `dsn`."""
    name, password = f"login_{secrets.token_hex(4)}", secrets.token_hex(16)
    identifier = sql.Identifier(name)
    with psycopg.connect(dsn, autocommit=True) as superuser:
        superuser.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}").format(
                identifier, sql.Literal(password), sql.Identifier(role)
            )
        )
        try:
            yield make_conninfo(dsn, user=name, password=password)
        finally:
            superuser.execute(sql.SQL("DROP ROLE {}").format(identifier))
