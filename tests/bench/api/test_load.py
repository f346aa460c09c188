"""What is measured: clients of both kinds get the same rows, and rates are compared at one p99."""

import asyncio

import pytest

from bench.api.compare import compare
from bench.api.http_clients import event_clients, http_clients
from bench.api.load import Load, load, together
from bench.api.served import served
from bench.api.sql_clients import sql_clients
from tests.interestream.conftest import reader_dsn  # noqa: F401
from tests.jobs.serve.append.test_to_folder import lines_of


def test_both_kinds_of_clients_get_rows_and_events_are_appended(reader_dsn, tmp_path):  # noqa: F811
    async def measure(port: int) -> list[Load]:
        async with sql_clients(reader_dsn, 2, 5) as sql, http_clients(port, 2, 5) as api:
            found = [await load(asks, 4, 0.3, 5) for asks in (sql, api)]
        async with event_clients(port, 3) as posting:
            return [*found, await load(posting, 4, 0.3, 1)]

    with served(reader_dsn, tmp_path, 2) as server:
        sql, api, posted = asyncio.run(measure(server.port))
        assert server.cpu_s() > 0
    assert (sql.clients, api.clients, posted.clients) == (2, 2, 3)
    assert min(sql.answers, api.answers) > 0
    assert len(lines_of(tmp_path / "events")) == posted.answers > 0


def test_an_answer_with_other_rows_ends_the_measurement():
    async def three(_: int) -> int:
        return 3

    with pytest.raises(AssertionError, match="3 rows of 5"):
        asyncio.run(load([three], 4, 1.0, 5))


def test_turns_are_added_up():
    both = together([Load(2, 100, 1.0, 5.0, 9.0), Load(2, 300, 3.0, 7.0, 11.0)])
    assert both == Load(2, 400, 4.0, 6.0, 10.0)
    assert both.rate == 100.0


def test_an_api_that_is_never_so_quick_has_no_rate():
    (compared,) = compare([Load(1, 50, 1.0, 1.0, 2.0)], [Load(1, 40, 1.0, 2.0, 3.0)])
    assert compared.ratio == 0.0


def test_more_clients_than_were_asked_do_not_count():
    api = [Load(1, 90, 1.0, 9.0, 10.0), Load(2, 150, 1.0, 12.0, 14.0)]
    (compared,) = compare([Load(2, 160, 1.0, 12.0, 20.0)], api)
    assert compared.api_rate == 150.0
