"""Both clients give what the functions answer, over every kind of source."""

import asyncio
import dataclasses
import inspect
import typing
from collections.abc import Awaitable, Callable
from types import NoneType, UnionType
from typing import Any

import psycopg
import psycopg_pool
import pytest
from psycopg.rows import dict_row

from interestream import (
    Answer,
    AskError,
    AsyncRecommender,
    InvalidQuestionError,
    ItemFilter,
    NoActiveSpaceError,
    NotAllowedError,
    Recommended,
    Recommender,
    UnknownItemError,
    UnknownSpaceError,
)
from tests.interestream.cases import CASES, Case


def expected(dsn: str, case: Case) -> list[dict[str, Any]]:
    with psycopg.connect(dsn, row_factory=dict_row) as db:
        query = f"SELECT * FROM interestream.{case.query}"
        return db.execute(query.encode(), case.parameters or None).fetchall()


def columns(rows: list[Any], wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The client's rows as columns; of the database's, those that the client knows."""
    found = []
    for row, columns in zip(rows, wanted, strict=True):
        fields = dataclasses.asdict(row)
        if "parts" in fields:
            fields["parts"] = {
                name: value for name, value in fields["parts"].items() if value is not None
            }
        found.append({name: fields[name] for name in columns if name in fields})
        assert set(fields) <= set(columns)
    return found


def in_common(wanted: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in kept} for row, kept in zip(wanted, found, strict=True)]


def awaited(dsn: str, ask: Callable[[AsyncRecommender], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with AsyncRecommender(dsn) as recommender:
            return await ask(recommender)

    return asyncio.run(run())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.query[:40])
def test_both_clients_answer_as_the_function_does(reader_dsn, case):
    wanted = expected(reader_dsn, case)
    with Recommender(reader_dsn) as recommender:
        rows = getattr(recommender, case.method)(*case.arguments, **case.named)
    found = columns(rows, wanted)
    assert found == in_common(wanted, found)
    assert wanted or case.empty
    same = awaited(reader_dsn, lambda r: getattr(r, case.method)(*case.arguments, **case.named))
    assert same == rows


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of an annotated type, as far as our rows need it."""
    if isinstance(kind, UnionType):
        return any(fits(value, one) for one in typing.get_args(kind))
    if typing.get_origin(kind) is list:
        return isinstance(value, list) and all(fits(v, typing.get_args(kind)[0]) for v in value)
    if typing.get_origin(kind) is dict:
        return isinstance(value, dict) and all(isinstance(v, float) for v in value.values())
    if kind is float:
        return type(value) is float or type(value) is int  # JSON writes 0.0 as 0
    return type(value) is kind if kind is not NoneType else value is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.query[:40])
def test_fields_have_the_types_they_state(reader_dsn, case):
    with Recommender(reader_dsn) as recommender:
        rows = getattr(recommender, case.method)(*case.arguments, **case.named)
    for row in rows:
        for name, kind in typing.get_type_hints(type(row)).items():
            assert fits(getattr(row, name), kind), (name, getattr(row, name))


def test_the_clients_have_the_same_methods_with_the_same_arguments():
    def methods(client: type) -> dict[str, list[str]]:
        return {
            name: [
                str(parameter.replace(annotation=inspect.Parameter.empty))
                for parameter in inspect.signature(found).parameters.values()
            ]
            for name, found in inspect.getmembers(client, inspect.isfunction)
            if not name.startswith("_")
        }

    assert methods(Recommender) == methods(AsyncRecommender)
    assert methods(Recommender)["recommend"] == [
        "self",
        "user",
        "k=10",
        "where=None",
        "exclude=()",
        "diversity=None",
        "explore=None",
        "quotas=None",
        "space=None",
    ]
    assert Recommender.recommend.__doc__


def test_type_checkers_know_what_a_method_answers(reader_dsn):
    with Recommender(reader_dsn) as recommender:
        rows = typing.assert_type(recommender.recommend("ada", k=1), Answer[Recommended])
    assert len(rows) == 1


def test_a_connection_of_the_callers_is_used_and_left_as_it_is(reader_dsn):
    with psycopg.connect(reader_dsn) as connection:
        with Recommender(connection) as recommender:
            assert len(recommender.recommend("ada", 2)) == 2
        assert not connection.closed
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS


def test_an_async_connection_of_the_callers_is_used_and_left_open(reader_dsn):
    async def run() -> bool:
        async with await psycopg.AsyncConnection.connect(reader_dsn) as connection:
            async with AsyncRecommender(connection) as recommender:
                assert len(await recommender.recommend("ada", 2)) == 2
            return connection.closed

    assert asyncio.run(run()) is False


def test_a_pool_serves_threads(reader_dsn):
    from concurrent.futures import ThreadPoolExecutor

    with psycopg_pool.ConnectionPool(reader_dsn, min_size=2, max_size=2, open=True) as pool:
        recommender = Recommender(pool)
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(recommender.recommend, ["ada", "bob"] * 8))
    assert all(answer == answers[number % 2] for number, answer in enumerate(answers))


@pytest.mark.parametrize("pooled", [False, True])
def test_queries_may_be_awaited_together(reader_dsn, pooled):
    async def run() -> list[list[Recommended]]:
        if pooled:
            async with psycopg_pool.AsyncConnectionPool(
                reader_dsn, min_size=2, max_size=2, open=False
            ) as pool:
                recommender = AsyncRecommender(pool)
                return await asyncio.gather(*[recommender.recommend("ada") for _ in range(8)])
        async with AsyncRecommender(reader_dsn) as recommender:
            return await asyncio.gather(*[recommender.recommend("ada") for _ in range(8)])

    first, *others = asyncio.run(run())
    assert len(first) == 10
    assert others == [first] * 7


def test_a_lost_connection_is_an_error_once_and_made_anew(reader_dsn, dsn):
    with Recommender(reader_dsn) as recommender:
        recommender.recommend("ada", 1)
        with psycopg.connect(dsn, autocommit=True) as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename LIKE 'login\\_%' AND datname = current_database()"
            )
        with pytest.raises(psycopg.OperationalError):
            recommender.recommend("ada", 1)
        assert len(recommender.recommend("ada", 1)) == 1


def test_pages_go_on_without_repeats_until_nothing_is_left(reader_dsn):
    with Recommender(reader_dsn) as recommender:
        pages = list(recommender.pages("ada", 15))

    async def run() -> list[list[Recommended]]:
        async with AsyncRecommender(reader_dsn) as recommender:
            return [page async for page in recommender.pages("ada", 15)]

    assert [len(page) for page in pages] == [15, 15, 8]
    shown = [row.item_id for page in pages for row in page]
    assert set(shown) == {f"i{number}" for number in range(40)} - {"i7", "i8"}
    assert len(shown) == 38
    assert asyncio.run(run()) == pages


def test_pages_keep_to_the_filter(reader_dsn):
    with Recommender(reader_dsn) as recommender:
        pages = list(recommender.pages("ada", 10, where=ItemFilter(categories=["odd"])))
    assert [len(page) for page in pages] == [10, 9]
    assert {category for page in pages for row in page for category in row.categories} == {"odd"}


ERRORS: list[tuple[type[AskError], str, tuple[Any, ...], dict[str, Any]]] = [
    (InvalidQuestionError, "recommend", ("ada", 0), {}),
    (InvalidQuestionError, "recommend", ("ada",), {"diversity": 2}),
    (InvalidQuestionError, "recommend_many", (["ada", None],), {}),
    (InvalidQuestionError, "search_items", ([1.0],), {}),
    (UnknownItemError, "similar_items", ("unknown",), {}),
    (UnknownItemError, "recommend_more_like", ("unknown", "ada"), {}),
    (UnknownSpaceError, "recommend", ("ada",), {"space": 99}),
]


@pytest.mark.parametrize(("error", "method", "arguments", "named"), ERRORS)
def test_a_query_that_the_database_refuses_is_an_error_of_its_own(
    reader_dsn, error, method, arguments, named
):
    with Recommender(reader_dsn) as recommender, pytest.raises(error) as caught:
        getattr(recommender, method)(*arguments, **named)
    assert isinstance(caught.value.__cause__, psycopg.Error)
    assert (caught.value.__cause__.diag.message_hint or "") in str(caught.value)
    with pytest.raises(error):
        awaited(reader_dsn, lambda r: getattr(r, method)(*arguments, **named))


def test_a_client_goes_on_after_an_error(reader_dsn):
    with Recommender(reader_dsn) as recommender:
        with pytest.raises(AskError):
            recommender.recommend("ada", 0)
        assert len(recommender.recommend("ada", 1)) == 1


def test_without_a_space_or_a_right_the_error_says_so(reader_dsn, dsn):
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("UPDATE interestream.spaces SET active = false")
        with Recommender(reader_dsn) as recommender, pytest.raises(NoActiveSpaceError):
            recommender.recommend("ada")
        owner.execute("REVOKE SELECT ON interestream.spaces FROM interestream_reader")
        with Recommender(reader_dsn) as recommender, pytest.raises(NotAllowedError):
            recommender.recommend("ada")


def test_an_unreachable_database_stays_psycopgs_error():
    with (
        Recommender("host=127.0.0.1 port=1 connect_timeout=2") as recommender,
        pytest.raises(psycopg.OperationalError),
    ):
        recommender.recommend("ada")
