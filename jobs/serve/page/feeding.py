"""Sends an event of a page into the stream that the job reads."""

import time
import uuid

import orjson

from jobs.serve.append.errors import AppendError
from jobs.serve.append.streams import Streams
from jobs.serve.page.route import PageError


async def feed_event(
    streams: Streams, user_id: str, item_id: str, action: str, value: float | None
) -> str:
    """Append an event of now, and return its id once it is durable.

    Raises PageError where this server appends no events, for one that would be a dead letter, and
    where the stream cannot be written to.
    """
    appender = streams.appenders.get("events")
    if appender is None:
        raise PageError(
            'this server appends no events: serve.accepts = ["events"] lets it', status=403
        )
    event_id = f"page-{uuid.uuid4()}"
    record = {
        "event_id": event_id,
        "user_id": user_id,
        "action": action,
        "item_id": item_id,
        "event_time": time.time_ns() // 1_000_000,
        **({} if value is None else {"value": value}),
    }
    line = orjson.dumps(record)
    for letter in streams.dead("events", [line]).values():
        raise PageError(f"the job would not accept this event ({letter.reason}: {letter.detail})")
    try:
        await appender.append([line])
    except AppendError as error:
        raise PageError(str(error), status=503) from error
    return event_id
