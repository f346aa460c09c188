"""The client that waits for its answers."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import psycopg
from psycopg.rows import kwargs_row

from interestream import queries
from interestream.answer import Answer
from interestream.errors import translate_error
from interestream.item_filter import ItemFilter
from interestream.methods import sync_method
from interestream.pages import Pages
from interestream.pseudonyms import Pseudonyms
from interestream.queries import Query
from interestream.rows import Recommended

RowT = TypeVar("RowT")


class Pool(Protocol):
    """Lends connections, as `psycopg_pool.ConnectionPool` does."""

    def connection(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """Return a connection that goes back to the pool at the end of a `with` block."""
        ...


class Recommender:
    """Calls Interestream's SQL functions and returns typed rows.

    Takes a connection string, a psycopg connection or a pool. With a connection string it opens
    one connection at the first query, and a new one after that is lost; `close()` or a `with` block
    closes it. It leaves a caller's connection or pool open, and its transactions as they are. A
    connection answers one query at a time, so threads share a pool.

    `pseudonyms`, of a job with `privacy.pseudonyms`, stand for the users of each query
    (`read_pseudonyms` makes them of the key in the environment); without them users are named by
    their pseudonyms.

    >>> with Recommender(dsn) as recommender:
    ...     for row in recommender.recommend("ada", 3, where=ItemFilter(languages=["en"])):
    ...         print(row.rank, row.title, row.reason)
    1 The Moon in Twelve Evenings Popular with others right now.
    2 A First Telescope New in the catalogue.

    Raises an AskError (`interestream.errors`) for a query that the database refuses; any other
    psycopg.Error comes as it is.
    """

    recommend = sync_method(queries.recommend)
    recommend_many = sync_method(queries.recommend_many)
    recommend_more_like = sync_method(queries.recommend_more_like)
    similar_items = sync_method(queries.similar_items)
    similar_users = sync_method(queries.similar_users)
    recommend_users = sync_method(queries.recommend_users)
    recommend_topics = sync_method(queries.recommend_topics)
    search_items = sync_method(queries.search_items)
    ask_items = sync_method(queries.ask_items)
    trending = sync_method(queries.trending)
    user_interests = sync_method(queries.user_interests)
    user_topics = sync_method(queries.user_topics)
    user_topic_history = sync_method(queries.user_topic_history)
    why_not = sync_method(queries.why_not)
    user_drift = sync_method(queries.user_drift)
    sequence_models = sync_method(queries.sequence_models)
    job_status = sync_method(queries.job_status)
    explain_filter = sync_method(queries.explain_filter)
    no_item_passes = sync_method(queries.no_item_passes)
    catalogue_words = sync_method(queries.catalogue_words)
    click_through = sync_method(queries.click_through)
    learned = sync_method(queries.learned)
    previous_space = sync_method(queries.previous_space)
    space_coverage = sync_method(queries.space_coverage)
    user_variant = sync_method(queries.user_variant)
    experiment_report = sync_method(queries.experiment_report)

    def __init__(
        self, source: str | psycopg.Connection[Any] | Pool, *, pseudonyms: Pseudonyms | None = None
    ) -> None:
        self._pseudonyms = pseudonyms
        self._own: psycopg.Connection[Any] | None = None
        self._lend: Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
        if isinstance(source, str):
            self._dsn = source
            self._lend = self._own_connection
        elif isinstance(source, psycopg.Connection):
            self._lend = lambda: _borrowed(source)
        else:
            self._lend = source.connection

    def ask(self, query: Query[RowT]) -> Answer[RowT]:
        """Return all rows of the answer to a query of `interestream.queries`, and the answer's id.

        Raises an AskError for one that the database refuses.
        """
        if self._pseudonyms is not None:
            query = queries.with_pseudonyms(query, self._pseudonyms)
        with self._lend() as connection:
            cursor = connection.cursor(row_factory=kwargs_row(query.make_row))
            try:
                # Poolers in transaction mode lose prepared statements.
                answer = cursor.execute(query.statement, query.parameters, prepare=False)
                return Answer(answer.fetchall())
            except psycopg.Error as error:
                if (translated := translate_error(error)) is not None:
                    raise translated from error
                raise

    def pages(
        self,
        user: str,
        k: int = 10,
        *,
        where: ItemFilter | None = None,
        diversity: float | None = None,
        explore: float | None = None,
        space: int | None = None,
    ) -> Iterator[Answer[Recommended]]:
        """Yield pages of `k` recommendations without repeats until none is left; see `Pages`."""
        pages = Pages(user, k, where, diversity, space, explore=explore)
        more = True
        while more and (page := self.ask(pages.next())):
            more = pages.show(page)
            yield page

    def close(self) -> None:
        """Close the connection that this client opened; a caller's own stays open."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _own_connection(self) -> Iterator[psycopg.Connection[Any]]:
        if self._own is None or self._own.closed:
            self._own = psycopg.connect(self._dsn, autocommit=True)
        yield self._own


@contextmanager
def _borrowed(connection: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    yield connection
