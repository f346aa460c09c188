"""An answer as JSON, with what a cache may do with it."""

from typing import Any

import orjson
from fastapi import Request, Response
from xxhash import xxh3_128_hexdigest

from interestream.answer import Answer


def answer_with(request: Request, answer: Answer[Any], max_age_s: int = 0) -> Response:
    """The response of an answer; the rows are dataclasses or dictionaries.

    With `max_age_s` it may be kept for so long by the program that asked, and has an ETag of its
    rows: who has these rows already gets 304, and goes on with the id of the answer that has them.
    """
    if not max_age_s or request.method != "GET":
        return Response(
            _body(answer, orjson.dumps(answer)),
            media_type="application/json",
            headers={"Cache-Control": "no-store"},
        )
    rows = orjson.dumps(answer)
    etag = f'W/"{xxh3_128_hexdigest(rows)}"'
    headers = {
        "Cache-Control": f"private, max-age={max_age_s}",
        "ETag": etag,
        "Vary": "Accept-Language",
    }
    if etag in request.headers.get("if-none-match", "").replace(" ", "").split(","):
        return Response(status_code=304, headers=headers)
    return Response(_body(answer, rows), media_type="application/json", headers=headers)


def _body(answer: Answer[Any], rows: bytes) -> bytes:
    note = orjson.dumps(answer.note)
    return b'{"recommendation_id":"%b","note":%b,"rows":%b}' % (
        answer.recommendation_id.encode(),
        note,
        rows,
    )
