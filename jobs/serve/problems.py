"""Errors as problem details (RFC 9457): one sentence for people, a `type` for programs."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
import psycopg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from interestream.errors import (
    AskError,
    InvalidQuestionError,
    NoActiveSpaceError,
    NotAllowedError,
    UnknownItemError,
    UnknownSpaceError,
)
from jobs.serve.database import DatabaseAwayError, DatabaseBusyError
from jobs.sinks.database_errors import describe_error
from jobs.validation_messages import plain_message

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_S = 1
"""What Retry-After says where another attempt may succeed, in seconds."""
_TYPES = "urn:interestream:problem:"
_BAD_VALUE = "22"
"""Class of error codes for values that Postgres cannot take."""


class Mistake(BaseModel):
    """One of several things that are wrong with a request."""

    where: str
    """The parameter, the member of the body, or the number of the record, from 0."""
    detail: str
    reason: str | None = None
    """Of a record: the reason that its dead letter would have (docs/contract.md)."""


class Problem(BaseModel):
    """Why a request was not answered (RFC 9457)."""

    type: str
    """`urn:interestream:problem:` and a name, which stays when the sentences change."""
    title: str
    status: int
    detail: str
    errors: list[Mistake] | None = None


@dataclass
class ProblemError(Exception):
    """Raised where a request cannot be answered; `name` is the end of the problem's type."""

    status: HTTPStatus
    name: str
    detail: str
    errors: Sequence[Mistake] = ()


def problem(
    status: HTTPStatus | int,
    name: str,
    detail: str,
    errors: Sequence[Mistake] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """The answer that tells a problem; 503 says when to try again."""
    status = HTTPStatus(status)
    body: dict[str, Any] = {
        "type": _TYPES + name,
        "title": status.phrase,
        "status": status.value,
        "detail": _as_sentence(detail),
    }
    if errors:
        body["errors"] = [each.model_dump(exclude_none=True) for each in errors]
    headers = dict(headers or {})
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_S)
    headers["Cache-Control"] = "no-store"
    return Response(orjson.dumps(body), status.value, headers, MEDIA_TYPE)


def _as_sentence(detail: str) -> str:
    """With a full stop, where it ends without a sign: a hint of the database brings its own."""
    return detail if detail.endswith((".", "!", "?")) else f"{detail}."


_OF_ASKING: dict[type[AskError], tuple[HTTPStatus, str]] = {
    InvalidQuestionError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_question"),
    UnknownItemError: (HTTPStatus.NOT_FOUND, "unknown_item"),
    UnknownSpaceError: (HTTPStatus.NOT_FOUND, "unknown_space"),
    NoActiveSpaceError: (HTTPStatus.SERVICE_UNAVAILABLE, "no_active_space"),
    NotAllowedError: (HTTPStatus.FORBIDDEN, "not_allowed"),
}


def _asked(_: Request, error: AskError) -> Response:
    status, name = _OF_ASKING[type(error)]
    return problem(status, name, str(error))


def _told(_: Request, error: ProblemError) -> Response:
    return problem(error.status, error.name, error.detail, error.errors)


def _away(_: Request, error: DatabaseAwayError) -> Response:
    name = "database_busy" if isinstance(error, DatabaseBusyError) else "database_away"
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, name, str(error))


def _database(_: Request, error: psycopg.Error) -> Response:
    if isinstance(error, psycopg.errors.QueryCanceled):
        return problem(
            HTTPStatus.GATEWAY_TIMEOUT,
            "too_slow",
            "Postgres did not answer within serve.statement_timeout_s.",
        )
    if isinstance(error, psycopg.DataError) or (error.sqlstate or "").startswith(_BAD_VALUE):
        detail = error.diag.message_primary or "a value cannot be sent to Postgres"
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_question", detail)
    log.warning("a question was not answered: %s", describe_error(error))
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        detail = "The connection to Postgres was lost."
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "database_away", detail)
    detail = "Postgres could not answer; the log of the server says why."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "database_error", detail)


def _invalid(_: Request, error: RequestValidationError) -> Response:
    # What was given is not repeated: it may be about a person.
    mistakes = [
        Mistake(where=".".join(map(str, each["loc"][1:])) or "body", detail=plain_message(each))
        for each in error.errors()
    ]
    detail = f"{mistakes[0].where}: {mistakes[0].detail}"
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_question", detail, mistakes)


def http_problem(_: Request, error: HTTPException) -> Response:
    """The answer to a request that no route takes."""
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    return problem(status, status.name.lower(), error.detail, headers=headers)


def _unexpected(_: Request, __: Exception) -> Response:
    detail = "This is a fault of the server; its log says more."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "fault", detail)


def add_problems(app: FastAPI) -> None:
    """Let every error of `app` be answered as a problem."""
    handlers: dict[Any, Any] = {
        AskError: _asked,
        ProblemError: _told,
        DatabaseAwayError: _away,
        psycopg.Error: _database,
        RequestValidationError: _invalid,
        HTTPException: http_problem,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of an endpoint's problems."""
    return {
        status.value: {
            "description": status.phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }
