"""Clients of the API: HTTP/1.1 over a connection each, with no more than that takes.

A library would take processor time from the server, which has the same cores.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import orjson

from bench.api.load import Ask
from bench.recommend.database import user_id


@asynccontextmanager
async def http_clients(port: int, count: int, k: int) -> AsyncIterator[list[Ask]]:
    """So many clients, each with a connection, that get `/api/v1/recommend` with `k` rows."""
    async with AsyncExitStack() as stack:
        yield [await _recommending(stack, port, k) for _ in range(count)]


@asynccontextmanager
async def event_clients(port: int, count: int) -> AsyncIterator[list[Ask]]:
    """So many clients that post one event at a time; an answer counts as one row."""
    async with AsyncExitStack() as stack:
        yield [await _posting(stack, port, number) for number in range(count)]


async def _recommending(stack: AsyncExitStack, port: int, k: int) -> Ask:
    reader, writer = await _connect(stack, port)

    async def ask(user: int) -> int:
        writer.write(
            f"GET /api/v1/recommend?user={user_id(user)}&k={k} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{port}\r\n\r\n".encode()
        )
        return len(orjson.loads(await _body(reader, b"200"))["rows"])

    return ask


async def _posting(stack: AsyncExitStack, port: int, client: int) -> Ask:
    reader, writer = await _connect(stack, port)
    sent = 0

    async def ask(user: int) -> int:
        nonlocal sent
        sent += 1
        event = orjson.dumps(
            {
                "event_id": f"{client}-{sent}",
                "user_id": user_id(user),
                "action": "view",
                "item_id": "item-0000001",
                "event_time": 1_767_225_600_000,
            }
        )
        writer.write(
            f"POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(event)}\r\n\r\n".encode()
            + event
        )
        return int(orjson.loads(await _body(reader, b"202"))["accepted"])

    return ask


async def _connect(
    stack: AsyncExitStack, port: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    stack.callback(writer.close)
    return reader, writer


async def _body(reader: asyncio.StreamReader, status: bytes) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.split(b" ", 2)[1] == status, head
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return await reader.readexactly(int(lengths[0].partition(b":")[2]))
