"""A route of the pages: problems are told in a sentence, and forms of other sites refused."""

from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from jobs.errors import InterestreamError
from jobs.serve.database import DatabaseAwayError
from jobs.serve.page.context import Page
from jobs.serve.page.ids import wrong_id
from jobs.serve.page.security import same_origin
from jobs.sinks.database_errors import describe_error
from jobs.validation_messages import plain_message

SAFE = ("GET", "HEAD", "OPTIONS")
UNKNOWN = ("22", "42704")
"""Codes of errors for which the question is the cause: bad values, and names that are not there."""


class PageError(InterestreamError):
    """A page cannot be shown; the message says why in one sentence."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class PageRoute(APIRoute):
    """Answers errors with a page; to htmx, with the sentence alone."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with what is said where it fails."""
        handle = super().get_route_handler()

        async def handle_or_say_why(request: Request) -> Response:
            if request.method not in SAFE and not same_origin(request.headers):
                return _sentence(request, "this form was not sent by one of these pages", 403)
            longest = request.app.state.page.max_id_chars
            if wrong := wrong_id(request.query_params, longest):
                return _sentence(request, wrong, 400)
            try:
                return await handle(request)
            except PageError as error:
                return _sentence(request, str(error), error.status)
            except RequestValidationError as error:
                first = error.errors()[0]
                name = ".".join(str(part) for part in first["loc"][1:])
                if first["type"] == "missing":
                    return _sentence(request, f"the address lacks '{name}'", 400)
                return _sentence(request, f"'{name}' is not valid: {plain_message(first)}", 400)
            except DatabaseAwayError as error:
                return _sentence(request, str(error), 503)
            except psycopg.errors.QueryCanceled:
                return _sentence(
                    request, "the answer took longer than serve.statement_timeout_s allows", 503
                )
            except psycopg.errors.ReadOnlySqlTransaction:
                return _sentence(
                    request,
                    "this database is a standby, which takes no rows: ask the primary",
                    503,
                )
            except psycopg.DataError as error:
                return _sentence(request, _first_line(error), 400)
            except psycopg.Error as error:
                asked = (error.sqlstate or "").startswith(UNKNOWN)
                text = _first_line(error) if asked else describe_error(error)
                return _sentence(request, text, 400 if asked else 503)

        return handle_or_say_why


def _first_line(error: psycopg.Error) -> str:
    return (error.diag.message_primary or str(error)).splitlines()[0]


def _sentence(request: Request, sentence: str, status: int) -> HTMLResponse:
    page: Page = request.app.state.page
    by_htmx = request.headers.get("hx-request") == "true"
    template = "shared/sentence.html" if by_htmx else "problem.html"
    return page.render(request, template, status, sentence=sentence[:1].upper() + sentence[1:])
