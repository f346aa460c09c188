"""Asks the queries of the client on behalf of HTTP: for the API and for the page."""

from typing import TypeVar

import psycopg
from fastapi import Request

from interestream.answer import Answer
from interestream.errors import translate_error
from interestream.pseudonyms import Pseudonyms
from interestream.queries import Query, with_pseudonyms
from jobs.serve.database import Database

RowT = TypeVar("RowT")


class Asking:
    """Answers queries of `interestream.queries`, each in a transaction that cannot write.

    `pseudonyms`, of a job with `privacy.pseudonyms`, stand for the users of each query.
    """

    def __init__(self, database: Database, pseudonyms: Pseudonyms | None = None) -> None:
        self._database = database
        self._pseudonyms = pseudonyms

    async def ask(self, query: Query[RowT], language: str = "") -> Answer[RowT]:
        """Return the rows of a query and the answer's id; reasons are in `language`.

        Raises an AskError for a query that the database refuses, DatabaseAwayError, and any other
        psycopg.Error; `jobs.serve.problems` turns each into an answer.
        """
        if self._pseudonyms is not None:
            query = with_pseudonyms(query, self._pseudonyms)
        try:
            return Answer(await self._database.rows(query, language))
        except psycopg.Error as error:
            if (translated := translate_error(error)) is not None:
                raise translated from error
            raise


def asking_of(request: Request) -> Asking:
    """The one of the application: `Annotated[Asking, Depends(asking_of)]` in a page's function."""
    asking: Asking = request.app.state.asking
    return asking
