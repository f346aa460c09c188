"""Makes an endpoint of a query."""

import inspect
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Any

import psycopg
from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import BaseModel

from interestream import queries
from interestream.answer import Answer
from jobs.serve.api.answers import answer_with
from jobs.serve.api.question_models import filter_of, query_of, question_model
from jobs.serve.api.row_models import answer_model
from jobs.serve.asking import Asking, asking_of
from jobs.serve.languages import accepted_languages
from jobs.serve.problems import Mistake, ProblemError, responses
from jobs.serve_settings import Serve

PROBLEMS = responses(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
"""Problems that any question may have."""
# What is no HTTP at all is answered before the application sees it.
PROBLEMS[HTTPStatus.BAD_REQUEST.value]["content"]["text/plain"] = {"schema": {"type": "string"}}


def add_question(
    router: APIRouter,
    build: Callable[..., queries.Query[Any]],
    row: type,
    settings: Serve,
    *,
    max_age_s: int = 0,
    only_post: bool = False,
) -> None:
    """Add `GET` and `POST` of a query of `interestream.queries` to a router.

    Path, parameters, defaults and description are those of the function `build`; `row` is the
    dataclass of its rows. `max_age_s`: for how long an answer may be kept. `only_post`: for
    parameters that do not fit into an address.
    """
    summary, _, rest = inspect.cleandoc(build.__doc__ or "").partition("\n")
    common: dict[str, Any] = {
        "response_model": answer_model(row),
        "responses": PROBLEMS,
        "summary": summary,
        "description": rest.strip() or None,
    }
    path = f"/{build.__name__}"
    in_address: Any = question_model(build, settings, in_address=True)
    in_body: Any = question_model(build, settings, in_address=False)

    async def get(
        request: Request,
        asking: Annotated[Asking, Depends(asking_of)],
        asked: Annotated[in_address, Query()],
    ) -> Response:
        _refuse_repeats(request, asked)
        answer = await _answer(asking, build, asked, accepted_languages(request))
        return answer_with(request, answer, max_age_s)

    async def post(
        request: Request,
        asking: Annotated[Asking, Depends(asking_of)],
        asked: Annotated[in_body, Body()],
    ) -> Response:
        answer = await _answer(asking, build, asked, accepted_languages(request))
        return answer_with(request, answer)

    if not only_post:
        name = f"get_{build.__name__}"
        router.add_api_route(path, get, methods=["GET"], operation_id=name, **common)
    router.add_api_route(
        path, post, methods=["POST"], operation_id=f"ask_{build.__name__}", **common
    )


def _refuse_repeats(request: Request, asked: BaseModel) -> None:
    """Raise ProblemError for a parameter that comes twice in the address and is no list."""
    counts = Counter(name for name, _ in request.query_params.multi_items())
    mistakes = [
        Mistake(where=name, detail=f"was given {count} times, and has one value")
        for name, count in counts.items()
        if count > 1 and not isinstance(getattr(asked, name), list)
    ]
    if mistakes:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid_question",
            f"{mistakes[0].where}: {mistakes[0].detail}",
            mistakes,
        )


async def _answer(
    asking: Asking,
    build: Callable[..., queries.Query[Any]],
    asked: BaseModel,
    languages: str,
) -> Answer[Any]:
    """The rows; where there are none, whether it is the filter that no item passes."""
    answer = await asking.ask(query_of(build, asked), languages)
    if not answer and (where := filter_of(build, asked)) is not None:
        # The whole catalogue is read for it, which may take longer than a question may.
        with suppress(psycopg.Error):
            (verdict,) = await asking.ask(queries.no_item_passes(where))
            answer.note = verdict.no_item_passes
    return answer
