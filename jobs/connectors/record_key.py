"""The key of a record in a topic."""

from typing import Any

import orjson


def record_key(record: dict[str, Any] | bytes, name: str) -> bytes | None:
    """The id under `name` of a record or of its line; None where it cannot be read.

    >>> record_key({"user_id": 7}, "user_id"), record_key(b'{"user_id": "ada"}', "user_id")
    (b'7', b'ada')
    >>> record_key(b"x", "user_id")
    """
    if not isinstance(record, dict):
        try:
            record = orjson.loads(record)
        except orjson.JSONDecodeError:
            return None
    found = record.get(name) if isinstance(record, dict) else None
    if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
        return None
    return str(found).encode(errors="replace")
