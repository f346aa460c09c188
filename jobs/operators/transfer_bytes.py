"""Transfers as JSON, for the table by which they go to another subtask."""

import base64
import json
from dataclasses import astuple
from typing import Any

from jobs.operators.transfer import Transfer


def to_bytes(transfer: Transfer) -> bytes:
    """The transfer as JSON: tuples become arrays, and bytes an object with their base 64.

    >>> from_bytes(to_bytes(Transfer(2, "ada", ("anon-7",), (b"x", 1.5, None))))
    Transfer(kind=2, user_id='ada', via=('anon-7',), payload=(b'x', 1.5, None))
    """
    return json.dumps(astuple(transfer), default=_encoded).encode()


def from_bytes(raw: bytes) -> Transfer:
    """The transfer that `to_bytes` was given."""
    return Transfer(*_as_tuple(json.loads(raw, object_hook=_decoded)))


def _encoded(value: Any) -> dict[str, str]:
    if not isinstance(value, bytes):
        raise TypeError(f"a transfer holds a {type(value).__name__}")
    return {"base64": base64.b64encode(value).decode()}


def _decoded(value: dict[str, str]) -> bytes:
    return base64.b64decode(value["base64"])


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value
