"""The client whose answers are awaited."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import psycopg
from psycopg.rows import kwargs_row

from interestream import queries
from interestream.answer import Answer
from interestream.errors import translate_error
from interestream.item_filter import ItemFilter
from interestream.methods import async_method
from interestream.pages import Pages
from interestream.pseudonyms import Pseudonyms
from interestream.queries import Query
from interestream.rows import Recommended

RowT = TypeVar("RowT")


class AsyncPool(Protocol):
    """Lends connections, as `psycopg_pool.AsyncConnectionPool` does."""

    def connection(self) -> AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]:
        """Return a connection that goes back to the pool at the end of an `async with` block."""
        ...


class AsyncRecommender:
    """`Recommender` for asyncio: the same methods, each awaited.

    Takes a connection string, an async connection or an async pool. Queries over one connection
    wait for each other; over a pool they run side by side.

    >>> async def ask():
    ...     async with AsyncRecommender(dsn) as recommender:
    ...         return await recommender.recommend("ada", 1)
    >>> [row.title for row in asyncio.run(ask())]
    ['The Moon in Twelve Evenings']

    Raises what `Recommender` raises.
    """

    recommend = async_method(queries.recommend)
    recommend_many = async_method(queries.recommend_many)
    recommend_more_like = async_method(queries.recommend_more_like)
    similar_items = async_method(queries.similar_items)
    similar_users = async_method(queries.similar_users)
    recommend_users = async_method(queries.recommend_users)
    recommend_topics = async_method(queries.recommend_topics)
    search_items = async_method(queries.search_items)
    ask_items = async_method(queries.ask_items)
    trending = async_method(queries.trending)
    user_interests = async_method(queries.user_interests)
    user_topics = async_method(queries.user_topics)
    user_topic_history = async_method(queries.user_topic_history)
    why_not = async_method(queries.why_not)
    user_drift = async_method(queries.user_drift)
    sequence_models = async_method(queries.sequence_models)
    job_status = async_method(queries.job_status)
    explain_filter = async_method(queries.explain_filter)
    no_item_passes = async_method(queries.no_item_passes)
    catalogue_words = async_method(queries.catalogue_words)
    click_through = async_method(queries.click_through)
    learned = async_method(queries.learned)
    previous_space = async_method(queries.previous_space)
    space_coverage = async_method(queries.space_coverage)
    user_variant = async_method(queries.user_variant)
    experiment_report = async_method(queries.experiment_report)

    def __init__(
        self,
        source: str | psycopg.AsyncConnection[Any] | AsyncPool,
        *,
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        self._pseudonyms = pseudonyms
        self._own: psycopg.AsyncConnection[Any] | None = None
        self._opening = asyncio.Lock()
        self._lend: Callable[[], AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]]
        if isinstance(source, str):
            self._dsn = source
            self._lend = self._own_connection
        elif isinstance(source, psycopg.AsyncConnection):
            self._lend = lambda: _borrowed(source)
        else:
            self._lend = source.connection

    async def ask(self, query: Query[RowT]) -> Answer[RowT]:
        """Return all rows of the answer to a query of `interestream.queries`, and the answer's id.

        Raises an AskError for one that the database refuses.
        """
        if self._pseudonyms is not None:
            query = queries.with_pseudonyms(query, self._pseudonyms)
        async with self._lend() as connection:
            cursor = connection.cursor(row_factory=kwargs_row(query.make_row))
            try:
                # Poolers in transaction mode lose prepared statements.
                await cursor.execute(query.statement, query.parameters, prepare=False)
                return Answer(await cursor.fetchall())
            except psycopg.Error as error:
                if (translated := translate_error(error)) is not None:
                    raise translated from error
                raise

    async def pages(
        self,
        user: str,
        k: int = 10,
        *,
        where: ItemFilter | None = None,
        diversity: float | None = None,
        explore: float | None = None,
        space: int | None = None,
    ) -> AsyncIterator[Answer[Recommended]]:
        """Yield pages of `k` recommendations without repeats until none is left; see `Pages`."""
        pages = Pages(user, k, where, diversity, space, explore=explore)
        more = True
        while more and (page := await self.ask(pages.next())):
            more = pages.show(page)
            yield page

    async def close(self) -> None:
        """Close the connection that this client opened; a caller's own stays open."""
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
    async def _own_connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        async with self._opening:
            if self._own is None or self._own.closed:
                self._own = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
        yield self._own


@asynccontextmanager
async def _borrowed(
    connection: psycopg.AsyncConnection[Any],
) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    yield connection
