"""Requests in words."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Depends, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from interestream.item_filter import ItemFilter
from interestream.rows import AskedItem
from jobs.asking.space_bundle import NoEncoderError
from jobs.core.asking.conversation import ConversationError, read_conversation
from jobs.core.asking.understand import MAX_CHARACTERS, NO_WORDS, is_blank
from jobs.serve.api.parameters import FILTER, parameters
from jobs.serve.api.questions import PROBLEMS
from jobs.serve.api.row_models import row_model
from jobs.serve.in_words import InWords, in_words_of
from jobs.serve.languages import accepted_languages
from jobs.serve.problems import ProblemError
from jobs.serve_settings import Serve

_DEFAULTS: dict[str, Any] = {"k": 10, "personal": 0.15, "refuse": 1.0}
_LANGUAGES = r"^[A-Za-z0-9,-]{0,200}$"


class Understood(BaseModel):
    """What was understood of a request, and of those before it."""

    language: str
    wanted: list[str]
    refused: list[str]
    like: list[str]
    """Ids of items that the answer shall be like."""
    unlike: list[str]
    filters: dict[str, Any]
    """The fields of the filter that were found, and the first and the last year."""
    unknown: list[str]
    """Quantities that no attribute of the catalogue holds, words that the encoder cannot read."""


def words(settings: Serve) -> APIRouter:
    """The endpoint that answers requests in words."""
    router = APIRouter(tags=["requests in words"])
    asked_model: Any = _question_model(settings)
    item: Any = row_model(AskedItem)
    note: Any = str | None
    answer_model = create_model(
        "InWordsAnswer",
        recommendation_id=(UUID, ...),
        note=(
            note,
            Field(None, description="What cannot be answered, or why there are no rows."),
        ),
        rows=(list[item], ...),
        understood=(Understood, ...),
        conversation=(
            dict[str, Any],
            Field(description="To be sent back, as it came, with a follow-up."),
        ),
    )

    async def ask(
        request: Request,
        in_words: Annotated[InWords, Depends(in_words_of)],
        asked: Annotated[asked_model, Body()],
    ) -> Response:
        given = {name: getattr(asked, name) for name in type(asked).model_fields}
        parts = {name: given.pop(name) for name in FILTER}
        text = given.pop("text")
        given["language"] = given["language"] or accepted_languages(request)
        try:
            before = read_conversation(given.pop("conversation"))
            answer = await in_words.answer(
                text,
                before,
                where=ItemFilter(**parts) if any(v is not None for v in parts.values()) else None,
                **given,
            )
        except ConversationError as error:
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_question", str(error)
            ) from error
        except NoEncoderError as error:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "no_encoder", str(error)) from error
        return Response(
            orjson.dumps(answer.as_dict()),
            media_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    router.add_api_route(
        "/ask",
        ask,
        methods=["POST"],
        operation_id="ask",
        response_model=answer_model,
        responses=PROBLEMS,
        summary="What fits a request in words, best first",
        description=(
            "The text says what is wanted and what is refused, in English or Chinese. A follow-up"
            " such as `shorter` or `more like the second` comes with the `conversation` of the"
            " answer before. docs/ask.md tells more."
        ),
    )
    return router


def _has_words(text: str) -> str:
    if is_blank(text):
        raise ValueError(NO_WORDS)
    return text


def _question_model(settings: Serve) -> type[BaseModel]:
    known = parameters(settings, in_address=False)
    fields: dict[str, Any] = {
        "text": (
            Annotated[str, Field(max_length=4 * MAX_CHARACTERS), AfterValidator(_has_words)],
            Field(description=f"The request; {MAX_CHARACTERS} characters are read."),
        ),
        "conversation": (
            dict[str, Any] | None,
            Field(None, description="What the answer before gave."),
        ),
        "language": (
            Annotated[str, Field(pattern=_LANGUAGES)],
            Field("", description="Of the reasons; without it `Accept-Language` decides."),
        ),
        "exclude": (known["exclude"][0], Field(default_factory=list, description="Left out.")),
    }
    for name in ("user", "space", *FILTER):
        kind, sentence = known[name]
        fields[name] = (kind | None, Field(None, description=sentence))
    for name, default in _DEFAULTS.items():
        kind, sentence = known[name]
        fields[name] = (kind, Field(default, description=sentence))
    return create_model("InWordsQuestion", __config__=ConfigDict(extra="forbid"), **fields)
