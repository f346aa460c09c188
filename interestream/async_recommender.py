"""The client that is awaited."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import psycopg
from psycopg.rows import kwargs_row

from interestream import questions
from interestream.errors import meaning
from interestream.item_filter import ItemFilter
from interestream.methods import awaited
from interestream.pages import Pages
from interestream.questions import Question
from interestream.rows import Recommended

RowT = TypeVar("RowT")


class AsyncPool(Protocol):
    """What lends connections: `psycopg_pool.AsyncConnectionPool`, for one."""

    def connection(self) -> AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]: ...


class AsyncRecommender:
    """`Recommender` for asyncio: the same questions, each awaited.

    Takes a connection string, an async connection or an async pool. Questions over one connection
    wait for one another; over a pool they run side by side.

    >>> async def ask():
    ...     async with AsyncRecommender(dsn) as recommender:
    ...         return await recommender.recommend("ada", 1)
    >>> [row.title for row in asyncio.run(ask())]
    ['The Moon in Twelve Evenings']

    Raises what `Recommender` raises.
    """

    recommend = awaited(questions.recommend)
    recommend_many = awaited(questions.recommend_many)
    recommend_more_like = awaited(questions.recommend_more_like)
    similar_items = awaited(questions.similar_items)
    similar_users = awaited(questions.similar_users)
    search_items = awaited(questions.search_items)
    trending = awaited(questions.trending)
    user_interests = awaited(questions.user_interests)
    user_topics = awaited(questions.user_topics)
    job_status = awaited(questions.job_status)

    def __init__(self, source: str | psycopg.AsyncConnection[Any] | AsyncPool) -> None:
        self._own: psycopg.AsyncConnection[Any] | None = None
        self._opening = asyncio.Lock()
        self._lend: Callable[[], AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]]
        if isinstance(source, str):
            self._dsn = source
            self._lend = self._ours
        elif isinstance(source, psycopg.AsyncConnection):
            self._lend = lambda: _lent(source)
        else:
            self._lend = source.connection

    async def ask(self, question: Question[RowT]) -> list[RowT]:
        """All rows of the answer to a question of `interestream.questions`."""
        async with self._lend() as connection:
            cursor = connection.cursor(row_factory=kwargs_row(question.make_row))
            try:
                await cursor.execute(question.statement, question.parameters)
                return await cursor.fetchall()
            except psycopg.Error as error:
                if (ours := meaning(error)) is not None:
                    raise ours from error
                raise

    async def pages(
        self,
        user: str,
        k: int = 10,
        *,
        where: ItemFilter | None = None,
        diversity: float = 0.3,
        space: int | None = None,
    ) -> AsyncIterator[list[Recommended]]:
        """Page after page of `recommend`, until nothing is left, without repeats (see Pages)."""
        pages = Pages(user, k, where, diversity, space)
        more = True
        while more and (page := await self.ask(pages.next())):
            more = pages.show(page)
            yield page

    async def close(self) -> None:
        """Close the connection that was opened here."""
        if self._own is not None:
            await self._own.close()
            self._own = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def _ours(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        async with self._opening:
            if self._own is None or self._own.closed:
                self._own = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
        yield self._own


@asynccontextmanager
async def _lent(
    connection: psycopg.AsyncConnection[Any],
) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    yield connection
