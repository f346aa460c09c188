"""The client that waits."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import psycopg
from psycopg.rows import kwargs_row

from interestream import questions
from interestream.errors import meaning
from interestream.item_filter import ItemFilter
from interestream.methods import answered
from interestream.pages import Pages
from interestream.questions import Question
from interestream.rows import Recommended

RowT = TypeVar("RowT")


class Pool(Protocol):
    """What lends connections: `psycopg_pool.ConnectionPool`, for one."""

    def connection(self) -> AbstractContextManager[psycopg.Connection[Any]]: ...


class Recommender:
    """Asks Interestream's functions and answers with typed rows.

    Takes a connection string, a psycopg connection or a pool. From a connection string it opens
    one connection when it is first asked, and a new one when that is lost; `close()` or a `with`
    block closes it. Connections and pools of the caller's are left open, their transactions are
    not ended. One connection answers one question at a time: threads share a pool.

    >>> with Recommender(dsn) as recommender:
    ...     for row in recommender.recommend("ada", 3, where=ItemFilter(languages=["en"])):
    ...         print(row.rank, row.title, row.reason)
    1 The Moon in Twelve Evenings Popular with others right now.
    2 A First Telescope New in the catalogue.

    Raises an AskError (`interestream.errors`) for a question that cannot be answered; any other
    psycopg.Error comes as it is.
    """

    recommend = answered(questions.recommend)
    recommend_many = answered(questions.recommend_many)
    recommend_more_like = answered(questions.recommend_more_like)
    similar_items = answered(questions.similar_items)
    similar_users = answered(questions.similar_users)
    search_items = answered(questions.search_items)
    trending = answered(questions.trending)
    user_interests = answered(questions.user_interests)
    user_topics = answered(questions.user_topics)
    job_status = answered(questions.job_status)

    def __init__(self, source: str | psycopg.Connection[Any] | Pool) -> None:
        self._own: psycopg.Connection[Any] | None = None
        self._lend: Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
        if isinstance(source, str):
            self._dsn = source
            self._lend = self._ours
        elif isinstance(source, psycopg.Connection):
            self._lend = lambda: _lent(source)
        else:
            self._lend = source.connection

    def ask(self, question: Question[RowT]) -> list[RowT]:
        """All rows of the answer to a question of `interestream.questions`."""
        with self._lend() as connection:
            cursor = connection.cursor(row_factory=kwargs_row(question.make_row))
            try:
                return cursor.execute(question.statement, question.parameters).fetchall()
            except psycopg.Error as error:
                if (ours := meaning(error)) is not None:
                    raise ours from error
                raise

    def pages(
        self,
        user: str,
        k: int = 10,
        *,
        where: ItemFilter | None = None,
        diversity: float = 0.3,
        space: int | None = None,
    ) -> Iterator[list[Recommended]]:
        """Page after page of `recommend`, until nothing is left, without repeats (see Pages)."""
        pages = Pages(user, k, where, diversity, space)
        more = True
        while more and (page := self.ask(pages.next())):
            more = pages.show(page)
            yield page

    def close(self) -> None:
        """Close the connection that was opened here."""
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
    def _ours(self) -> Iterator[psycopg.Connection[Any]]:
        if self._own is None or self._own.closed:
            self._own = psycopg.connect(self._dsn, autocommit=True)
        yield self._own


@contextmanager
def _lent(connection: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    yield connection
