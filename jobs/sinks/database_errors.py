"""Errors of Postgres and its driver as one sentence, without a password."""

import contextlib
from collections.abc import Iterator

import psycopg

from jobs.errors import ConfigError

_OUTDATED = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.InvalidSchemaName,
)

_DAMAGED = (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted)

_POOLED = (psycopg.errors.DuplicatePreparedStatement, psycopg.errors.InvalidSqlStatementName)

_WRONG_STATE = "55"
"""Class of error codes for objects in use or not ready, which psycopg counts as operational."""


def describe_error(error: psycopg.Error) -> str:
    """What is wrong and what the person at the terminal can do about it."""
    message = (error.diag.message_primary or str(error)).strip()
    first = " ".join(message.splitlines()[:1]) or type(error).__name__
    if isinstance(error, psycopg.errors.UndefinedFunction) and "interestream." not in first:
        return (
            f"this server lacks something that the functions need ({first}): `interestream doctor`"
            " shows which versions of PostgreSQL and pgvector it has"
        )
    if isinstance(error, _OUTDATED):
        return (
            f"the schema of this database is missing or old ({first}): run `interestream apply`;"
            " where that finds nothing to do, somebody has changed the database: restore it"
        )
    if isinstance(error, _DAMAGED):
        return (
            f"files of the database are damaged ({first}): restore it from a backup, and see"
            " whether its disk is sound"
        )
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return (
            f"the role of the connection string may not do this ({first}): use one that is a member"
            " of interestream_reader, interestream_writer or interestream_admin"
        )
    if isinstance(error, _POOLED):
        return (
            f"a pooler in transaction mode stands before Postgres ({first}): give the job a pool in"
            " session mode, or Postgres itself"
        )
    reached = (error.sqlstate or "").startswith(_WRONG_STATE)
    if isinstance(error, psycopg.OperationalError) and not reached:
        return (
            f"Postgres cannot be reached ({first}): is it running, and is the connection string"
            " right?"
        )
    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        # The error's text repeats the connection string with its password.
        return "the connection string cannot be read: check --dsn or INTERESTREAM_DSN"
    hint = error.diag.message_hint
    return f"{first.rstrip('.')}. {hint}" if hint else first


@contextlib.contextmanager
def asking_postgres(purpose: str) -> Iterator[None]:
    """Turns errors of Postgres inside into a ConfigError "cannot <purpose>" without secrets."""
    try:
        yield
    except psycopg.Error as error:
        # Not chained: the error's text may repeat the connection string with its password.
        raise ConfigError(f"cannot {purpose}: {describe_error(error)}") from None
