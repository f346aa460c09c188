"""Appending events and items to the streams that the job reads."""

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel

from jobs.core.parsing.json_records import read_id
from jobs.serve.api.questions import PROBLEMS
from jobs.serve.append.appender import StreamName
from jobs.serve.append.errors import AppendError
from jobs.serve.append.read_records import JSON, NDJSON, read_records
from jobs.serve.append.streams import Streams
from jobs.serve.problems import Mistake, ProblemError
from jobs.serve_settings import Serve

TOLD = 100
"""Records that are named, of those that are not accepted."""
_IDS = {"events": "event_id", "items": "item_id"}
_RECORD = {
    "events": {
        "type": "object",
        "required": ["event_id", "user_id", "action", "event_time"],
        "description": "An event of docs/contract.md. `context` may hold `recommendation_id`, the"
        " id of the answer that the user saw, and `position`, the rank of the row.",
    },
    "items": {
        "type": "object",
        "required": ["item_id"],
        "description": "An item of docs/contract.md.",
    },
}


class Appended(BaseModel):
    """Records that are durable in their stream; the job reads them within about a second."""

    accepted: int
    """How many."""
    ids: list[str]
    """Their ids, in their order."""


def appending(_: Serve) -> APIRouter:
    """The endpoints that append to a stream."""
    router = APIRouter(tags=["streams"])
    for stream in _IDS:
        _add(router, stream)  # type: ignore[arg-type]
    return router


def _add(router: APIRouter, stream: StreamName) -> None:
    async def append(request: Request) -> Appended:
        streams: Streams = request.app.state.streams
        appender = streams.appenders.get(stream)
        if appender is None:
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                "appending_is_off",
                f'This server does not append to {stream}: serve.accepts = ["{stream}"] lets it.',
            )
        lines = read_records(await request.body(), request.headers.get("content-type", ""))
        if dead := streams.dead(stream, lines):
            mistakes = [
                Mistake(where=str(place), reason=letter.reason, detail=letter.detail)
                for place, letter in list(dead.items())[:TOLD]
            ]
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "invalid_records",
                f"{len(dead)} of {len(lines)} records cannot be accepted; none was appended.",
                mistakes,
            )
        try:
            await appender.append(lines)
        except AppendError as error:
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "stream_away",
                f"{_sentence(error)}. Send the records again: one counts once.",
            ) from error
        found = [read_id(orjson.loads(line), _IDS[stream], streams.rules) for line in lines]
        return Appended(accepted=len(lines), ids=[str(each) for each in found])

    record = _RECORD[stream]
    content: dict[str, Any] = {
        JSON: {"schema": {"anyOf": [record, {"type": "array", "minItems": 1, "items": record}]}},
        NDJSON: {"schema": {"type": "string", "description": "A record a line."}},
    }
    router.add_api_route(
        f"/{stream}",
        append,
        methods=["POST"],
        status_code=HTTPStatus.ACCEPTED,
        responses=PROBLEMS,
        operation_id=f"append_{stream}",
        summary=f"Append {stream} to the stream that the job reads.",
        description="Answers when the records are durable: in a file on the disk, or with all"
        " replicas of the topic. Where one of them would be a dead letter, none is appended.",
        openapi_extra={"requestBody": {"required": True, "content": content}},
    )


def _sentence(error: AppendError) -> str:
    message = str(error)
    return message[:1].upper() + message[1:]
