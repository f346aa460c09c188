"""The records in the body of a request: a JSON object, a list of objects, or lines of NDJSON."""

from http import HTTPStatus

import orjson

from jobs.core.parsing.json_records import MAX_LEVELS, is_too_deep
from jobs.serve.problems import ProblemError

JSON = "application/json"
NDJSON = "application/x-ndjson"


def read_records(body: bytes, content_type: str) -> list[bytes]:
    """The records as lines, without line feeds in them.

    Whether each is a record of the contract is not looked at. Raises ProblemError: 415 for another
    type of content, which a form of a foreign web page could send; 422 for a body that is no JSON,
    or holds nothing.

    >>> read_records(b'[{"a": 1}, {"a": 2}]', "application/json")
    [b'{"a":1}', b'{"a":2}']
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == NDJSON:
        lines = [line for line in body.split(b"\n") if line.strip()]
    elif kind == JSON:
        lines = _lines_of(body)
    else:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            f"Content-Type must be {JSON} (an object or a list of objects) or {NDJSON}.",
        )
    if not lines:
        raise _unreadable("The body holds no record.")
    return lines


def _lines_of(body: bytes) -> list[bytes]:
    # The list around the records is a level of its own.
    if is_too_deep(body.strip().removeprefix(b"[").removesuffix(b"]")):
        raise _unreadable(f"The body is nested deeper than {MAX_LEVELS} levels.")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _unreadable(f"The body is no JSON: {error}") from None
    records = found if isinstance(found, list) else [found]
    return [orjson.dumps(record) for record in records]


def _unreadable(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "unreadable_body", detail)
