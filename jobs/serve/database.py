"""Connections of `interestream serve`: a pool that outlives the database, and reads alone."""

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import orjson
import psycopg
from psycopg.rows import DictRow, dict_row, kwargs_row
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from interestream.queries import Query
from jobs.errors import InterestreamError
from jobs.serve_settings import Serve

LANGUAGES = re.compile(r"[A-Za-z0-9,-]{1,200}")
"""Tags of languages with commas between them; anything else is no language."""
CONNECT_S = 3
RECONNECT_S = 5.0
"""For how long the pool tries again by itself; after that the next request makes it try."""

RowT = TypeVar("RowT")
Connection = psycopg.AsyncConnection[DictRow]


class DatabaseAwayError(InterestreamError):
    """No connection to Postgres was to be had in time."""


class DatabaseBusyError(DatabaseAwayError):
    """More requests wait for a connection than may."""


class Database:
    """Lends connections, each for one transaction that cannot write.

    Settings are those of the transaction, so a pooler in transaction mode may stand between.
    """

    def __init__(self, dsn: str, settings: Serve, size: int) -> None:
        """Connect with the first `reading`; `dsn` is a connection string, `size` how many
        connections there are at most."""
        arguments: dict[str, Any] = {
            "autocommit": True,
            "prepare_threshold": None,
            "connect_timeout": CONNECT_S,
            "application_name": "interestream-serve",
            "row_factory": dict_row,
        }
        self._settings = settings
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            kwargs=arguments,
            min_size=0,
            max_size=size,
            max_waiting=settings.max_waiting,
            timeout=settings.pool_wait_s,
            reconnect_timeout=RECONNECT_S,
            max_idle=300.0,
            check=AsyncConnectionPool.check_connection,
            configure=_configure,
            open=False,
            name="serve",
        )

    async def __aenter__(self) -> "Database":
        await self._pool.open(wait=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.close(timeout=1.0)

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection. Raises DatabaseAwayError."""
        try:
            lent = await self._pool.getconn()
        except PoolTimeout:
            raise DatabaseAwayError(
                f"Postgres gave no connection within {self._settings.pool_wait_s:g} s"
            ) from None
        except TooManyRequests:
            raise DatabaseBusyError(
                f"{self._settings.max_waiting} requests wait for Postgres already"
            ) from None
        try:
            yield lent
        finally:
            await self._pool.putconn(lent)

    @contextlib.asynccontextmanager
    async def reading(self, connection: Connection, timeout_s: float) -> AsyncIterator[Connection]:
        """A transaction on `connection` that reads; a statement in it takes `timeout_s` at most.

        Raises psycopg.Error.
        """
        timeout_ms = max(int(timeout_s * 1000), 1)
        async with connection.transaction():
            await connection.execute("SET TRANSACTION READ ONLY")
            await connection.execute(
                "SELECT pg_catalog.set_config('statement_timeout', %s, true)", (str(timeout_ms),)
            )
            yield connection

    async def rows(self, query: Query[RowT], language: str = "") -> list[RowT]:
        """The rows of a query, in a transaction of its own; reasons are in `language`.

        Raises DatabaseAwayError and psycopg.Error.
        """
        timeout_ms = max(int(self._settings.statement_timeout_s * 1000), 1)
        async with self.connection() as connection:
            # One journey instead of three: questions take milliseconds.
            begin = f"BEGIN READ ONLY; SET LOCAL statement_timeout = {timeout_ms}"
            if LANGUAGES.fullmatch(language):
                begin += f"; SET LOCAL interestream.language = '{language}'"
            await connection.execute(begin.encode())
            try:
                cursor = connection.cursor(row_factory=kwargs_row(query.make_row))
                await cursor.execute(query.statement, query.parameters, prepare=False)
                found = await cursor.fetchall()
            except BaseException:
                if not connection.closed:
                    await connection.execute("ROLLBACK")
                raise
            await connection.execute("COMMIT")
            return found


async def _configure(connection: Connection) -> None:
    set_json_loads(orjson.loads, connection)
