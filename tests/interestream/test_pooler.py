"""The clients and the commands work through a pooler that lends a session per transaction.

Several connections ask in turns over fewer server sessions, so that whatever one leaves in a
session, or expects there, meets another.
"""

import asyncio

import psycopg
import psycopg_pool
import pytest

from interestream import AsyncRecommender, Recommender
from jobs.cli.options import console
from tests.jobs.cli.conftest import CommandLine

QUERIES = 12
"""More than the five after which psycopg prepares a statement."""
CLIENTS = 4


@pytest.fixture
def pooled_dsn(dsn, reader_dsn, pooled):
    """The small catalogue's database, asked through the pooler."""
    return pooled(dsn)


def test_what_psycopg_does_by_itself_fails_here(pooled_dsn):
    def ask_in_turns() -> None:
        clients = [psycopg.connect(pooled_dsn, autocommit=True) for _ in range(CLIENTS)]
        for _ in range(QUERIES):
            for client in clients:
                client.execute("SELECT * FROM interestream.recommend(%s, 3)", ["ada"])

    with pytest.raises(psycopg.errors.DuplicatePreparedStatement):
        ask_in_turns()


def test_clients_of_a_connection_string_answer(pooled_dsn):
    clients = [Recommender(pooled_dsn) for _ in range(CLIENTS)]
    answers = [[client.recommend("ada", 3) for client in clients] for _ in range(QUERIES)]
    for client in clients:
        client.close()
    assert all(answer == answers[0][0] for round_ in answers for answer in round_)
    assert len(answers[0][0]) == 3


def test_clients_of_a_connection_or_a_pool_answer(pooled_dsn):
    with (
        psycopg.connect(pooled_dsn, autocommit=True) as own,
        psycopg_pool.ConnectionPool(pooled_dsn, min_size=3, max_size=3) as pool,
    ):
        clients = [Recommender(own), Recommender(pool)]
        for _ in range(QUERIES):
            assert [len(client.similar_items("i3", 4)) for client in clients] == [4, 4]


def test_clients_that_are_awaited_answer(pooled_dsn):
    async def ask() -> list[int]:
        clients = [AsyncRecommender(pooled_dsn) for _ in range(CLIENTS)]
        found = [
            answer
            for _ in range(QUERIES)
            for answer in await asyncio.gather(*(client.recommend("ada", 3) for client in clients))
        ]
        await asyncio.gather(*(client.close() for client in clients))
        return [len(answer) for answer in found]

    assert asyncio.run(ask()) == [3] * CLIENTS * QUERIES


def test_commands_answer(pooled_dsn, monkeypatch):
    monkeypatch.setattr(console, "width", 200)
    cli = CommandLine(pooled_dsn)
    for _ in range(3):
        assert cli.run("apply")[0].startswith("no new migration")
        assert len(cli.json("recommend", "ada", "-k", "3")) == 3
        assert len(cli.json("similar", "i3")) == 10
        for command in (["status"], ["space", "list"], ["topics", "list"]):
            cli.run(*command)
        # The small catalogue has no job, and its newest commit is old.
        assert "PostgreSQL 18" in cli.run("doctor", code=1)[0]
        assert "the newest commit to space 1" in cli.run("health", code=2)[0]
