"""Clients of plain SQL: psycopg, a connection each, the columns and the transaction of the API."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import orjson
import psycopg
from psycopg.types.json import set_json_loads

from bench.api.load import Ask
from bench.recommend.database import user_id
from interestream.queries import recommend


@asynccontextmanager
async def sql_clients(dsn: str, count: int, k: int) -> AsyncIterator[list[Ask]]:
    """So many clients, each with a connection, that ask `recommend()` for `k` rows."""
    async with AsyncExitStack() as stack:
        yield [await _client(stack, dsn, k) for _ in range(count)]


async def _client(stack: AsyncExitStack, dsn: str, k: int) -> Ask:
    connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
    await stack.enter_async_context(connection)
    set_json_loads(orjson.loads, connection)

    async def ask(user: int) -> int:
        query = recommend(user_id(user), k)
        cursor = await connection.execute(query.statement, query.parameters)
        return len(await cursor.fetchall())

    return ask
