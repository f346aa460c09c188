"""What `interestream serve` may do with its connections."""

import asyncio

import psycopg
import pytest

from jobs.serve.database import Database
from jobs.serve_settings import Serve


def test_it_cannot_write_even_as_a_superuser(dsn):
    async def write() -> None:
        async with (
            Database(dsn, Serve(), size=1) as database,
            database.connection() as connection,
            database.reading(connection, 5) as db,
        ):
            await db.execute("INSERT INTO interestream.blend_weights VALUES ('x', 1)")

    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        asyncio.run(write())


def test_a_setting_ends_with_its_transaction(dsn):
    async def timeouts() -> list[object]:
        async with Database(dsn, Serve(), size=1) as database, database.connection() as connection:
            async with database.reading(connection, 1.5) as db:
                within = await (await db.execute("SHOW statement_timeout")).fetchone()
            after = await (await connection.execute("SHOW statement_timeout")).fetchone()
            return [within, after]

    assert asyncio.run(timeouts()) == [
        {"statement_timeout": "1500ms"},
        {"statement_timeout": "0"},
    ]
